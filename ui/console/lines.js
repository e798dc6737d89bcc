// Lines to say: drafted from records on request, and the host's own held against the rules.

import { h, icon, put } from "../shared/dom.js";
import { Checked } from "./writing.js";

const KINDS = ["highlights", "transition", "crowd"];

/** The section of lines. */
export class Lines {
  /**
   * @param {import("./desk.js").Desk} desk
   * @param {(key: string, values?: Record<string, string | number>) => string} say
   * @param {import("../shared/format.js").Locale} locale
   */
  constructor(desk, say, locale) {
    this.desk = desk;
    this.say = say;
    this.locale = locale;
    this.drafts = h("div", { class: "drafts", "aria-live": "polite" });
    this.checked = new Checked(desk, say, locale);
    this.field = h("textarea", { class: "field", rows: "3", maxlength: "2000", id: "own-line",
      "aria-describedby": "own-line-hint", oninput: () => this.checked.typed(this.field.value) });
    this.element = h("section", { id: "lines", class: "part", "aria-label": say("lines") },
      h("header", { class: "head" }, h("h2", {}, say("lines"))),
      h("div", { class: "scroll", tabindex: "-1" },
        h("div", { class: "kinds" }, KINDS.map((kind) => h("button", { type: "button", class: "button",
          "data-kind": kind, onclick: () => this.#draft(kind) }, say(kind)))),
        h("p", { class: "none" }, say("lines_hint")), this.drafts,
        h("div", { class: "own" }, h("label", { for: "own-line" }, say("own_line")),
          h("p", { class: "none", id: "own-line-hint" }, say("own_line_hint")),
          this.field, this.checked.element)));
  }

  /** @param {string} kind */
  async #draft(kind) {
    const { say, desk } = this;
    try {
      const found = await desk.api.json(`${desk.path}/lines`, { body: { kind, language: this.locale } });
      const list = h("ul", { class: "said-lines" });
      for (const line of found.lines) {
        put(list, h("li", {},
          line.question ? h("p", { class: "of" }, h("b", { class: "num" }, say("askers", { n: line.askers })),
            h("q", {}, line.question)) : null,
          h("p", {}, line.text),
          h("div", { class: "tools" },
            h("button", { type: "button", class: "plain small", onclick: () => this.#copy(line.text) },
              icon("copy"), say("copy")),
            h("button", { type: "button", class: "plain small", onclick: () => {
              this.field.value = line.text;
              this.checked.typed(line.text);
              this.field.focus();
            } }, icon("edit"), say("use")))));
      }
      this.drafts.replaceChildren(h("h3", {}, say(kind)),
        found.lines.length ? list : h("p", { class: "none" }, say("lines_none")),
        ...(found.left_out ? [h("p", { class: "none" }, say("left_out", { n: found.left_out }))] : []));
    } catch (error) {
      desk.failed(error, () => this.#draft(kind));
    }
  }

  /** @param {string} text */
  async #copy(text) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // No clipboard without TLS: the old way still works.
      const field = h("textarea", { class: "said" });
      field.value = text;
      document.body.append(field);
      field.select();
      document.execCommand("copy");
      field.remove();
    }
    this.desk.tell({ kind: "good", text: this.say("copied") });
  }
}
