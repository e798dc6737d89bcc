"""A room as it stands in memory: what it has read, its merged questions, what it told whom."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from assistant.live.asked import read_asked
from assistant.live.entries import Entry, read_entry
from assistant.live.merging import Merger
from assistant.live.pulse import Pulse
from assistant.live.questions import FOR_THE_HOST, OPEN
from assistant.live.scheduler import Rate
from assistant.settings import Settings
from assistant.store import Store
from assistant.store.live import FeedItem
from retrieval.catalog import RoomContext

REMEMBERED = timedelta(minutes=5)
MOST_REMEMBERED = 1000
MOST_TALKED = 8
MOST_TOLD = 2000
Prices = dict[str, tuple[int, bool]]


@dataclass
class Told:
    """What viewers were told of a product: variant id -> price in minor units, and if to be had.

    `answer` is the feed id of the answer, 0 for a chat reply to `viewer`.
    """

    at: datetime
    product_id: str
    prices: Prices
    answer: int = 0
    question: str = ""
    askers: int = 1
    viewer: str | None = None


@dataclass
class RoomState:
    """Everything a room knows. Built from the records, and lost without loss.

    `on_air` and `recent` are as of the last event read: a comment is about what was on air when
    it was written, however late it is read.
    """

    id: str
    context: RoomContext
    seq: int = 0
    on_air: str | None = None
    recent: tuple[str, ...] = ()
    said_last: str = ""
    pins: list[str] = field(default_factory=list)
    started_at: datetime | None = None
    ended_at: datetime | None = None
    mutes: set[str] = field(default_factory=set)
    pulse: Pulse = field(default_factory=Pulse)
    entries: dict[str, Entry] = field(default_factory=dict)
    merger: Merger = field(default_factory=Merger)
    told: deque[Told] = field(default_factory=lambda: deque(maxlen=MOST_TOLD))
    viewers: Rate = field(default_factory=lambda: Rate(6))
    shed_told: datetime | None = None

    @property
    def seen(self) -> RoomContext:
        """The room as those saw it whose comments are being read."""
        return self.context.model_copy(update={"on_air": self.on_air})

    def talked_of(self, product_id: str) -> None:
        """Note that the room turned to a product."""
        others = (one for one in self.recent if one != product_id)
        self.recent = (product_id, *others)[:MOST_TALKED]

    def kept(self) -> dict[str, Any]:
        """What is kept beside the questions, as JSON values."""
        return {
            "on_air": self.on_air,
            "recent": list(self.recent),
            "said_last": self.said_last,
            "pins": self.pins,
            "started_at": self.started_at.isoformat() if self.started_at else None,
            "ended_at": self.ended_at.isoformat() if self.ended_at else None,
            "pulse": self.pulse.kept(),
        }

    def forget(self, now: datetime) -> None:
        """Let go of what is settled and old; the records still have it."""
        settled = [e for e in self.entries.values() if e.question.status not in OPEN]
        settled.sort(key=lambda e: e.question.last_at)
        surplus = len(settled) - MOST_REMEMBERED
        for number, entry in enumerate(settled):
            # What waits for a person waits however long that takes.
            old = now - entry.question.last_at > REMEMBERED
            old = old and entry.question.status != "handed_off"
            if (old or number < surplus) and not entry.answering and not entry.joined:
                del self.entries[entry.question.id]
                self.merger.close(entry.question.id)
        while self.told and now - self.told[0].at > REMEMBERED:
            self.told.popleft()


def load(store: Store, room_id: str, settings: Settings, now: datetime) -> RoomState:
    """The room as it stood. Blocks. Raises NotFound for a room that is not there."""
    context = store.rooms.get(room_id)
    seq, kept = store.live.progress(room_id)
    state = RoomState(
        id=room_id,
        context=context,
        seq=seq,
        on_air=kept.get("on_air", context.on_air),
        recent=tuple(kept.get("recent", ())),
        said_last=kept.get("said_last", ""),
        pins=list(kept.get("pins", ())),
        started_at=_moment(kept.get("started_at")),
        ended_at=_moment(kept.get("ended_at")),
        mutes=set(store.live.mutes(room_id)),
        pulse=Pulse(kept.get("pulse")),
        viewers=Rate(settings.room_viewer_per_minute),
    )
    waiting = store.live.questions(room_id, FOR_THE_HOST, limit=10 * settings.room_queue)
    lately = store.live.questions(
        room_id, ("answered", "dismissed"), MOST_REMEMBERED, now - REMEMBERED
    )
    for record in (*waiting, *lately):
        entry = read_entry(record)
        question = entry.question
        entry.viewers = set(store.live.askers(question.id))
        entry.fresh = set(entry.viewers) if question.status in OPEN else set()
        state.entries[question.id] = entry
        alike = read_asked(question.text, entry.asked, context.on_air)
        state.merger.add(question.id, question.text, alike, None, question.language)
    for item in store.live.feed(
        room_id, limit=MOST_TOLD, kinds=("answer",), since=now - REMEMBERED, newest=True
    ):
        state.told.extend(told_by(item))
    return state


def told_by(item: FeedItem) -> list[Told]:
    """What an answer in the feed told, product by product."""
    return [
        Told(
            at=item.at,
            product_id=product_id,
            prices={vid: (minor, to_be_had) for vid, (minor, to_be_had) in prices.items()},
            answer=item.seq,
            question=item.data["question_id"],
            askers=item.data["askers"],
        )
        for product_id, prices in item.data["told"].items()
    ]


def told_in_chat(data: Mapping[str, Any], viewer: str | None, at: datetime) -> list[Told]:
    """What a chat reply told, by the cards it showed."""
    return [
        Told(
            at=at,
            product_id=shown["product_id"],
            prices={shown["variant_id"]: (shown["price_minor"], shown["available"])},
            viewer=viewer,
        )
        for shown in data.get("shown", ())
        if "variant_id" in shown
    ]


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
