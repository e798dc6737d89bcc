// Small charts, drawn as SVG: bars with a second row inside them, and a line around zero.

const NS = "http://www.w3.org/2000/svg";
const WIDTH = 300;
const HEIGHT = 72;

/** @param {string} tag @param {Record<string, string | number>} attributes */
function draw(tag, attributes) {
  const element = document.createElementNS(NS, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}

/** An empty chart. @param {string} label what it shows, in words @param {string} kind */
function frame(label, kind) {
  return draw("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: `chart ${kind}`, role: "img",
    "aria-label": label, preserveAspectRatio: "none" });
}

/**
 * A bar for each of `values`, of which `parts` are a share; the last stands at the right.
 * @param {number[]} values 0 or more
 * @param {number[]} parts as many
 * @param {number} slots how many bars the chart has room for
 * @param {string} label
 */
export function bars(values, parts, slots, label) {
  const svg = frame(label, "bars");
  const most = Math.max(1, ...values);
  const wide = WIDTH / slots;
  svg.append(draw("line", { x1: 0, x2: WIDTH, y1: HEIGHT - 0.5, y2: HEIGHT - 0.5, class: "base" }));
  values.forEach((value, place) => {
    const x = WIDTH - (values.length - place) * wide;
    /** @param {number} n @param {string} name */
    const bar = (n, name) => {
      const high = Math.max(n > 0 ? 1.5 : 0, (n / most) * (HEIGHT - 4));
      svg.append(draw("rect", { x: x + wide * 0.12, y: HEIGHT - high, width: wide * 0.76,
        height: high, class: name }));
    };
    bar(value, "whole");
    bar(Math.min(parts[place], value), "part-of");
  });
  return svg;
}

/**
 * A line through `values` from -1 to 1; null leaves a gap.
 * @param {(number | null)[]} values
 * @param {number} slots
 * @param {string} label
 */
export function line(values, slots, label) {
  const svg = frame(label, "mood");
  const wide = WIDTH / slots;
  const middle = HEIGHT / 2;
  svg.append(draw("line", { x1: 0, x2: WIDTH, y1: middle, y2: middle, class: "base" }));
  let path = "";
  let pen = false;
  let last = null;
  values.forEach((value, place) => {
    if (value === null) {
      pen = false;
      return;
    }
    const x = WIDTH - (values.length - place - 0.5) * wide;
    const y = middle - value * (middle - 5);
    path += `${pen ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)} `;
    if (!pen) path += `L${(x + 0.01).toFixed(2)} ${y.toFixed(1)} `;
    pen = true;
    last = { x, y };
  });
  svg.append(draw("path", { d: path || "M0 0", class: "curve" }));
  if (last) svg.append(draw("circle", { cx: last.x, cy: last.y, r: 3, class: "end" }));
  return svg;
}

/**
 * The minutes that lie between are filled with empty ones, so that a quiet time shows as such.
 * @param {any[]} minutes of a pulse, in their order
 * @param {number} slots
 * @param {Date} now
 */
export function filled(minutes, slots, now) {
  const known = new Map(minutes.map((one) => [Math.floor(Date.parse(one.at) / 60_000), one]));
  const last = Math.floor(now.getTime() / 60_000);
  const first = minutes.length ? Math.floor(Date.parse(minutes[0].at) / 60_000) : last;
  const found = [];
  for (let at = Math.max(first, last - slots + 1); at <= last; at += 1) {
    found.push(known.get(at) ?? { comments: 0, questions: 0, by_label: {}, mood: 0, empty: true });
  }
  return found;
}
