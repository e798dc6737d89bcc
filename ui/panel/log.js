// The log of the panel: its messages in order, and how it scrolls.

import { h, icon, put } from "../shared/dom.js";
import { MessageView } from "./messages.js";

/** @typedef {import("./messages.js").Message} Message */
/** @typedef {import("../shared/card.js").CardView} CardView */

const NEAR_END = 80;
/** So many messages are laid out, or passed over, together: each group is looked at in each frame. */
const TOGETHER = 8;

export class Log {
  /** @param {import("./messages.js").How} how */
  constructor(how) {
    this.how = how;
    /** @type {Map<string, MessageView>} */
    this.views = new Map();
    /** Whether what is being written is kept in sight. */
    this.following = false;
    /** Whether the end is kept in sight; until the viewer turns back. */
    this.pinned = true;
    /** @type {HTMLElement | null} */
    this.question = null;
    this.last = h("ol", { class: "messages" },
      h("li", { class: "message hello" }, h("p", {}, how.say("hello"))));
    this.list = h("div", {}, this.last);
    this.element = h("div", { class: "log", role: "log", "aria-live": "polite",
                              "aria-label": how.say("conversation"), tabindex: 0 }, this.list);
    this.newer = h("button", { class: "button newer", type: "button", hidden: true,
                               onclick: () => this.toEnd() }, icon("down"), how.say("newer"));
    let moved = false;
    const end = h("div", { class: "end" });
    put(this.element, end);
    // Watched, not measured: a measure would lay the whole log out at each step of a scroll.
    new IntersectionObserver(([seen]) => {
      if (seen.isIntersecting) {
        this.pinned = true;
        this.newer.hidden = true;
      } else if (moved) {
        this.pinned = false;
      }
    }, { root: this.element, rootMargin: `0px 0px ${NEAR_END}px` }).observe(end);
    for (const move of ["wheel", "touchmove", "keydown", "pointerdown"]) {
      this.element.addEventListener(move, () => {
        moved = true;
        this.following = false;
      }, { passive: true });
    }
    // Messages out of sight have guessed heights until they are near.
    new ResizeObserver(() => {
      if (this.pinned && !this.following) this.toEnd();
    }).observe(this.list);
  }

  /** @param {Message} message */
  add(message) {
    const view = new MessageView(message, this.how);
    this.views.set(message.id, view);
    if (this.last.childElementCount >= TOGETHER) {
      this.last = h("ol", { class: "messages" });
      put(this.list, this.last);
    }
    put(this.last, view.element);
    if (message.kind === "mine") this.question = view.element;
    if (this.following) this.follow();
    else if (this.pinned) this.toEnd();
    else this.newer.hidden = false;
  }

  /** @param {Message} message */
  change(message) {
    this.views.get(message.id)?.update(message);
    if (message.kind === "reply") this.follow();
  }

  /** @param {string} id */
  remove(id) {
    const gone = this.views.get(id)?.element;
    const group = gone?.parentElement;
    gone?.remove();
    if (group && group !== this.last && !group.childElementCount) group.remove();
    this.views.delete(id);
  }

  /** Shows what is being written, and leaves the question in sight however long that gets. */
  follow() {
    if (!this.following) return;
    const end = this.element.scrollHeight - this.element.clientHeight;
    const question = this.question
      ? this.question.getBoundingClientRect().top - this.list.getBoundingClientRect().top : end;
    this.element.scrollTop = Math.min(end, question);
  }

  toEnd() {
    this.pinned = true;
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
