"""A small learned combiner: one weight a feature, none negative where sense forbids it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import ModelRefused
from retrieval.features import NAMES, RISING, Matrix

_STEPS = 400


class Combiner:
    """Scores rows of features by a weighted sum. Raises ModelRefused for impossible weights."""

    def __init__(self, weights: Mapping[str, float]) -> None:
        unknown = sorted(set(weights) - set(NAMES))
        if unknown:
            raise ModelRefused(f"weights of features that do not exist: {', '.join(unknown)}")
        for name, weight in weights.items():
            if not np.isfinite(weight) or (name in RISING and weight < 0):
                raise ModelRefused(f"weight of {name} is {weight}: has to be at least 0")
        self.weights = dict(weights)
        self._vector = np.array([weights.get(name, 0.0) for name in NAMES], np.float32)

    @classmethod
    def read(cls, path: Path) -> Combiner:
        """The weights in a JSON file, an object of names and numbers."""
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            return cls({str(name): float(weight) for name, weight in found.items()})
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise ModelRefused(f"{path}: no weights of a combiner: {error}") from error

    def write(self, path: Path) -> None:
        """The weights as `read` takes them."""
        path.write_text(json.dumps(self.weights, indent=1) + "\n", encoding="utf-8")

    def scores(self, rows: Matrix) -> NDArray[np.float32]:
        """One number a row of `features`, higher for better."""
        return np.asarray(rows @ self._vector, np.float32)


def fit(
    lists: Sequence[Matrix],
    chosen: Sequence[int],
    held: Mapping[str, float] | None = None,
    *,
    worth: Sequence[float] | None = None,
    prior: Mapping[str, float] | None = None,
    shrink: float = 1e-3,
    rate: float = 0.05,
) -> Combiner:
    """The weights under which the chosen row of each list is most likely (McFadden 1974).

    Lists may be of any length; `worth` says how much each counts, by default as much as the
    others. Projected gradient (Adam) keeps rising features from going negative. `held` are weights
    that stay as given; a feature that never differs inside a list keeps that of `prior`, which
    the others are drawn to by `shrink`.
    """
    held, prior = held or {}, prior or {}
    there = np.zeros((len(lists), max(len(one) for one in lists)), bool)
    rows = np.zeros((*there.shape, len(NAMES)))
    for at, one in enumerate(lists):
        there[at, : len(one)], rows[at, : len(one)] = True, one
    counts = there.sum(axis=1)[:, None]
    means = rows.sum(axis=1) / counts
    apart = np.where(there[..., None], rows - means[:, None], 0.0)
    spread = np.sqrt((apart**2).sum(axis=1) / counts).mean(axis=0)
    scale = np.where(spread > 1e-9, spread, 1.0)
    free = np.array([n not in held and spread[i] > 1e-9 for i, n in enumerate(NAMES)])
    rising = np.array([name in RISING for name in NAMES])
    before = np.array([held.get(name, prior.get(name, 0.0)) for name in NAMES]) * scale
    weights, picks = before.copy(), np.asarray(chosen)
    heard = np.ones(len(lists)) if worth is None else np.asarray(worth, np.float64)
    heard = heard / heard.sum()
    rows /= scale
    first, second = np.zeros(len(NAMES)), np.zeros(len(NAMES))
    taken = rows[np.arange(len(picks)), picks]
    for step in range(1, _STEPS + 1):
        logits = np.where(there, rows @ weights, -np.inf)
        logits -= logits.max(axis=1, keepdims=True)
        odds = np.exp(logits)
        odds /= odds.sum(axis=1, keepdims=True)
        expected = np.einsum("ln,lnf->lf", odds, rows)
        pull = heard @ (taken - expected) - shrink * (weights - before)
        slope = np.where(free, pull, 0.0)
        first, second = 0.9 * first + 0.1 * slope, 0.99 * second + 0.01 * slope**2
        moved = first / (1 - 0.9**step) / (np.sqrt(second / (1 - 0.99**step)) + 1e-9)
        weights = weights + rate * np.where(free, moved, 0.0)
        weights = np.where(free & rising, np.maximum(weights, 0.0), weights)
    return Combiner(
        {name: float(w) for name, w in zip(NAMES, weights / scale, strict=True) if w != 0}
    )
