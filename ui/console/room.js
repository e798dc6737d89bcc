// What the console knows of its room: read once, then followed on the feed.

import { Refused } from "../shared/api.js";
import { onceKey } from "./once.js";

/** @typedef {import("../shared/api.js").Api} Api */
/** @typedef {{kind: "good" | "bad", text: string, action?: string, onaction?: () => void}} Notice */

/** Tells `changed` with what changed: room, queue, items, pulse, alerts, link. */
export class Room extends EventTarget {
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
    try {
      do {
        this.reading = 1;
        await this.#readOnce();
      } while (this.reading > 1);
    } finally {
      this.reading = 0;
    }
  }

  async #readOnce() {
    try {
      this.items = await this.api.json(`${this.path}/items`);
      this.changed("items");
    } catch (error) {
      if (!(error instanceof Refused) && !(error instanceof TypeError)) throw error;
    }
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
}
