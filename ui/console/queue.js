// The merged queue: one row a question, the chosen one open with its draft and its deeds.

import { h, icon, put, say as write } from "../shared/dom.js";
import { number } from "../shared/format.js";
import { Writing } from "./writing.js";

/** @typedef {import("./desk.js").Desk} Desk */
/** @typedef {import("./desk.js").Deed} Deed */

/** @type {[Deed, string, string][]} */
export const DEEDS = [
  ["approve", "A", "check"],
  ["edit", "E", "edit"],
  ["answer", "R", "chat"],
  ["hand-off", "H", "hand"],
  ["dismiss", "D", "close"],
];
const FILTERS = ["all", "review", "waiting", "handed_off"];

/** How long ago, at a glance: 8s, 3m, 1h. @param {number} seconds */
export function age(seconds) {
  if (seconds < 60) return `${Math.max(0, Math.round(seconds))}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  return `${Math.floor(seconds / 3600)}h`;
}

/** The deeds that a question's state allows. @param {any} question @returns {Deed[]} */
export function allowed(question) {
  const drafted = Object.keys(question.drafts).length > 0;
  /** @type {Deed[]} */
  const deeds = [];
  if (drafted && question.status === "review") deeds.push("approve");
  if (drafted) deeds.push("edit");
  deeds.push("answer");
  if (question.status !== "handed_off") deeds.push("hand-off");
  return [...deeds, "dismiss"];
}

/** One question of the list. It keeps its elements, so that nothing jumps while one reads. */
class Row {
  /** @param {Queue} queue @param {any} question */
  constructor(queue, question) {
    this.queue = queue;
    this.count = h("span", { class: "count num" });
    this.text = h("span", { class: "wording" });
    this.state = h("span", { class: "state" });
    this.age = h("span", { class: "num" });
    this.about = h("span", { class: "about" });
    this.worth = h("span", { class: "num worth" });
    this.preview = h("span", { class: "preview" });
    this.body = h("div", { class: "open", hidden: true, id: `open-${question.id}` });
    this.button = h(
      "button",
      { class: "row", type: "button", "aria-expanded": "false", "aria-controls": this.body.id,
        onclick: () => queue.choose(queue.chosen === question.id ? null : question.id) },
      h("span", { class: "many" }, this.count, icon("people")),
      h("span", { class: "what" }, this.text, this.preview,
        h("span", { class: "facts" }, this.state, this.age, this.about, this.worth)),
    );
    this.element = h("li", { "data-id": question.id }, this.button, this.body);
    /** @type {Writing | null} */ this.writing = null;
    this.shown = "";
    this.show(question);
  }

  /** @param {any} question */
  show(question) {
    this.question = question;
    const { say, locale } = this.queue;
    write(this.count, number(question.askers, locale));
    this.count.parentElement?.setAttribute("title", say("askers", { n: question.askers }));
    write(this.text, question.text);
    write(this.state, say(question.status));
    this.state.dataset.is = question.status;
    write(this.about, this.queue.about(question));
    write(this.worth, say("worth", { n: question.priority.toFixed(1) }));
    const draft = draftOf(question);
    write(this.preview, draft ? draft.text : "");
    this.preview.hidden = !draft;
    this.tick();
    const open = this.queue.chosen === question.id;
    this.element.classList.toggle("chosen", open);
    this.button.setAttribute("aria-expanded", String(open));
    this.body.hidden = !open;
    if (open) this.#open();
    else if (this.shown) this.close();
  }

  /** Writes how old the question is now. */
  tick() {
    const began = new Date(this.question.opened_at).getTime();
    write(this.age, age(Date.now() / 1000 + this.queue.desk.ahead - began / 1000));
  }

  /** Puts the details there again where they differ; never under somebody who writes. */
  #open() {
    const { question } = this;
    const drafts = Object.values(question.drafts).map((/** @type {any} */ one) => one.text);
    const now = JSON.stringify([question.status, drafts, question.wordings, question.context,
      this.queue.locale]);
    if (now === this.shown || this.writing) return;
    this.shown = now;
    const held = this.body.contains(document.activeElement)
      ? /** @type {HTMLElement} */ (document.activeElement).dataset.deed : null;
    this.body.replaceChildren(...this.#details());
    if (held) this.body.querySelector(`[data-deed="${held}"]`)?.focus();
  }

  /** @returns {HTMLElement[]} */
  #details() {
    const { question } = this;
    const { say, locale } = this.queue;
    const parts = [];
    for (const draft of Object.values(question.drafts)) {
      parts.push(h("div", { class: "draft" },
        h("p", { class: "of" }, h("span", { class: "label" }, say("ai")), say(`draft_${draft.language}`)),
        h("p", { lang: draft.language }, draft.text)));
    }
    if (!parts.length && question.status === "waiting") {
      const off = this.queue.desk.room?.mode === "off";
      parts.push(h("p", { class: "none" }, say(off ? "no_draft" : "writing")));
    }
    if (question.context) {
      parts.push(h("p", { class: "context" }, h("b", {}, say("context")), " ", question.context));
    }
    if (question.wordings.length) {
      parts.push(h("p", { class: "wordings" }, h("b", {}, say("wordings")), " ",
        question.wordings.join(locale === "zh" ? "；" : "; ")));
    }
    const can = allowed(question);
    const deeds = h("div", { class: "deeds" });
    for (const [deed, key, image] of DEEDS) {
      if (!can.includes(deed)) continue;
      const main = deed === can[0];
      put(deeds, h("button", { type: "button", class: main ? "button main" : "button", "data-deed": deed,
        "aria-keyshortcuts": key, onclick: () => this.queue.doDeed(question.id, deed) },
        icon(image), say(deed), h("kbd", { "aria-hidden": "true" }, key)));
    }
    const asking = h("div", { class: "asking" });
    put(asking, h("button", { type: "button", class: "plain small", "aria-expanded": "false",
      onclick: (/** @type {Event} */ event) => this.#whoAsks(asking, event) },
      icon("people"), say("who_asks")));
    return [...parts, deeds, asking];
  }

  /** @param {HTMLElement} place @param {Event} event */
  async #whoAsks(place, event) {
    const button = /** @type {HTMLElement} */ (event.currentTarget);
    const there = place.querySelector("ul");
    if (there) {
      there.remove();
      button.setAttribute("aria-expanded", "false");
      return;
    }
    const { desk, say } = this.queue;
    const found = await desk.api.json(`${desk.path}/questions/${this.question.id}`)
      .catch((/** @type {unknown} */ error) => desk.failed(error));
    if (!found) return;
    button.setAttribute("aria-expanded", "true");
    put(place, h("ul", { class: "viewers" }, found.viewers.slice(0, 30).map(
      (/** @type {string} */ viewer) => h("li", {}, h("span", {}, viewer),
        h("button", { type: "button", class: "plain small", onclick: async (/** @type {Event} */ e) => {
          const mute = /** @type {HTMLButtonElement} */ (e.currentTarget);
          mute.disabled = await desk.mute(viewer, true);
        } }, icon("mute"), say("mute"), h("span", { class: "said" }, viewer))))));
  }

  /** Opens the field for the host's own words. @param {"edit" | "answer"} deed */
  write(deed) {
    if (this.writing) return;
    const { question } = this;
    this.writing = new Writing(this.queue, question, deed, draftOf(question), () => {
      this.writing = null;
      this.shown = "";
      this.#open();
      this.button.focus();
    });
    this.body.replaceChildren(this.writing.element);
    this.writing.begin();
  }

  close() {
    this.writing = null;
    this.shown = "";
    this.body.replaceChildren();
  }
}

/** The draft that stands for a question: that in its own language, else any.
 * @param {any} question */
function draftOf(question) {
  return question.drafts[question.language] ?? Object.values(question.drafts)[0] ?? null;
}

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
