// The host's console: opened with the host key, made of four sections, worked by single keys.

import { Api, Refused } from "../shared/api.js";
import { h, icon, say as write } from "../shared/dom.js";
import { applyTheme } from "../shared/theme.js";
import { localeOf, sayer } from "../shared/words.js";
import { Desk } from "./desk.js";
import { askKey, showKeys, showSettings } from "./dialogs.js";
import { Lines } from "./lines.js";
import { Notices } from "./notices.js";
import { Pulse } from "./pulse.js";
import { Queue } from "./queue.js";
import { openReport } from "./report.js";
import { DEEDS } from "./row.js";
import { Show } from "./show.js";
import { WORDS } from "./words.js";

const KEY = "liveshop.host_key";
const MODES = /** @type {const} */ (["auto", "review", "off"]);
const SECTIONS = ["questions", "show", "pulse", "lines"];
const asked = new URLSearchParams(location.search);
const place = /** @type {HTMLElement} */ (document.getElementById("console"));

/** Storage that may be closed, as in a frame without cookies. @param {Storage} store */
function kept(store) {
  return {
    /** @param {string} name */
    get(name) {
      try { return store.getItem(name); } catch { return null; }
    },
    /** @param {string} name @param {string} value */
    set(name, value) {
      try {
        if (value) store.setItem(name, value);
        else store.removeItem(name);
      } catch { /* it is forgotten with the page, then */ }
    },
  };
}

const tab = kept(sessionStorage);
const machine = kept(localStorage);
let key = tab.get(KEY) ?? "";
let name = machine.get("liveshop.host_name") ?? "";
const locale = localeOf(asked.get("locale") ?? machine.get("liveshop.locale"));
const theme = asked.get("theme") ?? machine.get("liveshop.theme") ?? "auto";
const say = sayer(locale, WORDS);
const api = new Api("", () => key || null);

document.documentElement.lang = locale === "zh" ? "zh-CN" : "en";
applyTheme(theme);
place.replaceChildren(h("p", { class: "loading" }, say("loading")));
start();

/** Finds the room, asks for the key where one is needed, and opens the console. */
async function start() {
  const notices = new Notices(say);
  let wrong = "";
  for (;;) {
    try {
      const rooms = await api.json("/api/v1/rooms");
      const room = asked.get("room") ?? rooms[0]?.id;
      if (!room) {
        place.replaceChildren(h("p", { class: "loading" }, say("no_room")));
        return;
      }
      const desk = new Desk(api, room, () => name, (notice) => notices.tell(notice), say);
      await desk.open(new AbortController().signal);
      build(desk, rooms, notices);
      return;
    } catch (error) {
      if (error instanceof Refused && error.status === 401) {
        if (key) wrong = say("wrong_key");
        const given = await askKey(place, say, name, wrong);
        key = given.key;
        name = given.name;
        tab.set(KEY, key);
        machine.set("liveshop.host_name", name);
        wrong = say("wrong_key");
      } else if (error instanceof Refused && error.status < 500) {
        const why = error.status === 403 ? say("only_here") : error.message;
        place.replaceChildren(h("p", { class: "loading" }, why));
        return;
      } else {
        console.error(error);
        place.replaceChildren(h("p", { class: "loading" }, say("reconnecting")));
        await new Promise((done) => setTimeout(done, 2000));
      }
    }
  }
}

/** @param {Desk} desk @param {any[]} rooms @param {Notices} notices */
function build(desk, rooms, notices) {
  const queue = new Queue(desk, say, locale);
  const parts = [queue, new Show(desk, say, locale), new Pulse(desk, say, locale), new Lines(desk, say, locale)];
  const title = desk.room.title[locale] || desk.room.title.zh || desk.room.title.en || desk.id;
  document.title = `${title} – ${say("console")}`;
  const rest = h("span", { class: "dot" });
  const link = h("span", { class: "link", role: "status" }, rest, h("span", { class: "words" }));
  const modes = h("div", { class: "modes", role: "group", "aria-label": say("mode") },
    MODES.map((mode) => h("button", { type: "button", "data-mode": mode,
      onclick: () => desk.setMode(mode) }, say(`mode_${mode}`))));
  const room = rooms.length > 1
    ? h("select", { class: "field room", "aria-label": say("room"), onchange: (/** @type {Event} */ event) => {
      asked.set("room", /** @type {HTMLSelectElement} */ (event.target).value);
      location.search = String(asked);
    } }, rooms.map((one) => h("option", { value: one.id, selected: one.id === desk.id },
      one.title[locale] || one.title.zh || one.title.en || one.id)))
    : h("span", { class: "room" }, title);
  /** @param {string} name @param {string} image @param {() => void} onclick */
  const tool = (name, image, onclick) => h("button", { type: "button", class: "plain", title: say(name),
    onclick }, icon(image), h("span", { class: "said" }, say(name)));
  let keysAct = machine.get("liveshop.keys") !== "off";
  const keys = () => showKeys(say, keysAct, (on) => {
    keysAct = on;
    machine.set("liveshop.keys", on ? "" : "off");
  });
  const settings = () => showSettings(desk, say, { name, locale, theme, keyed: key !== "" }, (what, value) => {
    if (what === "name") name = value;
    if (what === "key") tab.set(KEY, "");
    else machine.set(what === "name" ? "liveshop.host_name" : `liveshop.${what}`, value);
    if (what === "theme" && !asked.has("theme")) applyTheme(value);
    else if (what !== "name") {
      if (what !== "key") asked.delete(what);
      location.search = String(asked);
    }
  });
  const tabs = h("nav", { class: "tabs", "aria-label": say("sections") }, SECTIONS.map((id) =>
    h("button", { type: "button", "data-tab": id, onclick: () => turn(id) }, say(id),
      id === "questions" ? h("span", { class: "num n" }) : null)));
  const main = h("main", {}, tabs, parts.map((part) => part.element));
  const alerts = h("div", { class: "alerts", role: "region", "aria-label": say("alerts"), "aria-live": "polite" });
  place.replaceChildren(
    h("header", { class: "top" },
      h("h1", { class: "said" }, say("console")), room, link, modes,
      h("div", { class: "tools" }, tool("report", "report", () => openReport(desk, say, locale)),
        tool("keys", "keys", keys), tool("settings", "sliders", settings))),
    alerts, main, notices.element);

  /** @param {string} id */
  function turn(id) {
    main.dataset.tab = id;
    for (const one of /** @type {NodeListOf<HTMLElement>} */ (tabs.querySelectorAll("button"))) {
      if (one.dataset.tab === id) one.setAttribute("aria-current", "true");
      else one.removeAttribute("aria-current");
    }
  }
  turn(matchMedia("(min-width: 700px)").matches ? "show" : "questions");

  function shown() {
    rest.dataset.is = desk.link;
    write(link.querySelector(".words") ?? link, say(`link_${desk.link}`));
    for (const one of /** @type {NodeListOf<HTMLElement>} */ (modes.children)) {
      one.setAttribute("aria-pressed", String(one.dataset.mode === desk.room.mode));
    }
    write(tabs.querySelector(".n") ?? tabs, String(desk.waiting.length || ""));
    alerts.replaceChildren(...alertsOf(desk).map(([id, text]) => h("p", { class: "alert" }, icon("warn"),
      h("span", {}, text), id === "ended" ? h("button", { type: "button", class: "plain small",
        onclick: () => openReport(desk, say, locale) }, say("report")) : null,
      id === "unread" ? null : h("button", { type: "button", class: "plain small", onclick: () => {
        if (id === "ended") desk.streaming = true;
        desk.alerts = desk.alerts.filter((one) => one.id !== id);
        shown();
      } }, icon("close"), h("span", { class: "said" }, say("close"))))));
  }
  desk.addEventListener("changed", shown);
  shown();
  desk.following?.catch((/** @type {unknown} */ error) => {
    if (!(error instanceof Refused) || error.status !== 401) return desk.failed(error);
    tab.set(KEY, ""); // it was taken back meanwhile: ask for another
    location.reload();
  });

  addEventListener("keydown", (event) => {
    const at = /** @type {HTMLElement} */ (event.target);
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (at.matches?.("input, textarea, select, [contenteditable]") || document.querySelector("dialog[open]")) return;
    if (event.key === "?") keys();
    else if (!keysAct) return;
    else if (event.key === "j" || event.key === "J") go(1);
    else if (event.key === "k" || event.key === "K") go(-1);
    else {
      const deed = DEEDS.find(([, letter]) => letter === event.key.toUpperCase());
      if (!deed || !queue.chosen || event.repeat) return;
      if (main.dataset.tab !== "questions" && !matchMedia("(min-width: 700px)").matches) return;
      queue.doDeed(null, deed[0]);
    }
    event.preventDefault();
  });

  /** @param {1 | -1} step */
  function go(step) {
    if (!matchMedia("(min-width: 700px)").matches) turn("questions");
    queue.move(step);
  }
}

/** What a host has to know now: an id and the words. @param {Desk} desk @returns {[string, string][]} */
function alertsOf(desk) {
  /** @type {[string, string][]} */
  const found = desk.alerts.map(({ id, data }) => {
    const item = desk.items.find((one) => one.product.id === data.product_id);
    const title = item ? item.product.title[locale] || item.product.title.zh : data.product_id ?? "";
    return [id, say(`alert_${data.what}`, { n: data.in_this_minute ?? data.questions ?? 0, title })];
  });
  if (desk.pulse?.unread > 1000) found.unshift(["unread", say("alert_unread", { n: desk.pulse.unread })]);
  if (!desk.streaming) found.unshift(["ended", say("stream_ended")]);
  return found;
}
