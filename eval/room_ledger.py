"""What a room's records say once a run is over: events, deeds, answers, who was answered when."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from assistant.store import Store

PAGE = 5000


@dataclass(frozen=True, slots=True)
class Said:
    """A price that an answer's card showed. `at` is in seconds of time.time()."""

    at: float
    price: int


@dataclass
class Ledger:
    """The records of room demo. Moments are seconds of time.time()."""

    events: set[str] = field(default_factory=set)
    actions: set[str] = field(default_factory=set)
    asked: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    told: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    answers: list[tuple[float, dict[str, object]]] = field(default_factory=list)

    def waited(self, viewer: str, asked_at: float) -> float | None:
        """Seconds until what the viewer asked was answered; None where it was not."""
        moments = [
            moment
            for question in self.asked.get(viewer, ())
            for moment in self.told.get(question, ())
            if moment >= asked_at - 0.001
        ]
        return min(moments) - asked_at if moments else None

    def priced(self, product_id: str, variants: set[str]) -> list[Said]:
        """Every price of these variants on a card of an answer."""
        found = []
        for at, data in self.answers:
            products = data["products"]
            if isinstance(products, list):
                found += [
                    Said(at, card["price"]["minor"])
                    for card in products
                    if card["id"] == product_id and card["variant_id"] in variants
                ]
        return found


def read_ledger(database: Path) -> Ledger:
    """Read everything. The service that wrote it has ended."""
    ledger = Ledger()
    with Store(f"sqlite:///{database}") as store:
        after = 0
        while events := store.events.read(after=after, limit=PAGE):
            after = events[-1].seq
            ledger.events |= {event.id for event in events if event.source != "host"}
            ledger.actions |= {event.id for event in events if event.source == "host"}
        for question, viewer in store.live.all_askers("demo"):
            ledger.asked[viewer].append(question)
        after = 0
        while items := store.live.feed("demo", after=after, limit=PAGE):
            after = items[-1].seq
            for item in items:
                if item.kind in ("answer", "joined"):
                    ledger.told[item.data["question_id"]].append(item.at.timestamp())
                if item.kind == "answer":
                    ledger.answers.append((item.at.timestamp(), dict(item.data)))
    return ledger


def caught_up(database: Path, seconds: float) -> None:
    """Returns once the room has read every event and nothing waits, or after `seconds`."""
    until = time.monotonic() + seconds
    with Store(f"sqlite:///{database}") as store:
        while time.monotonic() < until:
            newest = store.events.read(room="demo", types=["live.comment"], limit=1, newest=True)
            read = store.live.progress("demo")[0]
            if not newest or newest[0].seq <= read:
                return
            time.sleep(0.2)
