"""How long each stage of a turn took."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from assistant.events import STAGES


class Stopwatch:
    """Milliseconds by stage, counted from the moment it is made."""

    def __init__(self) -> None:
        self._start = perf_counter()
        self._spent = dict.fromkeys(STAGES, 0.0)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add the time the block takes to `name`."""
        begun = perf_counter()
        try:
            yield
        finally:
            self._spent[name] += (perf_counter() - begun) * 1000

    def reached(self, name: str) -> None:
        """Note the first time that `name` was reached, counted from the start."""
        if not self._spent[name]:
            self._spent[name] = (perf_counter() - self._start) * 1000

    def timings_ms(self) -> dict[str, float]:
        """Every stage, rounded to a hundredth; `total` is the time until now."""
        self._spent["total"] = (perf_counter() - self._start) * 1000
        return {name: round(spent, 2) for name, spent in self._spent.items()}
