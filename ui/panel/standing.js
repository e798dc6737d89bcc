// How the connection stands, in words, where it does not stand well.

import { h, say } from "../shared/dom.js";

/** @typedef {import("../shared/api.js").Link} Link */

export class Standing {
  /** @param {(key: string) => string} speak in the language of now */
  constructor(speak) {
    this.speak = speak;
    this.element = h("p", { class: "state", role: "status", hidden: true });
    /** @type {Link} */
    this.linked = "connecting";
    addEventListener("offline", () => this.show("offline")); // an open feed does not tell at once
    addEventListener("online", () => this.link(this.linked));
  }

  /** @param {Link} link */
  link(link) {
    this.linked = link;
    if (link === "open" && navigator.onLine) this.element.hidden = true;
    else if (link === "waiting") this.show(navigator.onLine ? "reconnecting" : "offline");
  }

  /** @param {string} key */
  show(key) {
    say(this.element, this.speak(key));
    this.element.hidden = false;
  }
}
