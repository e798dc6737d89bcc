from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from assistant.profiles import CHOICE, KINDS, Profiles, Together
from assistant.store import Store
from assistant.store.events import Event
from retrieval.catalog import Money, Product, RoomContext, Text, Variant, stock
from retrieval.combiner import Combiner
from retrieval.features import NAMES
from retrieval.ranker import LearnedRanker
from retrieval.retriever import Candidate

IDS = [f"p{number}" for number in range(12)]
NOW = datetime(2026, 11, 1, tzinfo=UTC)
# Every feature counts, so that a profile that leaked would show.
COMBINER = Combiner(dict.fromkeys(NAMES, 1.0))
ROOM = RoomContext(id="room", on_air="p3")


@pytest.fixture
def store(store: Store) -> Store:
    store.catalog.put_products(
        [
            Product(
                id=key,
                title=Text(en=f"thing {key} {'cup' if place % 2 else 'lamp'}"),
                brand=Text(en=f"brand {place % 3}"),
                variants=(
                    Variant(
                        id=f"{key}-v",
                        price=Money(minor=1000 * (place + 1), currency="CNY"),
                        availability=stock(place % 4),
                    ),
                ),
            )
            for place, key in enumerate(IDS)
        ]
    )
    return store


def event(number: int, viewer: str, kind: str, **data: object) -> Event:
    return Event("shop", str(number), kind, "room", NOW + timedelta(seconds=number), viewer, data)


def test_a_profile_is_the_log_decayed(store: Store) -> None:
    profiles = Profiles(store)
    store.events.append_many(
        [
            event(1, "ann", "shop.view", product_id="p1"),
            event(2, "ann", "shop.view", product_id="p2"),
            event(3, "ann", "shop.purchase", product_ids=["p2", "p5"]),
            event(4, "ann", "shop.cart", product_id=7),
            event(5, "bob", "shop.view", product_id="p9"),
        ]
    )
    profile = profiles.of("ann")
    assert profile is not None
    assert profile.viewed == {"p2": 1.0, "p1": 0.7}
    assert profile.bought == {"p5": 1.0, "p2": 0.7}
    assert profile.carted == {}
    assert profiles.of(None) is None


def test_an_opted_out_viewer_changes_no_order(store: Store) -> None:
    chance = random.Random(5)
    profiles, together = Profiles(store), Together(store)
    ranker = LearnedRanker(store.catalog, None, COMBINER, together)
    candidates = [Candidate(product_id=key, score=0.0) for key in IDS]
    products = store.catalog.products(tuple(IDS))
    nobody = ranker.rank("", candidates, products, ROOM, None)
    rows = []
    for number in range(1000):
        kinds = chance.choices(list(KINDS), k=4)
        rows += [
            event(number * 10 + k, f"v{number}", kind, product_id=chance.choice(IDS))
            for k, kind in enumerate(kinds)
        ]
    store.events.append_many(rows)
    moved = 0
    for number in range(0, 1000, 20):
        personal = ranker.rank("", candidates, products, ROOM, profiles.of(f"v{number}"))
        moved += [r.product_id for r in personal] != [r.product_id for r in nobody]
    assert moved > 25, "profiles have to matter, or the rest proves nothing"
    store.events.append_many(
        [event(100_000 + n, f"v{n}", CHOICE, enabled=False) for n in range(1000)]
    )
    for number in range(1000):
        assert ranker.rank("", candidates, products, ROOM, profiles.of(f"v{number}")) == nobody


def test_an_opted_out_viewer_is_not_counted(store: Store) -> None:
    store.events.append_many(
        [
            event(1, "ann", "shop.view", product_id="p1"),
            event(2, "bob", "shop.view", product_id="p2"),
            event(3, "bob", CHOICE, enabled=False),
        ]
    )
    behaviour = Together(store)()
    assert behaviour.popularity[behaviour.places["p1"]] == 1
    assert behaviour.popularity[behaviour.places["p2"]] == 0


def test_counts_are_renewed_in_the_background(store: Store) -> None:
    together = Together(store, fresh_s=0.0)
    store.events.append_many([event(1, "ann", "shop.view", product_id="p1")])
    together()
    together.close()
    behaviour = together()
    assert behaviour.popularity[behaviour.places["p1"]] == 1
    together.close()


def test_erasing_takes_the_viewer_and_keeps_the_pair(store: Store) -> None:
    profiles = Profiles(store)
    store.events.append_many([event(1, "ann", "shop.view", product_id="p1")])
    assert profiles.erase("ann") == 1
    assert profiles.behaviour_of("ann") == []
    (kept,) = store.events.read()
    assert (kept.viewer, kept.data) == (None, {})
    assert store.events.append_many([event(1, "ann", "shop.view", product_id="p1")]) == [False]
