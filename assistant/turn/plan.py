"""What a turn is to do: which facts to say, and what the model is to add to them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.turn.attributes import Near
from assistant.turn.evidence import Evidence, Fact
from assistant.turn.facts import (
    FALLBACKS,
    Asked,
    facts,
    listing_fact,
    missing_number_fact,
    unnamed_fact,
)
from assistant.turn.generation import Task
from assistant.turn.prices import shop_offers_fact
from assistant.turn.understanding import Understanding
from retrieval.catalog import Product, RoomContext

TOGETHER = re.compile(
    r"一共|总共|合计|一起|加起来|[加+＋]|\b(?:total|together|altogether|both|and|plus)\b"
)
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
    if found_by_search and asked.intents[0] == "offer":
        running = shop_offers_fact(asked.constraints.categories, evidence, asked.language)
        if running:
            return [running]
    about_facts = bool(set(asked.intents) & SHOP_FACTS)
    if found_by_search and (about_facts or "recommendation" in asked.intents):
        sure = "recommendation" in asked.intents or bool(asked.constraints.categories)
        listed = listing_fact(evidence, asked.language, sure=sure)
        if listed or about_facts:
            return [listed or unnamed_fact(asked.language)]
    number = next((i.number for i in room.items if i.product_id in asked.product_ids[:1]), None)
    together: tuple[Product, ...] = ()
    if len(asked.product_ids) > 1 and TOGETHER.search(question.lower()):
        together = tuple(p for p in evidence.products if p.id in asked.product_ids)
    words = (*asked.constraints.attributes, *asked.constraints.excluded)
    return facts(
        Asked(question, asked.intents, words, asked.quantity, number, near, together),
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
