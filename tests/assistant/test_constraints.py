"""A thousand shops and questions: limits hold whatever is explored, and prices know no viewer."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assistant.store import Store
from assistant.turn.finding import MOST_CARDS
from retrieval.basket import unit_price
from retrieval.behaviour import Behaviour, Item
from retrieval.catalog import (
    Attribute,
    Constraints,
    Money,
    Offer,
    Product,
    Profile,
    RoomContext,
    Text,
    Variant,
    stock,
)
from retrieval.combiner import Combiner
from retrieval.exploring import Exploration
from retrieval.features import NAMES, decayed
from retrieval.ranker import LearnedRanker, Weighing
from retrieval.retriever import Candidate

NOW = datetime(2026, 11, 1, tzinfo=UTC)
ROOM = RoomContext(id="room", on_air="p1")
SHOPS, QUESTIONS, SIZE = 25, 40, 24
COLOURS, KINDS = ("红色", "蓝色", "白色"), ("杯子", "台灯", "外套")
# Everything counts, so that nothing that should not count stays unseen.
WEIGHING = Weighing(Combiner(dict.fromkeys(NAMES, 1.0)), "v1", "")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(f"sqlite:///{tmp_path / 'shop.db'}", clock=lambda: NOW)
    opened.migrate()
    yield opened
    opened.close()


def filled(store: Store, chance: random.Random) -> list[str]:
    """Another shop in the same store: prices, stock, colours, kinds and offers by chance."""
    ids = [f"p{n}" for n in range(SIZE)]
    colour = Text(zh="颜色")
    store.catalog.put_products(
        [
            Product(
                id=key,
                title=Text(zh=f"{chance.choice(KINDS)} {key}"),
                category=Text(zh=chance.choice(KINDS)),
                attributes=(Attribute(name=colour, value=Text(zh=chance.choice(COLOURS))),),
                variants=tuple(
                    Variant(
                        id=f"{key}-{n}",
                        price=Money(minor=chance.randint(1, 99) * 100, currency="CNY"),
                        availability=stock(chance.choice([0, 0, 3, 50])),
                    )
                    for n in range(chance.randint(1, 2))
                ),
            )
            for key in ids
        ]
    )
    store.catalog.put_offers(
        [
            Offer(
                id="half",
                kind="percent_off",
                title=Text(zh="半价"),
                percent=50,
                product_ids=tuple(chance.sample(ids, 4)),
                starts_at=NOW - timedelta(hours=1),
            )
        ]
    )
    return ids


def asked(chance: random.Random) -> Constraints:
    """Limits by chance, at least one."""
    found = {
        "price_max": chance.choice([None, chance.randint(5, 99) * 100]),
        "price_min": chance.choice([None, None, chance.randint(1, 40) * 100]),
        "attributes": chance.choice([(), (), (chance.choice(COLOURS),)]),
        "excluded": chance.choice([(), (chance.choice(COLOURS),)]),
        "categories": chance.choice([(), (), (chance.choice(KINDS),)]),
        "in_stock": True,
        "currency": "CNY",
    }
    return Constraints.model_validate(found)


def broken(product: Product, limits: Constraints, offers: tuple[Offer, ...]) -> list[str]:
    """The limits that a product breaks, judged from its record alone."""
    said = " ".join((product.title.zh, *(a.value.zh for a in product.attributes)))
    bought = [v for v in product.variants if v.availability.available]
    prices = [unit_price(product, v, offers, NOW).price.minor for v in bought]
    found = []
    if not bought:
        found.append("in stock")
    if limits.price_max is not None and not any(p <= limits.price_max for p in prices):
        found.append("price_max")
    if limits.price_min is not None and not any(p >= limits.price_min for p in prices):
        found.append("price_min")
    if any(word not in said for word in limits.attributes):
        found.append("attribute")
    if any(word in said for word in limits.excluded):
        found.append("excluded")
    if limits.categories and product.category.zh not in limits.categories:
        found.append("category")
    return found


def profile(chance: random.Random, ids: list[str], viewer: str) -> Profile:
    trails: Mapping[str, Mapping[str, float]] = {
        kind: decayed(chance.choices(ids, k=3)) for kind in ("viewed", "clicked", "bought")
    }
    return Profile.model_validate({"viewer": viewer, **trails})


def always(behaviour: Behaviour) -> Callable[[], Behaviour]:
    """Counts that stay as they are."""
    return lambda: behaviour


@pytest.mark.slow
def test_limits_hold_over_a_thousand_questions_and_prices_know_no_viewer(store: Store) -> None:
    chance = random.Random(11)
    shown = explored = moved = 0
    for shop in range(SHOPS):
        ids = filled(store, chance)
        behaviour = Behaviour([Item(key, key) for key in ids], [chance.choices(ids[:6], k=9)])
        ranker = LearnedRanker(
            store.catalog,
            None,
            WEIGHING.combiner,
            always(behaviour),
            lambda: NOW,
            weighed=lambda viewer: WEIGHING,
            long_tail=chance.choice([0.0, 0.5, 1.0]),
        )
        exploration = Exploration(0.5, always(behaviour))
        offers = store.catalog.offers()
        for question in range(QUESTIONS):
            limits = asked(chance)
            eligible = store.catalog.eligible(limits)
            assert eligible is not None
            found = [Candidate(product_id=key, score=chance.random()) for key in sorted(eligible)]
            products = store.catalog.products(tuple(c.product_id for c in found))
            orders = set()
            for viewer in (None, profile(chance, ids, f"v{question}")):
                # Who may be shown what, and at which price, is asked without saying who asks.
                assert store.catalog.eligible(limits) == eligible
                ranked = ranker.rank("杯子", found, products, ROOM, viewer)
                assert {one.product_id for one in ranked} == eligible
                orders.add(tuple(one.product_id for one in ranked))
                cards = exploration.choose(ranked, products, MOST_CARDS, f"{shop}-{question}")
                for card in cards:
                    shown, explored = shown + 1, explored + card.explored
                    assert broken(products[card.product_id], limits, offers) == []
            moved += len(orders) > 1
    assert shown > 2000, "limits that leave nothing prove nothing"
    assert explored > 50
    assert moved > 100, "profiles have to matter, or the rest proves nothing"
