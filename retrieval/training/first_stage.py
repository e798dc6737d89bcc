"""The first stage over a short list of texts, as training and measuring need it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

from retrieval.embeddings import Embedder
from retrieval.lexical import tokens

_K = 60


class FirstStage:
    """Orders lists of texts by vectors and BM25, fused, as search orders products."""

    def __init__(self, embedder: Embedder, texts: Sequence[str]) -> None:
        """`texts` are all that will be ordered; document frequencies are counted in them."""
        distinct = list(dict.fromkeys(texts))
        self.words = Bm25(distinct)
        self._embedder = embedder
        self._vectors = dict(zip(distinct, embedder.passages(distinct), strict=True))

    def scores(self, query: str, texts: Sequence[str]) -> list[float]:
        """Sums of reciprocal ranks, one a text."""
        vector = self._embedder.queries([query])[0]
        dense = [float(self._vectors[text] @ vector) for text in texts]
        return fused(self.words.scores(query, texts), dense)


def fused(*scores: Sequence[float]) -> list[float]:
    """Reciprocal rank fusion of several scorings of one list, as the first stage does it."""
    found = np.zeros(len(scores[0]))
    for each in scores:
        order = np.argsort(-np.asarray(each), kind="stable")
        found[order] += 1 / (_K + 1 + np.arange(len(order)))
    return [float(value) for value in found]


class Bm25:
    """BM25 (k1 1.2, b 0.75) of a query to texts, document frequencies from `texts`."""

    def __init__(self, texts: Sequence[str]) -> None:
        distinct = {text: Counter(tokens(text)) for text in dict.fromkeys(texts)}
        self._counts = distinct
        self._heard: Counter[str] = Counter(t for counts in distinct.values() for t in counts)
        self._mean = sum(sum(c.values()) for c in distinct.values()) / max(1, len(distinct))

    def scores(self, query: str, texts: Sequence[str]) -> list[float]:
        """One score a text, each of which has to be among those given at first."""
        words = set(tokens(query))
        return [self._score(words, self._counts[text]) for text in texts]

    def _score(self, words: set[str], counts: Counter[str]) -> float:
        length = 1.2 * (0.25 + 0.75 * sum(counts.values()) / self._mean)
        n, found = len(self._counts), 0.0
        for word in words & counts.keys():
            rare = math.log(1 + (n - self._heard[word] + 0.5) / (self._heard[word] + 0.5))
            found += rare * counts[word] * 2.2 / (counts[word] + length)
        return found
