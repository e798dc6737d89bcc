// The demo room: a made-up stream, its comments, the panel, and what happens behind it.

import { Api } from "../shared/api.js";
import { find, h, icon, put, say } from "../shared/dom.js";
import { applyTheme } from "../shared/theme.js";
import { localeOf, sayer } from "../shared/words.js";
import { Stage } from "./stage.js";
import { WORDS } from "./words.js";

const ROOM = "demo";
const PHONE = "(max-width: 759px)";
const MOST_COMMENTS = 9;
const MOST_NOW = 7;
const SUBTITLE_MS = 6000;

/** @typedef {{at: number, by: string | null, text: string}} Said */
/** @typedef {{at: number | null, seconds: number, lines: Said[]}} Showing */

const asked = new URLSearchParams(location.search);
const locale = localeOf(asked.get("locale"));
const speak = sayer(locale, WORDS);
const theme = asked.get("theme") || "auto";
const api = new Api();
/** @type {Map<string, string>} */
const titles = new Map();
let timer = 0;
let inCart = 0;

applyTheme(theme);
document.documentElement.lang = locale;
document.title = speak("title");

const canvas = h("canvas", { role: "img", "aria-label": speak("stage") });
const badge = h("span", { class: "label", role: "status" }, speak("waiting"));
const subtitle = h("p", { class: "said-by-host" });
const comments = h("ol", { class: "comments", "aria-label": speak("comments") });
const over = h("div", { class: "over", hidden: true });
const now = h("ol", { class: "now" });
const told = h("p", { class: "told", role: "status" });
const side = h("aside", { class: "side" });

put(find("#page"),
  h("header", { class: "bar" },
    h("h1", {}, h("img", { src: new URL("../shared/icon.svg", import.meta.url).href, alt: "" }),
      speak("title")),
    h("nav", { class: "links" },
      link(`/console?room=${ROOM}`, "console"), link(`/overlay/${ROOM}?locale=${locale}`, "overlay"),
      link("/", "chat"), link("/docs", "api"),
      h("a", { href: `?locale=${locale === "zh" ? "en" : "zh"}`,
               lang: locale === "zh" ? "en" : "zh" }, speak("language")))),
  h("main", { class: "room" },
    h("section", { class: "stage", "aria-label": speak("stage") }, canvas,
      h("p", { class: "top" }, badge), comments, subtitle, over),
    h("section", { class: "behind" },
      h("p", { class: "lead" }, speak("lead")), told,
      h("h2", {}, speak("now")), now)),
  side);

const stage = new Stage(canvas);
embed();
follow();
begin();

/** @param {string} href @param {string} key */
function link(href, key) {
  return h("a", { href }, speak(key));
}

/** The panel beside the stream, and on a phone behind a button. */
function embed() {
  const phone = matchMedia(PHONE).matches;
  /** @type {any} */
  const assistant = document.createElement("live-assistant");
  const given = { room: ROOM, locale, theme, position: phone ? "bottom-right" : "inline",
                  preload: "idle" };
  for (const [name, value] of Object.entries(given)) assistant.setAttribute(name, value);
  assistant.handle("addToCart", async () => {
    inCart += 1;
    say(told, speak("cart", { count: inCart }));
    return true;
  });
  assistant.handle("productClick", (/** @type {any} */ product) => {
    say(told, speak("shop", { title: product.title }));
  });
  (phone ? document.body : side).append(assistant);
}

// The show

async function begin() {
  /** @type {Showing} */
  let showing;
  try {
    showing = await api.json("/demo/show", { method: "POST" });
  } catch {
    showing = await api.json("/demo/show");
    if (showing.at === null) {
      pause(speak("locked"), null);
      return;
    }
  }
  over.hidden = true;
  badge.className = "label live";
  say(badge, speak("live"));
  play(showing);
}

/** Says what is due, and ends with the show. @param {Showing} showing */
function play({ at, seconds, lines }) {
  const begun = performance.now() - 1000 * (at ?? 0);
  let place = lines.findIndex((line) => line.at >= (at ?? 0) - 4);
  clearInterval(timer);
  timer = setInterval(() => {
    const second = (performance.now() - begun) / 1000;
    while (place < lines.length && lines[place].at <= second) saidInRoom(lines[place++]);
    if (second < seconds + 2) return;
    clearInterval(timer);
    say(badge, speak("ended"));
    badge.className = "label";
    pause(speak("ended"), speak("again"));
  }, 200);
}

/** @param {string} words @param {string | null} action */
function pause(words, action) {
  over.replaceChildren(h("p", {}, words));
  if (action) {
    put(over, h("button", { class: "button main", type: "button", onclick: begin },
      icon("play"), action));
  }
  over.hidden = false;
}

/** @param {Said} line */
function saidInRoom({ by, text }) {
  if (by === null) {
    say(subtitle, text);
    stage.speak(Math.min(SUBTITLE_MS, 180 * text.length));
    setTimeout(() => {
      if (subtitle.textContent === text) say(subtitle, "");
    }, SUBTITLE_MS);
    return;
  }
  put(comments, h("li", {}, h("b", {}, by), text));
  while (comments.children.length > MOST_COMMENTS) comments.firstElementChild?.remove();
  if (text.length < 6) stage.heart();
}

// What happens behind it

function follow() {
  onAir(false);
  api.follow(ROOM, { item: heard, signal: new AbortController().signal }).catch(() => {});
}

/** @param {string} kind @param {any} data */
function heard(kind, data) {
  if (kind === "on_air") {
    onAir(true);
  } else if (kind === "answer" && data.by === "host") {
    tell("hand", speak("now_host", { question: data.question }));
  } else if (kind === "answer") {
    tell("people", data.askers > 1
      ? speak("now_answer", { count: data.askers, question: data.question })
      : speak("now_answer_one", { question: data.question }));
  } else if (kind === "joined") {
    tell("people", speak("now_joined", { count: data.joined }));
  } else if (kind === "correction") {
    tell("warn", speak("now_correction", { count: data.askers }));
  } else if (kind === "product") {
    title(data.product_id).then((name) => tell("bolt", speak("now_price", { title: name })));
  }
}

/** @param {string} name of an icon @param {string} words */
function tell(name, words) {
  now.prepend(h("li", {}, icon(name), h("span", {}, words)));
  while (now.children.length > MOST_NOW) now.lastElementChild?.remove();
}

/** @param {boolean} new_ whether the host has just turned to it */
async function onAir(new_) {
  const card = await api.json(`/api/v1/rooms/${ROOM}/on-air?locale=${locale}`).catch(() => null);
  if (!card) return;
  titles.set(card.id, card.title);
  stage.show(card.media[0]?.url ?? "");
  if (new_) tell("play", speak("now_on_air", { title: card.title }));
}

/** @param {string} id */
async function title(id) {
  if (!titles.has(id)) {
    const product = await api.json(`/api/v1/products/${encodeURIComponent(id)}`).catch(() => null);
    titles.set(id, product?.title[locale] || product?.title.zh || product?.title.en || id);
  }
  return titles.get(id) ?? id;
}
