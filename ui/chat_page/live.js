// The chat page's cards follow the feed: what Gradio has written there changes in place.

import { Api } from "../shared/api.js";
import { inWords } from "../shared/card.js";
import { h, say } from "../shared/dom.js";
import { left, money } from "../shared/format.js";
import { localeOf, sayer } from "../shared/words.js";

const COUNTED_MS = 86_400_000;

/** What the feed said last of each product. @type {Map<string, any>} */
const told = new Map();
/** What a card shows by now. @type {WeakMap<Element, number>} */
const shown = new WeakMap();
let room = "";
let following = new AbortController();
let due = false;

/** A fact that stands in an element's classes; see ui/cards.py.
 * @param {Element | null} element @param {string} name */
function fact(element, name) {
  const found = [...element?.classList ?? []].find((one) => one.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
}

/** Once for all that Gradio writes in one go. */
function soon() {
  if (due) return;
  due = true;
  requestAnimationFrame(() => {
    due = false;
    look();
  });
}

/** Follows the room that is chosen, and brings every card up to date. */
function look() {
  const chosen = fact(document.querySelector(".ls-air"), "room");
  if (chosen && chosen !== room) follow(chosen);
  for (const card of document.querySelectorAll(".ls-card")) {
    const now = told.get(fact(card, "of"));
    if (now && now.version > (shown.get(card) ?? Number(fact(card, "version")))) change(card, now);
  }
  count();
}

/** @param {string} id */
function follow(id) {
  room = id;
  told.clear();
  following.abort();
  following = new AbortController();
  new Api().follow(id, {
    signal: following.signal,
    item: (kind, data) => {
      if (kind === "correction") correct(data);
      if (kind !== "product") return;
      told.set(data.product_id, data);
      soon();
    },
  }).catch(() => {}); // a room that is closed to us: its cards stay as they were written
}

/** @param {Element} card @param {any} now what the feed says of its product */
function change(card, now) {
  shown.set(card, now.version);
  const variant = now.variants.find((/** @type {any} */ one) => one.id === fact(card, "variant"));
  const [bold, struck, stock, offers] = ["b", "s", ".ls-stock", ".ls-offers"]
    .map((part) => card.querySelector(part));
  if (!variant || !bold || !struck || !stock || !offers) return;
  const locale = localeOf(fact(card, "locale"));
  const { price, list_price: list, availability } = variant;
  const before = bold.textContent;
  say(bold, money(price, locale));
  say(struck, list && list.minor > price.minor ? money(list, locale) : "");
  say(stock, inWords(availability, sayer(locale, { zh: {}, en: {} })));
  stock.className = `ls-stock ls-${availability.status}`;
  offers.replaceChildren(...now.offers[locale].map((/** @type {any} */ offer) => h("li", {},
    offer.text, offer.ends_at
      ? h("span", { class: `ls-left ends=${encodeURIComponent(offer.ends_at)}` }) : null)));
  if (bold.textContent === before) return;
  bold.classList.remove("ls-changed");
  requestAnimationFrame(() => bold.classList.add("ls-changed"));
}

/** Says below each answer that showed the product what is true now. @param {any} data */
function correct(data) {
  for (const card of document.querySelectorAll(".ls-cards .ls-card")) {
    if (fact(card, "of") !== data.product_id) continue;
    const cards = /** @type {Element} */ (card.parentElement);
    cards.parentElement?.querySelector(".ls-corrected")?.remove();
    cards.after(h("p", { class: "ls-corrected", role: "status" },
      data.text[localeOf(fact(card, "locale"))]));
  }
}

/** Writes what is left of each offer that ends within a day. */
function count() {
  for (const span of document.querySelectorAll(".ls-left")) {
    const rest = Date.parse(fact(span, "ends")) - Date.now();
    const locale = localeOf(fact(span.closest(".ls-card"), "locale"));
    const speak = sayer(locale, { zh: {}, en: {} });
    if (rest >= COUNTED_MS) say(span, "");
    else say(span, rest > 0 ? speak("ends_in", { left: left(rest, locale) }) : speak("ended"));
  }
}

new MutationObserver(soon).observe(document.body, { childList: true, subtree: true });
setInterval(count, 1000);
soon();
