// Light, dark or the machine's own, and a shop's colour that stays legible.

/** @typedef {[number, number, number]} Rgb */

/**
 * Applies a theme to this page. `brand` is a colour such as #0a7cff; a text in it is darkened or
 * lightened until its contrast is 4.5 on our grounds (WCAG 2.2, 1.4.3). Anything else is ignored.
 * @param {string | null | undefined} theme light, dark; anything else follows the machine
 * @param {string | null} [brand]
 */
export function applyTheme(theme, brand) {
  const root = document.documentElement;
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  else delete root.dataset.theme;
  const colour = brand ? read(brand) : null;
  for (const name of ["--accent", "--fill", "--on-fill", "--tint"]) root.style.removeProperty(name);
  if (!colour) return;
  const onLight = toward(colour, [0, 0, 0], [236, 238, 242], 4.5);
  const onDark = toward(colour, [255, 255, 255], [34, 38, 45], 4.5);
  // A ground is kept as it is wherever white or black can be read on it.
  const white = contrast(colour, [255, 255, 255]) >= 4.5;
  root.style.setProperty("--accent", `light-dark(${css(onLight)}, ${css(onDark)})`);
  root.style.setProperty("--fill", css(colour));
  root.style.setProperty("--on-fill", white ? "#fff" : "#000");
  root.style.setProperty(
    "--tint",
    `light-dark(${css(mix(colour, [255, 255, 255], 0.94))}, ${css(mix(colour, [20, 22, 26], 0.86))})`,
  );
}

/**
 * @param {string} text #rgb or #rrggbb
 * @returns {Rgb | null}
 */
function read(text) {
  const found = /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(text.trim());
  if (!found) return null;
  const hex = found[1].length === 3 ? [...found[1]].map((c) => c + c).join("") : found[1];
  return /** @type {Rgb} */ ([0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16)));
}

/** @param {Rgb} rgb */
function luminance(rgb) {
  const [r, g, b] = rgb.map((part) => {
    const s = part / 255;
    return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** @param {Rgb} a @param {Rgb} b */
export function contrast(a, b) {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

/** @param {Rgb} from @param {Rgb} to @param {number} share of `to` */
function mix(from, to, share) {
  return /** @type {Rgb} */ (from.map((part, i) => Math.round(part + (to[i] - part) * share)));
}

/** @param {Rgb} colour @param {Rgb} end @param {Rgb} ground @param {number} wanted */
function toward(colour, end, ground, wanted) {
  for (let share = 0; share < 1; share += 0.04) {
    const tried = mix(colour, end, share);
    if (contrast(tried, ground) >= wanted) return tried;
  }
  return end;
}

/** @param {Rgb} rgb */
function css(rgb) {
  return `rgb(${rgb.join(" ")})`;
}
