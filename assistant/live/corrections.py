"""Who was told a price or a stock that is no longer true, and what they are to be told now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from assistant.live.state import Prices, RoomState, Told
from assistant.live.validity import Basis
from assistant.store.live import FeedItem
from assistant.turn.evidence import Evidence
from assistant.turn.facts import stock_fact
from assistant.turn.prices import price_fact
from retrieval.catalog import Product


def prices(product: Product, evidence: Evidence) -> Prices:
    """What each variant costs now, in minor units, and whether it can be had."""
    return {
        variant.id: (
            evidence.priced(product, variant).price.minor,
            variant.availability.available,
        )
        for variant in product.variants
    }


def corrections(state: RoomState, basis: Basis, now: datetime) -> list[FeedItem]:
    """One item for each product that viewers were told something untrue of, lately.

    Marks what was told as corrected. Blocks for reading the records.
    """
    by_product: dict[str, list[Told]] = {}
    for told in state.told:
        by_product.setdefault(told.product_id, []).append(told)
    if not by_product:
        return []
    evidence = basis.evidence(by_product)
    items = []
    for product in evidence.products:
        true = prices(product, evidence)
        stale = [t for t in by_product[product.id] if _differs(t.prices, true)]
        if stale:
            items.append(_item(state.id, product, stale, basis, true, now))
            for told in stale:
                told.prices = {key: true[key] for key in told.prices if key in true}
    return items


def _differs(told: Prices, true: Prices) -> bool:
    return any(true.get(variant) != said for variant, said in told.items())


def _item(
    room: str, product: Product, stale: Iterable[Told], basis: Basis, true: Prices, now: datetime
) -> FeedItem:
    old: Prices = {}
    answers: list[int] = []
    questions: list[str] = []
    viewers: list[str] = []
    askers = 0
    for told in stale:
        old |= told.prices
        answers += [told.answer] if told.answer else []
        questions += [told.question] if told.question else []
        viewers += [told.viewer] if told.viewer else []
        askers += told.askers
    wrong = {variant: said for variant, said in old.items() if true.get(variant) != said}
    of_stock = all(
        variant in true and true[variant][0] == minor for variant, (minor, _) in wrong.items()
    )
    fact = stock_fact if of_stock else price_fact
    said = replace(basis.evidence([product.id]), variant_ids=tuple(v for v in wrong if v in true))
    return FeedItem(
        room,
        f"correction:{product.id}:{now.isoformat()}",
        "correction",
        now,
        {
            "product_id": product.id,
            "text": {
                "zh": "更正：" + fact(product, said, "zh").text,
                "en": "Correction: " + fact(product, said, "en").text,
            },
            "before": {v: {"price_minor": m, "available": a} for v, (m, a) in wrong.items()},
            "now": {
                v: {"price_minor": true[v][0], "available": true[v][1]} for v in wrong if v in true
            },
            "currency": product.default_variant.price.currency,
            "answers": sorted(set(answers)),
            "questions": sorted(set(questions)),
            "askers": askers,
            "viewers": sorted(set(viewers))[:200],
        },
    )
