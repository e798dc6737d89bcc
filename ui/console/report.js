// The report on a stream: read, printed, or saved as a file of its own.

import { h, icon } from "../shared/dom.js";
import { number } from "../shared/format.js";
import { charts, figures, themes, unmet } from "./pulse.js";

/** @typedef {(key: string, values?: Record<string, string | number>) => string} Say */

/**
 * The report as it stands now, in a dialog.
 * @param {import("./desk.js").Desk} desk @param {Say} say
 * @param {import("../shared/format.js").Locale} locale
 */
export async function openReport(desk, say, locale) {
  let report;
  try {
    report = await desk.api.json(`${desk.path}/report`);
  } catch (error) {
    desk.failed(error, () => openReport(desk, say, locale));
    return;
  }
  const { pulse } = report;
  const title = desk.room.title[locale] || desk.room.title.zh || desk.room.title.en || desk.id;
  const began = pulse.started_at ?? pulse.minutes[0]?.at;
  /** @param {string | null | undefined} at */
  const moment = (at) => (at ? new Date(at).toLocaleString(locale === "zh" ? "zh-CN" : "en",
    { dateStyle: "medium", timeStyle: "short" }) : say("now"));
  const last = new Date(pulse.minutes.at(-1)?.at ?? Date.now());
  const page = h("article", { class: "report" },
    h("h1", {}, say("report_title")),
    h("p", { class: "none" }, say("report_of", { room: title, from: moment(began), to: moment(pulse.ended_at) })),
    figures(pulse, say, locale),
    h("div", { class: "report-charts" },
      ...charts(pulse.minutes, Math.max(10, Math.min(60, pulse.minutes.length)), last, say, locale)),
    h("div", { class: "report-lists" }, themes(pulse, desk.items, say, locale, "h2"),
      unmet(pulse, say, locale, "h2")),
    table(say("asked_most"), report.asked_most, say, locale),
    table(say("unanswered"), report.unanswered, say, locale));
  const dialog = h("dialog", { class: "whole", "aria-label": say("report_title") },
    h("div", { class: "bar no-print" },
      h("button", { type: "button", class: "button main", onclick: () => print() }, icon("print"), say("print")),
      h("button", { type: "button", class: "button", onclick: () => save(page, `${desk.id}-report.html`) },
        icon("download"), say("save_file")),
      h("button", { type: "button", class: "plain close", onclick: () => dialog.close() },
        icon("close"), h("span", { class: "said" }, say("close")))),
    page);
  dialog.addEventListener("close", () => {
    dialog.remove();
    document.documentElement.classList.remove("reporting");
  });
  document.body.append(dialog);
  document.documentElement.classList.add("reporting");
  dialog.showModal();
}

/**
 * @param {string} caption @param {any[]} lines @param {Say} say
 * @param {import("../shared/format.js").Locale} locale
 */
function table(caption, lines, say, locale) {
  if (!lines.length) return null;
  return h("table", {}, h("caption", {}, caption),
    h("thead", {}, h("tr", {}, ["question", "people", "status", "their_answer"].map((name) =>
      h("th", { scope: "col" }, say(name))))),
    h("tbody", {}, lines.map((one) => h("tr", {}, h("td", {}, one.text),
      h("td", { class: "num" }, number(one.askers, locale)), h("td", {}, say(one.status)),
      h("td", {}, one.answer, one.despite.some((/** @type {string} */ rule) => rule.startsWith("records."))
        ? h("b", { class: "unlike" }, say("unlike_records")) : null)))));
}

/** Saves an element as a page that needs no other file.
 * @param {HTMLElement} page @param {string} name */
function save(page, name) {
  const rules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules])
    .map((rule) => rule.cssText).join("\n");
  const text = `<!doctype html><html lang="${document.documentElement.lang}"><meta charset="utf-8">` +
    `<meta name="viewport" content="width=device-width"><title>${document.title}</title>` +
    `<style>${rules} html, body { overflow: auto; height: auto; }</style>${page.outerHTML}</html>`;
  const link = h("a", { href: URL.createObjectURL(new Blob([text], { type: "text/html" })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
