// The overlay of a stream's picture: the answer of the moment and its card, for OBS and its like.
// Its address may say: locale, theme, brand, place (a corner), hold (seconds), only (a locale).

import { Api } from "../shared/api.js";
import { CardView } from "../shared/card.js";
import { find, h, icon } from "../shared/dom.js";
import { number } from "../shared/format.js";
import { applyTheme } from "../shared/theme.js";
import { correction, localeOf, sayer } from "../shared/words.js";

const WORDS = {
  zh: { asked: "{count} 人问了", asked_one: "观众提问", correction: "更正" },
  en: { asked: "{count} viewers asked", asked_one: "A viewer asked", correction: "Correction" },
};
const HOLD_S = 12;
const GOING_MS = 320;
const MOST_WAITING = 5;

const asked = new URLSearchParams(location.search);
const room = decodeURIComponent(location.pathname.split("/")[2]);
const locale = localeOf(asked.get("locale"));
const speak = sayer(locale, WORDS);
const hold = Math.min(120, Math.max(3, Number(asked.get("hold")) || HOLD_S));
const place = find("#overlay");
/** @type {HTMLElement[]} */
let waiting = [];
/** @type {CardView[]} */
let cards = [];
let showing = false;

document.documentElement.lang = locale;
document.documentElement.dataset.place = asked.get("place") ?? "bottom-left";
document.title = "liveshop";
applyTheme(asked.get("theme") ?? "light", asked.get("brand"));
new Api().follow(room, { item: heard, signal: new AbortController().signal }).catch(() => {});

/** @param {string} kind @param {any} data */
function heard(kind, data) {
  if (kind === "product") {
    for (const card of cards) if (card.card.id === data.product_id) card.change(data);
  } else if (kind === "answer" && (!asked.has("only") || data.language === asked.get("only"))) {
    queue(answer(data));
  } else if (kind === "correction") {
    queue(h("section", { class: "shown correction" },
      h("p", { class: "head" }, icon("warn"), speak("correction")),
      h("p", { class: "text" }, correction(data.text, locale))));
  }
}

/** @param {any} data */
function answer({ question, text, by, askers, products }) {
  const card = products[0] && new CardView(products[0], { locale, say: speak });
  if (card) cards = [...cards.slice(-MOST_WAITING), card];
  return h("section", { class: "shown" },
    h("p", { class: "head" }, icon("people"), askers > 1
      ? speak("asked", { count: number(askers, locale) }) : speak("asked_one"),
      h("span", { class: "label" }, speak(by === "host" ? "host" : "ai"))),
    h("p", { class: "question" }, question),
    h("p", { class: "text" }, text),
    card?.element);
}

/** @param {HTMLElement} next */
function queue(next) {
  waiting = [...waiting, next].slice(-MOST_WAITING); // in a flood the oldest are passed over
  if (!showing) show();
}

function show() {
  const next = waiting.shift();
  showing = next !== undefined;
  if (!next) return;
  place.append(next);
  // Where others wait, each is shown for half as long.
  setTimeout(() => {
    next.classList.add("going");
    setTimeout(() => {
      next.remove();
      show();
    }, GOING_MS);
  }, 1000 * (waiting.length ? hold / 2 : hold));
}
