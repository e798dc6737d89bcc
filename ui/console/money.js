// Amounts and counts as a host types them. Money is integer minor units; no float is made of it.

/** @param {string} currency */
function digitsOf(currency) {
  return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions()
    .maximumFractionDigits ?? 2;
}

/**
 * Minor units of a typed amount such as 59, 59.9 or １，２９９.００; null for what is none.
 * @param {string} text
 * @param {string} currency
 * @returns {number | null}
 */
export function minorOf(text, currency) {
  const digits = digitsOf(currency);
  const plain = text.normalize("NFKC").replace(/[¥$€£,\s]|元$/g, "");
  const found = /^(\d{1,11})(?:\.(\d+))?$/.exec(plain);
  if (!found || (found[2] ?? "").length > digits) return null;
  return Number(found[1] + (found[2] ?? "").padEnd(digits, "0"));
}

/**
 * An amount as it is typed: 59, 59.90.
 * @param {{minor: number, currency: string}} amount
 */
export function typed({ minor, currency }) {
  const digits = digitsOf(currency);
  const text = String(minor).padStart(digits + 1, "0");
  if (!digits) return text;
  const [whole, part] = [text.slice(0, -digits), text.slice(-digits)];
  return /^0+$/.test(part) ? whole : `${whole}.${part}`;
}

/**
 * A count of pieces; null for an empty text, undefined for what is none.
 * @param {string} text
 * @returns {number | null | undefined}
 */
export function countOf(text) {
  const plain = text.normalize("NFKC").trim();
  if (!plain) return null;
  return /^\d{1,9}$/.test(plain) ? Number(plain) : undefined;
}
