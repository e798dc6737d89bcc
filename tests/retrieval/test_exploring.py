"""Exploration keeps its share, its propensities are exact, it stays within what was found."""

from __future__ import annotations

from collections import Counter

import pytest

from retrieval.behaviour import Behaviour, Item
from retrieval.catalog import Money, Product, Text, Variant, stock
from retrieval.exploring import Exploration, drawn, placed
from retrieval.ranker import Ranked


def product(key: str, title: str, category: str = "cups", left: int = 9) -> Product:
    variant = Variant(id=key, price=Money(minor=100, currency="CNY"), availability=stock(left))
    return Product(id=key, title=Text(en=title), category=Text(en=category), variants=(variant,))


LISTED = {
    one.id: one
    for one in (
        product("a", "steel cup"),
        product("b", "glass mug"),
        product("c", "tea bowl"),
        product("head", "best seller flask"),
        product("new", "bamboo tumbler"),
        product("rare", "clay beaker"),
        product("lamp", "desk lamp", "lamps"),
        product("gone", "stone goblet", left=0),
        product("twin", "steel cup"),
    )
}
RANKED = [Ranked(product_id=key, score=-n) for n, key in enumerate(LISTED)]
BEHAVIOUR = Behaviour(
    [Item(key, key) for key in LISTED if key != "new"], [["head"] * 40, ["rare"], ["a", "b", "c"]]
)


@pytest.mark.parametrize("first", [0, 1, 2])
@pytest.mark.parametrize("share", [0.1, 0.9])
def test_what_is_logged_is_how_often_it_happens(first: int, share: float) -> None:
    """Over evenly spread draws each place stands at each position as often as its propensity."""
    counted: Counter[tuple[int, int]] = Counter()
    shown: Counter[int] = Counter()
    said: dict[tuple[int, int], float] = {}
    chances: dict[int, float] = {}
    many = 9000
    for n in range(many):
        found = placed(6, 3, first, [3, 5], share, n / many)
        assert len({one.place for one in found}) == 3
        for position, one in enumerate(found):
            counted[one.place, position] += 1
            shown[one.place] += 1
            said[one.place, position] = one.propensity
            chances[one.place] = one.chance
    assert {place for place, _ in said} == {0, 1, 2, 3, 5}
    for key, propensity in said.items():
        assert counted[key] / many == pytest.approx(propensity, abs=0.001)
    for place, chance in chances.items():
        assert shown[place] / many == pytest.approx(chance, abs=0.001)
    assert all(position >= first for (place, position) in said if place in (3, 5))


def test_without_a_share_or_anything_to_try_all_is_certain() -> None:
    for found in (placed(5, 3, 0, [], 0.5, 0.1), placed(5, 3, 0, [4], 0.0, 0.0)):
        assert found == [(0, 1.0, 1.0, False), (1, 1.0, 1.0, False), (2, 1.0, 1.0, False)]
    assert placed(2, 3, 0, [], 0.5, 0.1) == [(0, 1.0, 1.0, False), (1, 1.0, 1.0, False)]
    assert placed(0, 3, 0, [], 0.5, 0.1) == []


def test_draws_are_even_and_the_same_again() -> None:
    draws = [drawn(str(n)) for n in range(4000)]
    assert draws == [drawn(str(n)) for n in range(4000)]
    assert sum(draws) / 4000 == pytest.approx(0.5, abs=0.02)
    assert sum(draw < 0.05 for draw in draws) / 4000 == pytest.approx(0.05, abs=0.012)


def test_only_the_long_tail_of_what_was_found_is_tried() -> None:
    """Not what sells anyway, of another kind, sold out, or nearly what is shown."""
    exploring = Exploration(0.5, lambda: BEHAVIOUR)
    tried: Counter[str] = Counter()
    for n in range(2000):
        cards = exploring.choose(RANKED, LISTED, 3, f"reply {n}", first=1)
        assert [one.position for one in cards] == [0, 1, 2]
        assert cards[0].product_id == "a"
        tried.update(one.product_id for one in cards if one.explored)
        assert sum(one.explored for one in cards) <= 1
    assert set(tried) == {"new", "rare"}
    assert sum(tried.values()) / 2000 == pytest.approx(0.5, abs=0.04)


def test_the_order_stays_without_exploration() -> None:
    cards = Exploration().choose(RANKED, LISTED, 3, "reply")
    assert [(one.product_id, one.propensity) for one in cards] == [("a", 1), ("b", 1), ("c", 1)]
