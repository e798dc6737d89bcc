"""Goods asked for by how they differ from the one at hand: 有没有更大的, a thinner one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from retrieval.amounts import read_amounts
from retrieval.catalog import Product
from retrieval.terms import is_word, keys, plain

Way = Literal["alike", "more", "less", "cheaper", "dearer"]
"""How the goods wanted differ from the one at hand: a greater or smaller measure, or price."""

_AKIN = 0.4  # share of title words from which two products are of a kind
_FORMS = r"(?:更|再){0}(?:一?[点些])?的?|{0}一?[点些](?:儿)?的|{0}的(?:有|还有|那[款个种])|最{0}的?"
_WAYS: tuple[tuple[Way, str, str], ...] = (
    ("cheaper", "便宜", r"cheap(?:er|est)|less expensive"),
    ("dearer", "[贵高]档?", r"(?:pric|fanci)(?:ier|iest)|more expensive"),
    ("more", "[大厚重长]", r"(?:bigg|larg|thick|heavi|long)(?:er|est)"),
    ("less", "[小薄轻短]", r"(?:small|thinn|light|short)(?:er|est)"),
)
_ALIKE = re.compile(
    r"类似|相似|差不多的|平替|替代|同类"
    r"|\b(?:similar|alternatives?|(?:something|anything) like (?:it|this))\b"
)
_FOUND = tuple((way, re.compile(_FORMS.format(zh) + rf"|\b(?:{en})\b")) for way, zh, en in _WAYS)


_GREATEST = re.compile(
    r"(?<![多巨])[大高长][的号包瓶罐盒床杯]|更大|\bthe (?:big|large|tall|long|high)\w* \w+"
    r"|\b(?:bigg|larg|tall|high)er\b"
)
_SMALLEST = re.compile(
    r"[小矮短][的号包瓶罐盒床杯]|更小|\bthe (?:small|low|short|little)\w* \w+|\bsmaller\b"
)


def way_of(said: str) -> Way | None:
    """The way in which a plain text asks for goods beside the one at hand; None for no such."""
    for way, pattern in _FOUND:
        if pattern.search(said):
            return way
    return "alike" if _ALIKE.search(said) else None


def greatest_of(said: str) -> bool | None:
    """Whether the greatest size is meant, as by 大的 and the big one; False for the smallest."""
    if _GREATEST.search(said):
        return True
    return False if _SMALLEST.search(said) else None


def fitting(base: Product, others: Iterable[Product], way: Way) -> list[str]:
    """The ids of those of the kind of `base` that differ from it in that way, as they came."""
    own = _words(base)
    kin = [p for p in others if p.id != base.id and _share(own, _words(p)) >= _AKIN]
    return [p.id for p in kin if way == "alike" or _differs(base, p, way)]


def _differs(base: Product, other: Product, way: Way) -> bool:
    if way in ("cheaper", "dearer"):
        prices = [p.default_variant.price.minor for p in (base, other)]
        return prices[1] < prices[0] if way == "cheaper" else prices[1] > prices[0]
    mine, theirs = _measures(base), _measures(other)
    return any(
        theirs[unit] > value if way == "more" else theirs[unit] < value
        for unit, value in mine.items()
        if unit in theirs
    )


def _measures(product: Product) -> dict[str, float]:
    """The measures in a product's title, by unit."""
    return {
        amount.unit: float(amount.value)
        for title in product.title.every()
        for amount in read_amounts(plain(title)[0])
        if amount.kind == "measure"
    }


def _words(product: Product) -> frozenset[str]:
    return frozenset(k for title in product.title.every() for k in keys(title) if is_word(k))


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / max(1, min(len(one), len(other)))
