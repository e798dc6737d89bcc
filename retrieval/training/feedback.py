"""Learning an order from what viewers did with the cards they were shown.

A click says that a card was good, and that it was looked at. The first cards are looked at more:
how much more is read from the turns in which chance moved a card down by one place (intervention
harvesting, Agarwal et al. 2019), and each deed counts by the inverse of how likely its place is
looked at (Joachims, Swaminathan and Schnabel 2017). Cards are compared with those beside them, so
that how likely the whole turn was shown needs no weighing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrieval.catalog import Exposure
from retrieval.combiner import Combiner, fit
from retrieval.features import NAMES, Matrix

Scores = NDArray[np.float32]
_MOST_WORTH = 10.0  # a click far down may count for this many at most
_PRIOR_CLICKS = 20.0  # how many clicks the usual fall from place to place counts for
_RESAMPLES = 1000
_PULL = 5.0  # how strongly, in lists, weights are drawn to those that serve now


class Shown(NamedTuple):
    """One turn: its cards as they were shown, and how much was done with each, 0 to 1.

    `rows` (cards, features) are the features by which they were ranked. `who` is whoever it was
    shown to, and the turn itself where that is nobody known; `asked` tells an answer from a list.
    """

    cards: tuple[Exposure, ...]
    grades: tuple[float, ...]
    rows: Matrix
    who: str
    asked: bool


def row_of(told: Mapping[str, float]) -> Matrix:
    """The row of features that an exposure kept; names that are no more are passed over."""
    return np.array([told.get(name, 0.0) for name in NAMES], np.float32)


def looked_at(turns: Sequence[Shown], places: int) -> list[float]:
    """How likely each of the first `places` is looked at, beside the first one, which is 1.

    The fall from a place to the next is the quotient of clicks on the same card at both, weighed
    by how likely it stood there, drawn to sqrt((k + 1) / (k + 2)) where few clicks tell.
    """
    above, below = np.zeros(places), np.zeros(places)
    for turn in turns:
        if all(card.propensity == 1 for card in turn.cards):
            continue
        moved = 0
        for card, grade in zip(turn.cards, turn.grades, strict=True):
            if card.explored:
                moved = 1
                continue
            rank = card.position - moved
            if grade > 0 and rank < places:
                counted = below if moved else above
                counted[rank] += min(1 / card.propensity, 100 * _MOST_WORTH)
    found = [1.0]
    for place in range(places - 1):
        usual = ((place + 1) / (place + 2)) ** 0.5
        fall = usual
        if above[place] > 0:
            fall = (below[place] + _PRIOR_CLICKS * usual) / (above[place] + _PRIOR_CLICKS)
        found.append(found[-1] * min(1.0, fall))
    return found


def worth(card: Exposure, grade: float, seen: Sequence[float]) -> float:
    """How much a deed on `card` counts; `seen` comes from `looked_at`."""
    return grade * min(1 / seen[min(card.position, len(seen) - 1)], _MOST_WORTH)


def learn(turns: Sequence[Shown], seen: Mapping[bool, Sequence[float]], now: Combiner) -> Combiner:
    """The combiner that makes what viewers took most likely, drawn to the one that serves `now`.

    `seen` are `looked_at` of answers (True) and of lists (False). Raises ValueError where nothing
    was done with any card that stood beside others.
    """
    lists: list[Matrix] = []
    chosen: list[int] = []
    counts: list[float] = []
    for turn in turns:
        for at, (card, grade) in enumerate(zip(turn.cards, turn.grades, strict=True)):
            if grade > 0 and len(turn.cards) > 1:
                lists.append(turn.rows)
                chosen.append(at)
                counts.append(worth(card, grade, seen[turn.asked]))
    if not lists:
        raise ValueError("no card that stood beside others was clicked, carted or bought")
    return fit(lists, chosen, worth=counts, prior=now.weights, shrink=_PULL / len(lists))


class Gain(NamedTuple):
    """How high what was taken in a turn stands, times how much it counts, and how much that is."""

    sum: float
    worth: float


def gains(
    turns: Sequence[Shown], scores: Sequence[Scores], seen: Mapping[bool, Sequence[float]]
) -> list[Gain]:
    """The gain of each turn when its cards are ordered by `scores`.

    As in nDCG, place k from 0 counts 1 / log2(k + 2); ties keep the order that was shown. The sum
    over turns, by the sum of their worth, is what viewers would have found, 0 to 1.
    """
    found = []
    for turn, scored in zip(turns, scores, strict=True):
        order = np.argsort(-np.asarray(scored), kind="stable")
        ranks = np.empty(len(order))
        ranks[order] = np.arange(len(order))
        counts = np.array(
            [
                worth(card, grade, seen[turn.asked])
                for card, grade in zip(turn.cards, turn.grades, strict=True)
            ]
        )
        found.append(Gain(float((counts / np.log2(ranks + 2)).sum()), float(counts.sum())))
    return found


class Better(NamedTuple):
    """What turns found by one order and by another, and their difference with its interval."""

    before: float
    after: float
    low: float
    high: float
    turns: int


def compared(
    turns: Sequence[Shown], before: Sequence[Gain], after: Sequence[Gain], seed: int = 0
) -> Better:
    """The gains side by side; the 95 % interval redraws whole viewers, whose turns go together."""
    places: dict[str, int] = {}
    groups = np.array([places.setdefault(turn.who, len(places)) for turn in turns])
    sums = np.zeros((3, len(places)))
    for at, one in enumerate((before, after)):
        np.add.at(sums[at], groups, [gain.sum for gain in one])
    np.add.at(sums[2], groups, [gain.worth for gain in before])
    drawn = np.random.default_rng(seed).integers(len(places), size=(_RESAMPLES, len(places)))
    moved = (sums[1] - sums[0])[drawn].sum(axis=1) / sums[2][drawn].sum(axis=1)
    low, high = np.percentile(moved, [2.5, 97.5])
    first, then = (float(sums[at].sum() / sums[2].sum()) for at in (0, 1))
    return Better(first, then, float(low), float(high), len(turns))
