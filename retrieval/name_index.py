"""The store under `retrieval.names`: every wording of every name, by term and as a whole."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA

from retrieval.terms import begins_word, compact, ends_word, keys, plain

_PREFIX = 4
_CANDIDATES = 48


class Name(NamedTuple):
    """One wording of one product's name. `extra`: terms of its brand, category and options."""

    product_id: str
    compact: str
    keys: frozenset[str]
    extra: frozenset[str]


class NameIndex:
    """Names in slots that are reused. Not thread-safe: `ProductNames` holds the lock."""

    def __init__(self) -> None:
        self.names: list[Name | None] = []
        self._free: list[int] = []
        self._sizes = np.zeros(64, dtype=np.float32)
        self._postings: dict[str, list[int]] = {}
        self._arrays: dict[str, NDArray[np.int32]] = {}
        self._whole: dict[str, list[int]] = {}
        self._lengths: dict[str, dict[int, int]] = {}
        self._words: dict[str, int] = {}
        self._word_list: list[str] | None = None
        self._weights: dict[str, float] = {}

    def __contains__(self, key: str) -> bool:
        return key in self._postings

    def add(
        self,
        product_id: str,
        wording: str,
        extra: frozenset[str] = frozenset(),
        *,
        whole: bool = False,
    ) -> int:
        """Stores one wording, to be found by its terms or only as a `whole`; gives its slot."""
        own = frozenset() if whole else keys(wording)
        name = Name(product_id, compact(plain(wording)[0])[0], own, extra - own)
        if self._free:
            slot = self._free.pop()
            self.names[slot] = name
        else:
            slot = len(self.names)
            self.names.append(name)
            if slot == len(self._sizes):
                self._sizes = np.concatenate([self._sizes, np.zeros_like(self._sizes)])
        self._sizes[slot] = len(own)
        for key in name.keys | name.extra:
            self._postings.setdefault(key, []).append(slot)
            self._arrays.pop(key, None)
        self._count(name, 1)
        if name.compact:
            self._whole.setdefault(name.compact, []).append(slot)
        return slot

    def discard(self, slot: int) -> None:
        """Frees a slot."""
        name = self.names[slot]
        if name is None:
            return
        for key in name.keys | name.extra:
            self._postings[key].remove(slot)
            self._arrays.pop(key, None)
            if not self._postings[key]:
                del self._postings[key]
        self._count(name, -1)
        if name.compact:
            self._whole[name.compact].remove(slot)
            if not self._whole[name.compact]:
                del self._whole[name.compact]
        self.names[slot] = None
        self._free.append(slot)

    def _count(self, name: Name, step: int) -> None:
        self._weights.clear()
        for key in name.keys:
            if key.isascii() and key.isalpha() and len(key) > 3:
                self._words[key] = self._words.get(key, 0) + step
                if self._words[key] == max(step, 0):
                    self._word_list = None
                    if not self._words[key]:
                        del self._words[key]
        if name.compact:
            lengths = self._lengths.setdefault(name.compact[:_PREFIX], {})
            length = len(name.compact)
            lengths[length] = lengths.get(length, 0) + step
            if not lengths[length]:
                del lengths[length]

    def weight(self, key: str) -> float:
        """Inverse document frequency of a term; 0 where no name has it."""
        known = self._weights.get(key)
        if known is None:
            frequency, total = len(self._postings.get(key, ())), len(self.names) - len(self._free)
            known = math.log(1 + (total + 1) / (frequency + 0.5)) if frequency else 0.0
            self._weights[key] = known
        return known

    def whole(self, text: str) -> list[tuple[int, int, list[int]]]:
        """(start, end, slots) of names that stand whole in a plain text, none inside another."""
        letters, places = compact(text)
        spans: list[tuple[int, int, str]] = []
        for at, place in enumerate(places):
            if not begins_word(text, place):
                continue
            for size in range(1, _PREFIX + 1):
                for length in self._lengths.get(letters[at : at + size], ()):
                    found = letters[at : at + length]
                    if len(found) == length and found in self._whole:
                        end = places[at + length - 1] + 1
                        if ends_word(text, end):
                            spans.append((place, end, found))
        spans.sort(key=lambda s: (-len(s[2]), s[0]))
        kept: list[tuple[int, int, str]] = []
        for span in spans:
            if not any(span[0] < end and start < span[1] for start, end, _ in kept):
                kept.append(span)
        return [(start, end, self._whole[found]) for start, end, found in kept]

    def near_word(self, word: str) -> str | None:
        """The known word that `word` is a slip or two of the finger away from."""
        if self._word_list is None:
            self._word_list = list(self._words)
        limit = 1 if len(word) < 8 else 2
        hit = process.extractOne(word, self._word_list, scorer=OSA.distance, score_cutoff=limit)
        return hit[0] if hit is not None else None

    def candidates(self, weights: dict[str, float]) -> list[Name]:
        """The names that share most weight with `weights`; of equals the shorter."""
        sums = self._sums(weights)
        touched = sums > 0
        sums -= 0.01 * self._sizes[: len(sums)] * touched
        count = min(_CANDIDATES, len(sums))
        top = np.argpartition(-sums, count - 1)[:count]
        found = (self.names[slot] for slot in top.tolist() if touched[slot])
        return [name for name in found if name is not None]

    def sharing(self, terms: set[str]) -> int:
        """How many products have (nearly) all of `terms` in a name."""
        weights = {term: self.weight(term) for term in terms}
        sums = self._sums(weights)
        slots = np.flatnonzero(sums >= 0.97 * sum(weights.values())).tolist()
        return len({name.product_id for name in (self.names[s] for s in slots) if name})

    def _sums(self, weights: dict[str, float]) -> NDArray[np.float32]:
        sums = np.zeros(len(self.names), dtype=np.float32)
        for key, weight in weights.items():
            array = self._arrays.get(key)
            if array is None and key in self._postings:
                array = self._arrays[key] = np.array(self._postings[key], dtype=np.int32)
            if array is not None:
                sums[array] += weight
        return sums
