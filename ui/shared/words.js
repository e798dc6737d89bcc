// What several pages say, in both languages. A page adds its own words to these.

/** @typedef {import("./format.js").Locale} Locale */

export const SHARED = {
  zh: {
    on_air: "正在讲解",
    nothing_on_air: "主播还没有开始讲解商品",
    in_stock: "有货",
    low_stock: "仅剩 {quantity} 件",
    low_stock_unknown: "库存紧张",
    out_of_stock: "已售罄",
    preorder: "可预订",
    unknown: "库存见下单页",
    number: "{number}号链接",
    list_price: "原价",
    ends_in: "距结束 {left}",
    ended: "已结束",
    ai: "AI",
    ai_label: "由 AI 生成",
    host: "主播",
    close: "关闭",
    cancel: "取消",
    retry: "重试",
    connecting: "正在连接…",
    offline: "网络已断开，恢复后会自动继续",
    reconnecting: "连接中断，正在重新连接…",
  },
  en: {
    on_air: "On air",
    nothing_on_air: "The host is not showing an item yet",
    in_stock: "In stock",
    low_stock: "Only {quantity} left",
    low_stock_unknown: "Few left",
    out_of_stock: "Sold out",
    preorder: "Preorder",
    unknown: "See checkout for stock",
    number: "Item {number}",
    list_price: "List price",
    ends_in: "Ends in {left}",
    ended: "Ended",
    ai: "AI",
    ai_label: "Written by AI",
    host: "Host",
    close: "Close",
    cancel: "Cancel",
    retry: "Try again",
    connecting: "Connecting…",
    offline: "You are offline; it goes on by itself once you are back",
    reconnecting: "The connection broke; reconnecting…",
  },
};

/**
 * The sayer of a page: `say("number", {number: 3})`. Throws for a key that has no words, so that a
 * missing one is found by the first who opens the page.
 * @template {Record<string, string>} T
 * @param {Locale} locale
 * @param {{zh: T, en: T}} own
 */
export function sayer(locale, own) {
  /** @type {Record<string, string>} */
  const words = { ...SHARED[locale], ...own[locale] };
  /** @param {string} key @param {Record<string, string | number>} [values] */
  return (key, values = {}) => {
    const text = words[key];
    if (text === undefined) throw new Error(`no words for ${key}`);
    return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
  };
}

/**
 * A correction's text where a heading already says what it is.
 * @param {Record<string, string>} texts by language
 * @param {Locale} locale
 */
export function correction(texts, locale) {
  return (texts[locale] ?? "").replace(/^(更正：|Correction: )/, "");
}

/**
 * The locale asked for, else the page's own, else English.
 * @param {string | null | undefined} asked such as zh-CN
 * @returns {Locale}
 */
export function localeOf(asked) {
  return (asked || document.documentElement.lang || "en").toLowerCase().startsWith("zh")
    ? "zh"
    : "en";
}
