"""How the ranker does as time goes on: whether its features drift, whether its scores hold.

The latest cards are held against as many before them. Drift of a feature is the population
stability index of its values; from 0.2 on it is usually called a shift. Calibration is how far
deeds are from what scores foretell: a logistic curve from score and position to whether anything
was done with a card is fitted to the earlier cards, and the latest are compared with it in ten
bins (expected calibration error, as in Guo et al. 2017).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from assistant.events import SHOWING
from assistant.outcomes import Attribution, opted_out
from assistant.profiles import KINDS
from assistant.store import Store
from retrieval.combiner import Combiner
from retrieval.features import NAMES
from retrieval.training.feedback import row_of

_EVENTS = 10_000  # newest events that are looked at
_FEWEST = 200  # cards before and after, for a figure
_STEPS = 25
_log = logging.getLogger(__name__)
Values = NDArray[np.float64]


class Cards(NamedTuple):
    """Cards in the order they were shown: rows of features, positions from 0, 1 where a deed."""

    rows: Values
    positions: Values
    taken: Values


@dataclass(frozen=True)
class Watched:
    """What is known of the latest cards; drift and calibration are missing where they are few.

    `taken` and `explored` are shares of the cards.
    """

    cards: int = 0
    taken: float = 0.0
    explored: float = 0.0
    drift: Mapping[str, float] = field(default_factory=dict)
    calibration_error: float | None = None


class Watching:
    """The figures of one shop, made anew in the background when older than `fresh_s` seconds."""

    def __init__(
        self, store: Store, serving: Callable[[], Combiner], fresh_s: float = 300.0
    ) -> None:
        self._store, self._serving, self._fresh_s = store, serving, fresh_s
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._made_at, self._found = float("-inf"), Watched()

    def __call__(self) -> Watched:
        """The latest figures; never waits for new ones."""
        with self._lock:
            old = time.monotonic() - self._made_at > self._fresh_s
            if old and (self._thread is None or not self._thread.is_alive()):
                self._thread = threading.Thread(target=self._renew, name="watching", daemon=True)
                self._thread.start()
            return self._found

    def close(self) -> None:
        """Waits until reading has ended, so that the store may be closed."""
        if self._thread is not None:
            self._thread.join()

    def _renew(self) -> None:
        try:
            found = watched(self._store, self._serving())
        except Exception:  # noqa: BLE001 - older figures are better than none; told, tried again
            _log.exception("watching the ranker failed; the older figures stay")
            found = self._found
        with self._lock:
            self._found, self._made_at = found, time.monotonic()


def watched(store: Store, combiner: Combiner) -> Watched:
    """The figures now, scores by `combiner`. Blocks while it reads the latest events."""
    read = store.events.read(types=(*SHOWING, *KINDS), limit=_EVENTS, newest=True)
    attribution, out = Attribution(), opted_out(store)
    attribution.take(read)
    rows, positions, taken, explored = [], [], [], 0
    for one in attribution.showings:
        for card in one.cards if one.viewer not in out else ():
            if card.features:
                rows.append(row_of(card.features))
                positions.append(float(card.position))
                taken.append(float(bool(one.deeds.get(card.product_id))))
                explored += card.explored
    if not rows:
        return Watched()
    cards = Cards(np.stack(rows).astype(np.float64), np.array(positions), np.array(taken))
    half = len(rows) // 2
    before = Cards(*(part[:half] for part in cards))
    after = Cards(*(part[half:] for part in cards))
    counted = Watched(len(rows), float(cards.taken.mean()), explored / len(rows))
    if half < _FEWEST:
        return counted
    return Watched(
        counted.cards,
        counted.taken,
        counted.explored,
        {name: stability(before.rows[:, n], after.rows[:, n]) for n, name in enumerate(NAMES)},
        calibration_error(before, after, combiner),
    )


def stability(before: Values, after: Values) -> float:
    """The population stability index of `after` against `before`, in bins of tenths of `before`."""
    edges = np.unique(np.quantile(before, np.linspace(0.1, 0.9, 9)))
    shares = []
    for values in (before, after):
        # On both sides of each edge, so that a value that many share has a bin of its own.
        places = np.searchsorted(edges, values, "left") + np.searchsorted(edges, values, "right")
        counts = np.bincount(places, minlength=2 * len(edges) + 1) + 0.5
        shares.append(counts / counts.sum())
    return float(((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum())


def calibration_error(before: Cards, after: Cards, combiner: Combiner) -> float:
    """How far the deeds of `after` are from what `before` foretells: the mean over ten bins."""
    known, new = (_told(cards, combiner) for cards in (before, after))
    centre, scale = known.mean(axis=0), known.std(axis=0) + 1e-9
    known, new = (np.c_[np.ones(len(x)), (x - centre) / scale] for x in (known, new))
    weights = np.zeros(known.shape[1])
    for _ in range(_STEPS):
        odds = _odds(known @ weights)
        bend = (known * (odds * (1 - odds))[:, None]).T @ known + 1e-3 * np.eye(len(weights))
        weights = weights + np.linalg.solve(bend, known.T @ (before.taken - odds) - 1e-3 * weights)
    foretold = _odds(new @ weights)
    bins = np.array_split(np.argsort(foretold, kind="stable"), 10)
    apart = [len(b) * abs(foretold[b].mean() - after.taken[b].mean()) for b in bins if len(b)]
    return float(sum(apart) / len(foretold))


def _told(cards: Cards, combiner: Combiner) -> Values:
    scores = combiner.scores(cards.rows.astype(np.float32)).astype(np.float64)
    return np.asarray(np.c_[scores, np.log1p(cards.positions)], np.float64)


def _odds(logits: Values) -> Values:
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -30, 30))), np.float64)
