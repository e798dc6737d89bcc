"""The report of an experiment: who did what on either side, and whether the sides are as asked."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from assistant.errors import NotFound
from assistant.events import LISTED
from assistant.profiles import CHOICE
from assistant.rankers import arm_of
from assistant.store import Store
from assistant.store.events import Event
from assistant.trial import trial
from tests.assistant.played import NOON


@pytest.fixture
def store(store: Store) -> Store:
    version = store.rankers.keep({"popular": 1.0}, {"judge": ""})
    store.rankers.begin("brands", version, 30)
    return store


def visits(store: Store, viewers: range, clicks: dict[str, float], lost: str = "") -> None:
    """Each viewer is shown two lists on their side and clicks as `clicks` says of it."""
    tried, chance = store.rankers.experiment("brands"), random.Random(3)
    events = []
    for number in viewers:
        viewer = f"v{number}"
        arm = arm_of(tried, viewer)
        if arm == lost and number % 2:
            continue
        for turn in range(2):
            key, at = f"{viewer}-{turn}", NOON + timedelta(minutes=turn)
            data = {"shown": [{"product_id": "p"}], "ranker": "x", "arm": f"brands:{arm}"}
            events.append(Event("liveshop", key, LISTED, "demo", at, viewer, data))
            if chance.random() < clicks[arm]:
                click = {"product_id": "p", "reply_id": key}
                events.append(Event("shop", f"c{key}", "shop.click", "demo", at, viewer, click))
    store.events.append_many(events)


def test_a_true_difference_is_found_with_its_interval(store: Store) -> None:
    visits(store, range(2000), {"a": 0.2, "b": 0.3})
    found = trial(store, "brands")
    assert (found.a.viewers + found.b.viewers, found.uneven) == (2000, False)
    assert found.a.replies == 2 * found.a.viewers
    assert found.a.shares["shop.click"].value == pytest.approx(0.2, abs=0.02)
    difference = found.differences["shop.click"]
    assert 0 < difference.low < difference.value < difference.high
    assert difference.low < 0.1 < difference.high
    nothing = found.differences["shop.purchase"]
    assert (nothing.low, nothing.value, nothing.high) == (0, 0, 0)


def test_no_difference_is_none(store: Store) -> None:
    visits(store, range(1500), {"a": 0.25, "b": 0.25})
    difference = trial(store, "brands").differences["shop.click"]
    assert difference.low < 0 < difference.high


def test_viewers_lost_on_one_side_are_noticed(store: Store) -> None:
    visits(store, range(2000), {"a": 0.2, "b": 0.2}, lost="b")
    found = trial(store, "brands")
    assert found.uneven
    assert found.p < 1e-6


def test_who_opted_out_is_not_counted_and_nobody_is_no_error(store: Store) -> None:
    with pytest.raises(NotFound, match="'other'"):
        trial(store, "other")
    empty = trial(store, "brands")
    assert (empty.a.viewers, empty.b.replies, empty.uneven) == (0, 0, False)
    visits(store, range(10), {"a": 1.0, "b": 1.0})
    store.events.append("liveshop", "o", CHOICE, None, "v3", NOON, {"enabled": False})
    found = trial(store, "brands")
    assert found.a.viewers + found.b.viewers == 9
