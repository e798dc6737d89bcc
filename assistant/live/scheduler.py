"""Which merged question is answered next, and which is let go when there are too many.

All of it is arithmetic on what the queue holds at one moment; nothing here waits or writes.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Collection, Iterable
from datetime import datetime
from math import log2

from assistant.live.entries import Entry

SELLS = frozenset({"price", "stock", "offer", "how_to_buy", "shipping"})
LONGEST_AGE_BONUS = 3.0


def value(entry: Entry, now: datetime, on_air: str | None, expiring: Collection[str] = ()) -> float:
    """What answering `entry` is worth now; more is sooner.

    Many askers count by their logarithm, those not answered lately alone; then what sells, what
    is about the item on air, what an offer about to end is on, what is urgent, and waiting.
    `expiring`: products with an offer that ends within minutes.
    """
    question = entry.question
    worth = 2.0 * log2(1 + len(entry.fresh) + 0.25 * (question.askers - len(entry.fresh)))
    worth += 2.0 * bool(SELLS.intersection(question.intents))
    worth += 1.0 * (question.label == "purchase_intent")
    worth += 2.0 * (on_air is not None and on_air in question.product_ids)
    worth += 1.5 * bool(set(question.product_ids).intersection(expiring))
    worth += question.urgency
    waited = (now - question.opened_at).total_seconds()
    return worth + min(LONGEST_AGE_BONUS, max(0.0, waited) / 15)


def next_up(
    entries: Iterable[Entry], now: datetime, on_air: str | None, expiring: Collection[str] = ()
) -> Entry | None:
    """The waiting entry worth most that nobody is answering."""
    waiting = [e for e in entries if e.question.status == "waiting" and not e.answering]
    return max(waiting, key=lambda e: value(e, now, on_air, expiring), default=None)


def surplus(entries: Iterable[Entry], most: int, now: datetime, on_air: str | None) -> list[Entry]:
    """The entries worth least, to be shed so that `most` wait."""
    waiting = [e for e in entries if e.question.status == "waiting" and not e.answering]
    if len(waiting) <= most:
        return []
    waiting.sort(key=lambda e: value(e, now, on_air))
    return waiting[: len(waiting) - most]


def overdue(entries: Iterable[Entry], age_s: float, now: datetime) -> list[Entry]:
    """The waiting entries that nobody has asked again for `age_s` seconds."""
    return [
        entry
        for entry in entries
        if entry.question.status == "waiting"
        and not entry.answering
        and (now - entry.question.last_at).total_seconds() > age_s
    ]


class Rate:
    """So many a minute, for many keys; the least recently seen key is forgotten first."""

    def __init__(self, per_minute: int, keys: int = 20_000) -> None:
        self._most, self._keys = per_minute, keys
        self._seen: OrderedDict[str, deque[float]] = OrderedDict()

    def left(self, now: float, key: str = "") -> int:
        """How many more may come now; `now` is in seconds of any clock that only goes forward."""
        times = self._seen.get(key)
        if times is None:
            return self._most
        while times and times[0] <= now - 60:
            times.popleft()
        return self._most - len(times)

    def take(self, now: float, key: str = "") -> bool:
        """Whether one more may come now; it is counted when it may."""
        if self.left(now, key) <= 0:
            return False
        times = self._seen.setdefault(key, deque())
        times.append(now)
        self._seen.move_to_end(key)
        if len(self._seen) > self._keys:
            self._seen.popitem(last=False)
        return True

    def give_back(self, key: str = "") -> None:
        """Uncount the last one taken."""
        if self._seen.get(key):
            self._seen[key].pop()
