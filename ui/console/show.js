// The show: what is on air and what comes next, prices and stock, flash sales, pins, the order.

import { h, icon, say as write } from "../shared/dom.js";
import { left, money } from "../shared/format.js";
import { Changing } from "./changing.js";

/** @typedef {import("./desk.js").Desk} Desk */

/** The section of the room's items. */
export class Show {
  /**
   * @param {Desk} desk
   * @param {(key: string, values?: Record<string, string | number>) => string} say
   * @param {import("../shared/format.js").Locale} locale
   */
  constructor(desk, say, locale) {
    this.desk = desk;
    this.say = say;
    this.locale = locale;
    /** @type {string | null} */ this.open = null;
    /** @type {Changing | null} */ this.changing = null;
    this.air = h("div", { class: "air" });
    this.list = h("ol", { class: "items" });
    this.none = h("p", { class: "none" }, say("list_empty"));
    this.element = h("section", { id: "show", class: "part", "aria-label": say("show") },
      h("header", { class: "head" }, h("h2", {}, say("show"))),
      h("div", { class: "scroll", tabindex: "-1" }, this.air, this.list, this.none));
    desk.addEventListener("changed", (event) => {
      const what = /** @type {CustomEvent} */ (event).detail;
      if (what === "items" || what === "room") this.show();
    });
    setInterval(() => this.#tick(), 1000);
    this.show();
  }

  /** @param {any} product */
  title(product) {
    return product.title[this.locale] || product.title.zh || product.title.en;
  }

  /** What buyers pay now: one price, or the lowest and the highest. @param {any} shown */
  priceOf(shown) {
    /** @type {import("../shared/format.js").Money[]} */
    const prices = shown.variants.map((/** @type {any} */ one) => one.price);
    const low = prices.reduce((a, b) => (b.minor < a.minor ? b : a));
    const high = prices.reduce((a, b) => (b.minor > a.minor ? b : a));
    const text = money(low, this.locale);
    return low.minor === high.minor ? text : `${text}–${money(high, this.locale)}`;
  }

  /** @param {any} shown @returns {{text: string, is: string}} */
  stockOf(shown) {
    const { say } = this;
    const states = shown.variants.map((/** @type {any} */ one) => one.availability);
    if (!states.some((/** @type {any} */ one) => one.available)) {
      return { text: say("out_of_stock"), is: "out_of_stock" };
    }
    const counted = states.every((/** @type {any} */ one) => one.quantity !== null);
    const low = states.some((/** @type {any} */ one) => one.status === "low_stock" || !one.available);
    const n = states.reduce((/** @type {number} */ sum, /** @type {any} */ one) => sum + (one.quantity ?? 0), 0);
    return { text: counted ? say("pieces", { n }) : say("in_stock"), is: low ? "low_stock" : "in_stock" };
  }

  /** The item that follows the one on air in the list. */
  next() {
    const listed = this.desk.items.filter((one) => one.number !== null);
    const at = listed.findIndex((one) => one.product.id === this.desk.room?.on_air);
    return listed[at + 1] ?? null;
  }

  /** Shows the items as the desk has them. */
  show() {
    if (!this.desk.room) return;
    const focus = /** @type {HTMLElement | null} */ (document.activeElement);
    const held = focus && this.element.contains(focus) ? focus.dataset.key : null;
    this.#onAir();
    const rows = this.desk.items.filter((one) => one.number !== null);
    this.none.hidden = rows.length > 0;
    this.list.replaceChildren(...rows.map((one, place) => this.#row(one, place, rows.length)));
    if (held) this.element.querySelector(`[data-key="${CSS.escape(held)}"]`)?.focus();
  }

  #onAir() {
    const { say, desk } = this;
    const item = desk.items.find((one) => one.product.id === desk.room.on_air);
    const next = this.next();
    const goOn = next && h("button", { type: "button", class: "button main", "data-key": "next",
      onclick: () => this.putOnAir(next) }, icon("play"), say("next_item"));
    if (!item) {
      this.air.replaceChildren(h("p", { class: "none" }, say("nothing")), ...(goOn ? [goOn] : []));
      return;
    }
    this.air.replaceChildren(
      h("p", { class: "of" }, h("span", { class: "label live" }, say("on_air_now"))),
      h("div", { class: "now" }, picture(item.product),
        h("div", {}, h("h3", {}, item.number ? `${item.number}. ` : "", this.title(item.product)),
          this.#price(item.shown, true), this.#offers(item.shown))),
      ...(next ? [h("p", { class: "next none" }, `${say("next_up")}: ${next.number}. ${this.title(next.product)}`)] : []),
      h("div", { class: "deeds" }, ...(goOn ? [goOn] : []),
        h("button", { type: "button", class: "button", "data-key": "off-air",
          onclick: () => desk.setOnAir(null) }, icon("stop"), say("take_off_air"))));
  }

  /** @param {any} item */
  async putOnAir(item) {
    if (await this.desk.setOnAir(item.product.id)) {
      this.desk.tell({ kind: "good", text: this.say("is_on_air", { title: this.title(item.product) }) });
    }
  }

  /** @param {any} shown @param {boolean} [whole] */
  #price(shown, whole = false) {
    const stock = this.stockOf(shown);
    const listed = shown.variants[0].list_price;
    return h("p", { class: "price num" }, h("b", {}, this.priceOf(shown)),
      whole && listed ? h("s", {}, money(listed, this.locale)) : null,
      h("span", { class: "stock", "data-is": stock.is }, stock.text));
  }

  /** @param {any} shown */
  #offers(shown) {
    return shown.offers[this.locale].map((/** @type {any} */ offer) => {
      const line = h("p", { class: "offer" }, icon("bolt"), h("span", {}, offer.text));
      if (offer.ends_at) line.append(h("span", { class: "num left", "data-ends": offer.ends_at }));
      return line;
    });
  }

  /** @param {any} item @param {number} place @param {number} all */
  #row(item, place, all) {
    const { say, desk } = this;
    const { product, shown } = item;
    const id = product.id;
    const title = this.title(product);
    const onAir = desk.room.on_air === id;
    const pinned = desk.pins.includes(id);
    const flash = shown.offers[this.locale].find((/** @type {any} */ one) => one.id.startsWith("flash-"));
    /** @param {string} key @param {string} name @param {string} image @param {() => void} onclick
     * @param {Record<string, unknown>} [more] */
    const small = (key, name, image, onclick, more = {}) =>
      h("button", { type: "button", class: "plain small", "data-key": `${key} ${id}`, onclick,
        title: say(name), "aria-label": `${say(name)}: ${title}`, ...more }, icon(image));
    const buttons = h("div", { class: "tools" },
      onAir ? null : small("air", "put_on_air", "play", () => this.putOnAir(item)),
      small("pin", pinned ? "unpin" : "pin", "pin", () => desk.pin(id, !pinned),
        { "aria-pressed": String(pinned) }),
      small("change", "change", "edit", () => {
        this.open = this.open === id ? null : id;
        this.changing = null;
        this.show();
      }, { "aria-expanded": String(this.open === id) }),
      small("up", "up", "up", () => this.#move(place, -1), { disabled: place === 0 }),
      small("down", "down", "down", () => this.#move(place, 1), { disabled: place === all - 1 }));
    const row = h("li", { class: onAir ? "item on-air" : "item" },
      h("div", { class: "line" }, h("span", { class: "num number" }, String(item.number)),
        picture(product),
        h("div", { class: "name" }, h("p", {}, title,
          onAir ? h("span", { class: "label live" }, say("on_air_now")) : null,
          flash ? h("span", { class: "label" }, say("flash")) : null,
          pinned ? h("span", { class: "label" }, say("pinned")) : null),
        this.#price(shown)), buttons));
    if (this.open === id) {
      if (this.changing?.id !== id) this.changing = new Changing(this, item, flash?.id ?? null);
      this.changing.update(item, flash?.id ?? null);
      row.append(this.changing.element);
    }
    return row;
  }

  /** Moves an item in the list; the numbers stay where they are, the items change places.
   * @param {number} place @param {1 | -1} step */
  #move(place, step) {
    const { desk } = this;
    const before = desk.items;
    const room = desk.room;
    const listed = before.filter((one) => one.number !== null);
    const numbers = listed.map((one) => one.number);
    const moved = [...listed];
    [moved[place], moved[place + step]] = [moved[place + step], moved[place]];
    const items = moved.map((one, at) => ({ ...one, number: numbers[at] }));
    const rest = before.filter((one) => one.number === null);
    desk.optimistic(
      "items",
      () => {
        desk.items = [...rest, ...items];
        return () => { desk.items = before; };
      },
      async () => {
        const body = { items: items.map((one) => ({ number: one.number, product_id: one.product.id })) };
        desk.room = await desk.api.json(`${desk.path}/items`, { method: "PUT", body });
      },
    );
    if (room) this.element.querySelector(`[data-key="${step < 0 ? "up" : "down"} ${CSS.escape(listed[place].product.id)}"]`)?.focus();
  }

  #tick() {
    const now = Date.now() + 1000 * this.desk.ahead;
    for (const one of /** @type {NodeListOf<HTMLElement>} */ (this.element.querySelectorAll(".left"))) {
      const ends = Date.parse(one.dataset.ends ?? "");
      write(one, ends - now > 2 * 86_400_000 ? "" : left(ends - now, this.locale));
    }
  }
}

/** The picture of a product; nothing where it has none. @param {any} product */
function picture(product) {
  const url = product.media[0]?.url ?? "";
  const fine = /^(https?:\/\/|\/(?!\/))/.test(url);
  return h("span", { class: "picture" }, fine ? h("img", { src: url, alt: "", loading: "lazy" }) : null);
}
