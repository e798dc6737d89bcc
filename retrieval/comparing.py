"""What a product has most or least of among those found at a similar price, by their records.

Only like is compared with like: products of one category and currency whose records state the
property in the same words but for one figure, and at least `_FEWEST` of them. The best one has to
be better than every other, so that what is said is true by the records it was read from.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from retrieval.amounts import read_amounts
from retrieval.catalog import Money, Product, Text

_FEWEST = 3
_NEAR = 1.3  # how many times as dear one of two prices may be that count as similar
_MINUTES = {"minute": 1, "hour": 60, "day": 1440}


class _Property(NamedTuple):
    """Names of a property, the units it is measured in, and which end is worth saying."""

    name: re.Pattern[str]
    units: frozenset[str]
    most: bool
    zh: str
    en: str


class _Stated(NamedTuple):
    """What a product states: in which words, how much, and the property's name."""

    words: tuple[str, ...]
    value: Decimal
    name: Text


def _property(name: str, units: str, zh: str, en: str, *, most: bool = True) -> _Property:
    return _Property(re.compile(name, re.IGNORECASE), frozenset(units.split()), most, zh, en)


_PROPERTIES = (
    _property("保温|保冷|(?:heat|cold) retention|insulat", "minute", "最长", "longest"),
    _property("续航|播放时[长间]|battery life|play ?time", "minute", "最长", "longest"),
    _property("容量|capacity", "ml GB MB mAh", "最大", "largest"),
    _property("^(?:重量|净重|机身重量|(?:item )?weight)$", "g", "最轻", "lightest", most=False),
    _property("厚度|thickness", "mm", "最薄", "thinnest", most=False),
    _property("线长|cable length|长度|^length$", "mm", "最长", "longest"),
    _property("屏幕尺寸|screen size", "inch", "最大", "largest"),
)


def compared(products: Sequence[Product], prices: Mapping[str, Money]) -> dict[str, Text]:
    """Product id -> the first property in which it beats the others of `products`.

    `prices` are what a buyer pays now, by product id.
    """
    stated: dict[tuple[object, ...], dict[str, _Stated]] = defaultdict(dict)
    for product in products:
        kind = (product.category.say("en"), prices[product.id].currency)
        for at, found in _figures(product).items():
            stated[(at, *kind, *found.words)][product.id] = found
    told: dict[str, Text] = {}
    for key in sorted(stated, key=lambda key: int(str(key[0]))):
        property_ = _PROPERTIES[int(str(key[0]))]
        for product_id, mine in stated[key].items():
            beaten = [
                other.value
                for other_id, other in stated[key].items()
                if other_id != product_id and _similar(prices[product_id], prices[other_id])
            ]
            best = all(mine.value > v if property_.most else mine.value < v for v in beaten)
            if best and len(beaten) + 1 >= _FEWEST:
                told.setdefault(product_id, _said(property_, mine.name, len(beaten) + 1))
    return told


def _said(property_: _Property, name: Text, n: int) -> Text:
    en = f"{name.say('en')}: {property_.en} of {n} found at a similar price"
    return Text(zh=f"{name.say('zh')}：找到的{n}款同价位里{property_.zh}", en=en)


def _figures(product: Product) -> dict[int, _Stated]:
    """Number of the property -> what the product states of it, once and with one figure."""
    found: dict[int, list[_Stated]] = defaultdict(list)
    for attribute in product.attributes:
        at = _property_of(attribute.name.zh, attribute.name.en)
        figure = None if at is None else _figure(attribute.value.zh, attribute.value.en, at)
        if at is not None and figure is not None:
            found[at].append(_Stated(*figure, attribute.name))
    return {at: several[0] for at, several in found.items() if len(several) == 1}


# Products share names and values of attributes, and the same products are found again.
@lru_cache(maxsize=4096)
def _property_of(zh: str, en: str) -> int | None:
    """The number of the property that an attribute of this name is."""
    for at, property_ in enumerate(_PROPERTIES):
        if property_.name.search(zh) or property_.name.search(en):
            return at
    return None


@lru_cache(maxsize=4096)
def _figure(zh: str, en: str, at: int) -> tuple[tuple[str, ...], Decimal] | None:
    """The words about the one figure that a value states, and the figure; None without one."""
    words: list[str] = []
    values: set[Decimal] = set()
    for text in filter(None, (zh, en)):
        measured = []
        for amount in read_amounts(text):
            unit, value = amount.unit, amount.value
            if amount.kind == "duration" and unit in _MINUTES:
                unit, value = "minute", value * _MINUTES[unit]
            if unit in _PROPERTIES[at].units:
                measured.append((amount, unit, value))
        if len(measured) != 1:
            return None
        amount, unit, value = measured[0]
        words.append(f"{unit} {text[: amount.start]}|{text[amount.end :]}".lower())
        values.add(value)
    # Two languages that disagree state nothing.
    return (tuple(words), values.pop()) if len(values) == 1 else None


def _similar(one: Money, other: Money) -> bool:
    low, high = sorted((one.minor, other.minor))
    return high <= _NEAR * low
