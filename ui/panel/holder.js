// The page that holds the panel: what it gives, what it is told, and the panel in a window of its
// own. Where there is none, everything here is as it would be alone.

import { Bridge } from "./bridge.js";

const VERSION = 1;

export class Holder {
  /**
   * @param {string} room
   * @param {string | null} origin of the page; null where the panel stands alone
   */
  constructor(room, origin) {
    this.room = room;
    this.held = window.parent !== window && origin !== null;
    this.bridge = new Bridge(this.held ? window.parent : null, origin ?? "");
    /** @type {string | null} */
    this.token = null;
    /** @type {Record<string, any>} */
    this.context = {};
    /** What the page has a use for. @type {Set<string>} */
    this.handles = new Set();
    this.visible = true;
    this.inline = false;
    this.unread = 0;
  }

  /** @param {string} method @param {Record<string, unknown>} [params] */
  tell(method, params) {
    this.bridge.tell(method, params);
  }

  /** Asks the page for another token, where there is a page. */
  async renew() {
    if (!this.held) return null;
    this.token = (await this.bridge.ask("token")).token ?? null;
    return this.token;
  }

  /**
   * Begins with the page, or, in a window of its own, with the panel that opened it.
   * @param {Record<string, import("./bridge.js").Method>} methods that the page may ask for
   * @param {boolean} popped whether a panel has opened this window
   * @returns {Promise<any>} what was given; null where nobody answers
   */
  async meet(methods, popped) {
    /** @type {Record<string, import("./bridge.js").Method>} */
    const own = {
      setContext: ({ context }) => void (this.context = context ?? {}),
      setToken: ({ token }) => void (this.token = token),
    };
    Object.assign(this.bridge.methods, own, methods);
    try {
      /** @type {any} */
      let given = null;
      if (this.held) {
        given = await this.bridge.ask("ready", { protocol: VERSION, room: this.room });
        this.handles = new Set(given.handles ?? []);
        this.context = given.context ?? {};
        this.visible = given.visible ?? true;
        this.inline = Boolean(given.inline);
      } else if (popped && window.opener) {
        given = await new Bridge(window.opener, location.origin).ask("handover");
      }
      if (given) this.token = given.token ?? null;
      return given;
    } catch {
      return null; // the page is another than our script, or the panel that opened us is gone
    }
  }

  /** @param {boolean} visible */
  shown(visible) {
    this.visible = visible;
    if (visible) this.unread = 0;
  }

  /** Something has come that the viewer waits for. */
  count() {
    if (this.visible) return;
    this.unread += 1;
    this.tell("unread", { count: this.unread });
  }

  /**
   * Opens the panel in a window of its own and hands the conversation over.
   * @param {Record<string, string>} how the panel looks
   * @param {() => unknown} talk
   */
  popOut(how, talk) {
    const query = new URLSearchParams({ room: this.room, ...how, popout: "1" });
    const popup = open(`/panel?${query}`, "liveshop-panel", "popup,width=420,height=720");
    if (!popup) return;
    new Bridge(popup, location.origin).methods.handover = () =>
      ({ token: this.token, talk: talk() });
    this.tell("close");
  }
}
