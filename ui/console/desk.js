// What a host does: shown at once, taken back where the service refuses it.

import { Refused } from "../shared/api.js";
import { onceKey } from "./once.js";
import { Room } from "./room.js";

/** @typedef {"approve" | "edit" | "dismiss" | "answer" | "hand-off"} Deed */

const AFTER = { approve: "answered", edit: "answered", answer: "answered", dismiss: "dismissed",
  "hand-off": "handed_off" };
const SETTLED_MS = 8000;

/** A host at work in a room. */
export class Desk extends Room {
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
