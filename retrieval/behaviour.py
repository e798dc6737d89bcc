"""What viewers do, counted: what follows what, what is popular, what resembles what.

Counting neighbours in order and smoothing with the likeness of titles is a strong base for the
next item (Ludewig and Jannach 2018, "Evaluation of session-based recommendation algorithms").
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrieval.terms import plain, terms

Vector = NDArray[np.float32]
_WINDOW = 5  # places after an item that count as following it
_BACKWARDS = 0.3  # what came before counts as a weaker sign
_TRAIL = 10  # items of a profile that are looked at, the heaviest ones
_HEAD = 0.8  # the share of all turns that the head of a catalogue has; the rest is its long tail


class Item(NamedTuple):
    """What of a product is compared: its words, brand and category."""

    id: str
    text: str
    brand: str = ""
    category: str = ""


class Behaviour:
    """Counts over a fixed list of items; every result is a vector (items,) in their order.

    `trails` are products in the order in which one viewer turned to them, a trail a viewer;
    `shown` says on how many cards each product stood lately.
    """

    def __init__(
        self,
        items: Sequence[Item],
        trails: Iterable[Sequence[str]] = (),
        shown: Mapping[str, int] | None = None,
    ) -> None:
        self.shown: Mapping[str, int] = shown or {}
        self.places = {item.id: place for place, item in enumerate(items)}
        self._words = _Words([item.text for item in items])
        self._brands = _groups(item.brand for item in items)
        self._categories = _groups(item.category for item in items)
        self.count(trails)

    def count(self, trails: Iterable[Sequence[str]]) -> None:
        """Counts `trails` from nothing; items that are not listed are passed over."""
        self.popularity = np.zeros(len(self.places), np.float32)
        self._after: dict[int, dict[int, float]] = defaultdict(dict)
        self._before: dict[int, dict[int, float]] = defaultdict(dict)
        for trail in trails:
            known = [self.places[key] for key in trail if key in self.places]
            for at, first in enumerate(known):
                self.popularity[first] += 1
                for gap, then in enumerate(known[at + 1 : at + 1 + _WINDOW], start=1):
                    self._after[first][then] = self._after[first].get(then, 0.0) + 1 / gap
                    self._before[then][first] = self._before[then].get(first, 0.0) + 1 / gap
        self._head = _head(self.popularity)

    def in_tail(self, key: str) -> bool:
        """Whether an item is outside the head, the fewest items that have most of all turns."""
        place = self.places.get(key)
        return place is None or not self._head[place]

    def follows(self, weights: Mapping[str, float]) -> tuple[Vector, Vector]:
        """How often each item came near those of `weights`, after rather than before, two ways.

        As counts, and as shares: beside how much follows the one and how popular the other is.
        """
        counts = np.zeros(len(self.places), np.float32)
        shares = np.zeros(len(self.places), np.float32)
        for place, weight in self._trail(weights):
            after = self._after.get(place, {})
            near = {then: _BACKWARDS * count for then, count in self._before.get(place, {}).items()}
            for then, count in after.items():
                near[then] = near.get(then, 0.0) + count
            if near:
                places = np.fromiter(near, np.int64)
                values = weight * np.fromiter(near.values(), np.float64)
                counts[places] += values
                heard = np.sqrt(1 + sum(after.values())) * (5 + self.popularity[places]) ** 0.3
                shares[places] += values / heard
        return counts, shares

    def resembles(self, weights: Mapping[str, float]) -> Vector:
        """Cosine of words to those of `weights`, weighted; an item is not like itself."""
        found = np.zeros(len(self.places), np.float32)
        for place, weight in self._trail(weights):
            like = self._words.like(place)
            like[place] = 0
            found += weight * like
        return found

    def same_brand(self, weights: Mapping[str, float]) -> Vector:
        """The weight of the items of `weights` that are of the same brand."""
        return self._same(self._brands, weights)

    def same_category(self, weights: Mapping[str, float]) -> Vector:
        """The weight of the items of `weights` that are of the same category."""
        return self._same(self._categories, weights)

    def _same(self, groups: NDArray[np.int64], weights: Mapping[str, float]) -> Vector:
        found = np.zeros(len(self.places), np.float32)
        for place, weight in self._trail(weights):
            if groups[place] >= 0:
                found[groups == groups[place]] += weight
        return found

    def _trail(self, weights: Mapping[str, float]) -> list[tuple[int, float]]:
        heaviest = sorted(weights.items(), key=lambda pair: (-pair[1], pair[0]))
        known = [(self.places[key], weight) for key, weight in heaviest if key in self.places]
        return known[:_TRAIL]


class _Words:
    """TF-IDF over texts as postings, so that one text is compared with all of them at once."""

    def __init__(self, texts: Sequence[str]) -> None:
        postings: dict[str, dict[int, int]] = defaultdict(dict)
        for place, text in enumerate(texts):
            for term in terms(plain(text)[0]):
                postings[term.key][place] = postings[term.key].get(place, 0) + 1
        lengths = np.zeros(len(texts))
        self._postings: list[tuple[NDArray[np.int64], Vector]] = []
        self._of: list[list[tuple[int, float]]] = [[] for _ in texts]
        for counts in postings.values():
            places = np.fromiter(counts, np.int64)
            heard = np.log1p(np.fromiter(counts.values(), np.float64))
            weights = heard * np.log((1 + len(texts)) / len(counts))
            lengths[places] += weights**2
            for place, weight in zip(counts, weights, strict=True):
                self._of[place].append((len(self._postings), float(weight)))
            self._postings.append((places, weights.astype(np.float32)))
        self._lengths = np.sqrt(np.maximum(lengths, 1e-9)).astype(np.float32)

    def like(self, place: int) -> Vector:
        """Cosines of one text to every text."""
        found = np.zeros(len(self._of), np.float32)
        for term, weight in self._of[place]:
            places, weights = self._postings[term]
            found[places] += weight * weights
        return np.asarray(found / (self._lengths * self._lengths[place]), np.float32)


def _head(popularity: Vector) -> NDArray[np.bool_]:
    order = np.argsort(-popularity, kind="stable")
    before = np.cumsum(popularity[order]) - popularity[order]
    head = np.zeros(len(popularity), np.bool_)
    head[order] = (before < _HEAD * popularity.sum()) & (popularity[order] > 0)
    return head


def _groups(names: Iterable[str]) -> NDArray[np.int64]:
    """A number a distinct name; -1 for an empty one."""
    numbers: dict[str, int] = {"": -1}
    return np.array([numbers.setdefault(name, len(numbers)) for name in names], np.int64)
