"""Which product is meant, from a viewer's words.

Viewers name products in full, in part, with typos, by an alias, in either language. Whole titles
are found by hashing; everything else by the words two texts share, weighted by how rare a word is
among the names (inverse document frequency), and by edit similarity for the few best. A name is
what picks out few products: words that fit many score low however well they fit.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from threading import Lock
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from retrieval.amounts import read_amounts
from retrieval.catalog import Product
from retrieval.normal import simplified
from retrieval.numerals import fold
from retrieval.scaffold import SCAFFOLD_ZH, STOP_EN

_CANDIDATES = 48
_ROUNDS = 3
_KEPT_TIES = 8
_TOKEN = re.compile(r"[a-zà-ÿ]+|\d+(?:\.\d+)?|[\u3400-\u9fff]+")
_SIGNS = re.compile(r"[®™©]")


class NameMatch(NamedTuple):
    """One product that a text may mean; `span` is where its name stands in the text as it came.

    `exact`: a whole title or alias stands in the text, and no longer name around it.
    `variant_ids`: the variants whose option words stand in the text; empty for no particular one.
    """

    product_id: str
    variant_ids: tuple[str, ...]
    score: float
    exact: bool
    span: tuple[int, int]


class _Term(NamedTuple):
    """A word or a pair of Chinese characters, and where it stands."""

    key: str
    start: int
    end: int


class _Name(NamedTuple):
    """One wording of one product's name, ready to be compared."""

    product_id: str
    compact: str
    keys: frozenset[str]
    extra: frozenset[str]


def _plain(text: str) -> tuple[str, tuple[int, ...]]:
    folded = fold(_SIGNS.sub(" ", text))
    return simplified(folded.text).lower(), folded.origin


def _terms(plain: str) -> list[_Term]:
    """Words, numbers, and each pair of neighbouring Chinese characters of a plain text."""
    terms: list[_Term] = []
    for match in _TOKEN.finditer(plain):
        start, end = match.span()
        word = match[0]
        if word[0] < "\u3400":
            terms.append(_Term(_stem(word), start, end))
        elif len(word) == 1:
            terms.append(_Term(word, start, end))
        else:
            terms.extend(_Term(word[i : i + 2], start + i, start + i + 2)
                         for i in range(len(word) - 1))  # fmt: skip
    return terms


def _stem(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and word[-2] not in "su" else word


def _compact(plain: str) -> tuple[str, list[int], list[int]]:
    """Letters and digits alone, with where each one starts and ends a word in `plain`."""
    chars, places = [], []
    for at, char in enumerate(plain):
        if char.isalnum():
            chars.append(char)
            places.append(at)
    return "".join(chars), places, [place + 1 for place in places]


class ProductNames:
    """The names of a shop's products. Thread-safe; about 2 KB a product."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._names: list[_Name | None] = []
        self._free: list[int] = []
        self._slots: dict[str, list[int]] = {}
        self._sources: dict[str, tuple[object, ...]] = {}
        self._options: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {}
        self._postings: dict[str, list[int]] = {}
        self._arrays: dict[str, NDArray[np.int32]] = {}
        self._whole: dict[str, list[int]] = {}
        self._lengths: dict[str, dict[int, int]] = {}
        self._sizes = np.zeros(0, dtype=np.float32)
        self._words: dict[str, int] = {}
        self._word_list: list[str] | None = None
        self._categories: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._slots)

    def put(self, product: Product) -> None:
        """Adds a product or replaces it; cheap when its names and options are as they were."""
        source = (
            product.title, product.aliases, product.brand, product.category,
            tuple((v.id, v.options) for v in product.variants),
        )  # fmt: skip
        with self._lock:
            if self._sources.get(product.id) == source:
                return
            self._remove(product.id)
            self._sources[product.id] = source
            extra = [text for t in (product.brand, product.category) for text in t.every()]
            values = {text for v in product.variants for o in v.options for text in o.value.every()}
            extra_keys = frozenset(
                t.key for text in [*extra, *values] for t in _terms(_plain(text)[0])
            )
            slots = []
            for wording in dict.fromkeys([*product.title.every(), *product.aliases]):
                slots.append(self._add(product.id, wording, extra_keys))
            self._slots[product.id] = slots
            self._options[product.id] = tuple(
                (
                    v.id,
                    tuple(_plain(text)[0].strip() for o in v.options for text in o.value.every()),
                )
                for v in product.variants
                if v.options
            )

    def remove(self, product_id: str) -> None:
        """Forgets a product; nothing happens where it is not known."""
        with self._lock:
            self._remove(product_id)

    def find(self, text: str) -> list[NameMatch]:
        """The products that `text` may mean, best first, near ties kept; [] where it names none."""
        plain, origin = _plain(text[:500])
        if not plain.strip():
            return []
        with self._lock:
            matches = self._exact(plain)
            open_terms = self._content(plain, [span for _, span in matches])
            found: dict[str, NameMatch] = {}
            for slot, (start, end) in matches:
                name = self._names[slot]
                if name is not None:
                    found.setdefault(
                        name.product_id, self._match(name, 1.0, True, start, end, plain)
                    )
            for _ in range(_ROUNDS):
                if not open_terms:
                    break
                best = self._best(plain, open_terms)
                if not best:
                    break
                for name, score, start, end in best:
                    if name.product_id not in found:
                        found[name.product_id] = self._match(name, score, False, start, end, plain)
                top = best[0]
                keys = top[0].keys | top[0].extra
                open_terms = [t for t in open_terms if t.key not in keys]
        ranked = sorted(found.values(), key=lambda m: (-m.score, m.span, m.product_id))
        return [
            m._replace(span=(origin[m.span[0]], origin[m.span[1] - 1] + 1), score=round(m.score, 4))
            for m in ranked
        ]

    # building

    def _add(self, product_id: str, wording: str, extra: frozenset[str]) -> int:
        plain = _plain(wording)[0]
        keys = frozenset(term.key for term in _terms(plain))
        name = _Name(product_id, _compact(plain)[0], keys, extra - keys)
        if self._free:
            slot = self._free.pop()
            self._names[slot] = name
        else:
            slot = len(self._names)
            self._names.append(name)
            if slot >= len(self._sizes):
                self._sizes = np.resize(self._sizes, max(64, 2 * len(self._sizes)))
        self._sizes[slot] = len(keys)
        for key in name.keys | name.extra:
            self._postings.setdefault(key, []).append(slot)
            self._arrays.pop(key, None)
        for key in name.keys:
            if key.isascii() and key.isalpha() and len(key) > 3:
                self._words[key] = self._words.get(key, 0) + 1
                self._word_list = None
        if name.compact:
            self._whole.setdefault(name.compact, []).append(slot)
            lengths = self._lengths.setdefault(name.compact[:4], {})
            lengths[len(name.compact)] = lengths.get(len(name.compact), 0) + 1
        return slot

    def _remove(self, product_id: str) -> None:
        self._sources.pop(product_id, None)
        self._options.pop(product_id, None)
        for slot in self._slots.pop(product_id, []):
            name = self._names[slot]
            if name is None:
                continue
            for key in name.keys | name.extra:
                posting = self._postings[key]
                posting.remove(slot)
                self._arrays.pop(key, None)
                if not posting:
                    del self._postings[key]
            for key in name.keys & self._words.keys():
                self._words[key] -= 1
                if not self._words[key]:
                    del self._words[key]
                    self._word_list = None
            if name.compact:
                self._whole[name.compact].remove(slot)
                if not self._whole[name.compact]:
                    del self._whole[name.compact]
                lengths = self._lengths[name.compact[:4]]
                lengths[len(name.compact)] -= 1
                if not lengths[len(name.compact)]:
                    del lengths[len(name.compact)]
            self._names[slot] = None
            self._free.append(slot)

    # finding

    def _exact(self, plain: str) -> list[tuple[int, tuple[int, int]]]:
        """Names that stand in the text as a whole, without those inside a longer one."""
        compact, starts, ends = _compact(plain)
        spans: list[tuple[int, int, str]] = []
        for at in range(len(compact)):
            if not _begins_word(plain, starts[at]):
                continue
            for size in range(1, 5):
                lengths = self._lengths.get(compact[at : at + size])
                if lengths is None:
                    continue
                for length in lengths:
                    whole = compact[at : at + length]
                    if len(whole) == length and whole in self._whole:
                        end = ends[at + length - 1]
                        if _ends_word(plain, end):
                            spans.append((starts[at], end, whole))
        spans.sort(key=lambda s: (s[0] - s[1], s[0]))
        kept: list[tuple[int, int, str]] = []
        for start, end, whole in spans:
            if not any(start < e and s < end for s, e, _ in kept):
                kept.append((start, end, whole))
        return [(slot, (s, e)) for s, e, whole in kept for slot in self._whole[whole]]

    def _content(self, plain: str, taken: Iterable[tuple[int, int]]) -> list[_Term]:
        """The terms that could be part of a name: no question words, no prices."""
        blank = list(plain)
        masks = list(taken)
        masks += [m.span() for m in SCAFFOLD_ZH.finditer(plain)]
        masks += [
            (a.start, a.end)
            for a in read_amounts(plain)
            if a.kind in ("money", "percent", "discount")
        ]
        for start, end in masks:
            blank[start:end] = "\n" * (end - start)
        terms = []
        for term in _terms("".join(blank)):
            if term.key in STOP_EN:
                continue
            if term.key in self._postings:
                terms.append(term)
            elif term.key.isascii() and term.key.isalpha() and len(term.key) > 3:
                near = self._near_word(term.key)
                terms.append(term._replace(key=near) if near else term)
            else:
                terms.append(term)
        return terms

    def _near_word(self, word: str) -> str | None:
        """The known word that `word` is a slip of the finger away from."""
        if self._word_list is None:
            self._word_list = list(self._words)
        limit = 1 if len(word) < 6 else 2
        hit = process.extractOne(word, self._word_list, scorer=OSA.distance, score_cutoff=limit)
        return hit[0] if hit is not None else None

    def _weight(self, key: str) -> float:
        frequency = len(self._postings.get(key, ()))
        total = len(self._names) - len(self._free)
        weight = math.log(1 + (total + 1) / (frequency + 0.5))
        return weight if key in self._postings else 0.0

    def _best(self, plain: str, terms: list[_Term]) -> list[tuple[_Name, float, int, int]]:
        """The names that fit `terms` best, with score and span; [] where none is meant."""
        weights = {term.key: self._weight(term.key) for term in terms}
        asked = sum(weights.values())
        if not asked:
            return []
        sums = np.zeros(len(self._names), dtype=np.float32)
        for key, weight in weights.items():
            if weight:
                sums[self._array(key)] += weight
        sums -= 0.01 * self._sizes[: len(sums)]
        count = min(_CANDIDATES, len(sums))
        top = np.argpartition(-sums, count - 1)[:count]
        compact = _compact(plain)[0]
        scored = []
        for slot in top.tolist():
            name = self._names[slot]
            if name is None or sums[slot] <= 0:
                continue
            score = self._score(name, weights, asked, compact)
            if score > 0:
                scored.append((score, name))
        if not scored:
            return []
        scored.sort(key=lambda s: -s[0])
        first = scored[0][0]
        ties = {n.product_id for s, n in scored if s > first * 0.93}
        spread = 1 / (1 + 0.12 * (len(ties) - 1))
        found = []
        for score, name in scored[:_KEPT_TIES]:
            if score < first * 0.7:
                break
            keys = name.keys | name.extra
            places = [t for t in terms if t.key in keys]
            span = (min(t.start for t in places), max(t.end for t in places))
            found.append((name, score * spread, *span))
        return found

    def _score(self, name: _Name, weights: dict[str, float], asked: float, compact: str) -> float:
        """How well a name fits the weighted terms asked for, in 0..1."""
        matched = sum(weight for key, weight in weights.items() if key in name.keys)
        if not matched:
            return 0.0
        beside = sum(weight for key, weight in weights.items() if key in name.extra)
        whole = sum(self._weight(key) for key in name.keys)
        recall = matched / whole
        similar = fuzz.partial_ratio(name.compact, compact) / 100
        if similar > 0.6 and len(name.compact) >= 4:
            recall = max(recall, (similar - 0.6) * 2.2)
        precision = (matched + 0.8 * beside) / asked
        return float(min(recall, 1.0) ** 0.35 * min(precision, 1.0) ** 0.6 * 0.99)

    def _array(self, key: str) -> NDArray[np.int32]:
        array = self._arrays.get(key)
        if array is None:
            array = self._arrays[key] = np.array(self._postings[key], dtype=np.int32)
        return array

    def _match(
        self, name: _Name, score: float, exact: bool, start: int, end: int, plain: str
    ) -> NameMatch:
        variants = _variants(self._options.get(name.product_id, ()), plain)
        return NameMatch(name.product_id, variants, score, exact, (start, end))


def _begins_word(plain: str, at: int) -> bool:
    return at == 0 or not _joined(plain[at - 1], plain[at])


def _ends_word(plain: str, end: int) -> bool:
    return end == len(plain) or not _joined(plain[end - 1], plain[end])


def _joined(left: str, right: str) -> bool:
    """Whether two neighbouring characters belong to one word."""
    both = left.isascii() and right.isascii()
    return both and ((left.isalpha() and right.isalpha()) or (left.isdigit() and right.isdigit()))


def _variants(options: tuple[tuple[str, tuple[str, ...]], ...], plain: str) -> tuple[str, ...]:
    """The variants that keep most of the option words in `plain`; () where none is said."""
    values = sorted({v for _, values in options for v in values if v}, key=len, reverse=True)
    left, said = plain, set()
    for value in values:
        match = _option_pattern(value).search(left)
        if match is not None:
            said.add(value)
            left = left[: match.start()] + "\n" * len(match[0]) + left[match.end() :]
    if not said:
        return ()
    hits = {variant: len(said.intersection(values)) for variant, values in options}
    most = max(hits.values())
    return tuple(variant for variant, count in hits.items() if count == most)


def _option_pattern(value: str) -> re.Pattern[str]:
    """How an option value is said: 红色 as 红的, L as L码 or size L, 500ml as 500 ml."""
    if re.fullmatch(r"[a-z0-9]{1,3}", value):
        return re.compile(rf"(?<![a-z0-9]){value}(?![a-z0-9])")
    loose = re.sub(r"(?<=\d)\s*(?=[a-z])", r"\\s*", re.escape(value))
    loose = re.sub(r"\\?\s+", r"\\s*", loose)
    if value.endswith("色") and len(value) >= 2:
        loose = rf"{re.escape(value[:-1])}(?:色|的|款)"
    head = r"(?<![a-z])" if value[0].isascii() and value[0].isalpha() else ""
    head = r"(?<![\d.])" if value[0].isdigit() else head
    tail = r"(?![a-z])" if value[-1].isascii() and value[-1].isalpha() else ""
    return re.compile(head + loose + (r"(?!\d)" if value[-1].isdigit() else tail))
