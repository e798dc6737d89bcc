// The top of the panel: the item on air with its live price, and quick questions for it.

import { CardView } from "../shared/card.js";
import { h } from "../shared/dom.js";

/** @typedef {import("../shared/card.js").Card} Card */

const MOST_OF_ITS_OWN = 3;
const LONGEST = 24;

export class Air {
  /**
   * @param {import("./messages.js").How} how
   * @param {(text: string) => void} ask
   */
  constructor(how, ask) {
    this.how = how;
    this.ask = ask;
    /** @type {CardView | null} */
    this.view = null;
    /** @type {string[]} */
    this.own = [];
    this.holder = h("div", { class: "holder" });
    this.chips = h("ul", { class: "chips", "aria-label": how.say("quick") });
    this.element = h("section", { class: "air", "aria-label": how.say("on_air") },
      this.holder, this.chips);
    this.show(null, []);
  }

  /**
   * @param {Card | null} card
   * @param {string[]} own questions that the item's own records answer
   */
  show(card, own) {
    const { say: speak, locale, doing } = this.how;
    this.own = own;
    this.view = card && new CardView(card, { locale, say: speak, doing: doing.cards, small: true,
                                                offers: true });
    if (this.view) {
      // Its number beside the mark: the title has the line to itself.
      const number = this.view.element.querySelector("h2 .label");
      this.view.element.prepend(h("p", { class: "marks" },
        h("span", { class: "label live" }, speak("on_air")), number));
    }
    this.holder.replaceChildren(
      this.view?.element ?? h("p", { class: "idle" }, speak("nothing_on_air")),
    );
    const short = own.filter((text) => text.length <= (locale === "zh" ? LONGEST : 2 * LONGEST));
    const item = card
      ? ["quick_price", "quick_offer", ...(card.options.length ? ["quick_options"] : [])] : [];
    const questions = [...item.map((key) => speak(key)), ...short.slice(0, MOST_OF_ITS_OWN),
                       speak("quick_return"), speak("quick_ship")];
    this.chips.replaceChildren(...[...new Set(questions)].map((text) =>
      h("li", {}, h("button", { class: "chip", type: "button",
                                onclick: () => this.ask(text) }, text))));
  }
}
