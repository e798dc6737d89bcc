"""What follows from a record alone is worked out once for each record as it was read."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from retrieval.catalog import Value

R = TypeVar("R", bound=Value)
T = TypeVar("T")
KEPT = 1024


def once_each(of: Callable[[R], T]) -> Callable[[R], T]:
    """`of`, remembered for the last records asked about; any thread may call it.

    A record is told by being the same object: the store hands out one for each version of it,
    and to compare or hash a whole one would cost more than most answers.
    """
    kept: dict[int, tuple[R, T]] = {}

    def remembered(record: R) -> T:
        found = kept.get(id(record))
        if found is not None and found[0] is record:
            return found[1]
        made = of(record)
        if len(kept) >= KEPT:
            kept.clear()
        kept[id(record)] = (record, made)
        return made

    return remembered
