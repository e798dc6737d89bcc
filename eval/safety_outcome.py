"""What one part of the safety task found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TypeVar

from eval.figures import Metric

T = TypeVar("T")


@dataclass(slots=True)
class Outcome:
    """Figures by name; what went wrong, by kind, in words; rows the infrastructure failed on."""

    metrics: dict[str, Metric] = field(default_factory=dict)
    misses: dict[str, list[str]] = field(default_factory=dict)
    errors: int = 0
    excluded: dict[str, int] = field(default_factory=dict)

    def miss(self, kind: str, words: str) -> None:
        """Notes one thing that went wrong."""
        self.misses.setdefault(kind, []).append(words)

    def add(self, other: Outcome) -> None:
        """Takes in what another part found."""
        self.metrics |= other.metrics
        self.errors += other.errors
        self.excluded |= other.excluded
        for kind, words in other.misses.items():
            self.misses.setdefault(kind, []).extend(words)


def sample(rows: Sequence[T], n: int | None, seed: int) -> list[T]:
    """At most `n` of `rows`, the same for the same seed; all of them where `n` is None."""
    if n is None or n >= len(rows):
        return list(rows)
    return Random(seed).sample(list(rows), n)  # noqa: S311
