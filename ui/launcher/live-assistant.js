// <live-assistant>: a button beside the stream that opens the liveshop panel in a frame of its own
// origin. Include /live-assistant.js from the service and put the element into the page; see
// docs/embed.md.

import { draggable } from "./drag.js";
import { SHEET, bubble, made, style } from "./look.js";
import { UNKNOWN, Wire } from "./wire.js";

const SERVICE = new URL(/** @type {HTMLScriptElement} */ (document.currentScript).src).origin;
const WORDS = {
  zh: { ask: "问问直播间助手", title: "直播间导购助手", unread: "{n} 条新消息", close: "收起助手" },
  en: { ask: "Ask the assistant", title: "Live-room assistant", unread: "{n} new messages",
        close: "Hide the assistant" },
};
/** What the panel tells, and the event that the page hears. @type {Record<string, string>} */
const EVENTS = { resize: "resize", unread: "unread", productClick: "productclick",
                 correction: "correction" };
const BOXED = "allow-scripts allow-same-origin allow-forms allow-popups " +
  "allow-popups-to-escape-sandbox allow-downloads";

/** @typedef {string | null | (() => (string | null | Promise<string | null>))} Token */

/** @type {CSSStyleSheet | undefined} */
let sheet;

class LiveAssistant extends HTMLElement {
  static observedAttributes = ["room", "open", "locale", "theme", "brand", "launcher", "position"];
  /** @type {Record<string, (product: any) => unknown>} */
  #handlers = {};
  /** @type {any} */
  #context = null;
  /** @type {Token} */
  #token = null;
  /** @type {HTMLIFrameElement | null} */
  #panel = null;
  #wire = new Wire(SERVICE, () => this.#panel?.contentWindow,
    (method, params) => this.#answer(method, params), () => this.#event("ready"));
  #parts;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [(sheet ??= style())];
    const words = made("span", {});
    const count = made("span", { class: "count", hidden: "" });
    const button = made("button", { type: "button", "aria-haspopup": "dialog" }, bubble(), words,
                        count);
    const ground = made("div", { class: "ground", hidden: "" });
    const grip = made("button", { class: "grip", type: "button" });
    const frame = made("div", { class: "frame", hidden: "" }, grip);
    const region = made("section", {}, ground, frame, button);
    this.#parts = { words, count, button, ground, grip, frame, region };
    root.append(region);
    button.addEventListener("click", () => this.show());
    for (const near of ["pointerenter", "focus", "touchstart"]) {
      button.addEventListener(near, () => this.#load(), { passive: true });
    }
    ground.addEventListener("click", () => this.hide());
    draggable(grip, frame, () => this.hide());
  }

  connectedCallback() {
    addEventListener("message", this.#wire.hear);
    addEventListener("keydown", this.#escape);
    this.#words();
    if (this.#inline) this.open = true;
    if (this.open) this.#show();
    else if (this.getAttribute("preload") === "idle") {
      (window.requestIdleCallback ?? setTimeout)(() => this.#load());
    }
  }

  disconnectedCallback() {
    removeEventListener("message", this.#wire.hear);
    removeEventListener("keydown", this.#escape);
    this.#unload();
  }

  /** @param {string} name @param {string | null} before @param {string | null} now */
  attributeChangedCallback(name, before, now) {
    if (!this.isConnected || before === now) return;
    if (name === "open") now === null ? this.#hide() : this.#show();
    else if (name === "locale") this.#wire.tell("setLocale", { locale: this.#locale });
    else if (name === "theme" || name === "brand") this.#wire.tell("setTheme", this.#theme);
    else if (name === "room" && this.#panel) {
      this.#unload();
      this.#load();
    }
    this.#words();
  }

  // What a page may use; the attributes are the same under their names.

  /** Whether the panel is shown. */
  get open() { return this.hasAttribute("open"); }
  set open(open) { this.toggleAttribute("open", Boolean(open)); }
  show() { this.open = true; }
  hide() { this.open = false; }
  get room() { return this.getAttribute("room") || "demo"; }
  get position() { return this.getAttribute("position") || "bottom-right"; }
  /** What the viewer's page shows, such as {productId}; "this one" then means it. */
  get context() { return this.#context ?? parsed(this.getAttribute("context")); }
  set context(context) {
    this.#context = context;
    this.#wire.tell("setContext", { context });
  }
  /** A viewer's token, or a function that returns one or its promise; called anew when it ends.
   * @returns {Token} */
  get token() { return this.#token ?? this.getAttribute("token"); }
  set token(token) {
    this.#token = token;
    if (this.#wire.ready) this.#fresh().then((one) => this.#wire.tell("setToken", { token: one }));
  }
  /** Ask a question in the viewer's name, and show the panel. @param {string} text */
  ask(text) {
    this.show();
    this.#wire.tell("ask", { text });
  }
  /**
   * Say that this page handles "addToCart" (return or resolve to true once it is in the cart) or
   * "productClick"; the panel shows buttons for what is handled.
   * @param {string} what
   * @param {(product: any) => unknown} work
   */
  handle(what, work) {
    this.#handlers[what] = work;
    this.#wire.tell("setHandles", { handles: Object.keys(this.#handlers) });
  }

  // The panel

  #load() {
    if (this.#panel) return;
    /** @type {Record<string, string>} */
    const given = { room: this.room, locale: this.#locale, origin: location.origin };
    for (const [name, value] of Object.entries(this.#theme)) if (value) given[name] = value;
    this.#panel = made("iframe", {
      title: this.#say("title"),
      src: `${SERVICE}/panel?${new URLSearchParams(given)}`,
      allow: "clipboard-write",
      referrerpolicy: "origin",
      ...(SERVICE !== location.origin && { sandbox: BOXED }),
    });
    this.#parts.frame.append(this.#panel);
  }

  #unload() {
    this.#panel?.remove();
    this.#panel = null;
    this.#wire.ready = false;
  }

  #show() {
    this.#load();
    const { frame, button, ground, count } = this.#parts;
    frame.hidden = false;
    button.hidden = true;
    count.hidden = true;
    ground.hidden = !matchMedia(SHEET).matches || this.#inline;
    this.#wire.tell("visible", { visible: true });
    if (!this.#inline) this.#panel?.focus({ preventScroll: true });
    this.#event("open");
  }

  #hide() {
    const { frame, button, ground } = this.#parts;
    frame.hidden = ground.hidden = true;
    button.hidden = false;
    this.#wire.tell("visible", { visible: false });
    button.focus({ preventScroll: true });
    this.#event("close");
  }

  get #inline() { return this.position === "inline"; }
  /** @returns {"zh" | "en"} */
  get #locale() {
    const asked = this.getAttribute("locale") || document.documentElement.lang;
    return (asked || navigator.language).toLowerCase().startsWith("zh") ? "zh" : "en";
  }
  get #theme() {
    return { theme: this.getAttribute("theme"), brand: this.getAttribute("brand") };
  }
  /** @param {keyof WORDS["en"]} key */
  #say(key) { return WORDS[this.#locale][key]; }
  get #launcher() { return this.getAttribute("launcher"); }

  #words() {
    const { words, button, grip, frame, region } = this.#parts;
    words.textContent = this.#launcher ?? this.#say("ask");
    button.setAttribute("aria-label", this.#launcher || this.#say("ask"));
    region.setAttribute("aria-label", this.#say("title"));
    frame.setAttribute("aria-label", this.#say("title"));
    frame.setAttribute("role", this.#inline ? "group" : "dialog");
    grip.setAttribute("aria-label", this.#say("close"));
    this.#panel?.setAttribute("title", this.#say("title"));
    const brand = this.getAttribute("brand");
    if (brand) this.style.setProperty("--live-assistant-color", brand);
  }

  /** @param {string} type @param {unknown} [detail] */
  #event(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }

  async #fresh() {
    const { token } = this;
    try {
      return (typeof token === "function" ? await token() : token) || null;
    } catch {
      return null; // the page could not get one: the viewer asks as nobody in particular
    }
  }

  /** What the panel asks or tells. @param {string} method @param {any} params */
  async #answer(method, params) {
    if (method === "ready") {
      return { token: await this.#fresh(), context: this.context, visible: this.open,
               inline: this.#inline, handles: Object.keys(this.#handlers) };
    }
    if (method === "token") return { token: await this.#fresh() };
    if (method === "close") return this.#inline ? null : this.hide();
    if (method === "addToCart") {
      this.#event("addtocart", params);
      return { ok: Boolean(await this.#handlers.addToCart?.(params.product)) };
    }
    if (!Object.hasOwn(EVENTS, method)) throw UNKNOWN;
    if (method === "unread") this.#unread(params.count);
    this.#event(EVENTS[method], params);
    if (method === "productClick") this.#handlers.productClick?.(params.product);
  }

  /** @param {number} n */
  #unread(n) {
    const { count, button } = this.#parts;
    count.hidden = !n || this.open;
    count.textContent = n > 99 ? "99+" : String(n);
    const text = this.#launcher || this.#say("ask");
    button.setAttribute("aria-label", `${text}, ${this.#say("unread").replace("{n}", String(n))}`);
  }

  /** @param {KeyboardEvent} event */
  #escape = (event) => {
    if (event.key === "Escape" && this.open && !this.#inline) this.hide();
  };
}

/** @param {string | null} text */
function parsed(text) {
  try {
    return text ? JSON.parse(text) : {};
  } catch {
    return {};
  }
}

if (!customElements.get("live-assistant")) customElements.define("live-assistant", LiveAssistant);
