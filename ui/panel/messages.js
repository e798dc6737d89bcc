// The messages of the panel: what stands in the log, and how each changes in place.

import { CardView } from "../shared/card.js";
import { h, icon, put, say } from "../shared/dom.js";
import { number, time } from "../shared/format.js";
import { correction } from "../shared/words.js";

/** @typedef {import("../shared/card.js").Card} Card */

/**
 * @typedef {object} Message what is known of one; a page may be built again from these
 * @property {"mine" | "reply" | "room" | "correction" | "line"} kind
 * @property {string} id
 * @property {string} text
 * @property {number} [cut] how much of the text came before the first card
 * @property {string} [asked] the question of a reply
 * @property {string} [question] of other viewers
 * @property {number} [count] how many asked it
 * @property {boolean} [yours]
 * @property {"assistant" | "host"} [by]
 * @property {string} [at]
 * @property {string} [reply] id of the reply at the service
 * @property {Card[]} [cards]
 * @property {{code: string, text: string}[]} [notices]
 * @property {"waiting" | "writing" | "done" | "stopped" | "failed"} [state]
 * @property {"up" | "down" | ""} [value]
 * @property {boolean} [corrected]
 * @property {number[]} [fed] ids under which the feed carried it
 * @property {Record<string, string>} [texts] of a correction, by language
 */

/**
 * @typedef {object} Doing
 * @property {import("../shared/card.js").Doing} cards
 * @property {(reply?: string) => import("../shared/card.js").Doing} cardsOf
 * @property {(message: Message) => void} again
 * @property {(message: Message, value: "up" | "down") => void} judge
 * @property {(message: Message) => Promise<void>} copy
 */

/**
 * @typedef {object} How
 * @property {import("../shared/format.js").Locale} locale
 * @property {import("../shared/card.js").Say} say
 * @property {Doing} doing
 */

const SLOW_MS = 5000;

/** The view of one message. */
export class MessageView {
  /**
   * @param {Message} message
   * @param {How} how
   */
  constructor(message, how) {
    this.how = how;
    /** @type {Map<string, CardView>} */
    this.cards = new Map();
    this.text = h("p", { class: "text" });
    this.shown = h("div", { class: "cards" });
    this.more = h("p", { class: "more" });
    this.notes = h("p", { class: "notes" });
    this.element = h("li", { class: `message ${message.kind}` });
    /** @type {Record<string, HTMLElement>} */
    this.parts = {};
    this.build(message);
    this.update(message);
  }

  /** @param {Message} message */
  build(message) {
    const speak = this.how.say;
    const who = {
      mine: speak("you"),
      reply: speak("ai_label"),
      room: message.by === "host" ? speak("host") : speak("ai_label"),
      correction: speak("correction"),
      line: "",
    }[message.kind];
    if (message.kind === "line") {
      put(this.element, h("p", {}, message.text));
      return;
    }
    if (message.kind === "mine") {
      put(this.element, h("span", { class: "said" }, `${who}: `), this.text);
      return;
    }
    const ai = message.by === "host" ? speak("host") : speak("ai");
    if (message.kind === "room") {
      this.parts.count = h("span", {});
      put(
        this.element,
        h("p", { class: "head" }, icon("people"), this.parts.count,
          h("time", { class: "num" }, message.at
            ? time(new Date(message.at), this.how.locale) : "")),
        h("p", { class: "question" }, message.question ?? ""),
        h("div", { class: "answer" },
          h("span", { class: "label", title: who }, ai), this.text),
      );
    } else if (message.kind === "correction") {
      put(this.element, h("p", { class: "head" }, icon("warn"), who), this.text);
    } else {
      this.parts.wait = h("p", { class: "wait" }, speak("thinking"));
      put(
        this.element,
        h("p", { class: "head" }, h("span", { class: "label" }, ai),
          h("span", { class: "said" }, who)),
        this.parts.wait,
        this.text,
      );
    }
    this.parts.corrected = h("p", { class: "corrected", hidden: true }, icon("warn"),
                             speak("corrected"));
    put(this.element, this.shown, this.more, this.notes, this.parts.corrected);
    if (message.kind === "reply") put(this.element, this.tools(message));
  }

  /** @param {Message} message */
  tools(message) {
    const { say: speak, doing } = this.how;
    /** @param {string} name @param {string} key @param {() => void} work */
    const tool = (name, key, work) => {
      const button = h("button", { class: "plain", type: "button", "aria-label": speak(key),
                                   title: speak(key), onclick: work }, icon(name));
      this.parts[key] = button;
      return button;
    };
    const copied = h("span", { class: "done", role: "status" });
    this.parts.told = copied;
    this.parts.tools = h("div", { class: "tools" },
      tool("like", "up", () => doing.judge(message, "up")),
      tool("dislike", "down", () => doing.judge(message, "down")),
      tool("copy", "copy", async () => {
        await doing.copy(message);
        this.tell(speak("copied"));
      }),
      tool("retry", "again", () => doing.again(message)), copied);
    return this.parts.tools;
  }

  /** @param {string} words shown for a moment beside the tools */
  tell(words) {
    say(this.parts.told, words);
    setTimeout(() => say(this.parts.told, ""), 2500);
  }

  /** @param {Message} message */
  update(message) {
    const speak = this.how.say;
    if (message.kind === "line") return;
    this.write(message);
    for (const card of message.cards ?? []) this.card(card, message);
    if (message.kind === "mine") return;
    say(this.notes, (message.notices ?? []).map((one) => one.text).join(" "));
    this.parts.corrected.hidden = !message.corrected;
    if (message.kind === "room") {
      const count = message.count ?? 1;
      say(this.parts.count, message.yours && count < 2 ? speak("yours")
        : count > 1 ? speak("asked", { count: number(count, this.how.locale) })
        : speak("asked_one"));
      this.element.classList.toggle("yours", Boolean(message.yours));
    }
    if (message.kind === "reply") this.progress(message);
  }

  /** @param {Message} message */
  progress(message) {
    const speak = this.how.say;
    const busy = message.state === "waiting" || message.state === "writing";
    this.element.setAttribute("aria-busy", String(busy));
    this.parts.wait.hidden = message.state !== "waiting";
    this.parts.tools.hidden = busy;
    clearTimeout(this.slow);
    if (message.state === "waiting") {
      say(this.parts.wait, speak("thinking"));
      this.slow = setTimeout(() => say(this.parts.wait, speak("slow")), SLOW_MS);
    }
    this.element.classList.toggle("failed", message.state === "failed");
    this.parts.copy.hidden = !message.text;
    for (const value of ["up", "down"]) {
      this.parts[value].hidden = !message.reply;
      this.parts[value].setAttribute("aria-pressed", String(message.value === value));
    }
  }

  /**
   * What is written after a card stands below it, so that no card moves while one reads.
   * @param {Message} message
   */
  write(message) {
    const whole = message.texts ? correction(message.texts, this.how.locale) : message.text;
    const writing = message.kind === "reply" && message.state === "writing";
    const cut = message.cut ?? whole.length;
    grow(this.text, whole.slice(0, cut), writing);
    grow(this.more, whole.slice(cut).trimStart(), writing);
  }

  /**
   * Shows the cards of a message anew.
   * @param {Message} message
   */
  recard(message) {
    this.cards.clear();
    this.shown.replaceChildren();
    for (const card of message.cards ?? []) this.card(card, message);
  }

  /** @param {Card} card @param {Message} message */
  card(card, message) {
    if (this.cards.has(card.id)) return;
    const { locale, say: speak, doing } = this.how;
    const view = new CardView(card, {
      locale, say: speak, doing: doing.cardsOf(message.reply), small: message.kind === "room",
    });
    this.cards.set(card.id, view);
    put(this.shown, view.element);
  }
}

/**
 * Adds what is new of a text, so that a sentence once shown stays as it is.
 * @param {HTMLElement} place
 * @param {string} text
 * @param {boolean} fresh whether it is being written
 */
function grow(place, text, fresh) {
  if (!text.startsWith(place.textContent ?? "")) place.replaceChildren();
  const rest = text.slice((place.textContent ?? "").length);
  if (rest) put(place, fresh ? h("span", { class: "fresh" }, rest) : rest);
}
