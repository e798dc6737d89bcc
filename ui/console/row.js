// One question of the queue: a line, and, where it is the chosen one, its draft and its deeds.

import { h, icon, put, say as write } from "../shared/dom.js";
import { number } from "../shared/format.js";
import { Writing } from "./writing.js";

/** @typedef {import("./desk.js").Deed} Deed */
/** @typedef {import("./queue.js").Queue} Queue */

/** @type {[Deed, string, string][]} */
export const DEEDS = [
  ["approve", "A", "check"],
  ["edit", "E", "edit"],
  ["answer", "R", "chat"],
  ["hand-off", "H", "hand"],
  ["dismiss", "D", "close"],
];

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
export class Row {
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
