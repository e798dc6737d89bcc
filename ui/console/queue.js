// The merged queue: one row a question, worked by keys; what one reads keeps its place.

import { h, icon, say as write } from "../shared/dom.js";
import { Row, allowed } from "./row.js";

/** @typedef {import("./desk.js").Desk} Desk */
/** @typedef {import("./desk.js").Deed} Deed */

const FILTERS = ["all", "review", "waiting", "handed_off"];

/** The section of the queue. */
export class Queue {
  /**
   * @param {Desk} desk
   * @param {(key: string, values?: Record<string, string | number>) => string} say
   * @param {import("../shared/format.js").Locale} locale
   */
  constructor(desk, say, locale) {
    this.desk = desk;
    this.say = say;
    this.locale = locale;
    /** @type {string | null} */ this.chosen = null;
    this.filter = "all";
    /** @type {Map<string, Row>} */ this.rows = new Map();
    /** @type {string[]} */ this.order = [];
    this.list = h("ol", { class: "queue" });
    this.empty = h("div", { class: "empty" }, icon("check"),
      h("p", {}, say("queue_empty")), h("p", {}, say("queue_empty_more")));
    this.more = h("p", { class: "none" });
    this.filters = h("div", { class: "filters", role: "group", "aria-label": say("filter") },
      FILTERS.map((name) => h("button", { type: "button", class: "chip", "data-filter": name,
        onclick: () => { this.filter = name; this.show(); } },
        h("span", {}, say(name)), h("span", { class: "num n" }))));
    this.element = h("section", { id: "questions", class: "part", "aria-label": say("questions") },
      h("header", { class: "head" }, h("h2", {}, say("questions")), this.filters),
      h("div", { class: "scroll", tabindex: "-1" }, this.list, this.empty, this.more));
    this.pointed = false;
    this.list.addEventListener("pointerenter", () => { this.pointed = true; });
    this.list.addEventListener("pointerleave", () => { this.pointed = false; });
    desk.addEventListener("changed", (event) => {
      const what = /** @type {CustomEvent} */ (event).detail;
      if (what === "queue" || what === "items" || what === "room") this.show();
    });
    setInterval(() => { for (const row of this.rows.values()) row.tick(); }, 1000);
    this.show();
  }

  /** What a question is about: its intent, and its product by number and name.
   * @param {any} question */
  about(question) {
    const intent = question.intents[0] ? this.say(`i_${question.intents[0]}`) : "";
    const item = this.desk.items.find((one) => one.product.id === question.product_ids[0]);
    const title = item ? item.product.title[this.locale] || item.product.title.zh ||
      item.product.title.en : "";
    const place = item?.number ? `${item.number}. ` : "";
    return [question.origin === "chat" ? this.say("from_chat") : "", intent, place + title]
      .filter(Boolean).join(" · ");
  }

  /** Shows the questions as the desk has them. */
  show() {
    const open = this.desk.waiting;
    const wanted = open.filter((one) => this.filter === "all" || one.status === this.filter);
    const found = new Map(wanted.map((one) => [one.id, one]));
    // Whoever writes an answer keeps it, though the question may be settled meanwhile.
    for (const [id, row] of this.rows) {
      if (row.writing && !found.has(id)) {
        found.set(id, row.question);
        wanted.push(row.question);
      }
    }
    const keep = this.pointed || this.list.contains(document.activeElement);
    // While somebody reads or works here, what is there keeps its place and new ones come last.
    this.order = keep
      ? [...this.order.filter((id) => found.has(id)),
        ...wanted.map((one) => one.id).filter((id) => !this.order.includes(id))]
      : wanted.map((one) => one.id);
    const held = this.list.contains(document.activeElement);
    const was = this.chosen;
    if (this.chosen && !found.has(this.chosen)) this.chosen = null;
    for (const [id, row] of this.rows) {
      if (found.has(id)) continue;
      if (id === was && held) this.after = [...this.rows.keys()].indexOf(id);
      row.element.remove();
      this.rows.delete(id);
    }
    this.order.forEach((id, place) => {
      let row = this.rows.get(id);
      if (row) row.show(found.get(id));
      else this.rows.set(id, (row = new Row(this, found.get(id))));
      if (this.list.children[place] !== row.element) {
        this.list.insertBefore(row.element, this.list.children[place] ?? null);
      }
    });
    if (was && !this.chosen && held && this.order.length) {
      this.choose(this.order[Math.min(this.place, this.order.length - 1)]);
    }
    this.#counts(open);
  }

  /** @param {any[]} open */
  #counts(open) {
    const total = Object.values(this.desk.counts).reduce((sum, n) => sum + n, 0);
    for (const chip of /** @type {NodeListOf<HTMLElement>} */ (
      this.filters.querySelectorAll(".chip"))) {
      const name = chip.dataset.filter ?? "";
      const n = name === "all" ? open.length : open.filter((one) => one.status === name).length;
      const hidden = Math.max(0, total - this.desk.questions.length);
      write(chip.querySelector(".n") ?? chip, name === "all" ? String(n + hidden) : String(n));
      chip.setAttribute("aria-pressed", String(this.filter === name));
    }
    this.empty.hidden = this.order.length > 0;
    const behind = total - this.desk.questions.length;
    this.more.hidden = behind <= 0;
    write(this.more, this.say("queue_more", { n: Math.max(0, behind) }));
  }

  /** Opens a question and goes there; null closes the open one. @param {string | null} id */
  choose(id) {
    const before = this.chosen ? this.rows.get(this.chosen) : null;
    this.chosen = id;
    before?.show(before.question);
    const row = id ? this.rows.get(id) : null;
    if (!row) return;
    this.place = this.order.indexOf(row.question.id);
    row.show(row.question);
    row.button.focus({ preventScroll: true });
    row.element.scrollIntoView({ block: "nearest" });
  }

  place = 0;

  /** Goes to the next question, or with -1 to the one before. @param {1 | -1} step */
  move(step) {
    if (!this.order.length) return;
    const at = this.chosen ? this.order.indexOf(this.chosen) : step > 0 ? -1 : this.order.length;
    this.choose(this.order[Math.min(this.order.length - 1, Math.max(0, at + step))]);
  }

  /** Does a deed with a question, the open one where none is named; the next one opens.
   * @param {string | null} id @param {Deed} deed */
  doDeed(id, deed) {
    const row = this.rows.get(id ?? this.chosen ?? "");
    if (!row || !allowed(row.question).includes(deed)) return;
    if (deed === "edit" || deed === "answer") {
      if (this.chosen !== row.question.id) this.choose(row.question.id);
      row.write(deed);
      return;
    }
    this.place = this.order.indexOf(row.question.id);
    this.desk.act(row.question, deed);
  }
}
