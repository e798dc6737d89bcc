"""The figures of exposure, on counts whose answer is known."""

from __future__ import annotations

import re

import numpy as np
import pytest

from eval.exposure import STEPS, gini, plot
from retrieval.ranker import toward_the_tail


def test_gini_is_none_for_equals_and_much_for_one_who_has_all() -> None:
    assert gini([3, 3, 3, 3]) == 0
    assert gini([0, 0, 0, 8]) == pytest.approx(0.75)
    assert gini([1, 2, 3, 4]) == pytest.approx(0.25)
    assert gini([4, 1, 3, 2]) == gini([1, 2, 3, 4])
    assert gini([0, 0]) == gini([]) == 0


def test_the_tail_comes_up_as_far_as_asked_for() -> None:
    scores, shown = np.array([3.0, 2.0, 1.0], np.float32), [90, 9, 0]

    def order(share: float) -> list[int]:
        return [int(n) for n in np.argsort(-toward_the_tail(scores, shown, share), kind="stable")]

    assert order(0.0) == [0, 1, 2]
    assert order(1.0) == [2, 1, 0]
    # What was shown as often keeps its order, and no scores at all leave the tail to decide.
    equal = toward_the_tail(scores, [5, 5, 5], 0.9)
    assert list(np.argsort(-equal)) == [0, 1, 2]
    assert np.argmax(toward_the_tail(np.zeros(3, np.float32), shown, 0.1)) == 2
    assert len(toward_the_tail(np.zeros(0, np.float32), [], 0.5)) == 0


def test_the_curves_are_drawn() -> None:
    names = ("p_at_1", "hit_at_3", "coverage", "gini")
    figures = {f"long_tail_{s:g}.{n}": {"value": 1 - s} for s in STEPS for n in names}
    curves = re.findall(r'<polyline points="([^"]+)"', plot(figures))
    assert [len(curve.split()) for curve in curves] == [len(STEPS)] * 4
