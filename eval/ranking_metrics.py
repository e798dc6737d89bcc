"""Ranking figures: P@1, MRR and nDCG a question, AUC over pairs, all with 95 % intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from eval.figures import Metric, mean


class PerQuestion:
    """Collects questions with the scores and grades of their texts; ties keep the given order."""

    def __init__(self) -> None:
        self.first: list[float] = []
        self.reciprocal: list[float] = []
        self.gain: list[float] = []

    def add(self, scores: Sequence[float], grades: Sequence[float]) -> None:
        """One question; it counts when one of its grades is above zero."""
        if max(grades, default=0) <= 0:
            return
        best = max(grades)
        order = sorted(range(len(scores)), key=lambda place: -scores[place])
        ranked = [grades[place] for place in order]
        self.first.append(float(ranked[0] >= best))
        self.reciprocal.append(1 / (1 + next(i for i, g in enumerate(ranked) if g >= best)))
        self.gain.append(_gain(ranked) / _gain(sorted(grades, reverse=True)))

    def metrics(self, prefix: str) -> dict[str, Metric]:
        """p_at_1, mrr and ndcg_at_10 under `prefix`."""
        return {
            f"{prefix}.p_at_1": mean(self.first),
            f"{prefix}.mrr": mean(self.reciprocal),
            f"{prefix}.ndcg_at_10": mean(self.gain),
        }


def _gain(grades: Sequence[float]) -> float:
    return sum((2**g - 1) / math.log2(place + 2) for place, g in enumerate(grades[:10]))


def auc(scores: Sequence[float], relevant: Sequence[bool]) -> Metric:
    """The chance that a relevant pair scores above another, ties half; Hanley, McNeil 1982."""
    right = np.sort(np.array([s for s, r in zip(scores, relevant, strict=True) if r]))
    wrong = np.sort(np.array([s for s, r in zip(scores, relevant, strict=True) if not r]))
    below = np.searchsorted(wrong, right, "left") + np.searchsorted(wrong, right, "right")
    value = float(below.sum() / 2 / (len(right) * len(wrong)))
    q1, q2 = value / (2 - value), 2 * value**2 / (1 + value)
    spread = value * (1 - value) + (len(right) - 1) * (q1 - value**2)
    spread = (spread + (len(wrong) - 1) * (q2 - value**2)) / (len(right) * len(wrong))
    half = 1.959964 * math.sqrt(max(0.0, spread))
    return Metric(value, max(0.0, value - half), min(1.0, value + half), len(scores))
