"""What a turn is to do: which facts to say, and what the model is to add to them."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.turn.evidence import Evidence, Fact
from assistant.turn.facts import (
    FALLBACKS,
    POLICY_KINDS,
    Asked,
    facts,
    listing_fact,
    missing_number_fact,
    policy_fact,
    unnamed_fact,
)
from assistant.turn.generation import Task
from assistant.turn.pieces import TOGETHER, one_of_each
from assistant.turn.prices import goods_offers, shop_offers_fact
from assistant.turn.properties import Near
from assistant.turn.understanding import Understanding
from retrieval.catalog import Product, RoomContext

SHOP_FACTS = {"price", "stock", "offer", "attribute"}


def chosen_facts(
    question: str,
    room: RoomContext,
    asked: Understanding,
    evidence: Evidence,
    found_by_search: bool,
    near: Near,
) -> list[Fact]:
    """What records say to this question; a search result answers with the list it found. Blocks."""
    if asked.unknown_reference:
        return [missing_number_fact(room, asked.language)]
    unnamed = asked.reference in ("recent", "on_air") and goods_offers(question, evidence)
    if asked.intents[0] == "offer" and (found_by_search or unnamed):
        running = shop_offers_fact(question, evidence, asked.language)
        if running:
            return [running]
    if found_by_search and asked.rule and asked.intents[0] in ("other", "attribute", "comparison"):
        quoted = policy_fact(asked.rule, None, evidence, asked.language, question)
        if quoted:
            return [quoted]
    about_facts = bool(set(asked.intents) & SHOP_FACTS) and asked.intents[0] not in POLICY_KINDS
    if found_by_search and (about_facts or "recommendation" in asked.intents):
        sure = "recommendation" in asked.intents or bool(asked.constraints.categories)
        listed = listing_fact(evidence, asked.language, sure=sure)
        if listed or about_facts:
            return [listed or unnamed_fact(asked.language)]
    number = next((i.number for i in room.items if i.product_id in asked.product_ids[:1]), None)
    together: tuple[tuple[Product, int], ...] = ()
    if len(asked.product_ids) > 1 and (asked.pieces or TOGETHER.search(question.lower())):
        pieces = asked.pieces or (1,) * len(asked.product_ids)
        counted = dict(zip(asked.product_ids, pieces, strict=True))
        together = tuple((p, counted[p.id]) for p in evidence.products if p.id in counted)
    quantity = asked.quantity
    if quantity is None and len(asked.product_ids) == 1 and one_of_each(question):
        quantity = len(asked.variant_ids) or None
    words = (*asked.constraints.attributes, *asked.constraints.excluded)
    # What search found is a guess: nothing is said of it as if it had been named.
    intents = tuple(i for i in asked.intents if not (found_by_search and i == "other"))
    return facts(
        Asked(
            asked.asks_as or question,
            intents,
            words,
            quantity,
            number,
            near,
            together,
            asked.rule,
        ),
        evidence,
        asked.language,
    )


def task_of(asked: Understanding, evidence: Evidence, said: Sequence[Fact]) -> Task | None:
    """What the model is to add; None where records have said all that may be said."""
    if asked.unknown_reference or any(not fact.known for fact in said):
        return None
    if not evidence.products:
        return "chat" if asked.intents[0] in ("small_talk", "other", "recommendation") else None
    if "comparison" in asked.intents:
        return "compare"
    if "recommendation" in asked.intents or asked.intents[0] == "other":
        return "answer" if asked.product_ids else "recommend"
    return "advise" if set(asked.intents) & SHOP_FACTS else None


def fallback(asked: Understanding, evidence: Evidence) -> Fact:
    """A reply is never empty: the list of products, or a friendly line."""
    listed = listing_fact(evidence, asked.language)
    return listed or Fact(FALLBACKS.get(asked.intents[0], FALLBACKS["small_talk"])(asked.language))
