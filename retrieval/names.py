"""Which product is meant, from a viewer's words.

Viewers name products in full, in part, with typos, by an alias, in either language. Whole titles
are found by hashing; everything else by the terms two texts share, weighted by how rare a term is
among the names (inverse document frequency), and by edit similarity for the few best. A name is
what picks out few products: words that fit many score low however well they fit.
"""

from __future__ import annotations

import re
from threading import Lock

from rapidfuzz import fuzz

from retrieval.amounts import Amount, read_amounts
from retrieval.catalog import Product
from retrieval.name_index import Name, NameIndex
from retrieval.name_pieces import enough, holds, shortened, stands_alone, unbranded
from retrieval.name_telling import Known, NameMatch, told_apart
from retrieval.options import Options, options_of, said_variants, sized_variants
from retrieval.scaffold import SCAFFOLD_ZH, STOP_EN
from retrieval.terms import Term, compact, is_word, keys, plain, terms

__all__ = ["NameMatch", "ProductNames"]

_LONGEST_QUESTION = 500
_ROUNDS = 3
_KEPT_TIES = 8
_SPARE_WEIGHT = 0.4
_COMPARED = 16
_SHARED_COST = 0.12
_ONE_WORD = 0.45
_LEAST_SCORE = 0.2
_KIND_ZH = re.compile("([\u3400-\u9fff])子")


class ProductNames:
    """The names of a shop's products. Thread-safe; about 3 KB a product."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._index = NameIndex()
        self._slots: dict[str, list[int]] = {}
        self._sources: dict[str, tuple[object, ...]] = {}
        self._options: dict[str, Options] = {}
        self._wholes: dict[int, float] = {}
        self._categories: dict[str, int] = {}
        self._category_of: dict[str, tuple[str, ...]] = {}
        self._known = Known(self._index, self._names, lambda key: self._options.get(key, ()))

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
            beside = {*product.brand.every(), *product.category.every()}
            beside |= {w for v in product.variants for o in v.options for w in o.value.every()}
            extra = frozenset().union(*(keys(text) for text in beside))
            self._slots[product.id] = [
                self._index.add(product.id, wording, extra)
                for wording in dict.fromkeys([*product.title.every(), *product.aliases])
            ] + [self._index.add(product.id, title, whole=True) for title in unbranded(product)]
            self._options[product.id] = options_of(product.variants)
            self._category_of[product.id] = product.category.every()
            for category in product.category.every():
                self._categories[category] = self._categories.get(category, 0) + 1

    def remove(self, product_id: str) -> None:
        """Forgets a product; nothing happens where it is not known."""
        with self._lock:
            self._remove(product_id)

    def _remove(self, product_id: str) -> None:
        self._wholes.clear()
        self._sources.pop(product_id, None)
        self._options.pop(product_id, None)
        for slot in self._slots.pop(product_id, ()):
            self._index.discard(slot)
        for category in self._category_of.pop(product_id, ()):
            self._categories[category] -= 1
            if not self._categories[category]:
                del self._categories[category]

    def _names(self, product_id: str) -> list[Name]:
        slots = self._slots.get(product_id, ())
        return [name for name in (self._index.names[slot] for slot in slots) if name is not None]

    def alike(self, product_id: str, other_id: str) -> float:
        """The share of words that two products' names have in common, 0 to 1."""
        with self._lock:
            one, other = (
                {key for name in self._names(each) for key in name.keys if is_word(key)}
                for each in (product_id, other_id)
            )
        return len(one & other) / max(1, min(len(one), len(other)))

    def categories(self, text: str) -> tuple[str, ...]:
        """The categories, as the shop writes them, whose whole name stands in `text`."""
        said = plain(text[:_LONGEST_QUESTION])[0]
        with self._lock:
            known = list(self._categories)
        found = [category for category in known if holds(said, plain(category)[0].strip())]
        return tuple(c for c in found if not any(c != o and c in o for o in found))

    def variants(self, product_id: str, text: str) -> tuple[str, ...]:
        """The variants of a product that the option words in `text` mean; () for none."""
        said = plain(text[:_LONGEST_QUESTION])[0]
        with self._lock:
            options = self._options.get(product_id, ())
        return said_variants(options, said, read_amounts(said)) if options else ()

    def sized(self, product_id: str, *, greatest: bool) -> tuple[str, ...]:
        """The variants of a product's greatest or smallest size; () where it has but one."""
        with self._lock:
            options = self._options.get(product_id, ())
        return sized_variants(options, greatest=greatest)

    def kin(self, product_id: str, text: str) -> bool:
        """Whether a word of `text` stands in the product's names, brand, category or options."""
        said = plain(text[:_LONGEST_QUESTION])[0]
        words = {t.key for t in terms(SCAFFOLD_ZH.sub("\n", said)) if is_word(t.key)}
        with self._lock:
            named = self._names(product_id)
        if any(words & (name.keys | name.extra) for name in named):
            return True
        # 被子, 鞋子 and 杯子 are said of 羊毛被, 跑鞋 and 保温杯.
        return any(kind in name.compact for kind in _KIND_ZH.findall(said) for name in named)

    def find(self, text: str) -> list[NameMatch]:
        """The products that `text` may mean, best first, near ties kept; [] where it names none."""
        said, origin = plain(text[:_LONGEST_QUESTION])
        if not said.strip():
            return []
        amounts = read_amounts(said)
        with self._lock:
            found = told_apart(said, amounts, self._find(said, amounts), self._known)
            options = {m.product_id: self._options.get(m.product_id, ()) for m in found}
        ranked = sorted(found, key=lambda m: (-m.score, m.span, m.product_id))
        return [
            match._replace(
                variant_ids=said_variants(options[match.product_id], said, amounts),
                score=round(match.score, 4),
                span=(origin[match.span[0]], origin[match.span[1] - 1] + 1),
            )
            for match in ranked
        ]

    def _find(self, said: str, amounts: list[Amount]) -> list[NameMatch]:
        left = self._content(said, amounts)
        asked = sum(self._index.weight(term.key) for term in left if not term.spare)
        found: dict[str, NameMatch] = {}
        for start, end, slots in self._index.whole(said):
            if not stands_alone(said, start, end):
                continue
            for name in filter(None, (self._index.names[slot] for slot in slots)):
                match = NameMatch(name.product_id, (), 1.0, True, (start, end))
                found.setdefault(name.product_id, match)
            longer = self._longer(said, (start, end), left)
            if longer is not None:
                found.setdefault(longer.product_id, longer)
                for product_id, match in found.items():
                    if match.span == (start, end):
                        found[product_id] = match._replace(score=0.9, exact=False)
            covered = longer.span if longer is not None else (start, end)
            left = [t for t in left if t.end <= covered[0] or covered[1] <= t.start]
        for _ in range(_ROUNDS):
            best = self._best(said, left, asked)
            if not best:
                break
            for name, score, span in best:
                found.setdefault(
                    name.product_id, NameMatch(name.product_id, (), score, False, span)
                )
            covering = best[0][0].keys | best[0][0].extra
            left = [term for term in left if term.key not in covering]
        return list(found.values())

    def _longer(self, said: str, span: tuple[int, int], left: list[Term]) -> NameMatch | None:
        """A name that has the one at `span` inside it, and is nearly whole in the text too."""
        inner, letters = compact(said[span[0] : span[1]])[0], compact(said)[0]
        weights = {term.key: self._index.weight(term.key) for term in left}
        best: tuple[float, Name] | None = None
        for name in self._index.candidates(weights) if weights else ():
            if inner in name.compact and len(name.compact) >= len(inner) + 3:
                beside = len(name.compact) - len(inner)
                # Edits are allowed in what the longer name adds, one for each three characters.
                similar = fuzz.partial_ratio(name.compact, letters) / 100
                edits = (1 - similar) * len(name.compact)
                if edits <= beside / 3 and (best is None or similar > best[0]):
                    best = similar, name
        if best is None:
            return None
        places = [term for term in left if term.key in best[1].keys]
        if not places:
            return None
        whole = (min(t.start for t in places), max(t.end for t in places))
        return NameMatch(best[1].product_id, (), 0.95, False, whole)

    def _content(self, said: str, amounts: list[Amount]) -> list[Term]:
        """The terms that could be part of a name: no question words, no prices."""
        blank = list(said)
        masks = [match.span() for match in SCAFFOLD_ZH.finditer(said)]
        masks += [(a.start, a.end) for a in amounts if a.kind in ("money", "percent", "discount")]
        for start, end in masks:
            blank[start:end] = "\n" * (end - start)
        content = []
        for term in terms("".join(blank)):
            if not stands_alone(said, term.start, term.end):
                continue
            if term.key in self._index:
                content.append(term._replace(spare=term.key in STOP_EN))
            elif term.key.isascii() and term.key.isalpha() and len(term.key) > 4:
                near = None if term.key in STOP_EN else self._index.near_word(term.key)
                if near is not None:
                    content.append(term._replace(key=near))
        return content

    def _best(
        self, said: str, content: list[Term], asked: float
    ) -> list[tuple[Name, float, tuple[int, int]]]:
        """The names that fit the terms best, with score and span; [] where none is meant."""
        firm = {term.key for term in content if not term.spare}
        if not firm:
            return []
        weights = {
            t.key: self._index.weight(t.key) * (_SPARE_WEIGHT if t.spare else 1) for t in content
        }
        rough = [
            (self._score(name, weights, firm, asked, None), name)
            for name in self._index.candidates(weights)
        ]
        rough.sort(key=lambda pair: -pair[0])
        letters = compact(said)[0]
        scored = [
            (self._score(name, weights, firm, asked, letters), name)
            for score, name in rough[:_COMPARED]
            if score > 0
        ]
        if not scored:
            return []
        scored.sort(key=lambda pair: -pair[0])
        first, best = scored[0]
        sharing = self._index.sharing(firm & best.keys)
        found = []
        for score, name in scored[:_KEPT_TIES]:
            if score < first * 0.7:
                break
            said_of_it = firm & name.keys
            recall = sum(weights[key] for key in said_of_it) / self._whole_weight(name)
            score /= 1 + _SHARED_COST * (sharing - 1) * max(0.0, 1 - recall)
            places = [t for t in content if t.key in name.keys or t.key in name.extra]
            span = (min(t.start for t in places), max(t.end for t in places))
            if recall < 0.65 and not (enough(said_of_it) or shortened(said, span, name.compact)):
                score = min(score, _ONE_WORD)
            if score >= _LEAST_SCORE:
                found.append((name, score, span))
        return found

    def _whole_weight(self, name: Name) -> float:
        known = self._wholes.get(id(name))
        if known is None:
            known = self._wholes[id(name)] = sum(map(self._index.weight, name.keys))
        return known

    def _score(
        self,
        name: Name,
        weights: dict[str, float],
        firm: set[str],
        asked: float,
        letters: str | None,
    ) -> float:
        """How well a name fits the weighted terms asked for, in 0..1; with `letters` also by edits.

        Recall (how much of the name is said) counts less than precision (how much of what is
        said is the name): people shorten names.
        """
        if firm.isdisjoint(name.keys):
            return 0.0
        matched = sum(weight for key, weight in weights.items() if key in name.keys)
        beside = sum(weight for key, weight in weights.items() if key in name.extra)
        recall = matched / self._whole_weight(name)
        similar = 0.0
        if letters is not None and len(name.compact) >= 4:
            similar = fuzz.partial_ratio(name.compact, letters, score_cutoff=60) / 100
            recall = max(recall, (similar - 0.6) * 2.2)
        precision = (matched + 0.8 * beside) / asked
        fit = float(min(recall, 1.0) ** 0.35 * min(precision, 1.0) ** 0.6)
        return fit * (0.89 + 0.1 * similar)
