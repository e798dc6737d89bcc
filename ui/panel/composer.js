// Where a viewer writes: Enter sends, and while an answer comes the button stops it.

import { h, icon } from "../shared/dom.js";

/** The most that the service takes of one question, in UTF-16 code units. */
export const LONGEST = 2000;

export class Composer {
  /**
   * @param {(text: string) => void} ask
   * @param {() => void} stop
   */
  constructor(ask, stop) {
    this.ask = ask;
    this.stop = stop;
    this.busy = false;
    this.box = h("textarea", { id: "box", rows: 1, maxlength: LONGEST, enterkeyhint: "send" });
    this.box.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.send();
      }
    });
    this.go = h("button", { class: "button main go", type: "submit" });
  }

  /**
   * The form in one language; what has been typed stays.
   * @param {import("../shared/card.js").Say} speak
   */
  form(speak) {
    this.box.placeholder = speak("ask");
    return h("form", { class: "composer", onsubmit: (/** @type {Event} */ event) => {
      event.preventDefault();
      this.send();
    } }, h("label", { class: "said", for: "box" }, speak("ask_label")), this.box, this.go);
  }

  /** @param {boolean} busy @param {import("../shared/card.js").Say} speak */
  show(busy, speak) {
    this.busy = busy;
    this.go.replaceChildren(icon(busy ? "stop" : "send"));
    this.go.title = speak(busy ? "stop" : "send");
    this.go.setAttribute("aria-label", this.go.title);
  }

  send() {
    if (this.busy) {
      this.stop();
      return;
    }
    const text = this.box.value.trim();
    if (!text) return;
    this.box.value = "";
    this.ask(text);
  }

  /** Puts the cursor there; on a phone that would call the keyboard up unasked. */
  focus() {
    if (matchMedia("(pointer: fine)").matches) this.box.focus({ preventScroll: true });
  }
}
