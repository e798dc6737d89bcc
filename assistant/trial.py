"""What an experiment between two rankers found: each arm's figures, and their differences.

Intervals redraw whole viewers, since what one viewer does goes together. Where the arms have other
shares of the viewers than was asked for, something takes viewers out of one of them, and its
figures say nothing (Fabijan et al. 2019, "Diagnosing sample ratio mismatch").
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.outcomes import Showing, attributed, opted_out
from assistant.store import Store

MEASURES = ("shop.click", "shop.cart", "shop.purchase")
_RESAMPLES = 2000
_MISMATCH = 0.001
Counts = NDArray[np.float64]


@dataclass(frozen=True)
class Figure:
    """A share of replies, or a difference of two, with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Arm:
    """One side: its viewers, the replies and lists they were shown, the share with each deed."""

    viewers: int
    replies: int
    shares: dict[str, Figure]


@dataclass(frozen=True)
class Trial:
    """`a` is what served, `b` what was tried; `differences` are b less a.

    `uneven`: the viewers are not parted as asked for, with the chance `p` of that by accident.
    """

    name: str
    version: int
    percent: int
    a: Arm
    b: Arm
    differences: dict[str, Figure]
    p: float
    uneven: bool


def trial(store: Store, name: str) -> Trial:
    """The report of an experiment so far, of viewers who have not opted out. Raises NotFound."""
    experiment, out = store.rankers.experiment(name), opted_out(store)
    shown = [one for one in attributed(store).showings if one.viewer and one.viewer not in out]
    counts = {arm: _counts([s for s in shown if s.arm == f"{name}:{arm}"]) for arm in "ab"}
    drawn = {arm: _drawn(counts[arm], seed) for seed, arm in enumerate("ab")}
    a, b = (_arm(counts[arm], drawn[arm]) for arm in "ab")
    differences = {
        kind: _figure(b.shares[kind].value - a.shares[kind].value, drawn["b"][at] - drawn["a"][at])
        for at, kind in enumerate(MEASURES)
    }
    p = _by_accident(a.viewers, b.viewers, experiment.percent / 100)
    return Trial(name, experiment.version, experiment.percent, a, b, differences, p, p < _MISMATCH)


def _counts(shown: Sequence[Showing]) -> Counts:
    """A row a viewer: replies, and those with each kind of deed."""
    by_viewer: dict[str, Counts] = {}
    for one in shown:
        row = by_viewer.setdefault(one.viewer or "", np.zeros(1 + len(MEASURES)))
        row += [1, *(float(one.did(kind) > 0) for kind in MEASURES)]
    return np.stack(list(by_viewer.values())) if by_viewer else np.zeros((0, 1 + len(MEASURES)))


def _drawn(counts: Counts, seed: int) -> Counts:
    """Shares (kinds, resamples) over viewers drawn anew; zeros without viewers."""
    n = len(counts)
    if n == 0:
        return np.zeros((len(MEASURES), _RESAMPLES))
    # How often each viewer is drawn, so that no row is copied.
    times = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=_RESAMPLES)
    sums = times @ counts
    return np.asarray((sums[:, 1:] / sums[:, :1]).T, np.float64)


def _arm(counts: Counts, drawn: Counts) -> Arm:
    replies = counts[:, 0].sum()
    shares = counts[:, 1:].sum(axis=0) / max(1.0, replies)
    figures = {kind: _figure(float(shares[at]), drawn[at]) for at, kind in enumerate(MEASURES)}
    return Arm(len(counts), int(replies), figures)


def _figure(value: float, drawn: Counts) -> Figure:
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Figure(value, float(low), float(high))


def _by_accident(a: int, b: int, share: float) -> float:
    """The chance that so many viewers fall to each side, or fewer likely (chi-square, 1 df)."""
    if a + b == 0:
        return 1.0
    apart = (b - (a + b) * share) ** 2 / ((a + b) * share * (1 - share))
    return math.erfc(math.sqrt(apart / 2))
