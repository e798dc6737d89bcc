// <live-assistant>: a button beside the stream that opens the liveshop panel in a frame of its own
// origin. Include this file from the service and put the element into the page; see docs/embed.md.
// It speaks JSON-RPC 2.0 with the panel over postMessage, and with no other window or origin.
(() => {
  "use strict";
  const SERVICE = new URL(document.currentScript.src).origin;
  const WORDS = {
    zh: { ask: "问问直播间助手", title: "直播间导购助手", unread: "{n} 条新消息", close: "收起助手" },
    en: { ask: "Ask the assistant", title: "Live-room assistant", unread: "{n} new messages",
          close: "Hide the assistant" },
  };
  const EVENTS = { ready: "ready", resize: "resize", unread: "unread", productClick: "productclick",
                   correction: "correction" };
  const SHEET = "(max-width: 599px)";
  const STYLE = `
:host { --_fill: var(--live-assistant-color, #c2255c); --_ink: var(--live-assistant-ink, #fff);
  position: fixed; z-index: var(--live-assistant-z, 2147483000); inset: auto 20px 20px auto;
  display: block; font: 600 15px/1.2 system-ui, -apple-system, "PingFang SC", "Microsoft YaHei",
  "Noto Sans CJK SC", sans-serif; }
:host([position="bottom-left"]) { inset: auto auto 20px 20px; }
:host([position="inline"]) { position: relative; inset: auto; z-index: auto; height: 100%;
  min-height: 420px; }
:host([hidden]) { display: none; }
button { display: flex; align-items: center; gap: 8px; min-width: 52px; min-height: 52px;
  padding: 0 20px 0 16px; border: 0; border-radius: 26px; background: var(--_fill);
  color: var(--_ink); font: inherit; cursor: pointer;
  box-shadow: 0 2px 6px rgb(0 0 0 / 18%), 0 8px 24px rgb(0 0 0 / 16%); }
button:focus-visible { outline: 3px solid var(--_fill); outline-offset: 3px; }
button[hidden], .frame[hidden], .ground[hidden], .count[hidden] { display: none; }
svg { width: 24px; height: 24px; fill: none; stroke: currentColor; stroke-width: 1.75;
  stroke-linecap: round; stroke-linejoin: round; }
.count { min-width: 22px; padding: 3px 6px; border-radius: 11px; background: var(--_ink);
  color: var(--_fill); font-size: 13px; text-align: center; }
.frame { position: absolute; inset: auto 0 0 auto; width: min(400px, calc(100vw - 40px));
  height: min(720px, calc(100dvh - 40px)); overflow: hidden; border-radius: 16px;
  background: Canvas; box-shadow: 0 0 0 1px rgb(0 0 0 / 8%), 0 16px 48px rgb(0 0 0 / 24%);
  animation: rise .16s cubic-bezier(.2, 0, 0, 1); }
:host([position="bottom-left"]) .frame { inset: auto auto 0 0; }
:host([position="inline"]) .frame { position: static; width: 100%; height: 100%; border-radius: 0;
  box-shadow: none; animation: none; }
:host([position="inline"]) button, :host([position="inline"]) .ground { display: none; }
iframe { display: block; width: 100%; height: 100%; border: 0; color-scheme: light dark; }
@keyframes rise { from { opacity: 0; transform: translateY(12px); } }
.ground { position: fixed; inset: 0; background: rgb(0 0 0 / 40%); }
.grip { display: none; }
@media ${SHEET} {
  :host([open]:not([position="inline"])) { inset: 0; }
  :host(:not([position="inline"])) .frame { position: fixed; inset: auto 0 0; width: 100%;
    height: 88dvh; border-radius: 16px 16px 0 0; }
  :host(:not([position="inline"])) .grip { display: block; position: absolute; inset: 0 0 auto;
    z-index: 1; width: 96px; min-height: 20px; margin: 0 auto; padding: 0; background: none;
    box-shadow: none; touch-action: none; }
  .grip::after { content: ""; display: block; width: 36px; height: 4px; margin: 8px auto;
    border-radius: 2px; background: GrayText; }
  :host(:not([position="inline"])) iframe { height: calc(100% - 16px); margin-top: 16px; }
}
@media (prefers-reduced-motion: reduce) { .frame { animation: none; } }
@media print { :host { display: none; } }`;
  let sheet;

  /** An element with attributes and children. */
  const made = (tag, attributes, ...children) => {
    const element = document.createElement(tag);
    for (const name in attributes) element.setAttribute(name, attributes[name]);
    element.append(...children);
    return element;
  };
  const bubble = () => {
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg");
    const path = document.createElementNS(space, "path");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    path.setAttribute("d", "M4 12a8 7 0 0 1 8-7 8 7 0 0 1 8 7 8 7 0 0 1-8 7c-1.200 0-2.400-.2-3.400-.6L4 20l1.300-3.800A6.400 6.400 0 0 1 4 12z");
    svg.append(path);
    return svg;
  };

  class LiveAssistant extends HTMLElement {
    static observedAttributes = ["open", "locale", "theme", "brand", "launcher", "position"];
    #handlers = {};
    #context = null;
    #token = null;
    #waiting = new Map();
    #next = 1;
    #ready = false;
    #queue = [];
    #parts;

    constructor() {
      super();
      const root = this.attachShadow({ mode: "open" });
      if (!sheet) {
        sheet = new CSSStyleSheet(); // no inline style: a strict policy of the page allows this
        sheet.replaceSync(STYLE);
      }
      root.adoptedStyleSheets = [sheet];
      const words = made("span", {});
      const count = made("span", { class: "count", hidden: "" });
      const button = made("button", { type: "button", "aria-haspopup": "dialog" }, bubble(), words,
                          count);
      const ground = made("div", { class: "ground", hidden: "" });
      const grip = made("button", { class: "grip", type: "button" });
      const frame = made("div", { class: "frame", role: "dialog", hidden: "" }, grip);
      this.#parts = { words, count, button, ground, grip, frame, panel: null };
      root.append(ground, frame, button);
      button.addEventListener("click", () => this.show());
      for (const near of ["pointerenter", "focus", "touchstart"]) {
        button.addEventListener(near, () => this.#load(), { passive: true });
      }
      ground.addEventListener("click", () => this.hide());
      grip.addEventListener("click", () => this.hide());
      this.#draggable(grip);
    }

    connectedCallback() {
      addEventListener("message", this.#hear);
      addEventListener("keydown", this.#escape);
      this.#words();
      if (this.position === "inline") this.open = true;
      if (this.open) this.#show();
      else if (this.getAttribute("preload") === "idle") {
        (window.requestIdleCallback ?? setTimeout)(() => this.#load());
      }
    }

    disconnectedCallback() {
      removeEventListener("message", this.#hear);
      removeEventListener("keydown", this.#escape);
      this.#parts.panel?.remove();
      this.#parts.panel = null;
      this.#ready = false;
    }

    attributeChangedCallback(name, before, now) {
      if (!this.isConnected || before === now) return;
      if (name === "open") now === null ? this.#hide() : this.#show();
      else if (name === "locale") this.#tell("setLocale", { locale: this.#locale });
      else if (name === "theme" || name === "brand") this.#tell("setTheme", this.#theme);
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
      this.#tell("setContext", { context });
    }
    /** A viewer's token, or a function that returns one or its promise; called anew when it ends. */
    get token() { return this.#token ?? this.getAttribute("token"); }
    set token(token) {
      this.#token = token;
      if (this.#ready) this.#fresh().then((one) => this.#tell("setToken", { token: one }));
    }
    /** Ask a question in the viewer's name, and show the panel. */
    ask(text) {
      this.show();
      this.#tell("ask", { text });
    }
    /**
     * Say that this page handles "addToCart" (return or resolve to true once it is in the cart) or
     * "productClick"; the panel shows buttons for what is handled.
     */
    handle(what, work) {
      this.#handlers[what] = work;
      this.#tell("setHandles", { handles: Object.keys(this.#handlers) });
    }

    // The panel

    #load() {
      if (this.#parts.panel) return;
      const given = { room: this.room, locale: this.#locale, origin: location.origin };
      for (const [name, value] of Object.entries(this.#theme)) if (value) given[name] = value;
      this.#parts.panel = made("iframe", {
        title: this.#say("title"),
        src: `${SERVICE}/panel?${new URLSearchParams(given)}`,
        allow: "clipboard-write",
        referrerpolicy: "origin",
        ...(SERVICE !== location.origin && {
          sandbox: "allow-scripts allow-same-origin allow-forms allow-popups " +
            "allow-popups-to-escape-sandbox allow-downloads",
        }),
      });
      this.#parts.frame.append(this.#parts.panel);
    }

    #show() {
      this.#load();
      const { frame, button, ground, count } = this.#parts;
      frame.hidden = false;
      button.hidden = true;
      count.hidden = true;
      ground.hidden = !matchMedia(SHEET).matches || this.position === "inline";
      this.#tell("visible", { visible: true });
      if (this.position !== "inline") this.#parts.panel.focus({ preventScroll: true });
      this.#event("open");
    }

    #hide() {
      const { frame, button, ground } = this.#parts;
      frame.hidden = ground.hidden = true;
      button.hidden = false;
      this.#tell("visible", { visible: false });
      button.focus({ preventScroll: true });
      this.#event("close");
    }

    get #locale() {
      const asked = this.getAttribute("locale") || document.documentElement.lang;
      return (asked || navigator.language).toLowerCase().startsWith("zh") ? "zh" : "en";
    }
    get #theme() {
      return { theme: this.getAttribute("theme"), brand: this.getAttribute("brand") };
    }
    #say(key) { return WORDS[this.#locale][key]; }
    #words() {
      const { words, button, grip, frame } = this.#parts;
      const text = this.getAttribute("launcher");
      words.textContent = text ?? this.#say("ask");
      frame.setAttribute("aria-label", this.#say("title"));
      button.setAttribute("aria-label", text || this.#say("ask"));
      grip.setAttribute("aria-label", this.#say("close"));
      const brand = this.getAttribute("brand");
      if (brand) this.style.setProperty("--live-assistant-color", brand);
    }
    #event(type, detail) {
      return this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
    }
    async #fresh() {
      const { token } = this;
      try {
        return (typeof token === "function" ? await token() : token) || null;
      } catch {
        return null; // the page could not get one: the viewer asks as nobody in particular
      }
    }

    // JSON-RPC

    #tell(method, params) {
      const message = { jsonrpc: "2.0", method, params };
      if (this.#ready) this.#post(message);
      else this.#queue.push(message);
    }
    #post(message) { this.#parts.panel?.contentWindow?.postMessage(message, SERVICE); }

    #hear = async ({ source, origin, data }) => {
      const panel = this.#parts.panel?.contentWindow;
      if (!panel || source !== panel || origin !== SERVICE || data?.jsonrpc !== "2.0") return;
      const { id, method, params } = data;
      if (typeof method !== "string") return;
      let answer;
      try {
        answer = { result: (await this.#method(method, params)) ?? null };
      } catch (error) {
        answer = { error: { code: error === this ? -32601 : -32000,
                            message: error === this ? `no method ${method}` : String(error) } };
      }
      if (id !== undefined) this.#post({ jsonrpc: "2.0", id, ...answer });
      if (method === "ready") {
        this.#ready = true;
        for (const message of this.#queue.splice(0)) this.#post(message);
        this.#event("ready");
      }
    };

    async #method(method, params) {
      if (method === "ready") {
        this.#queue = this.#queue.filter((one) => one.method === "ask");
        return { token: await this.#fresh(), context: this.context, visible: this.open,
                 inline: this.position === "inline", handles: Object.keys(this.#handlers) };
      }
      if (method === "token") return { token: await this.#fresh() };
      if (method === "close") return this.position === "inline" ? null : this.hide();
      if (method === "addToCart") {
        this.#event("addtocart", params);
        return { ok: Boolean(await this.#handlers.addToCart?.(params.product)) };
      }
      if (!Object.hasOwn(EVENTS, method)) throw this;
      if (method === "unread") this.#unread(params.count);
      this.#event(EVENTS[method], params);
      if (method === "productClick") this.#handlers.productClick?.(params.product);
    }

    #unread(n) {
      const { count, button } = this.#parts;
      count.hidden = !n || this.open;
      count.textContent = n > 99 ? "99+" : n;
      const text = this.getAttribute("launcher") || this.#say("ask");
      button.setAttribute("aria-label", `${text}, ${this.#say("unread").replace("{n}", n)}`);
    }

    #escape = (event) => {
      if (event.key === "Escape" && this.open && this.position !== "inline") this.hide();
    };

    /** Drawn down far enough, the sheet closes. */
    #draggable(grip) {
      let from = null;
      const { frame } = this.#parts;
      grip.addEventListener("pointerdown", (event) => {
        from = event.clientY;
        grip.setPointerCapture(event.pointerId);
      });
      grip.addEventListener("pointermove", (event) => {
        if (from !== null) frame.style.translate = `0 ${Math.max(0, event.clientY - from)}px`;
      });
      for (const end of ["pointerup", "pointercancel"]) {
        grip.addEventListener(end, (event) => {
          if (from !== null && event.clientY - from > 120) this.hide();
          from = null;
          frame.style.translate = "";
        });
      }
    }
  }

  const parsed = (text) => {
    try {
      return text ? JSON.parse(text) : {};
    } catch {
      return {};
    }
  };

  if (!customElements.get("live-assistant")) customElements.define("live-assistant", LiveAssistant);
})();
