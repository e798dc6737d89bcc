from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from retrieval.behaviour import Behaviour, Item
from retrieval.catalog import Profile
from retrieval.combiner import Combiner, fit
from retrieval.errors import ModelRefused
from retrieval.features import NAMES, PERSONAL, RISING, Facts, decayed, features

ITEMS = [
    Item("cup", "steel cup 500 ml", "nuan", "cups"),
    Item("cup2", "steel cup 750 ml", "nuan", "cups"),
    Item("lamp", "desk lamp", "yan", "lamps"),
    Item("tea", "green tea", "ya", "tea"),
]
IDS = [item.id for item in ITEMS]
TRAILS = [["cup", "tea"], ["cup", "tea"], ["lamp", "cup"]]


def column(name: str, profile: Profile | None, **more: object) -> list[float]:
    rows = features(IDS, Behaviour(ITEMS, TRAILS), profile, **more)  # type: ignore[arg-type]
    return [float(value) for value in rows[:, NAMES.index(name)]]


def test_what_follows_what_was_bought_counts() -> None:
    bought = Profile(viewer="v", bought=decayed(["cup"]))
    follows = column("follows", bought)
    assert follows[3] > follows[2] > 0, "after counts more than before"
    alike = column("resembles", bought)
    assert alike[1] > 0.4 > alike[2] == 0
    assert column("same_brand", bought) == [1, 1, 0, 0]


def test_a_later_step_weighs_more() -> None:
    assert decayed(["a", "b", "a"]) == {"a": pytest.approx(1.49), "b": pytest.approx(0.7)}


def test_a_cold_viewer_and_a_cold_item() -> None:
    for name in PERSONAL:
        assert column(name, None) == [0, 0, 0, 0]
        assert column(name, Profile(viewer="v")) == [0, 0, 0, 0]
    rows = features(["unheard"], Behaviour(ITEMS, TRAILS), Profile(viewer="v", bought={"cup": 1}))
    known = {name: float(value) for name, value in zip(NAMES, rows[0], strict=True) if value}
    assert known == {"new": 1.0}


def test_a_subset_has_the_same_rows() -> None:
    """Training looks at whole catalogues, serving at twenty candidates: same numbers."""
    chance = random.Random(0)
    behaviour = Behaviour(ITEMS, TRAILS)
    for _ in range(50):
        profile = Profile(viewer="v", viewed=decayed(chance.choices(IDS, k=3)))
        facts = Facts(prices=np.array([100.0, 200, 300, 400], np.float32))
        whole = features(IDS, behaviour, profile, "cup", facts, 200.0)
        some = chance.sample(range(4), 2)
        part = Facts(prices=np.array([100.0 * (p + 1) for p in some], np.float32))
        there = features([IDS[p] for p in some], behaviour, profile, "cup", part, 200.0)
        assert np.array_equal(whole[some], there)


def test_counts_do_not_know_the_order_of_viewers() -> None:
    first, second = Behaviour(ITEMS, TRAILS), Behaviour(ITEMS, TRAILS[::-1])
    for one, other in zip(first.follows({"cup": 1}), second.follows({"cup": 1}), strict=True):
        assert np.allclose(one, other)


def test_a_fitted_combiner_never_breaks_common_sense() -> None:
    chance = np.random.default_rng(0)
    lists = [chance.normal(size=(8, len(NAMES))).astype(np.float32) for _ in range(200)]
    # The chosen one is the least relevant: sense forbids to learn that.
    chosen = [int(np.argmin(rows[:, 0] + 0.1 * rows[:, 3])) for rows in lists]
    weights = fit(lists, chosen).weights
    assert all(weights.get(name, 0) >= 0 for name in RISING)
    right = [int(np.argmax(rows[:, NAMES.index("follows")])) for rows in lists]
    assert fit(lists, right).weights["follows"] > 1


def test_held_weights_stay() -> None:
    rows = np.zeros((2, len(NAMES)), np.float32)
    rows[0, NAMES.index("resembles")] = 1
    weights = fit([rows] * 5, [0] * 5, {"relevance": 1.0, "offer": 0.1}).weights
    assert weights["relevance"] == 1.0
    assert weights["offer"] == pytest.approx(0.1)
    assert weights["resembles"] > 0


def test_impossible_weights_are_refused(tmp_path: Path) -> None:
    for weights in ({"relevance": -1.0}, {"colour": 1.0}, {"offer": float("nan")}):
        with pytest.raises(ModelRefused):
            Combiner(weights)
    (tmp_path / "c.json").write_text("[]")
    with pytest.raises(ModelRefused, match=r"c\.json"):
        Combiner.read(tmp_path / "c.json")
    Combiner({"seen": -1.0}).write(tmp_path / "c.json")
    assert Combiner.read(tmp_path / "c.json").weights == {"seen": -1.0}
