from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from retrieval.embeddings import Vectors
from retrieval.training.first_stage import FirstStage, fused


class Flat:
    name, dimension = "flat", 2

    def queries(self, texts: Sequence[str]) -> Vectors:
        return np.ones((len(texts), 2), np.float32)

    def passages(self, texts: Sequence[str]) -> Vectors:
        return np.ones((len(texts), 2), np.float32)


def test_words_decide_where_vectors_do_not() -> None:
    texts = ["red mug", "blue lamp", "green bowl"]
    scores = FirstStage(Flat(), texts).scores("blue lamp", texts)
    assert scores[1] == max(scores)


def test_places_are_fused_by_reciprocal_ranks() -> None:
    assert fused([3.0, 1.0], [2.0, 5.0]) == [1 / 61 + 1 / 62, 1 / 62 + 1 / 61]
