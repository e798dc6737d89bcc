// The side panel: a viewer's conversation beside the stream. Its address says how it begins:
// room, locale, theme, brand, and, where a page holds it, origin of that page.

import { Api } from "../shared/api.js";
import { copy, find, h, icon, say } from "../shared/dom.js";
import { applyTheme } from "../shared/theme.js";
import { localeOf, sayer } from "../shared/words.js";
import { Air } from "./air.js";
import { Bridge } from "./bridge.js";
import { Conversation } from "./conversation.js";
import { always, viewerOf } from "./kept.js";
import { Log } from "./log.js";
import { openMenu } from "./menu.js";
import { readCards, readOnAir } from "./records.js";
import { WORDS } from "./words.js";

/** @typedef {import("./messages.js").Message} Message */
/** @typedef {import("../shared/format.js").Locale} Locale */

const VERSION = 1;
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
    this.inline = false;
    /** @type {import("../shared/api.js").Link} */
    this.linked = "connecting";
    this.unread = 0;
    this.say = sayer(this.locale, WORDS);
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
      added: (message) => this.log.add(message),
      changed: (message) => this.log.change(message),
      removed: (id) => this.log.remove(id),
      answering: (answering) => this.answering(answering),
      products: (changes) => this.products(changes),
      onAir: () => setTimeout(() => this.onAir(), Math.random() * SPREAD_MS),
      unread: () => this.count(),
      correction: (data) => this.bridge.tell("correction", {
        productId: data.product_id, text: data.text[this.locale], before: data.before,
        now: data.now, currency: data.currency }),
    });
    this.state = h("p", { class: "state", role: "status", hidden: true });
    this.title = h("h1");
    this.box = h("textarea", { id: "box", rows: 1, maxlength: LONGEST, enterkeyhint: "send" });
    this.box.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.send();
      }
    });
    this.go = h("button", { class: "button main go", type: "submit" });
    this.log = new Log(this.how());
    this.air = new Air(this.how(), (text) => this.ask(text));
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
    say(this.title, speak("assistant"));
    this.box.placeholder = speak("ask");
    this.log = new Log(this.how());
    this.air = new Air(this.how(), (text) => this.ask(text));
    this.root.replaceChildren(
      h("header", { class: "top" }, this.title, this.buttons()),
      this.state,
      h("main", {}, this.air.element,
        h("div", { class: "middle" }, this.log.element, this.log.newer),
        h("form", { class: "composer", onsubmit: (/** @type {Event} */ event) => {
          event.preventDefault();
          this.send();
        } }, h("label", { class: "said", for: "box" }, speak("ask_label")), this.box, this.go),
        h("p", { class: "fine" }, speak("small_print"))),
    );
    for (const message of this.talk.messages) this.log.add(message);
    this.answering(this.talk.answering);
    this.onAir();
    this.api.json(`/api/v1/rooms/${encodeURIComponent(room)}`).then((found) => {
      const title = found.title[this.locale] || found.title.en || found.title.zh;
      if (title) say(this.title, title);
    }, () => {});
    requestAnimationFrame(() => this.log.toEnd());
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
      held && !this.inline ? one("close", "close", () => this.bridge.tell("close")) : null);
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
    this.log.following = true;
    this.talk.ask(text, instead);
  }

  /** @param {boolean} answering */
  answering(answering) {
    this.go.replaceChildren(icon(answering ? "stop" : "send"));
    this.go.setAttribute("aria-label", this.say(answering ? "stop" : "send"));
    this.go.title = this.say(answering ? "stop" : "send");
  }

  // The shop

  /** How a message is shown, and what can be done with it. @returns {import("./messages.js").How} */
  how() {
    return {
      locale: this.locale,
      say: this.say,
      doing: {
        cards: this.cardDoing(),
        again: (one) => this.ask(one.asked ?? "", one),
        judge: (one, value) => {
          this.talk.judge(one, value);
          this.log.views.get(one.id)?.tell(this.say("thanks"));
        },
        copy: (one) => copy(one.text),
      },
    };
  }

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
    const { locale } = this;
    const { card, own } = await readOnAir(this.api, room, locale);
    if (locale === this.locale) this.air.show(card, own);
  }

  /** @param {any[]} changes */
  products(changes) {
    for (const change of changes) {
      const shown = this.air.view;
      if (shown && shown.card.id === change.product_id) shown.change(change);
      for (const view of this.log.cards(change.product_id)) view.change(change);
    }
  }

  /** Reads all cards anew: after a break nobody knows what they cost meanwhile. */
  async recard() {
    await readCards(this.api, room, this.locale, this.talk.messages);
    for (const message of this.talk.messages) {
      if (message.cards?.length) this.log.views.get(message.id)?.recard(message);
    }
  }

  // The room and the page that holds us

  async connect() {
    Object.assign(this.bridge.methods, this.methods());
    addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !document.querySelector("dialog")) this.bridge.tell("close");
    });
    new ResizeObserver(() => this.bridge.tell("resize", { height: this.height() }))
      .observe(this.root);
    if (held) {
      try {
        this.begin(await this.bridge.ask("ready", { protocol: VERSION, room }));
      } catch {
        // the page is another than our script: we go on as if alone
      }
    } else if (asked.has("popout") && window.opener) {
      try {
        const { token, talk } = await new Bridge(window.opener, location.origin).ask("handover");
        this.token = token;
        this.talk.take(talk);
        this.build();
      } catch {
        // the panel that opened us is gone
      }
    }
    const own = new AbortController();
    addEventListener("pagehide", () => own.abort());
    addEventListener("pageshow", (event) => {
      if (event.persisted) location.reload(); // brought back from the past
    });
    addEventListener("offline", () => this.show("offline")); // an open feed does not tell at once
    addEventListener("online", () => this.link(this.linked));
    let broken = false;
    await this.api.follow(room, {
      from: this.talk.last,
      query: { viewer: viewerOf(this.token), recent: String(RECENT) },
      item: (kind, data, id) => this.talk.heard(kind, data, id),
      link: (link) => {
        if (link === "open") this.talk.begun();
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
    this.linked = link;
    if (link === "open" && navigator.onLine) this.state.hidden = true;
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
    this.inline = Boolean(given.inline);
    this.build();
    if (this.visible && !this.inline) this.focus();
  }

  /** Puts the cursor where one writes; on a phone that would call the keyboard up unasked. */
  focus() {
    if (matchMedia("(pointer: fine)").matches) this.box.focus({ preventScroll: true });
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
        this.log.toEnd();
        this.focus();
      },
    };
  }

  /** What the panel would need to show everything, in CSS pixels. */
  height() {
    return this.root.scrollHeight + this.log.element.scrollHeight - this.log.element.clientHeight;
  }

  count() {
    if (this.visible) return;
    this.unread += 1;
    this.bridge.tell("unread", { count: this.unread });
  }

  popOut() {
    const query = new URLSearchParams({ room, locale: this.locale, theme: this.theme, popout: "1" });
    if (this.brand) query.set("brand", this.brand);
    const popup = open(`/panel?${query}`, "liveshop-panel", "popup,width=420,height=720");
    if (!popup) return;
    const { id, last, messages } = this.talk;
    new Bridge(popup, location.origin).methods.handover = () => ({
      token: this.token, talk: { id, last, messages },
    });
    this.bridge.tell("close");
  }
}

new Panel();
