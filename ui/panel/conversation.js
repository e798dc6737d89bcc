// What is said in the panel: the viewer's turns, and what the room's feed brings. No markup here.

import { Refused } from "../shared/api.js";
import { here, newId } from "./kept.js";

/** @typedef {import("./messages.js").Message} Message */
/** @typedef {import("../shared/format.js").Locale} Locale */

const MOST_KEPT = 60;
const MOST = 800;
const KEEP_AFTER_MS = 400;
const PRODUCTS_EVERY_MS = 250;
const HISTORY_MS = 1000;

/**
 * @typedef {object} Told what the conversation tells the panel; each is called often
 * @property {(message: Message) => void} added
 * @property {(message: Message) => void} changed
 * @property {(id: string) => void} removed
 * @property {(answering: boolean) => void} answering
 * @property {(changes: any[]) => void} products what the feed says products cost now
 * @property {() => void} onAir another item may be on air
 * @property {(message: Message) => void} unread something that the viewer waits for has come
 * @property {(data: any) => void} correction
 */

export class Conversation {
  /**
   * @param {import("../shared/api.js").Api} api
   * @param {string} room
   * @param {{locale: () => Locale, viewer: () => string, product: () => string | null,
   *          say: (key: string, values?: Record<string, string | number>) => string}} now
   * @param {Told} told
   */
  constructor(api, room, now, told) {
    this.api = api;
    this.room = room;
    this.now = now;
    this.told = told;
    const kept = read(room);
    /** @type {Message[]} */
    this.messages = kept.messages;
    this.id = kept.id || newId();
    this.last = kept.last || "";
    // What comes before this was said before the viewer came: answers are shown as they are now.
    this.joined = Infinity;
    /** @type {AbortController | null} */
    this.turn = null;
    /** @type {Map<string, any>} */
    this.priced = new Map();
    this.pricing = 0;
    this.keeping = 0;
  }

  get answering() {
    return this.turn !== null;
  }

  /** @param {Message} message */
  add(message) {
    this.messages.push(message);
    if (this.messages.length > MOST) {
      const gone = this.messages.shift();
      if (gone) this.told.removed(gone.id);
    }
    this.told.added(message);
    this.keep();
  }

  /** @param {Message} message */
  change(message) {
    this.told.changed(message);
    this.keep();
  }

  /**
   * Asks, and follows the reply to its end. Does nothing while another one is written.
   * @param {string} text
   * @param {Message} [instead] a reply that is to be written anew
   */
  async ask(text, instead) {
    if (this.turn) return;
    const turn = (this.turn = new AbortController());
    if (!instead) this.add({ kind: "mine", id: newId(), text });
    else this.drop(instead);
    /** @type {Message} */
    const message = { kind: "reply", id: newId(), text: "", asked: text, cards: [], notices: [],
                      state: "waiting", value: "" };
    this.add(message);
    this.told.answering(true);
    try {
      await this.read(text, message, turn.signal);
      message.state = "done";
    } catch (error) {
      message.state = turn.signal.aborted ? "stopped" : "failed";
      message.notices = [...(message.notices ?? []), {
        code: "failed",
        text: this.now.say(turn.signal.aborted ? "stopped" : why(error)),
      }];
    }
    this.turn = null;
    this.told.answering(false);
    this.change(message);
    this.told.unread(message);
  }

  /** @param {string} text @param {Message} message @param {AbortSignal} signal */
  async read(text, message, signal) {
    const request = {
      message: text,
      conversation_id: this.id,
      locale: this.now.locale(),
      viewer: this.now.viewer(),
      ...(this.now.product() ? { product_id: this.now.product() } : {}),
    };
    let whole = false;
    for await (const part of this.api.chat(this.room, request, signal)) {
      if (part.type === "start") {
        message.reply = part.messageId;
      } else if (part.type === "text-delta") {
        message.state = "writing";
        message.text += part.delta;
      } else if (part.type === "data-product") {
        message.state = "writing";
        message.cards?.push(part.data);
      } else if (part.type === "data-notice" && part.data.code !== "ai_generated") {
        message.notices?.push(part.data);
      } else if (part.type === "error") {
        throw new Error(part.errorText);
      } else if (part.type === "finish") {
        whole = true;
      }
      this.told.changed(message);
    }
    if (!whole) throw new Error("the reply ended before its end");
  }

  stop() {
    this.turn?.abort();
  }

  /**
   * Says what the viewer thinks of a reply. Saying the same again takes nothing back.
   * @param {Message} message
   * @param {"up" | "down"} value
   */
  async judge(message, value) {
    message.value = value;
    this.change(message);
    await this.send("reply.feedback", { reply_id: message.reply, value });
  }

  /**
   * Sends what the viewer did, for their profile. That it is not taken is no concern of theirs.
   * @param {string} type
   * @param {Record<string, unknown>} data
   */
  async send(type, data) {
    const event = { specversion: "1.0", id: newId(), source: "panel", type,
                    subject: this.now.viewer(), data };
    const path = `/api/v1/rooms/${encodeURIComponent(this.room)}/events`;
    try {
      await this.api.json(path, { body: event });
    } catch {
      // feedback and behaviour are welcome, not needed
    }
  }

  /** The feed has begun; what it brings at once is from before. */
  begun() {
    if (this.joined === Infinity) this.joined = Date.now() + (this.last ? 0 : HISTORY_MS);
  }

  /** @param {string} kind @param {any} data @param {string} id */
  heard(kind, data, id) {
    if (id) this.last = id;
    if (kind === "product") this.product(data);
    else if (kind === "answer") this.answer(data, id);
    else if (kind === "joined") this.also(data);
    else if (kind === "correction") this.correct(data);
    else if (kind === "on_air") this.told.onAir();
    else if (kind === "stream" && Date.now() >= this.joined) {
      const text = this.now.say(`stream_${data.state}`);
      this.add({ kind: "line", id: newId(), text });
    }
  }

  /** Changes of price come in crowds: the last of each product is told, four times a second. */
  product(/** @type {any} */ data) {
    this.priced.set(data.product_id, data);
    this.pricing ||= setTimeout(() => {
      this.pricing = 0;
      const changes = [...this.priced.values()];
      this.priced.clear();
      this.told.products(changes);
    }, PRODUCTS_EVERY_MS);
  }

  /** @param {any} data @param {string} id */
  answer(data, id) {
    if (data.language !== this.now.locale() && !data.yours) return;
    const before = this.messages.find((one) => one.kind === "room" && one.id === data.question_id
      && one.text === data.text);
    if (before) {
      before.count = Math.max(before.count ?? 1, data.askers);
      before.fed?.push(Number(id));
      this.change(before);
      return;
    }
    /** @type {Message} */
    const message = {
      kind: "room", id: data.question_id, text: data.text, question: data.question,
      count: data.askers, yours: data.yours, by: data.by, at: data.at, reply: data.reply_id,
      cards: data.products, state: "done", value: "", fed: [Number(id)],
    };
    const replaced = this.messages.find((one) => one.kind === "room" && one.id === data.question_id);
    if (replaced) this.drop(replaced);
    this.add(message);
    if (data.yours) this.told.unread(message);
  }

  /** @param {any} data */
  also(data) {
    const message = this.messages.find((one) => one.kind === "room" && one.id === data.question_id);
    if (!message) return;
    message.count = data.askers;
    this.change(message);
  }

  /** @param {any} data */
  correct(data) {
    /** @type {Set<number>} */
    const answers = new Set(data.answers);
    /** @param {Message} message */
    const showed = (message) => message.kind === "reply"
      && message.cards?.some((card) => card.id === data.product_id);
    if (Date.now() < this.joined) {
      for (const one of this.messages.filter((old) => old.fed?.some((id) => answers.has(id)))) {
        this.drop(one);
      }
      if (!this.messages.some(showed)) return; // what was answered here is no history
    }
    let concerned = Boolean(data.yours);
    for (const message of this.messages) {
      const fed = message.fed?.some((id) => answers.has(id));
      if (!fed && !showed(message)) continue;
      message.corrected = true;
      concerned = true;
      this.told.changed(message);
    }
    this.told.correction(data);
    if (!concerned) return; // who was not told the old price need not hear of it
    /** @type {Message} */
    const message = { kind: "correction", id: newId(), text: "", texts: data.text, at: data.at };
    this.add(message);
    this.told.unread(message);
  }

  /** @param {Message} message */
  drop(message) {
    this.messages = this.messages.filter((one) => one !== message);
    this.told.removed(message.id);
  }

  /** Empties the conversation, here and in what is kept. */
  forget() {
    this.stop();
    for (const message of this.messages) this.told.removed(message.id);
    this.messages = [];
    this.id = newId();
    this.keep();
  }

  /**
   * Goes on with a conversation that was begun elsewhere.
   * @param {{id: string, last: string, messages: Message[]}} talk
   */
  take({ id, last, messages }) {
    Object.assign(this, { id, last, messages });
    this.keep();
  }

  keep() {
    this.keeping ||= setTimeout(() => {
      this.keeping = 0;
      const done = this.messages.filter((one) => one.state !== "waiting" && one.state !== "writing");
      here.set(`talk.${this.room}`,
        JSON.stringify({ id: this.id, last: this.last, messages: done.slice(-MOST_KEPT) }));
    }, KEEP_AFTER_MS);
  }
}

/** @param {string} room */
function read(room) {
  try {
    const { id, last, messages } = JSON.parse(here.get(`talk.${room}`) ?? "");
    if (typeof id === "string" && Array.isArray(messages)) return { id, last, messages };
  } catch {
    // nothing is kept
  }
  return { id: "", last: "", messages: [] };
}

/** @param {unknown} error @returns {string} a key of the panel's words */
function why(error) {
  if (!(error instanceof Refused)) return "lost";
  /** @type {Record<number, string>} */
  const words = { 401: "no_token", 403: "no_token", 404: "no_room", 409: "off", 422: "too_long" };
  return words[error.status] ?? (error.status === 429 || error.status === 503 ? "busy" : "lost");
}
