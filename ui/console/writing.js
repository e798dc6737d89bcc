// The host's own words: written, held against the rules as they are written, sent.

import { h, icon, put, say as write } from "../shared/dom.js";
import { Refused } from "../shared/api.js";

const WAIT_MS = 350;

/** A line held against the rules as it is typed; `found` has what breaks one. */
export class Checked {
  /**
   * @param {import("./desk.js").Desk} desk
   * @param {(key: string, values?: Record<string, string | number>) => string} say
   * @param {import("../shared/format.js").Locale} locale
   * @param {() => void} [changed] called when the verdict has changed
   * @param {string | null} [category] of the goods it is about, in the shop's words
   * @param {string | null} [product] that it is about where it names none
   */
  constructor(desk, say, locale, changed = () => {}, category = null, product = null) {
    this.desk = desk;
    this.say = say;
    this.locale = locale;
    this.onchange = changed;
    this.about = { ...(category ? { category } : {}), ...(product ? { product_id: product } : {}) };
    /** @type {any[]} */ this.found = [];
    /** @type {Set<string>} */ this.despite = new Set();
    this.text = "";
    this.known = "";
    this.element = h("div", { class: "checked", role: "status" });
  }

  /** Whether the text of now may be sent. */
  get good() {
    return this.text !== "" && this.known === this.text && this.found.every(
      (one) => one.severity === "medium" && this.despite.has(one.rule));
  }

  /** @param {string} text */
  typed(text) {
    this.text = text.trim();
    clearTimeout(this.timer);
    this.asking?.abort();
    if (!this.text) {
      this.found = [];
      this.known = "";
      this.element.replaceChildren();
      this.onchange();
      return;
    }
    if (this.known !== this.text) this.timer = setTimeout(() => this.#ask(), WAIT_MS);
    this.onchange();
  }

  /** Asks now rather than in a moment. */
  async now() {
    clearTimeout(this.timer);
    if (this.text && this.known !== this.text) await this.#ask();
    return this.good;
  }

  async #ask() {
    const text = this.text;
    const asking = (this.asking = new AbortController());
    try {
      const body = { text, language: this.locale, room: this.desk.id, ...this.about };
      const said = await this.desk.api.json("/api/v1/compliance/check",
        { body, signal: asking.signal });
      if (asking.signal.aborted) return;
      this.known = text;
      this.found = said.findings;
      this.show();
    } catch (error) {
      if (asking.signal.aborted) return;
      this.element.replaceChildren(h("p", { class: "bad" },
        error instanceof Refused ? error.message : this.say("no_answer_from_shop")));
    }
    this.onchange();
  }

  /** Shows the verdict. */
  show() {
    const { say } = this;
    if (!this.found.length) {
      this.element.replaceChildren(h("p", { class: "fine" }, icon("check"), say("passed")));
      return;
    }
    const list = h("ul");
    for (const one of this.found) {
      const high = one.severity === "high";
      const what = one.rule.startsWith("records.") ? "unlike_records" : high ? "unlawful" : "doubtful";
      const item = h("li", { class: high ? "bad" : "doubt" },
        h("p", {}, icon("warn"), h("b", {}, say(what)),
          h("q", {}, one.matched)),
        h("p", {}, one.reason),
        h("p", { class: "source" }, `${say("source")}: ${one.source}, ${one.date}`));
      if (!high) {
        put(item, h("label", { class: "tick" }, h("input", { type: "checkbox",
          checked: this.despite.has(one.rule), onchange: (/** @type {Event} */ event) => {
            const ticked = /** @type {HTMLInputElement} */ (event.target).checked;
            if (ticked) this.despite.add(one.rule);
            else this.despite.delete(one.rule);
            this.onchange();
          } }), say("despite")));
      }
      put(list, item);
    }
    this.element.replaceChildren(list);
  }
}

/** The field in which a question is answered by hand. */
export class Writing {
  /**
   * @param {import("./queue.js").Queue} queue
   * @param {any} question
   * @param {"edit" | "answer"} deed
   * @param {any} draft
   * @param {() => void} closed
   */
  constructor(queue, question, deed, draft, closed) {
    const { say, desk, locale } = queue;
    this.queue = queue;
    this.question = question;
    this.deed = deed;
    this.closed = closed;
    const item = desk.items.find((one) => one.product.id === question.product_ids[0]);
    const words = item ? [item.product.category, item.product.title] : [];
    const category = words.flatMap((text) => [text.zh, text.en]).filter(Boolean).join(" ");
    this.send = h("button", { type: "submit", class: "button main", disabled: true }, icon("send"),
      say("send"), h("kbd", { "aria-hidden": "true" }, "Ctrl ↵"));
    this.checked = new Checked(desk, say, locale,
      () => { this.send.disabled = !this.field.value.trim() ||
        (this.checked.known === this.checked.text && !this.checked.good); },
      category.slice(0, 200) || null, question.product_ids[0] ?? null);
    this.field = h("textarea", { class: "field", rows: "3", maxlength: "2000",
      id: `words-${question.id}`, oninput: () => this.checked.typed(this.field.value),
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event) });
    this.field.value = deed === "edit" && draft ? draft.text : "";
    this.hint = h("p", { class: "none" }, say("for_all"));
    this.error = h("p", { class: "bad", role: "alert" });
    this.element = h("form", { class: "writing", onsubmit: (/** @type {Event} */ event) => {
      event.preventDefault();
      this.#send();
    } },
      h("label", { for: `words-${question.id}` }, say(deed === "edit" ? "edited_words" : "own_words")),
      this.field, this.checked.element, this.error,
      h("div", { class: "deeds" }, this.send, h("button", { type: "button", class: "button",
        onclick: () => this.closed() }, say("cancel"), h("kbd", { "aria-hidden": "true" }, "Esc"))),
      this.hint);
  }

  /** To be called once the element is in the page. */
  begin() {
    this.field.focus();
    this.field.setSelectionRange(this.field.value.length, this.field.value.length);
    if (this.field.value) this.checked.typed(this.field.value);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      this.closed();
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.#send();
    }
  }

  async #send() {
    write(this.error, "");
    this.checked.text = this.field.value.trim();
    if (!this.checked.text) return;
    if (!(await this.checked.now())) {
      write(this.error, this.queue.say("check_first"));
      return;
    }
    const body = { text: this.checked.text, despite: [...this.checked.despite] };
    const { question, deed, queue } = this;
    // Closed first: it is shown as sent at once. What was written comes back where it was not.
    queue.place = queue.order.indexOf(question.id);
    this.closed();
    if (await queue.desk.act(question, deed, body)) return;
    const row = queue.rows.get(question.id);
    if (!row || [...queue.rows.values()].some((one) => one.writing)) return;
    queue.choose(question.id);
    queue.doDeed(question.id, deed);
    const again = queue.rows.get(question.id)?.writing;
    if (again) {
      again.field.value = body.text;
      again.checked.typed(body.text);
    }
  }
}
