// What the console asks and explains in a window of its own: the key, the keys, the settings.

import { h, icon, put } from "../shared/dom.js";
import { DEEDS } from "./row.js";

/** @typedef {(key: string, values?: Record<string, string | number>) => string} Say */

/** A dialog with a heading, gone from the page once it is closed.
 * @param {string} title @param {Say} say @param {...Node} inside */
function window_(title, say, ...inside) {
  const dialog = h("dialog", { "aria-label": title },
    h("div", { class: "bar" }, h("h2", {}, title),
      h("button", { type: "button", class: "plain close", onclick: () => dialog.close() },
        icon("close"), h("span", { class: "said" }, say("close")))),
    ...inside);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/**
 * The list of keys, with the switch that lets them rest (WCAG 2.2, 2.1.4).
 * @param {Say} say @param {boolean} on @param {(on: boolean) => void} changed
 */
export function showKeys(say, on, changed) {
  const keys = h("dl", { class: "keys" });
  /** @param {string[]} pressed @param {string} what */
  const key = (pressed, what) => put(keys, h("div", {},
    h("dt", {}, pressed.map((one) => h("kbd", {}, one))), h("dd", {}, say(what))));
  for (const [deed, letter] of DEEDS) key([letter], deed);
  key(["J", "K"], "key_move");
  key(["?"], "key_help");
  key(["Ctrl", "↵"], "key_send");
  key(["Esc"], "key_cancel");
  window_(say("keys"), say, keys, h("p", { class: "none" }, say("keys_hint")),
    h("label", { class: "tick" }, h("input", { type: "checkbox", checked: on,
      onchange: (/** @type {Event} */ event) =>
        changed(/** @type {HTMLInputElement} */ (event.target).checked) }), say("keys_on")));
}

/**
 * @param {import("./desk.js").Desk} desk @param {Say} say
 * @param {{name: string, locale: string, theme: string, keyed: boolean}} now
 * @param {(name: "name" | "locale" | "theme" | "key", value: string) => void} changed
 */
export async function showSettings(desk, say, now, changed) {
  /** @param {"locale" | "theme"} name @param {string} label @param {[string, string][]} options */
  const choice = (name, label, options) => h("div", {}, h("label", { for: `set-${name}` }, label),
    h("select", { class: "field", id: `set-${name}`, onchange: (/** @type {Event} */ event) =>
      changed(name, /** @type {HTMLSelectElement} */ (event.target).value) },
      options.map(([value, text]) => h("option", { value, selected: value === now[name] }, text))));
  const muted = h("ul", { class: "viewers" });
  const name = h("input", { class: "field", id: "set-name", maxlength: "40", value: now.name,
    autocomplete: "nickname", onchange: () => changed("name", name.value.trim()) });
  const dialog = window_(say("settings"), say,
    h("div", { class: "settings" },
      h("div", {}, h("label", { for: "set-name" }, say("your_name")), name),
      choice("locale", say("language"), [["zh", "中文"], ["en", "English"]]),
      choice("theme", say("theme"), [["auto", say("theme_auto")], ["light", say("theme_light")],
        ["dark", say("theme_dark")]]),
      h("div", {}, h("h3", {}, say("muted_viewers")), muted),
      now.keyed ? h("button", { type: "button", class: "button", onclick: () => changed("key", "") },
        say("sign_out")) : null));
  const found = await desk.api.json(`${desk.path}/mute`).catch(() => ({ viewers: [] }));
  if (!dialog.open) return;
  put(muted, found.viewers.map((/** @type {string} */ viewer) => {
    const row = h("li", {}, h("span", {}, viewer), h("button", { type: "button", class: "plain small",
      onclick: async () => { if (await desk.mute(viewer, false)) row.remove(); } }, say("unmute"),
      h("span", { class: "said" }, viewer)));
    return row;
  }));
  if (!found.viewers.length) muted.replaceWith(h("p", { class: "none" }, say("nobody_muted")));
}

/**
 * Asks for the host key. @param {HTMLElement} place @param {Say} say @param {string} name
 * @param {string} wrong what was wrong with the one before
 * @returns {Promise<{key: string, name: string}>}
 */
export function askKey(place, say, name, wrong) {
  return new Promise((done) => {
    const key = h("input", { class: "field", type: "password", id: "key", required: true,
      autocomplete: "current-password", "aria-describedby": "key-hint" });
    const own = h("input", { class: "field", id: "name", maxlength: "40", value: name, autocomplete: "nickname" });
    place.replaceChildren(h("main", { class: "ask" },
      h("h1", {}, say("console")),
      h("form", { onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        done({ key: key.value.trim(), name: own.value.trim() });
      } },
        h("div", {}, h("label", { for: "key" }, say("host_key")), key,
          h("p", { class: "none", id: "key-hint" }, say("host_key_hint"))),
        h("div", {}, h("label", { for: "name" }, say("your_name")), own),
        wrong ? h("p", { class: "bad", role: "alert" }, wrong) : null,
        h("button", { type: "submit", class: "button main" }, say("enter")))));
    key.focus();
  });
}
