// A product's prices and stock changed in place, and its flash sale.

import { Refused } from "../shared/api.js";
import { h, icon, say as write } from "../shared/dom.js";
import { money } from "../shared/format.js";
import { onceKey } from "./once.js";
import { countOf, minorOf, typed } from "./money.js";

const TRIES = 3;

/** The fields under one item of the list. */
export class Changing {
  /**
   * @param {import("./show.js").Show} show
   * @param {any} item
   * @param {string | null} flash id of the flash sale that runs
   */
  constructor(show, item, flash) {
    this.show = show;
    this.id = item.product.id;
    this.item = item;
    this.flash = flash;
    const { say } = show;
    this.error = h("p", { class: "bad", role: "alert" });
    this.variants = h("div", { class: "variants" });
    /** By variant: its fields, and the record that was there when somebody began to type in them.
     * @type {Map<string, {price: HTMLInputElement, stock: HTMLInputElement, from: any}>} */
    this.fields = new Map();
    for (const variant of item.product.variants) this.#variant(variant, item.product.variants.length);
    this.flashPrice = h("input", { class: "field num", inputmode: "decimal", id: `flash-price-${this.id}`,
      "data-key": `flash-price ${this.id}` });
    this.flashMinutes = h("input", { class: "field num", inputmode: "numeric", value: "10",
      id: `flash-minutes-${this.id}`, "data-key": `flash-minutes ${this.id}` });
    this.begin = h("form", { class: "flash", onsubmit: (/** @type {Event} */ event) => {
      event.preventDefault();
      this.#startFlash();
    } },
      h("div", {}, h("label", { for: this.flashPrice.id }, say("flash_price")), this.flashPrice),
      h("div", {}, h("label", { for: this.flashMinutes.id }, say("minutes")), this.flashMinutes),
      h("button", { type: "submit", class: "button", "data-key": `flash-start ${this.id}` },
        icon("bolt"), say("start")));
    this.end = h("button", { type: "button", class: "button", "data-key": `flash-end ${this.id}`,
      onclick: () => this.#endFlash() }, icon("stop"), say("flash_end"));
    this.element = h("div", { class: "changing" }, this.variants,
      h("h4", {}, say("flash")), this.begin, this.end, this.error);
  }

  /** The item as it is now; what somebody types stays. @param {any} item @param {string | null} flash */
  update(item, flash) {
    this.item = item;
    this.flash = flash;
    for (const variant of item.product.variants) {
      const fields = this.fields.get(variant.id);
      if (!fields) continue;
      if (!touched(fields.price) && !touched(fields.stock)) fields.from = variant;
      refresh(fields.price, typed(variant.price));
      refresh(fields.stock, String(variant.availability.quantity ?? ""));
    }
    this.begin.hidden = flash !== null;
    this.end.hidden = flash === null;
  }

  /** @param {any} variant @param {number} all */
  #variant(variant, all) {
    const { say, locale } = this.show;
    const name = variant.options.map((/** @type {any} */ one) => one.value[locale] || one.value.zh || one.value.en)
      .join(" ") || (all > 1 ? variant.id : "");
    const price = h("input", { class: "field num", inputmode: "decimal", id: `price-${variant.id}`,
      "data-key": `price ${variant.id}` });
    const stock = h("input", { class: "field num", inputmode: "numeric", id: `stock-${variant.id}`,
      placeholder: say("stock_unknown"), "data-key": `stock ${variant.id}` });
    this.fields.set(variant.id, { price, stock, from: variant });
    const form = h("form", { onsubmit: (/** @type {Event} */ event) => {
      event.preventDefault();
      this.#save(variant.id);
    } },
      name ? h("p", { class: "variant" }, name) : null,
      h("div", {}, h("label", { for: price.id }, say("price"), h("span", { class: "said" }, name)), price),
      h("div", {}, h("label", { for: stock.id }, say("stock"), h("span", { class: "said" }, name)), stock),
      h("button", { type: "submit", class: "button", "data-key": `save ${variant.id}` }, say("save"),
        h("span", { class: "said" }, name)));
    this.variants.append(form);
  }

  /** @param {string} id */
  async #save(id) {
    const { show } = this;
    const { desk, say } = show;
    const variant = this.item.product.variants.find((/** @type {any} */ one) => one.id === id);
    const fields = this.fields.get(id);
    if (!variant || !fields) return;
    const { currency } = variant.price;
    const minor = minorOf(fields.price.value, currency);
    const stock = countOf(fields.stock.value);
    mark(fields.price, minor === null);
    mark(fields.stock, stock === undefined);
    write(this.error, minor === null ? say("not_a_price") : stock === undefined ? say("not_a_count") : "");
    if (minor === null || stock === undefined) return;
    /** @type {any} */
    const body = {};
    if (minor !== variant.price.minor) body.price = { minor, currency };
    if (stock !== variant.availability.quantity) body.stock = stock;
    if (!Object.keys(body).length) return;
    const { from } = fields;
    const words = [fields.price.value, fields.stock.value];
    delete fields.price.dataset.was;
    delete fields.stock.dataset.was;
    /** @type {any} */
    let overtaken = null;
    const done = await desk.optimistic("items", () => this.#changed(id, body), async () => {
      overtaken = await this.#send(id, body, from);
      if (overtaken) throw new Refused(409, this.#overtaken(body, overtaken));
    });
    if (overtaken) { // what was typed stays: to save it again is to mean it
      fields.from = overtaken;
      [fields.price.value, fields.stock.value] = words;
      desk.readItems();
    }
    if (!done) return;
    const title = show.title(this.item.product);
    desk.tell({ kind: "good", text: body.price
      ? say("saved_price", { title, price: money(body.price, show.locale) })
      : say("saved_stock", { title, stock: stock ?? say("stock_unknown") }) });
    desk.readItems();
  }

  /** Changes a variant as it was read.
   * @param {string} id @param {any} body @param {any} from @param {number} [tries]
   * @returns {Promise<any>} the variant as it is where somebody else was faster, else null */
  async #send(id, body, from, tries = TRIES) {
    const { api } = this.show.desk;
    const path = `/api/v1/variants/${encodeURIComponent(id)}`;
    try {
      await api.json(path, { method: "PATCH", body: { ...body, version: from.version } });
      return null;
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 409 || !tries) throw error;
      const now = await api.json(path);
      if (same(body, now, body)) return null; // it was this very change that came first
      return same(body, now, from) ? this.#send(id, body, now, tries - 1) : now;
    }
  }

  /** @param {any} body @param {any} now */
  #overtaken(body, now) {
    const { say, locale } = this.show;
    const stock = `${say("stock")} ${now.availability.quantity ?? say("stock_unknown")}`;
    const parts = [body.price ? money(now.price, locale) : "", "stock" in body ? stock : ""];
    return say("overtaken", { now: parts.filter(Boolean).join(", ") });
  }

  /** Shows a variant as it will be; returns how that is taken back.
   * @param {string} id @param {any} body */
  #changed(id, body) {
    const { desk } = this.show;
    const before = desk.items;
    desk.items = before.map((item) => {
      if (item.product.id !== this.id) return item;
      const changed = structuredClone(item);
      const variant = changed.product.variants.find((/** @type {any} */ one) => one.id === id);
      const shown = changed.shown.variants.find((/** @type {any} */ one) => one.id === id);
      if (body.price) {
        // An offer may still price it otherwise; the service says so in a moment.
        if (shown.price.minor === variant.price.minor) shown.price = body.price;
        variant.price = body.price;
      }
      if ("stock" in body) {
        const available = body.stock === null || body.stock > 0;
        const status = available ? "in_stock" : "out_of_stock";
        variant.availability = { available, status, quantity: body.stock };
        shown.availability = variant.availability;
      }
      return changed;
    });
    return () => { desk.items = before; };
  }

  async #startFlash() {
    const { show } = this;
    const { desk, say, locale } = show;
    const { product, shown } = this.item;
    const now = shown.variants.map((/** @type {any} */ one) => one.price)
      .reduce((/** @type {any} */ a, /** @type {any} */ b) => (b.minor < a.minor ? b : a));
    const minor = minorOf(this.flashPrice.value, now.currency);
    const minutes = countOf(this.flashMinutes.value);
    const badPrice = minor === null || minor === 0 || minor >= now.minor;
    const badTime = !minutes || minutes > 1440;
    mark(this.flashPrice, badPrice);
    mark(this.flashMinutes, badTime);
    write(this.error, minor === null || minor === 0 ? say("not_a_price")
      : badPrice ? say("flash_lower", { price: money(now, locale) })
      : badTime ? say("not_minutes") : "");
    if (badPrice || badTime) return;
    const amount = { minor, currency: now.currency };
    const price = money(amount, locale);
    const ends = new Date(Date.now() + 1000 * desk.ahead + 60_000 * minutes);
    const offer = {
      id: `flash-${product.id.slice(0, 80)}-${onceKey().slice(0, 8)}`,
      kind: "flash_price",
      title: { zh: `秒杀价${money(amount, "zh")}`, en: `Flash price ${money(amount, "en")}` },
      product_ids: [product.id],
      amount,
      ends_at: ends.toISOString(),
    };
    try {
      await desk.api.json("/api/v1/offers", { method: "PUT", body: offer });
      desk.tell({ kind: "good", text: say("flash_started", { price, minutes }) });
      this.flashPrice.value = "";
      desk.readItems();
    } catch (error) {
      desk.failed(error, () => this.#startFlash());
    }
  }

  async #endFlash() {
    const { desk, say } = this.show;
    const event = { specversion: "1.0", id: onceKey(), source: "liveshop/console",
      type: "live.offer.updated", data: { id: this.flash, ended: true } };
    try {
      await desk.api.json(`${desk.path}/events`, { body: event });
      desk.tell({ kind: "good", text: say("flash_ended") });
      desk.readItems();
    } catch (error) {
      desk.failed(error, () => this.#endFlash());
    }
  }
}

/** Whether what `body` changes has the same values in two records, or in a record and `body`.
 * @param {any} body @param {any} now @param {any} other */
function same(body, now, other) {
  const stock = "availability" in other ? other.availability.quantity : other.stock;
  return (!body.price || now.price.minor === other.price.minor)
    && (!("stock" in body) || now.availability.quantity === stock);
}

/** @param {HTMLInputElement} field */
function touched(field) {
  return field.dataset.was !== undefined && field.value !== field.dataset.was;
}

/** Writes a value that has changed at the service, unless somebody has typed another.
 * @param {HTMLInputElement} field @param {string} value */
function refresh(field, value) {
  if (!touched(field)) field.value = value;
  field.dataset.was = value;
}

/** @param {HTMLInputElement} field @param {boolean} wrong */
function mark(field, wrong) {
  if (wrong) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
}
