// The log of the panel: its messages in order, and how it scrolls.

import { h, icon, put } from "../shared/dom.js";
import { MessageView } from "./messages.js";

/** @typedef {import("./messages.js").Message} Message */
/** @typedef {import("../shared/card.js").CardView} CardView */

const NEAR_END = 80;

export class Log {
  /** @param {import("./messages.js").How} how */
  constructor(how) {
    this.how = how;
    /** @type {Map<string, MessageView>} */
    this.views = new Map();
    /** Whether what is being written is kept in sight. */
    this.following = false;
    /** @type {HTMLElement | null} */
    this.question = null;
    this.list = h("ol", { class: "messages" },
      h("li", { class: "message hello" }, h("p", {}, how.say("hello"))));
    this.element = h("div", { class: "log", role: "log", "aria-live": "polite",
                              "aria-label": how.say("conversation"), tabindex: 0 }, this.list);
    this.newer = h("button", { class: "button newer", type: "button", hidden: true,
                               onclick: () => this.toEnd() }, icon("down"), how.say("newer"));
    this.element.addEventListener("scroll", () => {
      if (this.nearEnd()) this.newer.hidden = true;
    }, { passive: true });
    for (const moved of ["wheel", "touchmove", "keydown"]) {
      this.element.addEventListener(moved, () => (this.following = false), { passive: true });
    }
  }

  /** @param {Message} message */
  add(message) {
    const end = this.nearEnd();
    const view = new MessageView(message, this.how);
    this.views.set(message.id, view);
    put(this.list, view.element);
    if (message.kind === "mine") this.question = view.element;
    if (this.following) this.follow();
    else if (end) this.toEnd();
    else this.newer.hidden = false;
  }

  /** @param {Message} message */
  change(message) {
    this.views.get(message.id)?.update(message);
    if (message.kind === "reply") this.follow();
  }

  /** @param {string} id */
  remove(id) {
    this.views.get(id)?.element.remove();
    this.views.delete(id);
  }

  /** Shows what is being written, and leaves the question in sight however long that gets. */
  follow() {
    if (!this.following) return;
    const end = this.element.scrollHeight - this.element.clientHeight;
    const question = this.question ? this.question.offsetTop - this.list.offsetTop : end;
    this.element.scrollTop = Math.min(end, question);
  }

  nearEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.element;
    return scrollHeight - scrollTop - clientHeight < NEAR_END;
  }

  toEnd() {
    this.newer.hidden = true;
    this.element.scrollTop = this.element.scrollHeight;
  }

  /**
   * The cards of a product.
   * @param {string} id
   * @returns {Generator<CardView>}
   */
  *cards(id) {
    for (const { cards } of this.views.values()) {
      const view = cards.get(id);
      if (view) yield view;
    }
  }
}
