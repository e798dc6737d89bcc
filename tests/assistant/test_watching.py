"""Drift and calibration: still where nothing changes, up where viewers or features do."""

from __future__ import annotations

import numpy as np

from assistant.api.metrics import Metrics
from assistant.store import Store
from assistant.watching import Watched, Watching, stability, watched
from retrieval.combiner import Combiner
from tests.assistant.played import play

LIVE = Combiner({"popular": 0.3, "same_category": 1.0})


def test_nothing_is_told_of_few_cards(store: Store) -> None:
    assert watched(store, LIVE) == Watched()
    play(store, 50)
    found = watched(store, LIVE)
    assert (found.cards, found.drift, found.calibration_error) == (150, {}, None)
    assert 0.1 < found.taken < 0.6


def test_what_stays_the_same_neither_drifts_nor_errs(store: Store) -> None:
    play(store, 800)
    found = watched(store, LIVE)
    assert found.calibration_error is not None
    assert found.calibration_error < 0.06
    assert max(found.drift.values()) < 0.05


def test_viewers_who_change_their_taste_show_in_the_calibration(store: Store) -> None:
    play(store, 400)
    play(store, 400, seed=2, liked=0.0)
    found = watched(store, LIVE)
    assert found.calibration_error is not None
    assert found.calibration_error > 0.1
    assert max(found.drift.values()) < 0.05, "the features are what they were"


def test_stability_is_small_for_the_same_and_large_for_another() -> None:
    chance = np.random.default_rng(0)
    one, same, other = (
        chance.normal(size=2000),
        chance.normal(size=2000),
        chance.normal(1, size=2000),
    )
    assert stability(one, same) < 0.02
    assert stability(one, other) > 0.5
    assert stability(np.zeros(500), np.zeros(500)) == 0
    assert stability(np.zeros(500), np.ones(500)) > 1


def test_the_metrics_tell_it(store: Store) -> None:
    play(store, 300)
    watching, metrics = Watching(store, lambda: LIVE), Metrics()
    metrics.watch_ranker(lambda: 3, watching)
    assert b"liveshop_ranker_cards 0.0" in metrics.text()
    watching.close()
    text = metrics.text().decode()
    for line in (
        "liveshop_ranker_version 3.0",
        "liveshop_ranker_cards 900.0",
        "liveshop_ranker_explored_share 0.0",
        'liveshop_ranker_drift{feature="popular"} ',
        "liveshop_ranker_calibration_error ",
    ):
        assert line in text
