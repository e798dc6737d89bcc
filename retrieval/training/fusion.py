"""How much the first stage counts beside learned relevance, from held-out rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from retrieval.relevance import Relevance
from retrieval.training.dataset import Group
from retrieval.training.first_stage import FirstStage

_SHARES = (0.0, *np.geomspace(10, 3000, 40))
_SHARPNESS = np.geomspace(0.1, 4, 24)


def first_stage_weight(
    held_out: Mapping[str, Sequence[Group]], relevance: Relevance, first: FirstStage
) -> float:
    """The weight of fused ranks where a logit of `relevance` counts as 1.

    The one under which the best text of each query is most likely (a softmax over its texts, at
    the best sharpness); each source counts as much as another.
    """
    sources = [
        [
            (
                np.asarray(relevance.scores(group.query, group.texts), np.float64),
                np.asarray(first.scores(group.query, group.texts)),
                np.asarray(group.grades) == max(group.grades),
            )
            for group in groups
        ]
        for groups in held_out.values()
    ]

    def loss(weight: float) -> float:
        return min(
            sum(
                _mean([-_log_chance(sharp * (r + weight * f), best) for r, f, best in rows])
                for rows in sources
            )
            for sharp in _SHARPNESS
        )

    return float(min(_SHARES, key=loss))


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))


def _log_chance(scores: np.ndarray, best: np.ndarray) -> float:
    """The log of the chance that softmax gives to any of the best."""
    odds = np.exp(scores - scores.max())
    return float(np.log(odds[best].sum() / odds.sum() + 1e-12))
