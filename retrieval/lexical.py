"""BM25 over the shop's products, Chinese and English in one index.

Scores are BM25 in Lucene's form (Robertson et al. 1994; bm25s, Lu 2024).
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

import bm25s
import numpy as np
import rjieba
from numpy.typing import NDArray

from retrieval.catalog import Product
from retrieval.normal import normal
from retrieval.passages import document, stuffed
from retrieval.scaffold import STOP_EN
from retrieval.stuffing import capped

_HAN = r"㐀-䶿一-鿿豈-﫿"
# A run of Chinese characters, or a word, number or model code such as f6033-ud3, 1.5l, usb-c.
_RUN = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+(?:[-./'][^\W_{_HAN}]+)*")
_PART = re.compile(r"[^\W\d_]+|\d+")
_CHINESE = re.compile(rf"[{_HAN}]")
_EMPTY_EN = (
    "a an and are as at be by do for from has have i in is it its me my of on or the to with"
)
_EMPTY_ZH = "的了吗呢吧啊是在我你有和与就也都个这那"
_EMPTY_WORDS = frozenset([*_EMPTY_EN.split(), *_EMPTY_ZH])
# Words of many questions find products by chance, but for these, which also tell of goods.
_ASKING_EN = STOP_EN - {"new", "long", "day", "week", "size", "color", "colour", "carry"}


@lru_cache(maxsize=8192)
def tokens(text: str) -> tuple[str, ...]:
    """The words by which `text` is found; the same for products and for queries.

    Chinese as jieba's search mode cuts it; English in the singular; a code such as F6033-UD3
    whole and in parts.
    """
    found: list[str] = []
    for run in _RUN.findall(normal(text)):
        words = rjieba.cut_for_search(run) if _CHINESE.match(run) else _english(run)
        found += [word for word in words if word not in _EMPTY_WORDS]
    return tuple(found)


def _english(word: str) -> Iterator[str]:
    """The singular of a word; of a compound or code also its parts."""
    if word.isalpha():
        yield _singular(word)
        return
    whole = word.removesuffix("'s")
    yield _singular(whole)
    pieces = [*re.split(r"[-./']", whole), *_PART.findall(whole)]
    # Single letters and digits say nothing by themselves.
    yield from dict.fromkeys(_singular(p) for p in pieces if p != whole and len(p) > 1)


def _singular(word: str) -> str:
    """`word` without an English plural ending (Harman's S-stemmer, 1991)."""
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and not word.endswith(("eies", "aies")):
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes", "zes")):
        return word[:-2]
    return word[:-1]


class _Built(NamedTuple):
    """One immutable state: row -> id, and row -> place of that id in sorted order."""

    version: int
    bm25: bm25s.BM25 | None
    ids: list[str]
    place: NDArray[np.int64]


_NOTHING = _Built(0, None, [], np.empty(0, np.int64))


class LexicalIndex:
    """Words of products in memory; safe for several threads.

    `put` and `remove` take effect with the next search, which rebuilds what bm25s cannot
    change in place (under a second of one core for 10,000 products). A writer may call `refresh`
    itself, so that no search waits: while one thread rebuilds,
    others search the index as it was.
    """

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {"": 0}  # of every word ever seen; bm25s wants the ""
        self._words: dict[str, list[int]] = {}
        self._stuffed: set[str] = set()
        self._version = 0  # counts changes; `_built` knows the one it holds
        self._writing = threading.Lock()
        self._rebuilding = threading.Lock()
        self._built = _NOTHING

    def put(self, product: Product) -> None:
        """Index a product's texts, replacing what stood under its id."""
        self.fill([product])

    def fill(self, products: Iterable[Product]) -> None:
        """`put` for many: searches find none of them until all are in."""
        for product in products:
            self._note(product)
        with self._writing:
            self._version += 1

    def _note(self, product: Product) -> None:
        found = (word for text in document(product) for word in tokens(text))
        words, filled = capped(tuple(found))
        honest = not (filled or stuffed(product))
        with self._writing:
            if honest:
                self._stuffed.discard(product.id)
            else:
                self._stuffed.add(product.id)
            numbers = self._numbers
            self._words[product.id] = [numbers.setdefault(word, len(numbers)) for word in words]

    def remove(self, product_id: str) -> None:
        """Forget a product; one that is not held is passed over."""
        with self._writing:
            self._stuffed.discard(product_id)
            if self._words.pop(product_id, None) is not None:
                self._version += 1

    def count(self) -> int:
        """Number of products held."""
        return len(self._words)

    def stuffed(self, product_id: str) -> bool:
        """Whether the texts of a product were written for the ranking."""
        return product_id in self._stuffed

    def search(
        self, query: str, limit: int, ids: frozenset[str] | None = None
    ) -> list[tuple[str, float]]:
        """The `limit` best products among `ids` (all where None) that share a word with `query`.

        Best first by BM25 score; equal scores by id.
        """
        self.refresh()
        built = self._built
        words = list(dict.fromkeys(tokens(query)))
        words = [word for word in words if word not in _ASKING_EN] or words
        if built.bm25 is None or limit < 1:
            return []
        words = [word for word in words if word in built.bm25.vocab_dict]
        if not words:
            return []
        scores = np.asarray(built.bm25.get_scores(words))
        rows = np.flatnonzero(scores > 0)
        found: list[tuple[str, float]] = []
        for row in rows[np.lexsort((built.place[rows], -scores[rows]))]:
            key = built.ids[row]
            if ids is None or key in ids:
                found.append((key, float(scores[row])))
                if len(found) == limit:
                    break
        return found

    def refresh(self) -> None:
        """Rebuild after a change, unless another thread is at it and there is an old index."""
        if self._built.version == self._version:
            return
        if not self._rebuilding.acquire(blocking=self._built.bm25 is None):
            return
        try:
            with self._writing:
                version = self._version
                if self._built.version == version:
                    return
                words, numbers = dict(self._words), dict(self._numbers)
            self._built = _build(version, words, numbers)
        finally:
            self._rebuilding.release()


def _build(version: int, words: dict[str, list[int]], numbers: dict[str, int]) -> _Built:
    ids = list(words)
    if not any(words.values()):
        return _NOTHING._replace(version=version)
    place = np.empty(len(ids), np.int64)
    place[sorted(range(len(ids)), key=ids.__getitem__)] = np.arange(len(ids))
    bm25 = bm25s.BM25()
    bm25.index((list(words.values()), numbers), show_progress=False)
    return _Built(version, bm25, ids, place)
