// A product card, and how it changes in place when the feed says what it costs now.

import { h, icon, say } from "./dom.js";
import { left, money } from "./format.js";

/** @typedef {import("./format.js").Locale} Locale */
/** @typedef {(key: string, values?: Record<string, string | number>) => string} Say */

/**
 * @typedef {object} Card as the service writes it (ProductCard)
 * @property {string} id
 * @property {string} variant_id
 * @property {string} title
 * @property {string} url
 * @property {{url: string, alt: Record<string, string>}[]} media
 * @property {import("./format.js").Money} price
 * @property {import("./format.js").Money | null} list_price
 * @property {{available: boolean, status: string, quantity: number | null}} availability
 * @property {{name: Record<string, string>, value: Record<string, string>}[]} options
 * @property {{id: string, text: string, ends_at: string | null}[]} offers
 * @property {string[]} reasons
 * @property {number | null} number
 * @property {number} version
 */

/**
 * @typedef {object} Doing what a page does with a card
 * @property {((card: Card) => void) | null} [open]
 * @property {((card: Card) => Promise<boolean>) | null} [add] resolves to whether it was added
 */

const COUNTED_MS = 86_400_000;

/** @type {Set<CardView>} */
const counting = new Set();
let timer = 0;

/** One card on a page. `small` shows picture, title and price; `offers` what runs for it. */
export class CardView {
  /**
   * @param {Card} card
   * @param {{locale: Locale, say: Say, doing?: Doing, small?: boolean, offers?: boolean}} how
   */
  constructor(card, { locale, say: speak, doing = {}, small = false, offers = !small }) {
    this.card = card;
    this.locale = locale;
    this.speak = speak;
    this.small = small;
    this.price = h("b", { class: "num" });
    this.struck = h("s", { class: "num" });
    this.struckName = h("span", { class: "said" }, speak("list_price"));
    this.stock = h("span", { class: "stock" });
    this.offers = offers ? h("ul", { class: "offers" }) : null;
    this.add = this.adding(doing.add ?? null);
    this.element = h(
      "article",
      { class: small ? "card small" : "card", "data-product": card.id },
      picture(card),
      h(
        "div",
        { class: "about" },
        h("h2", {}, number(card, speak), title(card, doing.open ?? null)),
        small ? null : options(card, locale),
        h(
          "p",
          { class: "price", "aria-live": "off" },
          this.price,
          h("span", {}, this.struckName, this.struck),
          this.stock,
        ),
        this.offers,
        small ? null : reasons(card),
      ),
      this.add,
    );
    this.show();
  }

  /**
   * What the feed says of the product (an event `product`). Another variant's price does not
   * concern this card; a small one names no variant, and turns to what can still be bought.
   * @param {any} told
   */
  change(told) {
    const own = told.variants.find((/** @type {any} */ one) => one.id === this.card.variant_id);
    if (!own || told.version < this.card.version) return;
    const variant = this.small && !own.availability.available ? buyable(told.variants) ?? own : own;
    const before = this.card.price.minor;
    const { price, list_price, availability } = variant;
    const { version, offers } = told;
    this.card = { ...this.card, variant_id: variant.id, price, list_price, availability, version,
                  offers: offers[this.locale] };
    this.show();
    if (variant.price.minor !== before) {
      this.price.classList.remove("changed");
      requestAnimationFrame(() => this.price.classList.add("changed"));
    }
  }

  show() {
    const { price, list_price: list, availability: stock, offers } = this.card;
    say(this.price, money(price, this.locale));
    const struck = list && list.minor > price.minor ? money(list, this.locale) : "";
    say(this.struck, struck);
    this.struckName.hidden = !struck;
    say(this.stock, inWords(stock, this.speak));
    this.stock.className = `stock ${stock.status}`;
    if (this.add) this.add.disabled = !stock.available && stock.status === "out_of_stock";
    if (!this.offers) return;
    this.offers.replaceChildren(...offers.map((offer) => this.offer(offer)));
    if (offers.some((offer) => soon(offer.ends_at))) count(this);
  }

  /** @param {Card["offers"][number]} offer */
  offer(offer) {
    return h(
      "li",
      {},
      icon("bolt"),
      h("span", {}, offer.text),
      soon(offer.ends_at)
        ? h("span", { class: "left num", "data-ends": Date.parse(offer.ends_at ?? ""),
                      role: "timer", "aria-live": "off" })
        : null,
    );
  }

  /** Sets the countdowns of this card; whether there is anything left to count. */
  tick() {
    let counts = false;
    for (const span of /** @type {NodeListOf<HTMLElement>} */ (
      this.offers?.querySelectorAll("[data-ends]") ?? []
    )) {
      const rest = Number(span.dataset.ends) - Date.now();
      counts ||= rest > 0;
      say(span, rest > 0 ? this.speak("ends_in", { left: left(rest, this.locale) })
                         : this.speak("ended"));
    }
    return counts;
  }

  /** @param {Doing["add"]} add */
  adding(add) {
    if (!add) return null;
    const words = h("span", {}, this.speak("add_to_cart"));
    const button = h(
      "button",
      { class: "button add", type: "button", "aria-label":
        `${this.speak("add_to_cart")}: ${this.card.title}` },
      icon("cart"),
      words,
    );
    button.addEventListener("click", async () => {
      button.disabled = true;
      const added = await add(this.card);
      button.disabled = false;
      say(words, this.speak(added ? "added" : "not_added"));
      button.classList.toggle("done", added);
      setTimeout(() => {
        say(words, this.speak("add_to_cart"));
        button.classList.remove("done");
      }, 2500);
    });
    return button;
  }
}

/**
 * The cheapest of the variants that can be bought.
 * @param {any[]} variants
 */
function buyable(variants) {
  const there = variants.filter((one) => one.availability.available);
  return there.sort((one, other) => one.price.minor - other.price.minor)[0];
}

/** @param {CardView} view */
function count(view) {
  counting.add(view);
  view.tick();
  if (!timer) timer = setInterval(tickAll, 1000);
}

function tickAll() {
  for (const view of counting) {
    if (!view.element.isConnected || !view.tick()) counting.delete(view);
  }
  if (!counting.size) {
    clearInterval(timer);
    timer = 0;
  }
}

/** @param {string | null} ends */
function soon(ends) {
  const rest = ends ? Date.parse(ends) - Date.now() : 0;
  return rest > 0 && rest < COUNTED_MS;
}

/**
 * The stock in words.
 * @param {Card["availability"]} stock
 * @param {Say} speak
 */
export function inWords(stock, speak) {
  if (stock.status === "low_stock" && stock.quantity === null) return speak("low_stock_unknown");
  return speak(stock.status, { quantity: stock.quantity ?? "" });
}

/** @param {Card} card */
function picture(card) {
  const url = card.media[0]?.url ?? "";
  if (!/^(https?:\/\/|\/(?!\/))/.test(url)) return h("div", { class: "picture" });
  return h("img", { class: "picture", src: url, alt: "", width: 88, height: 88, loading: "lazy",
                    decoding: "async",
                    onerror: (/** @type {Event} */ event) => { // an empty place, not a broken one
                      /** @type {Element} */ (event.target).removeAttribute("src");
                    } });
}

/** @param {Card} card @param {Say} speak */
function number(card, speak) {
  return card.number ? h("span", { class: "label" }, speak("number", { number: card.number })) : null;
}

/** @param {Card} card @param {Doing["open"]} open */
function title(card, open) {
  if (open) {
    return h("button", { class: "name", type: "button", onclick: () => open(card) }, card.title);
  }
  if (/^https?:\/\//.test(card.url)) {
    return h("a", { class: "name", href: card.url, target: "_blank", rel: "noopener" }, card.title);
  }
  return h("span", { class: "name" }, card.title);
}

/** @param {Card} card @param {Locale} locale */
function options(card, locale) {
  const chosen = card.options.map((one) => one.value[locale] || one.value.en || one.value.zh);
  return chosen.length ? h("p", { class: "options" }, chosen.join(" · ")) : null;
}

/** @param {Card} card */
function reasons(card) {
  const own = card.reasons.filter((why) => !card.offers.some((offer) => why.includes(offer.text)));
  if (!own.length) return null;
  return h("ul", { class: "reasons" }, own.map((why) => h("li", {}, icon("check"), why)));
}
