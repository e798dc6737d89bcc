"""What things cost: sentences made from prices and offers as they are now."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.turn.evidence import Evidence, Fact, cite
from assistant.turn.wording import MOST_VARIANTS, closed, say_name, say_offer
from retrieval.amounts import say_money
from retrieval.basket import Line, price_basket
from retrieval.catalog import Language, Offer, Product
from retrieval.terms import is_word, keys


def price_fact(product: Product, evidence: Evidence, language: Language) -> Fact:
    """What the product, or the variant meant, costs now."""
    variants = evidence.variants(product)
    priced = {v.id: evidence.priced(product, v) for v in variants}
    prices = sorted({p.price.minor: p.price for p in priced.values()}.items())
    name = say_name(product, variants, language)
    low, high = say_money(prices[0][1], language), say_money(prices[-1][1], language)
    applied = {offer.id: offer for p in priced.values() for offer in p.offers}
    cites = (cite(product), *(cite(offer) for offer in applied.values()))
    if len(prices) == 1:
        text = f"{name}现在{low}" if language == "zh" else f"{name} is {low} now"
        struck = {p.list_price.minor: p.list_price for p in priced.values() if p.list_price}
        if len(struck) == 1 and all(p.list_price for p in priced.values()):
            listed = say_money(next(iter(struck.values())), language)
            text += f"（划线价{listed}）" if language == "zh" else f" (list price {listed})"
    else:
        text = f"{name}现在{low}到{high}" if language == "zh" else f"{name} is {low} to {high} now"
        if len(variants) <= MOST_VARIANTS:
            each = [
                f"{v.label(language)} {say_money(priced[v.id].price, language)}" for v in variants
            ]
            text += "：" + "，".join(each) if language == "zh" else ": " + ", ".join(each)
    if applied:
        said = [say_offer(offer, evidence.zone, language) for offer in applied.values()]
        text += f"，{'；'.join(said)}" if language == "zh" else f" – {'; '.join(said)}"
    return Fact(closed(text, language), cites)


def say_prices(product: Product, evidence: Evidence, language: Language) -> str:
    """What the product costs now, from its cheapest variant to its dearest."""
    priced = (evidence.priced(product, v).price for v in evidence.variants(product))
    prices = sorted(priced, key=lambda price: price.minor)
    low, high = say_money(prices[0], language), say_money(prices[-1], language)
    return low if low == high else f"{low}到{high}" if language == "zh" else f"{low} to {high}"


def offer_fact(product: Product, evidence: Evidence, language: Language) -> Fact:
    """The offers that run now for the product."""
    offers = evidence.running(product)[:4]
    if not offers:
        name = say_name(product, evidence.variants(product), language)
        text = (
            f"{name}目前没有进行中的优惠"
            if language == "zh"
            else f"There is no running offer on {name}"
        )
        return Fact(closed(text, language), (cite(product),))
    said = [say_offer(offer, evidence.zone, language) for offer in offers]
    text = "进行中的优惠：" + "；".join(said) if language == "zh" else "Offers: " + "; ".join(said)
    return Fact(closed(text, language), tuple(cite(offer) for offer in offers))


def shop_offers_fact(question: str, evidence: Evidence, language: Language) -> Fact | None:
    """The offers that run now for every order, or for the goods named; None where none does."""
    running = [offer for offer in evidence.offers if offer.runs_at(evidence.at)]
    whole = [o for o in running if not (o.product_ids or o.variant_ids or o.categories)]
    special = goods_offers(question, evidence)
    offers = [*special, *whole][:4]
    if not offers:
        return None
    said = "；".join if language == "zh" else "; ".join
    text = said(say_offer(offer, evidence.zone, language) for offer in offers)
    text = f"进行中的优惠：{text}" if language == "zh" else f"Offers: {text}"
    return Fact(closed(text, language), tuple(cite(offer) for offer in offers))


def goods_offers(question: str, evidence: Evidence) -> list[Offer]:
    """The offers that run now for a category of goods that the question names."""
    asked = {key for key in keys(question) if is_word(key)}
    running = (o for o in evidence.offers if o.categories and o.runs_at(evidence.at))
    return [o for o in running if asked & _goods(o)]


def _goods(offer: Offer) -> set[str]:
    """The words of an offer's title and categories."""
    texts = (*offer.title.every(), *offer.categories)
    return {key for text in texts for key in keys(text) if is_word(key)}


def basket_fact(
    pieces: Sequence[tuple[Product, int]], evidence: Evidence, language: Language
) -> Fact | None:
    """What several pieces cost together; None where a variant, and so a price, is open."""
    lines, named = [], []
    for product, quantity in pieces:
        variants = evidence.variants(product)
        if len({evidence.priced(product, v).price.minor for v in variants}) > 1:
            return None
        lines.append(Line(product, variants[0], quantity))
        name = say_name(product, variants, language)
        named.append(f"{name}{quantity}件" if language == "zh" else f"{quantity} of {name}")
    basket = price_basket(lines, evidence.offers, evidence.at)
    total = say_money(basket.total, language)
    if language == "zh":
        text = f"{'、'.join(named)}一共{total}"
    else:
        text = f"{' and '.join(named)} come to {total}"
    if basket.discounts:
        off = [d.offer.title.say(language) for d in basket.discounts]
        text += f"，已算上{'、'.join(off)}" if language == "zh" else f", with {', '.join(off)}"
    cites = (*(cite(product) for product, _ in pieces), *(cite(d.offer) for d in basket.discounts))
    return Fact(closed(text, language), cites)
