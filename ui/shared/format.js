// Money, moments and spans as people of a place write them. Money is integer minor units.

/** @typedef {"zh" | "en"} Locale */
/** @typedef {{minor: number, currency: string}} Money */

const TAGS = { zh: "zh-CN", en: "en" };
/** @type {Map<string, Intl.NumberFormat>} */
const monies = new Map();

/**
 * An exact amount: ¥129, ¥9.90, $1,299.00.
 * @param {Money} amount
 * @param {Locale} locale
 * @returns {string}
 */
export function money({ minor, currency }, locale) {
  const digits = style(currency, locale, false).resolvedOptions().maximumFractionDigits ?? 2;
  const value = minor / 10 ** digits;
  const text = style(currency, locale, currency === "CNY" && Number.isInteger(value)).format(value);
  return currency === "JPY" ? text.replace(/^(JP)?¥/, "JP¥") : text; // ¥ alone is the yuan's here
}

/**
 * @param {string} currency
 * @param {Locale} locale
 * @param {boolean} round
 */
function style(currency, locale, round) {
  const key = `${locale} ${currency} ${round}`;
  let found = monies.get(key);
  if (!found) {
    found = new Intl.NumberFormat(TAGS[locale], {
      style: "currency",
      currency,
      currencyDisplay: "narrowSymbol",
      ...(round ? { minimumFractionDigits: 0, maximumFractionDigits: 0 } : {}),
    });
    monies.set(key, found);
  }
  return found;
}

/**
 * @param {number} count
 * @param {Locale} locale
 */
export function number(count, locale) {
  return new Intl.NumberFormat(TAGS[locale]).format(count);
}

/**
 * A time of day, with the date where it is not today's.
 * @param {Date} moment
 * @param {Locale} locale
 */
export function time(moment, locale) {
  const today = moment.toDateString() === new Date().toDateString();
  return new Intl.DateTimeFormat(TAGS[locale], {
    ...(today ? {} : { month: "short", day: "numeric" }),
    hour: "2-digit",
    minute: "2-digit",
    hour12: false,
  }).format(moment);
}

/**
 * What is left of a span: 0:09, 12:30, 3:00:00, and days in words beyond two of them.
 * @param {number} milliseconds
 * @param {Locale} locale
 */
export function left(milliseconds, locale) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  if (seconds > 172_800) {
    const days = Math.floor(seconds / 86_400);
    return new Intl.NumberFormat(TAGS[locale], {
      style: "unit",
      unit: "day",
      unitDisplay: "long",
    }).format(days);
  }
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  if (!parts[0]) parts.shift();
  return parts.map((part, place) => (place ? String(part).padStart(2, "0") : part)).join(":");
}

/**
 * How long ago, in words: "3 min ago", "2分钟前".
 * @param {Date} moment
 * @param {Locale} locale
 * @param {number} [now]
 */
export function ago(moment, locale, now = Date.now()) {
  const words = new Intl.RelativeTimeFormat(TAGS[locale], { numeric: "auto", style: "short" });
  const seconds = Math.round((moment.getTime() - now) / 1000);
  if (Math.abs(seconds) < 60) return words.format(seconds, "second");
  if (Math.abs(seconds) < 3600) return words.format(Math.round(seconds / 60), "minute");
  return words.format(Math.round(seconds / 3600), "hour");
}
