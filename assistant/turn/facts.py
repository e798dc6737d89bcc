"""Sentences made from records: what can be said at once, before any model has spoken."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from assistant.turn.attributes import attribute_answer, option_answer, variants_with
from assistant.turn.evidence import Evidence, Fact, cite
from assistant.turn.policies import policies_for
from assistant.turn.prices import basket_fact, offer_fact, price_fact, say_prices
from assistant.turn.properties import Near, by_relevance
from assistant.turn.wording import MOST_VARIANTS, closed, gap, say_name, say_stock
from retrieval.amounts import say_money
from retrieval.catalog import Language, Product, RoomContext

POLICY_KINDS = ("shipping", "returns", "warranty", "payment", "invoice", "price_protection")


_THERE = re.compile(
    r"有(?:没有|吗|么|嘛|没|不|\W*$)|\b(?:comes?|coming) in\b|\b(?:available|left|still|in stock)\b"
    r"|\b(?:do|have) you (?:have|got|carry)\b|\bgot (?:it|this|any)\b"
)
"""Asks whether something is to be had."""


class Asked(NamedTuple):
    """What a question asks of records: its main intent first, and the words that narrow it.

    `together` are products, with how many of each, whose total is asked for; `rule` is the policy
    that was talked of before, which answers what the product does not.
    """

    question: str
    intents: tuple[str, ...]
    attributes: tuple[str, ...] = ()
    quantity: int | None = None
    number: int | None = None
    near: Near | None = None
    together: tuple[tuple[Product, int], ...] = ()
    rule: str | None = None


def stock_fact(product: Product, evidence: Evidence, language: Language) -> Fact:
    """Whether the product, or the variant meant, can be bought now."""
    variants = evidence.variants(product)
    name = say_name(product, variants, language)
    states = {v.id: say_stock(v.availability, language) for v in variants}
    if len(set(states.values())) == 1 and (len(variants) == 1 or not product.available):
        state = next(iter(states.values()))
        text = f"{name}{state}" if language == "zh" else f"{name} is {state}"
    elif len(variants) <= MOST_VARIANTS:
        each = [f"{v.label(language)}{gap(language)}{states[v.id]}" for v in variants]
        text = f"{name}：" + "；".join(each) if language == "zh" else f"{name}: " + "; ".join(each)
    else:
        gone = [v.label(language) for v in variants if not v.availability.available]
        text = f"{name}有货" if language == "zh" else f"{name} is in stock"
        if gone and len(gone) <= MOST_VARIANTS:
            listed = ("、" if language == "zh" else ", ").join(gone)
            text += f"，{listed}已售罄" if language == "zh" else f"; sold out: {listed}"
    return Fact(closed(text, language), (cite(product),))


def policy_fact(
    kind: str,
    product: Product | None,
    evidence: Evidence,
    language: Language,
    question: str = "",
) -> Fact | None:
    """The policy in force, quoted."""
    found = policies_for(kind, product, evidence.policies, question)
    if not found:
        return None
    text = gap(language).join(policy.text.say(language).strip() for policy in found)
    return Fact(text, tuple(cite(policy) for policy in found))


def comparison_fact(
    evidence: Evidence, language: Language, question: str = "", near: Near | None = None
) -> Fact | None:
    """Prices and the attributes that two products both state and that differ.

    The attributes that `question` is about come first.
    """
    if len(evidence.products) < 2:
        return None
    first, second = evidence.products[:2]
    parts = [
        f"{product.title.say(language)} {say_prices(product, evidence, language)}"
        for product in (first, second)
    ]
    text = ("，" if language == "zh" else ", ").join(parts)
    mine = {x.name.say(language): x.value.say(language) for x in first.attributes}
    theirs = {x.name.say(language): x.value.say(language) for x in second.attributes}
    differing = [n for n in mine if n in theirs and mine[n] != theirs[n]]
    if near is not None and len(differing) > 3:
        differing = by_relevance(first, differing, question, language, near)
    for name in differing[:3]:
        text += (
            f"；{name}：{mine[name]} 和 {theirs[name]}"
            if language == "zh"
            else f"; {name}: {mine[name]} and {theirs[name]}"
        )
    return Fact(closed(text, language), (cite(first), cite(second)))


def unknown_fact(language: Language) -> Fact:
    """What is said where no record holds the answer."""
    text = (
        "这个资料里没有写，我不确定，已帮你转给主播。"
        if language == "zh"
        else "The product record does not say, so I am not sure; I have passed it to the host."
    )
    return Fact(text, known=False)


def missing_number_fact(room: RoomContext, language: Language) -> Fact:
    """What is said to a number that the room's list does not have."""
    numbers = sorted(item.number for item in room.items)
    if not numbers:
        text = (
            "这个直播间还没有编号的商品。"
            if language == "zh"
            else "This room has no numbered items."
        )
    elif language == "zh":
        text = f"没有这个编号的商品，现在是{numbers[0]}号到{numbers[-1]}号。"
    else:
        text = f"There is no such number; items run from {numbers[0]} to {numbers[-1]}."
    return Fact(text)


def buying_fact(product: Product | None, number: int | None, language: Language) -> Fact:
    """How to order: by the item's number in the room, or by its card."""
    cites = (cite(product),) if product else ()
    if number is not None:
        text = f"点{number}号链接就能下单。" if language == "zh" else f"Tap item {number} to order."
    elif language == "zh":
        text = "点商品卡片就能下单。"
    else:
        text = "Tap the product card to order."
    return Fact(text, cites)


def facts(asked: Asked, evidence: Evidence, language: Language) -> list[Fact]:
    """What the records answer, in the order of the intents; empty where a model is needed."""
    said: list[Fact] = []
    if "comparison" in asked.intents:
        compared = comparison_fact(evidence, language, asked.question, asked.near)
        if compared:
            return [compared]
    product = evidence.products[0] if evidence.products else None
    if product is not None and asked.intents == ("comparison",) and evidence.variant_ids:
        return [price_fact(product, evidence, language)]
    for intent in asked.intents:
        if intent in POLICY_KINDS:
            quoted = policy_fact(intent, product, evidence, language, asked.question)
            if quoted is None and product is not None:
                said += _product_facts("attribute", product, asked, evidence, language)
            else:
                said.append(quoted or unknown_fact(language))
        elif intent == "how_to_buy":
            said.append(buying_fact(product, asked.number, language))
        elif product is not None:
            for item in evidence.products:
                said += _product_facts(intent, item, asked, evidence, language)
            if intent == "price" and asked.together:
                total = basket_fact(asked.together, evidence, language)
                said += [total] if total else []
    distinct = list({fact.text: fact for fact in said}.values())
    known = [fact for fact in distinct if fact.known]
    if not known and distinct and asked.rule:
        quoted = policy_fact(asked.rule, product, evidence, language, asked.question)
        known = [quoted] if quoted else []
    return known or distinct[:1]


def _product_facts(
    intent: str, product: Product, asked: Asked, evidence: Evidence, language: Language
) -> list[Fact]:
    if len(evidence.variants(product)) == len(product.variants):
        named = variants_with(product, asked.attributes)
        evidence = replace(evidence, variant_ids=named or evidence.variant_ids)
    if intent == "price":
        pieces = asked.quantity or 1
        basket = basket_fact([(product, pieces)], evidence, language) if pieces > 1 else None
        return [price_fact(product, evidence, language), *([basket] if basket else [])]
    if intent == "offer":
        return [offer_fact(product, evidence, language)]
    narrowed = len(evidence.variants(product)) < len(product.variants)
    if intent in ("stock", "attribute") and not narrowed:
        option = option_answer(product, asked.attributes, language)
        if option:
            return [Fact(option, (cite(product),))]
    if intent == "stock":
        return [stock_fact(product, evidence, language)]
    if intent in ("attribute", "other"):
        if narrowed and _THERE.search(asked.question.lower()):
            return [stock_fact(product, evidence, language)]
        answer = attribute_answer(product, asked.question, asked.attributes, language, asked.near)
        few = narrowed or len(evidence.variants(product)) <= MOST_VARIANTS
        if answer and not (answer.option and few):
            return [Fact(answer.text, (cite(product),))]
        if narrowed or answer:
            return [stock_fact(product, evidence, language)]
        return [unknown_fact(language)] if intent == "attribute" else []
    return []


FALLBACKS: dict[str, Callable[[Language], str]] = {
    "small_talk": lambda language: (
        "我在的，想了解哪款商品？" if language == "zh" else "I am here – which item interests you?"
    ),
    "complaint": lambda language: (
        "很抱歉让你不满意，已帮你转给主播处理。"
        if language == "zh"
        else "I am sorry about that; I have passed it to the host."
    ),
    "person": lambda language: (
        "好的，已帮你转给主播。"
        if language == "zh"
        else "Of course, I have passed you to the host."
    ),
    "schedule": lambda language: (
        "播出时间以主播说的为准，已帮你转给主播。"
        if language == "zh"
        else "The host says when the stream is on; I have passed your question to them."
    ),
    "order": lambda language: (
        "订单我这里查不到，已帮你转给人工客服。"
        if language == "zh"
        else "I cannot see orders from here; I have passed your question to a person."
    ),
}


def unnamed_fact(language: Language) -> Fact:
    """What is said where a fact is asked and nothing tells of which product."""
    if language == "zh":
        return Fact("你问的是哪一款？可以说商品名或者链接编号。")
    return Fact("Which item do you mean? Its name or number will do.")


def listing_fact(evidence: Evidence, language: Language, *, sure: bool = True) -> Fact | None:
    """The products in play with price and stock; not `sure`, as a question whether it is one."""
    if not evidence.products:
        return None
    items = []
    for product in evidence.products:
        variant = product.default_variant
        price = say_money(evidence.priced(product, variant).price, language)
        stock = "" if product.available else say_stock(variant.availability, language)
        items.append(" ".join(filter(None, (product.title.say(language), price, stock))))
    if language == "zh":
        text = ("可以看看：" if sure else "你问的是不是这里面的：") + "；".join(items)
        text += "。" if sure else "？"
    else:
        text = ("Have a look: " if sure else "Is it one of these: ") + "; ".join(items)
        text += "." if sure else "?"
    return Fact(text, tuple(cite(p) for p in evidence.products))
