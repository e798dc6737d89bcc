// The side panel: a viewer's conversation beside the stream. Its address says how it begins:
// room, locale, theme, brand, and, where a page holds it, origin of that page.

import { Api } from "../shared/api.js";
import { copy, find, h, icon, say } from "../shared/dom.js";
import { applyTheme } from "../shared/theme.js";
import { localeOf, sayer } from "../shared/words.js";
import { Air } from "./air.js";
import { Composer, LONGEST } from "./composer.js";
import { Conversation } from "./conversation.js";
import { Feed } from "./feed.js";
import { Holder } from "./holder.js";
import { always, keepTalk, viewerOf } from "./kept.js";
import { Log } from "./log.js";
import { openMenu } from "./menu.js";
import { readCards, readOnAir } from "./records.js";
import { Standing } from "./standing.js";
import { WORDS } from "./words.js";

/** @typedef {import("./messages.js").Message} Message */
/** @typedef {import("../shared/format.js").Locale} Locale */

const RECENT = 3;
const SPREAD_MS = 300;

const asked = new URLSearchParams(location.search);
const room = asked.get("room") || "demo";

class Panel {
  constructor() {
    this.root = find("#panel");
    /** @type {Locale} */
    this.locale = localeOf(always.get("locale") ?? asked.get("locale"));
    this.theme = asked.get("theme") || always.get("theme") || "auto";
    this.brand = asked.get("brand");
    /** The room's title, by language. @type {Record<string, string>} */
    this.titled = {};
    /** The language that the item on air has been read in. */
    this.airedIn = "";
    this.say = sayer(this.locale, WORDS);
    this.holder = new Holder(room, asked.get("origin"));
    this.api = new Api("", () => this.holder.token, () => this.holder.renew());
    this.talk = new Conversation(this.api, room, {
      locale: () => this.locale,
      viewer: () => viewerOf(this.holder.token),
      product: () => this.holder.context.productId ?? null,
      say: (key, values) => this.say(key, values),
    }, {
      added: (message) => this.log.add(message),
      changed: (message) => this.log.change(message),
      removed: (id) => this.log.remove(id),
      answering: (answering) => this.composer.show(answering, this.say),
      products: (changes) => this.products(changes),
      onAir: () => setTimeout(() => this.onAir(), Math.random() * SPREAD_MS),
      unread: () => this.holder.count(),
      correction: (data) => this.holder.tell("correction", {
        productId: data.product_id, text: data.text[this.locale], before: data.before,
        now: data.now, currency: data.currency }),
    });
    this.feed = new Feed(this.talk);
    this.state = new Standing((key) => this.say(key));
    this.title = h("h1");
    this.composer = new Composer((text) => this.ask(text), () => this.talk.stop());
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
    say(this.title, this.titled[this.locale] || this.titled.en || this.titled.zh ||
      speak("assistant"));
    this.log = new Log(this.how());
    const writing = document.activeElement === this.composer.box;
    const { view, own } = this.air;
    this.air = new Air(this.how(), (text) => this.ask(text));
    if (this.airedIn === this.locale) this.air.show(view && view.card, own);
    this.root.replaceChildren(
      h("header", { class: "top" }, this.title, this.buttons()),
      this.state.element,
      h("main", {}, this.air.element,
        h("div", { class: "middle" }, this.log.element, this.log.newer),
        this.composer.form(speak),
        h("p", { class: "fine" }, speak("small_print"))),
    );
    for (const message of this.talk.messages) this.log.add(message);
    this.composer.show(this.talk.answering, speak);
    if (writing) this.composer.box.focus({ preventScroll: true });
    requestAnimationFrame(() => this.log.toEnd());
  }

  /** Reads what the shop's records say of the room. */
  read() {
    this.onAir();
    this.api.json(`/api/v1/rooms/${encodeURIComponent(room)}`).then(({ title }) => {
      this.titled = title;
      const text = title[this.locale] || title.en || title.zh;
      if (text) say(this.title, text);
    }, () => {});
  }

  buttons() {
    const { say: speak, holder } = this;
    /** @param {string} name @param {string} key @param {() => void} work */
    const one = (name, key, work) =>
      h("button", { class: "plain", type: "button", "aria-label": speak(key),
                    title: speak(key), onclick: work }, icon(name));
    return h("div", { class: "tops" },
      one("more", "menu", () => this.openMenu()),
      holder.held ? one("popout", "popout", () => this.popOut()) : null,
      holder.held && !holder.inline ? one("close", "close", () => holder.tell("close")) : null);
  }

  openMenu() {
    const menu = openMenu({
      api: this.api, viewer: viewerOf(this.holder.token), locale: this.locale, say: this.say,
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
    this.onAir();
    this.recard();
  }

  // The conversation

  /** @param {string} text @param {Message} [instead] */
  ask(text, instead) {
    if (this.talk.answering) return;
    this.log.following = true;
    this.talk.ask(text, instead);
  }

  // The shop

  /** How a message is shown, and what can be done with it. @returns {import("./messages.js").How} */
  how() {
    return {
      locale: this.locale,
      say: this.say,
      doing: {
        cards: this.cardDoing(),
        cardsOf: (reply) => this.cardDoing(reply),
        again: (one) => this.ask(one.asked ?? "", one),
        judge: (one, value) => {
          this.talk.judge(one, value);
          this.log.views.get(one.id)?.tell(this.say("thanks"));
        },
        copy: (one) => copy(one.text),
      },
    };
  }

  /**
   * What can be done with a card, and which reply showed it.
   * @param {string} [reply]
   * @returns {import("../shared/card.js").Doing}
   */
  cardDoing(reply) {
    const { holder } = this;
    const about = (/** @type {import("../shared/card.js").Card} */ card) => (
      reply ? { product_id: card.id, reply_id: reply } : { product_id: card.id });
    const open = (/** @type {import("../shared/card.js").Card} */ card) => {
      this.talk.send("shop.click", about(card));
      holder.tell("productClick", { product: card });
    };
    return {
      open: holder.handles.has("productClick") ? open : null,
      add: holder.handles.has("addToCart") ? async (card) => {
        try {
          const { ok } = await holder.bridge.ask("addToCart", { product: card });
          if (ok) this.talk.send("shop.cart", about(card));
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
    if (locale !== this.locale) return;
    this.airedIn = locale;
    this.air.show(card, own);
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
    const { holder } = this;
    addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !document.querySelector("dialog")) holder.tell("close");
    });
    new ResizeObserver(() => holder.tell("resize", { height: this.height() })).observe(this.root);
    const given = await holder.meet(this.methods(), asked.has("popout"));
    if (given?.talk) this.talk.take(given.talk);
    if (given) this.build();
    if (given && holder.held && holder.visible && !holder.inline) this.composer.focus();
    this.read(); // with the token, where the page has given one
    const own = new AbortController();
    addEventListener("pagehide", () => {
      own.abort();
      keepTalk(room, this.talk);
    });
    addEventListener("pageshow", (event) => {
      if (event.persisted) location.reload(); // brought back from the past
    });
    let broken = false;
    await this.api.follow(room, {
      from: this.talk.last,
      query: { viewer: viewerOf(holder.token), recent: String(RECENT) },
      item: (kind, data, id) => this.feed.heard(kind, data, id),
      link: (link) => {
        if (link === "open") this.feed.begun();
        if (link === "open" && broken) {
          broken = false;
          this.onAir();
          this.recard();
        }
        broken ||= link === "waiting";
        this.state.link(link);
      },
      signal: own.signal,
    }).catch((error) => this.state.show(error.status === 404 ? "no_room" : "no_token"));
  }

  /** What the page may ask of us. @returns {Record<string, import("./bridge.js").Method>} */
  methods() {
    return {
      setLocale: ({ locale }) => this.setLocale(localeOf(locale)),
      setTheme: ({ theme, brand }) => {
        this.theme = theme;
        this.brand = brand;
        applyTheme(theme, brand);
      },
      setHandles: ({ handles }) => {
        this.holder.handles = new Set(handles);
        this.build();
      },
      ask: ({ text }) => this.ask(String(text).slice(0, LONGEST)),
      visible: ({ visible }) => {
        this.holder.shown(Boolean(visible));
        if (!visible) return;
        this.log.toEnd();
        this.composer.focus();
      },
    };
  }

  /** What the panel would need to show everything, in CSS pixels. */
  height() {
    return this.root.scrollHeight + this.log.element.scrollHeight - this.log.element.clientHeight;
  }

  popOut() {
    const { id, last, messages } = this.talk;
    this.holder.popOut({ locale: this.locale, theme: this.theme, brand: this.brand ?? "" },
      () => ({ id, last, messages }));
  }
}

new Panel();
