// What the panel reads of the shop's records.

/** @typedef {import("../shared/api.js").Api} Api */
/** @typedef {import("../shared/card.js").Card} Card */
/** @typedef {import("../shared/format.js").Locale} Locale */

const AT_ONCE = 50;

/**
 * The card of the item on air, and the questions that its own records answer.
 * @param {Api} api
 * @param {string} room
 * @param {Locale} locale
 * @returns {Promise<{card: Card | null, own: string[]}>}
 */
export async function readOnAir(api, room, locale) {
  const path = `/api/v1/rooms/${encodeURIComponent(room)}/on-air?locale=${locale}`;
  const card = await api.json(path).catch(() => null);
  const product = card
    && await api.json(`/api/v1/products/${encodeURIComponent(card.id)}`).catch(() => null);
  const own = (product?.questions ?? [])
    .map((/** @type {any} */ one) => one.question[locale]).filter(Boolean);
  return { card, own };
}

/**
 * Gives these messages their cards as they are now, in this language; the reasons stay.
 * @param {Api} api
 * @param {string} room
 * @param {Locale} locale
 * @param {import("./messages.js").Message[]} messages
 */
export async function readCards(api, room, locale, messages) {
  const held = new Map(messages.flatMap(({ cards }) => cards ?? [])
    .map((card) => [card.id, card.variant_id]));
  const wanted = [...held];
  for (let at = 0; at < wanted.length; at += AT_ONCE) {
    const query = new URLSearchParams({ locale });
    for (const [id, variant] of wanted.slice(at, at + AT_ONCE)) {
      query.append("id", id);
      query.append("variant", variant);
    }
    const path = `/api/v1/rooms/${encodeURIComponent(room)}/cards?${query}`;
    /** @type {Card[]} */
    const cards = await api.json(path).catch(() => []);
    const fresh = new Map(cards.map((card) => [card.id, card]));
    for (const message of messages) {
      message.cards = message.cards?.map((card) =>
        ({ ...(fresh.get(card.id) ?? card), reasons: card.reasons }));
    }
  }
}
