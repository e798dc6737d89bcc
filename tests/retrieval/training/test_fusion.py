from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from retrieval.embeddings import Vectors
from retrieval.relevance import Scores
from retrieval.training.dataset import Group
from retrieval.training.first_stage import FirstStage, fused
from retrieval.training.fusion import first_stage_weight

GROUPS = [
    Group("s", "red mug", ("red mug", "blue lamp", "green bowl"), (1.0, 0.0, 0.0)),
    Group("s", "blue lamp", ("red mug", "blue lamp", "green bowl"), (0.0, 1.0, 0.0)),
]


class Flat:
    name, dimension = "flat", 2

    def queries(self, texts: Sequence[str]) -> Vectors:
        return np.ones((len(texts), 2), np.float32)

    def passages(self, texts: Sequence[str]) -> Vectors:
        return np.ones((len(texts), 2), np.float32)


class Saying:
    name = "saying"

    def __init__(self, right: float) -> None:
        self.right = right

    def scores(self, query: str, texts: Sequence[str]) -> Scores:
        return np.array([self.right * (text == query) for text in texts], np.float32)


def test_the_first_stage_counts_as_much_as_held_out_rows_say() -> None:
    first = FirstStage(Flat(), [text for group in GROUPS for text in group.texts])
    trusted = first_stage_weight({"s": GROUPS}, Saying(9.0), first)
    doubted = first_stage_weight({"s": GROUPS}, Saying(-9.0), first)
    assert doubted > 1000 > trusted


def test_places_are_fused_by_reciprocal_ranks() -> None:
    assert fused([3.0, 1.0], [2.0, 5.0]) == [1 / 61 + 1 / 62, 1 / 62 + 1 / 61]
