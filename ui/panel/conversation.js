// What is said in the panel, and the viewer's own turns. No markup here.

import { Refused } from "../shared/api.js";
import { keepTalk, keptTalk, newId } from "./kept.js";

/** @typedef {import("./messages.js").Message} Message */
/** @typedef {import("../shared/format.js").Locale} Locale */

const MOST = 800;
const KEEP_AFTER_MS = 400;

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
    const kept = keptTalk(room);
    /** @type {Message[]} */
    this.messages = kept.messages;
    this.id = kept.id || newId();
    this.last = kept.last || "";
    /** @type {AbortController | null} */
    this.turn = null;
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
        message.cut ??= message.text.length;
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
      keepTalk(this.room, this);
    }, KEEP_AFTER_MS);
  }
}

/** @param {unknown} error @returns {string} a key of the panel's words */
function why(error) {
  if (!(error instanceof Refused)) return "lost";
  /** @type {Record<number, string>} */
  const words = { 401: "no_token", 403: "no_token", 404: "no_room", 409: "off", 422: "too_long" };
  return words[error.status] ?? (error.status === 429 || error.status === 503 ? "busy" : "lost");
}
