// What was done, and what was not: short words at the foot of the page, read out as well.

import { h, icon } from "../shared/dom.js";

const GOOD_MS = 3500;
const BAD_MS = 12_000;
const MOST = 3;

/** The notices of the page. */
export class Notices {
  /** @param {(key: string) => string} say */
  constructor(say) {
    this.say = say;
    this.good = h("div", { role: "status" });
    this.bad = h("div", { role: "alert" });
    this.element = h("div", { class: "notices" }, this.bad, this.good);
  }

  /** @param {import("./room.js").Notice} notice */
  tell({ kind, text, action, onaction }) {
    const box = kind === "good" ? this.good : this.bad;
    const element = h("p", { class: `notice ${kind}` }, icon(kind === "good" ? "check" : "warn"),
      h("span", {}, text),
      action ? h("button", { type: "button", class: "plain small", onclick: () => {
        element.remove();
        onaction?.();
      } }, action) : null,
      h("button", { type: "button", class: "plain small", onclick: () => element.remove() },
        icon("close"), h("span", { class: "said" }, this.say("close"))));
    box.append(element);
    while (box.children.length > MOST) box.firstElementChild?.remove();
    setTimeout(() => element.remove(), kind === "good" ? GOOD_MS : BAD_MS);
  }
}
