"""Near-twins: products whose titles say nearly the same, which are not shown together."""

from __future__ import annotations

from collections.abc import Sequence

from retrieval.catalog import Product
from retrieval.terms import keys

_TWIN = 0.75  # share of title terms from which two products are near-twins
_FIRST = 50  # nobody is shown more at once


def alike(one: Product, other: Product) -> bool:
    """Whether one stands for the other: nearly the same title, and as easily bought."""
    return one.available == other.available and _near(_words(one), _words(other))


def twins_last(order: Sequence[int], products: Sequence[Product]) -> list[int]:
    """`order`, places of `products`, with each that is nearly one before it moved to the end."""
    words = [_words(product) for product in products]
    first: list[int] = []
    twins: list[int] = []
    for place in order:
        twin = any(
            products[place].available == products[other].available
            and _near(words[place], words[other])
            for other in first[:_FIRST]
        )
        (twins if twin else first).append(place)
    # What cannot be bought stays last.
    return sorted([*first, *twins], key=lambda place: not products[place].available)


def _words(product: Product) -> frozenset[str]:
    return keys(" ".join(product.title.every()))


def _near(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= _TWIN * len(one | other)
