// The panel's menu: language, appearance, and what a viewer decides about their own data.

import { Refused } from "../shared/api.js";
import { h, icon, say } from "../shared/dom.js";

/**
 * @typedef {object} Choices
 * @property {import("../shared/api.js").Api} api
 * @property {string} viewer
 * @property {import("../shared/format.js").Locale} locale
 * @property {import("../shared/card.js").Say} say
 * @property {string} theme
 * @property {(locale: import("../shared/format.js").Locale) => void} setLocale
 * @property {(theme: string) => void} setTheme
 * @property {() => void} forget empties the conversation here
 */

/**
 * The menu as a dialog, opened when it is made.
 * @param {Choices} choices
 * @returns {HTMLDialogElement}
 */
export function openMenu(choices) {
  const { say: speak } = choices;
  const told = h("p", { class: "told", role: "status" });
  const menu = h(
    "dialog",
    { class: "menu", "aria-labelledby": "menu-title" },
    h("header", {}, h("h2", { id: "menu-title" }, speak("menu")),
      h("button", { class: "plain", type: "button", "aria-label": speak("close"),
                    onclick: () => menu.close() }, icon("close"))),
    pick("language", speak("language"), choices.locale, [["zh", "中文"], ["en", "English"]],
      (value) => choices.setLocale(/** @type {"zh" | "en"} */ (value))),
    pick("theme", speak("theme"), choices.theme,
      ["auto", "light", "dark"].map((one) => [one, speak(`theme_${one}`)]), choices.setTheme),
    personal(choices, told),
    data(choices, told),
    told,
    h("p", { class: "fine" }, speak("small_print")),
  );
  menu.addEventListener("close", () => menu.remove());
  menu.addEventListener("click", (event) => {
    if (event.target === menu) menu.close(); // the ground around it
  });
  document.body.append(menu);
  menu.showModal();
  return menu;
}

/**
 * @param {string} name
 * @param {string} title
 * @param {string} now
 * @param {string[][]} values with their words
 * @param {(value: string) => void} chosen
 */
function pick(name, title, now, values, chosen) {
  return h("fieldset", { class: "pick" }, h("legend", {}, title),
    h("div", {}, values.map(([value, words]) => h("label", {},
      h("input", { type: "radio", name, value, checked: value === now,
                   onchange: () => chosen(value) }),
      h("span", { lang: name === "language" ? value : null }, words)))));
}

/** @param {Choices} choices @param {HTMLElement} told */
function personal({ api, viewer, say: speak }, told) {
  const input = h("input", { type: "checkbox", role: "switch", disabled: true,
                             "aria-describedby": "personal-why" });
  const path = `/api/v1/viewers/${encodeURIComponent(viewer)}`;
  api.json(path).then((known) => {
    input.checked = known.personalization;
    input.disabled = false;
  }, (error) => say(told, whyNot(error, speak)));
  input.addEventListener("change", async () => {
    const enabled = input.checked;
    try {
      await api.json(`${path}/personalization`, { method: "PUT", body: { enabled } });
    } catch (error) {
      input.checked = !enabled;
      say(told, whyNot(error, speak));
    }
  });
  return h("div", { class: "choice" },
    h("label", { class: "switch" }, h("span", {}, speak("personal")), input),
    h("p", { id: "personal-why", class: "why" }, speak("personal_why")));
}

/** @param {Choices} choices @param {HTMLElement} told */
function data({ api, viewer, say: speak, forget }, told) {
  const path = `/api/v1/viewers/${encodeURIComponent(viewer)}`;
  const sure = h("div", { class: "sure", hidden: true },
    h("p", {}, speak("erase_sure")),
    h("button", { class: "button", type: "button", onclick: erase }, speak("erase_yes")),
    h("button", { class: "plain", type: "button", onclick: () => (sure.hidden = true) },
      speak("cancel")));
  async function take() {
    try {
      const known = await api.json(path);
      const file = new Blob([JSON.stringify(known, null, 2)], { type: "application/json" });
      const link = h("a", { href: URL.createObjectURL(file), download: "liveshop-my-data.json" });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
      say(told, speak("exported"));
    } catch (error) {
      say(told, whyNot(error, speak));
    }
  }
  async function erase() {
    try {
      const { erased } = await api.json(path, { method: "DELETE" });
      sure.hidden = true;
      forget();
      say(told, speak("erased", { count: erased }));
    } catch (error) {
      say(told, whyNot(error, speak));
    }
  }
  return h("div", { class: "choice" },
    h("button", { class: "button", type: "button", onclick: take }, icon("download"),
      speak("export")),
    h("button", { class: "button", type: "button", onclick: () => {
      sure.hidden = false;
      /** @type {HTMLElement} */ (sure.querySelector("button")).focus();
    } }, icon("trash"), speak("erase")),
    sure);
}

/** @param {unknown} error @param {import("../shared/card.js").Say} speak */
function whyNot(error, speak) {
  const locked = error instanceof Refused && (error.status === 401 || error.status === 403);
  return speak(locked ? "not_yours" : "failed");
}
