// The side panel: a viewer's conversation beside the stream. Its address says how it begins:
// room, locale, theme, brand, and, where a page holds it, origin of that page.

import { Api } from "../shared/api.js";
import { find, h, icon, put, say } from "../shared/dom.js";
import { applyTheme } from "../shared/theme.js";
import { localeOf, sayer } from "../shared/words.js";
import { Air } from "./air.js";
import { Bridge } from "./bridge.js";
import { Conversation } from "./conversation.js";
import { always, viewerOf } from "./kept.js";
import { openMenu } from "./menu.js";
import { MessageView } from "./messages.js";
import { WORDS } from "./words.js";

/** @typedef {import("./messages.js").Message} Message */
/** @typedef {import("../shared/format.js").Locale} Locale */

const VERSION = 1;
const NEAR_END = 80;
const RECENT = 3;
const LONGEST = 2000;
const SPREAD_MS = 300;

const asked = new URLSearchParams(location.search);
const room = asked.get("room") || "demo";
const held = window.parent !== window && asked.has("origin");

class Panel {
  constructor() {
    this.root = find("#panel");
    /** @type {Locale} */
    this.locale = localeOf(always.get("locale") ?? asked.get("locale"));
    this.theme = asked.get("theme") || always.get("theme") || "auto";
    this.brand = asked.get("brand");
    /** @type {string | null} */
    this.token = null;
    /** @type {Record<string, any>} */
    this.context = {};
    /** @type {Set<string>} */
    this.handles = new Set();
    this.visible = true;
    this.unread = 0;
    this.following = false;
    /** @type {HTMLElement | null} */
    this.top = null;
    /** @type {Map<string, MessageView>} */
    this.views = new Map();
    this.bridge = new Bridge(held ? window.parent : null, asked.get("origin") ?? "");
    this.api = new Api("", () => this.token, async () => {
      if (!held) return null;
      this.token = (await this.bridge.ask("token")).token ?? null;
      return this.token;
    });
    this.talk = new Conversation(this.api, room, {
      locale: () => this.locale,
      viewer: () => viewerOf(this.token),
      product: () => this.context.productId ?? null,
      say: (key, values) => this.say(key, values),
    }, {
      added: (message) => this.added(message),
      changed: (message) => {
        this.views.get(message.id)?.update(message);
        if (message.kind === "reply") this.follow();
      },
      removed: (id) => {
        this.views.get(id)?.element.remove();
        this.views.delete(id);
      },
      answering: (answering) => this.answering(answering),
      products: (changes) => this.products(changes),
      onAir: () => setTimeout(() => this.onAir(), Math.random() * SPREAD_MS),
      unread: () => this.count(),
      correction: (data) => this.bridge.tell("correction", {
        productId: data.product_id, text: data.text[this.locale], before: data.before,
        now: data.now, currency: data.currency }),
    });
    this.build();
    this.connect();
  }

  /** Everything that has words in it; done again when the language changes. */
  build() {
    applyTheme(this.theme, this.brand);
    document.documentElement.lang = this.locale;
    this.say = sayer(this.locale, WORDS);
    const speak = this.say;
    document.title = speak("assistant");
    this.title = h("h1", {}, speak("assistant"));
    this.state = h("p", { class: "state", role: "status", hidden: true });
    this.list = h("ol", { class: "messages" });
    this.log = h("div", { class: "log", role: "log", "aria-live": "polite",
                          "aria-label": speak("conversation"), tabindex: 0 }, this.list);
    this.newer = h("button", { class: "button newer", type: "button", hidden: true,
                               onclick: () => this.toEnd() }, icon("down"), speak("newer"));
    this.box = h("textarea", { id: "box", rows: 1, maxlength: LONGEST,
                               placeholder: speak("ask"), enterkeyhint: "send" });
    this.go = h("button", { class: "button main go", type: "submit" });
    const air = h("section", { class: "air", "aria-label": speak("on_air") });
    this.air = new Air(air, { locale: this.locale, say: speak, doing: this.cardDoing(),
                              ask: (text) => this.ask(text) });
    this.root.replaceChildren(
      h("header", { class: "top" }, this.title, this.buttons()),
      this.state,
      h("main", {}, air, this.log, this.newer),
      h("form", { class: "composer", onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        this.send();
      } }, h("label", { class: "said", for: "box" }, speak("ask_label")), this.box, this.go),
      h("p", { class: "fine" }, speak("small_print")),
    );
    this.views.clear();
    put(this.list, h("li", { class: "message hello" }, h("p", {}, speak("hello"))));
    for (const message of this.talk.messages) this.added(message);
    this.log.addEventListener("scroll", () => {
      if (this.nearEnd()) this.newer.hidden = true;
    }, { passive: true });
    for (const moved of ["wheel", "touchmove", "keydown"]) {
      this.log.addEventListener(moved, () => (this.following = false), { passive: true });
    }
    this.box.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.send();
      }
    });
    this.answering(this.talk.answering);
    this.onAir();
    this.api.json(`/api/v1/rooms/${encodeURIComponent(room)}`).then((found) => {
      const title = found.title[this.locale] || found.title.en || found.title.zh;
      if (title) say(this.title, title);
    }, () => {});
    requestAnimationFrame(() => this.toEnd());
  }

  buttons() {
    const speak = this.say;
    /** @param {string} name @param {string} key @param {() => void} work */
    const one = (name, key, work) =>
      h("button", { class: "plain", type: "button", "aria-label": speak(key),
                    title: speak(key), onclick: work }, icon(name));
    return h("div", { class: "tops" },
      one("more", "menu", () => this.openMenu()),
      held ? one("popout", "popout", () => this.popOut()) : null,
      held ? one("close", "close", () => this.bridge.tell("close")) : null);
  }

  openMenu() {
    const menu = openMenu({
      api: this.api, viewer: viewerOf(this.token), locale: this.locale, say: this.say,
      theme: this.theme,
      setLocale: (locale) => {
        this.setLocale(locale);
        menu.close();
        this.openMenu();
      },
      setTheme: (theme) => {
        this.theme = theme;
        always.set("theme", theme);
        applyTheme(theme, this.brand);
      },
      forget: () => this.talk.forget(),
    });
  }

  /** @param {Locale} locale */
  setLocale(locale) {
    if (locale === this.locale) return;
    this.locale = locale;
    always.set("locale", locale);
    this.build();
    this.recard();
  }

  // The conversation

  send() {
    if (this.talk.answering) {
      this.talk.stop();
      return;
    }
    const text = this.box.value.trim();
    if (!text) return;
    this.box.value = "";
    this.ask(text);
  }

  /** @param {string} text @param {Message} [instead] */
  ask(text, instead) {
    if (this.talk.answering) return;
    this.following = true;
    this.talk.ask(text, instead);
    this.follow();
  }

  /** @param {boolean} answering */
  answering(answering) {
    this.go.replaceChildren(icon(answering ? "stop" : "send"));
    this.go.setAttribute("aria-label", this.say(answering ? "stop" : "send"));
    this.go.title = this.say(answering ? "stop" : "send");
  }

  /** @param {Message} message */
  added(message) {
    const end = this.nearEnd();
    const view = new MessageView(message, {
      locale: this.locale,
      say: this.say,
      doing: {
        cards: this.cardDoing(),
        again: (one) => this.ask(one.asked ?? "", one),
        judge: (one, value) => {
          this.talk.judge(one, value);
          this.views.get(one.id)?.tell(this.say("thanks"));
        },
        copy: (one) => copy(one.text),
      },
    });
    this.views.set(message.id, view);
    this.list.append(view.element);
    if (message.kind === "mine") this.top = view.element;
    if (this.talk.answering) this.follow();
    else if (end) this.toEnd();
    else this.newer.hidden = false;
  }

  /** Shows what is being written, and leaves the question in sight however long that gets. */
  follow() {
    if (!this.following) return;
    const end = this.log.scrollHeight - this.log.clientHeight;
    const question = this.top ? this.top.offsetTop - this.list.offsetTop : end;
    this.log.scrollTop = Math.min(end, question);
  }

  nearEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.log;
    return scrollHeight - scrollTop - clientHeight < NEAR_END;
  }

  toEnd() {
    this.newer.hidden = true;
    this.log.scrollTop = this.log.scrollHeight;
  }

  // The shop

  /** @returns {import("../shared/card.js").Doing} */
  cardDoing() {
    const open = (/** @type {import("../shared/card.js").Card} */ card) => {
      this.talk.send("shop.click", { product_id: card.id });
      this.bridge.tell("productClick", { product: card });
    };
    return {
      open: this.handles.has("productClick") ? open : null,
      add: this.handles.has("addToCart") ? async (card) => {
        try {
          const { ok } = await this.bridge.ask("addToCart", { product: card });
          if (ok) this.talk.send("shop.cart", { product_id: card.id });
          return Boolean(ok);
        } catch {
          return false;
        }
      } : null,
    };
  }

  async onAir() {
    const path = `/api/v1/rooms/${encodeURIComponent(room)}/on-air?locale=${this.locale}`;
    const card = await this.api.json(path).catch(() => null);
    const locale = this.locale;
    const product = card && await this.api
      .json(`/api/v1/products/${encodeURIComponent(card.id)}`).catch(() => null);
    if (locale !== this.locale) return;
    const own = (product?.questions ?? [])
      .map((/** @type {any} */ one) => one.question[locale]).filter(Boolean);
    this.air.show(card, own);
  }

  /** @param {any[]} changes */
  products(changes) {
    for (const change of changes) {
      for (const view of this.cardViews(change.product_id)) view.change(change);
    }
  }

  /** @param {string} id */
  *cardViews(id) {
    if (this.air.view?.card.id === id) yield this.air.view;
    for (const { cards } of this.views.values()) {
      const view = cards.get(id);
      if (view) yield view;
    }
  }

  /** Reads all cards anew: after a break nobody knows what they cost meanwhile. */
  async recard() {
    const held = new Map();
    for (const message of this.talk.messages) {
      for (const card of message.cards ?? []) held.set(card.id, card.variant_id);
    }
    for (const page of pages([...held], 50)) {
      const query = new URLSearchParams({ locale: this.locale });
      for (const [id, variant] of page) {
        query.append("id", id);
        query.append("variant", variant);
      }
      const path = `/api/v1/rooms/${encodeURIComponent(room)}/cards?${query}`;
      const fresh = new Map((await this.api.json(path).catch(() => [])).map(
        (/** @type {any} */ card) => [card.id, card]));
      for (const message of this.talk.messages) {
        message.cards = message.cards?.map((card) =>
          fresh.has(card.id) ? { ...fresh.get(card.id), reasons: card.reasons } : card);
      }
    }
    for (const message of this.talk.messages) {
      const old = this.views.get(message.id);
      if (!old || !message.cards?.length) continue;
      old.cards.clear();
      old.shown.replaceChildren();
      old.update(message);
    }
  }

  // The room and the page that holds us

  async connect() {
    Object.assign(this.bridge.methods, this.methods());
    if (held) {
      try {
        this.begin(await this.bridge.ask("ready", { protocol: VERSION, room }));
      } catch {
        // the page is another than our script: we go on as if alone
      }
    }
    const own = new AbortController();
    addEventListener("pagehide", () => own.abort());
    let broken = false;
    await this.api.follow(room, {
      from: this.talk.last,
      query: { viewer: viewerOf(this.token), recent: String(RECENT) },
      item: (kind, data, id) => this.talk.heard(kind, data, id),
      link: (link) => {
        if (link === "open" && broken) {
          broken = false;
          this.onAir();
          this.recard();
        }
        broken ||= link === "waiting";
        this.link(link);
      },
      signal: own.signal,
    }).catch((error) => this.show(error.status === 404 ? "no_room" : "no_token"));
  }

  /** @param {import("../shared/api.js").Link} link */
  link(link) {
    if (link === "open") this.state.hidden = true;
    else if (link === "waiting") this.show(navigator.onLine ? "reconnecting" : "offline");
  }

  /** @param {string} key */
  show(key) {
    say(this.state, this.say(key));
    this.state.hidden = false;
  }

  /** @param {any} given */
  begin(given) {
    this.handles = new Set(given.handles ?? []);
    this.context = given.context ?? {};
    this.token = given.token ?? null;
    this.visible = given.visible ?? true;
    this.build();
  }

  /** What the page may ask of us. @returns {Record<string, import("./bridge.js").Method>} */
  methods() {
    return {
      setContext: ({ context }) => void (this.context = context ?? {}),
      setLocale: ({ locale }) => this.setLocale(localeOf(locale)),
      setTheme: ({ theme, brand }) => {
        this.theme = theme;
        this.brand = brand;
        applyTheme(theme, brand);
      },
      setToken: ({ token }) => void (this.token = token),
      setHandles: ({ handles }) => {
        this.handles = new Set(handles);
        this.build();
      },
      ask: ({ text }) => this.ask(String(text).slice(0, LONGEST)),
      visible: ({ visible }) => {
        this.visible = Boolean(visible);
        if (!this.visible) return;
        this.unread = 0;
        this.toEnd();
        this.box.focus({ preventScroll: true });
      },
    };
  }

  count() {
    if (this.visible) return;
    this.unread += 1;
    this.bridge.tell("unread", { count: this.unread });
  }

  popOut() {
    const query = new URLSearchParams({ room, locale: this.locale, theme: this.theme });
    if (this.brand) query.set("brand", this.brand);
    open(`/panel?${query}`, "liveshop-panel", "popup,width=420,height=720");
    this.bridge.tell("close");
  }
}

/** @param {string} text */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const box = h("textarea", { class: "said" });
    box.value = text;
    document.body.append(box);
    box.select();
    document.execCommand("copy");
    box.remove();
  }
}

/** @template T @param {T[]} list @param {number} size */
function* pages(list, size) {
  for (let at = 0; at < list.length; at += size) yield list.slice(at, at + size);
}

new Panel();
