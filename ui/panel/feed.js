// What the room's feed brings into the conversation: answers to others, corrections, prices.

import { newId } from "./kept.js";

/** @typedef {import("./messages.js").Message} Message */

const PRODUCTS_EVERY_MS = 250;
const HISTORY_MS = 1000;

export class Feed {
  /** @param {import("./conversation.js").Conversation} talk */
  constructor(talk) {
    this.talk = talk;
    // What comes before this was said before the viewer came: answers are shown as they are now.
    this.joined = Infinity;
    /** @type {Map<string, any>} */
    this.priced = new Map();
    this.pricing = 0;
  }

  /** The feed has begun; what it brings at once is from before. */
  begun() {
    if (this.joined === Infinity) this.joined = Date.now() + (this.talk.last ? 0 : HISTORY_MS);
  }

  /** @param {string} kind @param {any} data @param {string} id */
  heard(kind, data, id) {
    if (id) this.talk.last = id;
    if (kind === "product") this.product(data);
    else if (kind === "answer") this.answer(data, id);
    else if (kind === "joined") this.also(data);
    else if (kind === "correction") this.correct(data);
    else if (kind === "on_air") this.talk.told.onAir();
    else if (kind === "stream" && Date.now() >= this.joined) {
      const text = this.talk.now.say(`stream_${data.state}`);
      this.talk.add({ kind: "line", id: newId(), text });
    }
  }

  /** Changes of price come in crowds: the last of each product is told, four times a second. */
  product(/** @type {any} */ data) {
    this.priced.set(data.product_id, data);
    this.pricing ||= setTimeout(() => {
      this.pricing = 0;
      const changes = [...this.priced.values()];
      this.priced.clear();
      this.talk.told.products(changes);
    }, PRODUCTS_EVERY_MS);
  }

  /** @param {any} data @param {string} id */
  answer(data, id) {
    if (data.language !== this.talk.now.locale() && !data.yours) return;
    const before = this.of(data.question_id);
    if (before && before.text === data.text) {
      before.count = Math.max(before.count ?? 1, data.askers);
      before.fed?.push(Number(id));
      this.talk.change(before);
      return;
    }
    /** @type {Message} */
    const message = {
      kind: "room", id: data.question_id, text: data.text, question: data.question,
      count: data.askers, yours: data.yours, by: data.by, at: data.at, reply: data.reply_id,
      cards: data.products, state: "done", value: "", fed: [Number(id)],
    };
    if (before) this.talk.drop(before);
    this.talk.add(message);
    if (data.yours) this.talk.told.unread(message);
  }

  /** What the room was told of a question. @param {string} id */
  of(id) {
    return this.talk.messages.find((one) => one.kind === "room" && one.id === id);
  }

  /** @param {any} data */
  also(data) {
    const message = this.of(data.question_id);
    if (!message) return;
    message.count = data.askers;
    this.talk.change(message);
  }

  /** @param {any} data */
  correct(data) {
    /** @type {Set<number>} */
    const answers = new Set(data.answers);
    /** @param {Message} message */
    const showed = (message) => message.kind === "reply"
      && message.cards?.some((card) => card.id === data.product_id);
    if (Date.now() < this.joined) {
      for (const one of this.talk.messages.filter((old) => old.fed?.some((id) => answers.has(id)))) {
        this.talk.drop(one);
      }
      if (!this.talk.messages.some(showed)) return; // what was answered here is no history
    }
    let concerned = Boolean(data.yours);
    for (const message of this.talk.messages) {
      const fed = message.fed?.some((id) => answers.has(id));
      if (!fed && !showed(message)) continue;
      message.corrected = true;
      concerned = true;
      this.talk.told.changed(message);
    }
    this.talk.told.correction(data);
    if (!concerned) return; // who was not told the old price need not hear of it
    /** @type {Message} */
    const message = { kind: "correction", id: newId(), text: "", texts: data.text, at: data.at };
    this.talk.add(message);
    this.talk.told.unread(message);
  }
}
