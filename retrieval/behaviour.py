"""What viewers do, counted: what follows what, what is popular, what resembles what.

Counting neighbours in order and smoothing with the likeness of titles is a strong base for the
next item (Ludewig and Jannach 2018, "Evaluation of session-based recommendation algorithms").
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrieval.terms import plain, terms

Vector = NDArray[np.float32]
Places = NDArray[np.int64]
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
    """Counts over a fixed list of items; a result is a vector (items,) in their order.

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

    def resembles(self, weights: Mapping[str, float], among: Places) -> Vector:
        """Cosine of words to those of `weights`, weighted; an item is not like itself.

        Only for the items at the places `among`, in that order: their words are many.
        """
        return self._words.like(self._trail(weights), among)

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
    """TF-IDF over texts: of each the numbers of its terms and their weights, of length 1 together.

    The texts stand one after the other in flat arrays; `_starts` (texts + 1,) says where.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        numbers: dict[str, int] = {}
        found: list[int] = []
        counts: list[int] = []
        starts = [0]
        for text in texts:
            heard = Counter(term.key for term in terms(plain(text)[0]))
            found.extend(numbers.setdefault(key, len(numbers)) for key in heard)
            counts.extend(heard.values())
            starts.append(len(found))
        self._starts, self._terms = np.array(starts, np.int64), np.array(found, np.int32)
        self._known = np.bincount(self._terms, minlength=len(numbers))
        rare = np.log((1 + len(texts)) / self._known)
        weights = np.log1p(np.array(counts, np.float64)) * rare[self._terms]
        rows = np.repeat(np.arange(len(texts)), np.diff(self._starts))
        lengths = np.sqrt(np.bincount(rows, weights**2, minlength=len(texts)))
        self._weights = (weights / np.maximum(lengths[rows], 1e-9)).astype(np.float32)

    def like(self, trail: Sequence[tuple[int, float]], among: Places) -> Vector:
        """Cosines of the texts of `trail`, each times its weight, to those at `among`, (among,).

        A text counts nothing towards itself.
        """
        asked = np.zeros(len(self._known), np.float32)
        for place, weight in trail:
            own = slice(self._starts[place], self._starts[place + 1])
            asked[self._terms[own]] += weight * self._weights[own]
        sizes = self._starts[among + 1] - self._starts[among]
        ends = np.cumsum(sizes)
        read = np.arange(sizes.sum()) + np.repeat(self._starts[among] - ends + sizes, sizes)
        rows = np.repeat(np.arange(len(among)), sizes)
        shared = self._weights[read] * asked[self._terms[read]]
        found = np.bincount(rows, shared, minlength=len(among)).astype(np.float32)
        for place, weight in trail:
            found[(among == place) & (sizes > 0)] -= weight
        return found


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
