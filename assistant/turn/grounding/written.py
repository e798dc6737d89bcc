"""The figures of records, each with the words it stands among."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from assistant.turn.grounding.once import once_each
from assistant.turn.grounding.wordings import parts_of, plain, statements_of
from assistant.turn.properties import ASPECTS
from retrieval.amounts import Amount, read_amounts
from retrieval.catalog import Product
from retrieval.units import PIECES_ZH

_ENGLISH_PIECES = frozenset(("piece", "pair", "pack", "set", "bottle", "box", "bag", "can"))


def _whole_words(alternatives: str) -> str:
    """`alternatives` found where an English word begins; short ones, and no preposition, whole."""
    found = []
    for one in alternatives.split("|"):
        if one == "for":
            continue
        short = one.isascii() and one.isalpha() and 3 <= len(one) <= 4
        found.append(rf"(?<![a-z]){one}(?:s?(?![a-z]))" if short else
                     rf"(?<![a-z]){one}" if one[:1].isascii() else one)  # fmt: skip
    return "|".join(found)


_ASPECTS = tuple(re.compile(_whole_words(f"{said}|{named}")) for said, named in ASPECTS)
_NUMERIC_LEFT = re.compile(r"([a-z]+|[\u4e00-\u9fff]|[×*])[\s\-.]*$")
NUMERIC_RIGHT = re.compile(r"^[\s\-]*([a-z]+|[\u4e00-\u9fff]|[×*])")


class Written(NamedTuple):
    """A figure of a record, with the words it stands among."""

    value: Decimal
    unit: str
    kind: str
    clause: str
    left: str
    right: str


@lru_cache(maxsize=4096)
def figures_in(statement: str) -> tuple[Written, ...]:
    """The figures of one statement of a record."""
    text = plain(statement)
    spans = parts_of(text)
    found = []
    for amount in read_amounts(text):
        start, end = next(((a, b) for a, b in spans if a <= amount.start < b), (0, len(text)))
        # The name of an attribute belongs to each of its parts.
        clause = text[start:end] if start == 0 else text[: spans[0][1]][:24] + " " + text[start:end]
        found.append(
            Written(
                amount.value,
                unit_of_count(amount),
                amount.kind,
                clause if len(statement) < 80 else text[start:end],
                *beside(text, amount.start, amount.end),
            )
        )
    return tuple(found)


def attribute_figures(product: Product, text: str) -> list[Written]:
    """The figures of those attributes of `product` that a normal `text` calls by name."""
    return [
        figure
        for names, figures in _by_attribute(product)
        if any(name in text for name in names)
        for figure in figures
    ]


def every_attribute_figure(product: Product) -> list[Written]:
    """The figures of all attributes of `product`, under their names in either language."""
    return [figure for _, figures in _by_attribute(product) for figure in figures]


@once_each
def _by_attribute(product: Product) -> list[tuple[list[str], list[Written]]]:
    """Of each attribute its names in normal form and its figures."""
    return [
        (
            [plain(name) for name in attribute.name.every()],
            [
                figure
                for name in (attribute.name.say("zh"), attribute.name.say("en"))
                for value in attribute.value.every()
                for figure in figures_in(f"{name} {value}")
            ],
        )
        for attribute in product.attributes
    ]


@once_each
def figures_of(product: Product) -> tuple[Written, ...]:
    """The figures of everything that the record of `product` states."""
    return tuple(figure for text in statements_of(product) for figure in figures_in(text))


def unit_of_count(amount: Amount) -> str:
    if amount.kind == "count" and (amount.unit in PIECES_ZH or amount.unit in _ENGLISH_PIECES):
        return "piece"
    return amount.unit


def beside(text: str, start: int, end: int) -> tuple[str, str]:
    left, right = _NUMERIC_LEFT.search(text[:start]), NUMERIC_RIGHT.match(text[end:])
    return (left[1] if left else "", right[1] if right else "")


@lru_cache(maxsize=8192)
def aspects(text: str) -> frozenset[int]:
    """Which properties a text is about: numbers of lines of ASPECTS."""
    return frozenset(n for n, pattern in enumerate(_ASPECTS) if pattern.search(text))
