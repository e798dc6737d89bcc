// What the console knows, and what a host does: shown at once, taken back where it is refused.

import { Refused } from "../shared/api.js";
import { onceKey } from "./once.js";

/** @typedef {import("../shared/api.js").Api} Api */
/** @typedef {"approve" | "edit" | "dismiss" | "answer" | "hand-off"} Deed */
/** @typedef {{kind: "good" | "bad", text: string, action?: string, onaction?: () => void}} Notice */

const AFTER = { approve: "answered", edit: "answered", answer: "answered", dismiss: "dismissed",
  "hand-off": "handed_off" };
const SETTLED_MS = 8000;

/** Tells `changed` with what changed: room, queue, items, pulse, alerts, link. */
export class Desk extends EventTarget {
  /**
   * @param {Api} api
   * @param {string} room
   * @param {() => string} name of the host at work
   * @param {(notice: Notice) => void} tell
   * @param {(key: string, values?: Record<string, string | number>) => string} say
   */
  constructor(api, room, name, tell, say) {
    super();
    this.api = api;
    this.id = room;
    this.path = `/api/v1/rooms/${encodeURIComponent(room)}`;
    this.name = name;
    this.tell = tell;
    this.say = say;
    /** @type {any} */ this.room = null;
    /** @type {any[]} */ this.questions = [];
    /** @type {Record<string, number>} */ this.counts = {};
    /** @type {any[]} */ this.items = [];
    /** @type {any} */ this.pulse = null;
    /** @type {{id: string, at: Date, data: any}[]} */ this.alerts = [];
    /** @type {import("../shared/api.js").Link} */ this.link = "connecting";
    /** @type {string[]} */ this.pins = [];
    this.streaming = true;
    /** Seconds that the service's clock is ahead of this machine's. */
    this.ahead = 0;
    /** What was done here and is not in the queue of the service yet, by question.
     * @type {Map<string, {status: string, revision: number}>} */
    this.doing = new Map();
    /** @type {Set<string>} */ this.mine = new Set();
    this.reading = 0;
  }

  /** @param {string} what */
  changed(what) {
    this.dispatchEvent(new CustomEvent("changed", { detail: what }));
  }

  /** Reads the room and its items, and follows it until `signal` ends that. Throws Refused.
   * @param {AbortSignal} signal */
  async open(signal) {
    const answer = await this.api.fetch(`${this.path}/pulse`, { signal });
    const date = Date.parse(answer.headers.get("Date") ?? "");
    if (date) this.ahead = Math.round((date - Date.now()) / 1000);
    this.pulse = await answer.json();
    this.pins = this.pulse.pins;
    this.room = await this.api.json(this.path, { signal });
    await this.readItems();
    this.following = this.api.follow(this.id, {
      query: { host: "true" },
      item: (kind, data) => this.heard(kind, data),
      link: (link) => {
        this.link = link;
        if (link === "open") this.readItems();
        this.changed("link");
      },
      signal,
    });
  }

  /** Reads the numbered list; calls that come together read it once more, not each. */
  async readItems() {
    if (this.reading++) return;
    do {
      this.reading = 1;
      try {
        this.items = await this.api.json(`${this.path}/items`);
        this.changed("items");
      } catch (error) {
        if (!(error instanceof Refused) && !(error instanceof TypeError)) throw error;
      }
    } while (this.reading > 1);
    this.reading = 0;
  }

  /** @param {string} kind @param {any} data */
  heard(kind, data) {
    if (kind === "queue") this.#queue(data);
    else if (kind === "room") this.#roomIs(data);
    else if (kind === "pulse") {
      this.pulse = data;
      this.pins = data.pins;
      this.changed("pulse");
    } else if (kind === "product") this.readItems();
    else if (kind === "pin") {
      const others = this.pins.filter((one) => one !== data.product_id);
      this.pins = data.pinned ? [data.product_id, ...others] : others;
      this.changed("items");
    } else if (kind === "alert") this.alert(data);
    else if (kind === "stream") {
      this.streaming = data.state !== "ended";
      this.changed("alerts");
    } else if (kind === "deed") this.#deed(data);
  }

  /** @param {any} room */
  #roomIs(room) {
    const before = this.room;
    if (before && room.version < before.version) return;
    this.room = room;
    this.changed("room");
    if (JSON.stringify(before?.items) !== JSON.stringify(room.items) ||
        before?.on_air !== room.on_air) this.readItems();
  }

  /** @param {any} data */
  #queue(data) {
    const open = new Map(data.questions.map((/** @type {any} */ one) => [one.id, one]));
    for (const [id, done] of this.doing) {
      const one = open.get(id);
      if (!one || one.status === done.status || one.revision !== done.revision) {
        this.doing.delete(id);
      }
    }
    this.questions = data.questions;
    this.counts = data.counts;
    this.changed("queue");
  }

  /** @param {any} data */
  #deed(data) {
    const key = `${data.question_id} ${data.deed}`;
    if (this.mine.delete(key)) return;
    const who = data.by || this.say("another_host");
    const question = data.question.length > 24 ? `${data.question.slice(0, 24)}…` : data.question;
    this.tell({ kind: "good",
      text: this.say("other_now", { who, question, deed: this.say(data.deed) }) });
  }

  /** @param {any} data */
  alert(data) {
    this.alerts = [{ id: onceKey(), at: new Date(), data }, ...this.alerts].slice(0, 5);
    this.changed("alerts");
  }

  /** The questions as a host sees them: what is being done counts as done. */
  get waiting() {
    return this.questions
      .map((one) => {
        const done = this.doing.get(one.id);
        return done ? { ...one, status: done.status } : one;
      })
      .filter((one) => ["waiting", "review", "handed_off"].includes(one.status));
  }

  /**
   * Does a deed with a question. It is shown as done at once; where the service refuses it or is
   * not there, it is taken back and told, and false is returned.
   * @param {any} question
   * @param {Deed} deed
   * @param {unknown} [body]
   * @param {string} [key] of the try before, for one made again
   * @returns {Promise<boolean>}
   */
  async act(question, deed, body, key = onceKey()) {
    if (this.doing.has(question.id)) return false;
    const doing = { status: AFTER[deed], revision: question.revision };
    this.doing.set(question.id, doing);
    this.mine.add(`${question.id} ${deed}`);
    this.changed("queue");
    const back = () => {
      if (this.doing.get(question.id) === doing) this.doing.delete(question.id);
      this.changed("queue");
    };
    try {
      const path = `${this.path}/questions/${encodeURIComponent(question.id)}`;
      const by = new URLSearchParams({ by: this.name() });
      const done = await this.api.json(`${path}/${deed}?${by}`, {
        method: "POST", body, headers: { "Idempotency-Key": key } });
      // The service's own queue takes over within a second; should it not, this ends here.
      setTimeout(back, SETTLED_MS);
      if (done.handled && done.handled.deed !== deed) this.#tooLate(done.handled);
      else this.tell({ kind: "good", text: this.say(`done_${deed}`) });
      return true;
    } catch (error) {
      this.mine.delete(`${question.id} ${deed}`);
      back();
      if (error instanceof Refused && error.status === 409) await this.#conflict(question, error);
      else this.failed(error, () => this.act(question, deed, body, key));
      return false;
    }
  }

  /** @param {any} question @param {Refused} error */
  async #conflict(question, error) {
    const path = `${this.path}/questions/${encodeURIComponent(question.id)}`;
    const found = await this.api.json(path).catch(() => null);
    const now = found?.question;
    if (now && !["waiting", "review"].includes(now.status) && now.handled) {
      this.#tooLate(now.handled);
    } else if (now && now.status === "waiting" && question.status === "review") {
      this.tell({ kind: "bad", text: this.say("draft_stale") });
    } else {
      this.tell({ kind: "bad", text: this.say("not_done", { why: error.message }) });
    }
  }

  /** @param {{by: string, at: string, deed: string}} handled */
  #tooLate(handled) {
    const at = new Date(handled.at);
    const when = at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false });
    this.tell({ kind: "bad", text: this.say("other_did", {
      who: handled.by || this.say("another_host"), when, deed: this.say(handled.deed) }) });
  }

  /** Tells what went wrong, with a way to try again where that can help.
   * @param {unknown} error @param {() => void} [again] */
  failed(error, again) {
    const refused = error instanceof Refused;
    if (!refused && !(error instanceof TypeError)) throw error;
    const helps = again && (!refused || error.status >= 500 || error.status === 429);
    this.tell({
      kind: "bad",
      text: refused ? this.say("not_done", { why: error.message }) : this.say("no_answer_from_shop"),
      ...(helps ? { action: this.say("retry"), onaction: again } : {}),
    });
  }

  /**
   * Changes what is shown at once, then at the service; takes it back where that fails.
   * @param {string} what is told to have changed
   * @param {() => (() => void)} change returns how it is taken back
   * @param {() => Promise<unknown>} send
   * @returns {Promise<boolean>} whether it was done
   */
  async optimistic(what, change, send) {
    const back = change();
    this.changed(what);
    try {
      await send();
      return true;
    } catch (error) {
      back();
      this.changed(what);
      this.failed(error, () => this.optimistic(what, change, send));
      return false;
    }
  }

  /** @param {"auto" | "review" | "off"} mode */
  setMode(mode) {
    const before = this.room;
    return this.optimistic(
      "room",
      () => {
        this.room = { ...this.room, mode };
        return () => { this.room = before; };
      },
      async () => { this.room = await this.api.json(`${this.path}/mode`,
        { method: "PUT", body: { mode } }); },
    );
  }

  /** @param {string | null} product */
  setOnAir(product) {
    const before = this.room;
    return this.optimistic(
      "items",
      () => {
        this.room = { ...this.room, on_air: product };
        return () => { this.room = before; };
      },
      async () => { this.room = await this.api.json(`${this.path}/on-air`,
        { method: "PUT", body: { product_id: product } }); },
    );
  }

  /** @param {string} product @param {boolean} pinned */
  pin(product, pinned) {
    const before = this.pins;
    return this.optimistic(
      "items",
      () => {
        const others = this.pins.filter((one) => one !== product);
        this.pins = pinned ? [product, ...others] : others;
        return () => { this.pins = before; };
      },
      () => this.api.json(`${this.path}/pin`, { body: { product_id: product, pinned } }),
    );
  }

  /** Mutes a viewer, or lets them be heard again. @param {string} viewer @param {boolean} muted */
  async mute(viewer, muted) {
    try {
      await this.api.json(`${this.path}/mute`, { body: { viewer, muted } });
      this.tell({ kind: "good", text: this.say(muted ? "muted" : "unmuted", { viewer }) });
      return true;
    } catch (error) {
      this.failed(error, () => this.mute(viewer, muted));
      return false;
    }
  }
}
