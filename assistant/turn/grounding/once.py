"""What follows from a product alone is worked out once for each product as it was read."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from retrieval.catalog import Product

T = TypeVar("T")
KEPT = 1024


def once_each(of: Callable[[Product], T]) -> Callable[[Product], T]:
    """`of`, remembered for the last products asked about; any thread may call it.

    A product is told by being the same object: the store hands out one for each version of a
    record, and to compare or hash a whole product would cost more than most answers.
    """
    kept: dict[int, tuple[Product, T]] = {}

    def remembered(product: Product) -> T:
        found = kept.get(id(product))
        if found is not None and found[0] is product:
            return found[1]
        made = of(product)
        if len(kept) >= KEPT:
            kept.clear()
        kept[id(product)] = (product, made)
        return made

    return remembered
