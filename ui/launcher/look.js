// How the button and the panel's frame look in a page that is not ours: nothing of the page's style
// reaches them, and its policy need not allow any of theirs.

/** Below this width the panel is a sheet from the bottom of the screen. */
export const SHEET = "(max-width: 599px)";
const STYLE = `
:host { --_fill: var(--live-assistant-color, #c2255c); --_ink: var(--live-assistant-ink, #fff);
  position: fixed; z-index: var(--live-assistant-z, 2147483000); inset: auto 20px 20px auto;
  display: block; font: 600 15px/1.2 system-ui, -apple-system, "PingFang SC", "Microsoft YaHei",
  "Noto Sans CJK SC", sans-serif; }
:host([position="bottom-left"]) { inset: auto auto 20px 20px; }
:host([position="inline"]) { position: relative; inset: auto; z-index: auto; height: 100%;
  min-height: 420px; }
:host([hidden]) { display: none; }
button { display: flex; align-items: center; gap: 8px; min-width: 52px; min-height: 52px;
  padding: 0 20px 0 16px; border: 0; border-radius: 26px; background: var(--_fill);
  color: var(--_ink); font: inherit; cursor: pointer;
  box-shadow: 0 2px 6px rgb(0 0 0 / 18%), 0 8px 24px rgb(0 0 0 / 16%); }
button:focus-visible { outline: 3px solid var(--_fill); outline-offset: 3px; }
button[hidden], .frame[hidden], .ground[hidden], .count[hidden] { display: none; }
svg { width: 24px; height: 24px; fill: none; stroke: currentColor; stroke-width: 1.75;
  stroke-linecap: round; stroke-linejoin: round; }
.count { min-width: 22px; padding: 3px 6px; border-radius: 11px; background: var(--_ink);
  color: var(--_fill); font-size: 13px; text-align: center; }
.frame { position: absolute; inset: auto 0 0 auto; width: min(400px, calc(100vw - 40px));
  height: min(720px, calc(100dvh - 40px)); overflow: hidden; border-radius: 16px;
  background: Canvas; box-shadow: 0 0 0 1px rgb(0 0 0 / 8%), 0 16px 48px rgb(0 0 0 / 24%);
  animation: rise .16s cubic-bezier(.2, 0, 0, 1); }
:host([position="bottom-left"]) .frame { inset: auto auto 0 0; }
:host([position="inline"]) .frame { position: static; width: 100%; height: 100%; border-radius: 0;
  box-shadow: none; animation: none; }
:host([position="inline"]) button, :host([position="inline"]) .ground { display: none; }
section { height: 100%; }
iframe { display: block; width: 100%; height: 100%; border: 0; color-scheme: light dark; }
@keyframes rise { from { opacity: 0; transform: translateY(12px); } }
.ground { position: fixed; inset: 0; background: rgb(0 0 0 / 40%); }
.grip { display: none; }
@media ${SHEET} {
  :host([open]:not([position="inline"])) { inset: 0; }
  :host(:not([position="inline"])) .frame { position: fixed; inset: auto 0 0; width: 100%;
    height: 88dvh; border-radius: 16px 16px 0 0; }
  :host(:not([position="inline"])) .grip { display: block; position: absolute; inset: 0 0 auto;
    z-index: 1; width: 96px; min-height: 20px; margin: 0 auto; padding: 0; background: none;
    box-shadow: none; touch-action: none; }
  .grip::after { content: ""; display: block; width: 36px; height: 4px; margin: 8px auto;
    border-radius: 2px; background: GrayText; }
  :host(:not([position="inline"])) iframe { height: calc(100% - 16px); margin-top: 16px; }
}
@media (prefers-reduced-motion: reduce) { .frame { animation: none; } }
@media print { :host { display: none; } }`;
const SVG = "http://www.w3.org/2000/svg";
const BUBBLE = "M4 12a8 7 0 0 1 8-7 8 7 0 0 1 8 7 8 7 0 0 1-8 7c-1.200 0-2.400-.2-3.400-.6L4 20l1.300-3.800A6.400 6.400 0 0 1 4 12z";

/** The style of all elements of ours in this page, made once. */
export function style() {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  return sheet;
}

/**
 * An element with attributes and children.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string>} attributes
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function made(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const name in attributes) element.setAttribute(name, attributes[name]);
  element.append(...children);
  return element;
}

/** The button's picture. */
export function bubble() {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", BUBBLE);
  svg.append(path);
  return svg;
}
