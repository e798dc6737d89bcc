// The room's pulse: comments and mood by the minute, what is asked, what is asked in vain.

import { h } from "../shared/dom.js";
import { number } from "../shared/format.js";
import { bars, filled, line } from "./charts.js";
import { age } from "./row.js";

const SLOTS = 30;
const FELT = ["praise", "greeting", "purchase_intent", "complaint", "abuse"];

/** @typedef {(key: string, values?: Record<string, string | number>) => string} Say */

/** The section of the pulse. */
export class Pulse {
  /**
   * @param {import("./desk.js").Desk} desk
   * @param {Say} say
   * @param {import("../shared/format.js").Locale} locale
   */
  constructor(desk, say, locale) {
    this.desk = desk;
    this.say = say;
    this.locale = locale;
    this.inside = h("div", { class: "scroll pulse", tabindex: "0", role: "group", "aria-label": say("pulse") });
    this.element = h("section", { id: "pulse", class: "part", "aria-label": say("pulse") },
      h("header", { class: "head" }, h("h2", {}, say("pulse"))), this.inside);
    desk.addEventListener("changed", (event) => {
      if (/** @type {CustomEvent} */ (event).detail === "pulse") this.show();
    });
    this.show();
  }

  show() {
    const { pulse, ahead } = this.desk;
    if (!pulse) return;
    const { say, locale } = this;
    const now = new Date(Date.now() + 1000 * ahead);
    this.inside.replaceChildren(
      figures(pulse, say, locale),
      ...charts(pulse.minutes, SLOTS, now, say, locale),
      ...(pulse.host_said ? [h("div", {}, h("h3", {}, say("host_said")),
        h("p", { class: "heard" }, pulse.host_said.slice(-120)))] : []),
      themes(pulse, this.desk.items, say, locale),
      unmet(pulse, say, locale),
    );
  }
}

/** What is counted, as pairs. @param {any} pulse @param {Say} say @param {import("../shared/format.js").Locale} locale */
export function figures(pulse, say, locale) {
  const { counts } = pulse;
  const pairs = [
    ["counts_comments", number(counts.comments, locale)],
    ["counts_questions", number(counts.questions, locale)],
    ["counts_merged", number(counts.merged, locale)],
    ["counts_answered", number(counts.answered_askers, locale)],
    ["counts_waiting", number(pulse.waiting, locale)],
    ["counts_oldest", age(pulse.oldest_s)],
    ["counts_handed", number(counts.handed_off, locale)],
    ["counts_shed", number(counts.shed, locale)],
    ["counts_calls", number(counts.model_calls, locale)],
    ["counts_corrections", number(counts.corrections, locale)],
  ];
  return h("dl", { class: "figures" }, pairs.map(([name, value]) =>
    h("div", {}, h("dt", {}, say(name)), h("dd", { class: "num" }, value))));
}

/**
 * The charts of comments and mood.
 * @param {any[]} minutes @param {number} slots @param {Date} now @param {Say} say
 * @param {import("../shared/format.js").Locale} locale
 */
export function charts(minutes, slots, now, say, locale) {
  const shown = filled(minutes, slots, now);
  const comments = shown.map((one) => one.comments);
  const questions = shown.map((one) => one.questions);
  const mood = shown.map((one) =>
    (FELT.some((label) => one.by_label[label]) ? one.mood : null));
  const n = shown.length;
  const last = comments.at(-1) ?? 0;
  const felt = mood.filter((one) => one !== null);
  const said = say("chart_said", { what: say("comments_minute"), n, now: last, most: Math.max(0, ...comments) });
  const asked = say("chart_said", { what: say("questions_minute"), n, now: questions.at(-1) ?? 0,
    most: Math.max(0, ...questions) });
  const feeling = say("chart_said", { what: say("mood"), n, now: felt.at(-1) ?? 0,
    most: felt.length ? Math.max(...felt) : 0 });
  return [
    h("figure", {}, h("figcaption", {}, h("span", { class: "key whole" }, say("comments_minute")),
      h("b", { class: "num" }, number(last, locale)),
      h("span", { class: "key part-of" }, say("questions_minute")),
      h("b", { class: "num" }, number(questions.at(-1) ?? 0, locale))),
    bars(comments, questions, slots, `${said}. ${asked}`)),
    h("figure", {}, h("figcaption", {}, h("span", { class: "key curve" }, say("mood")),
      h("b", { class: "num" }, String(felt.at(-1) ?? "–")), h("small", {}, say("mood_range"))),
    line(mood, slots, feeling)),
  ];
}

/**
 * @param {any} pulse @param {any[]} items @param {Say} say
 * @param {import("../shared/format.js").Locale} locale @param {"h2" | "h3"} [heading]
 */
export function themes(pulse, items, say, locale, heading = "h3") {
  const most = Math.max(1, ...pulse.themes.map((/** @type {any} */ one) => one.times));
  return h("div", {}, h(heading, {}, say("themes")),
    pulse.themes.length ? h("ol", { class: "ranked" }, pulse.themes.map((/** @type {any} */ one) => {
      const [intent, product] = one.what.split(" ");
      const item = items.find((found) => found.product.id === product);
      const title = item ? item.product.title[locale] || item.product.title.zh || item.product.title.en : product ?? "";
      const share = h("span", { class: "share", "aria-hidden": "true" });
      share.style.setProperty("--share", String(one.times / most));
      return h("li", {}, h("span", {}, [say(`i_${intent}`), title].filter(Boolean).join(" · ")),
        h("b", { class: "num" }, number(one.times, locale)), share);
    })) : h("p", { class: "none" }, say("unmet_none")));
}

/**
 * @param {any} pulse @param {Say} say
 * @param {import("../shared/format.js").Locale} locale @param {"h2" | "h3"} [heading]
 */
export function unmet(pulse, say, locale, heading = "h3") {
  return h("div", {}, h(heading, {}, say("unmet")),
    pulse.unmet.length ? h("ol", { class: "ranked" }, pulse.unmet.map((/** @type {any} */ one) =>
      h("li", {}, h("span", {}, one.what), h("b", { class: "num" }, number(one.times, locale)))))
      : h("p", { class: "none" }, say("unmet_none")));
}
