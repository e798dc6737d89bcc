"""What time does to a room: newcomers are told, the old and the least valuable are let go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from assistant.live import scheduler
from assistant.live.entries import Entry
from assistant.live.state import RoomState
from assistant.store.live import FeedItem


def joins(state: RoomState, now: datetime) -> list[FeedItem]:
    """One item for each answered question that viewers have joined since the last look."""
    items = []
    for entry in state.entries.values():
        if entry.joined:
            question = entry.question
            data = {
                "question_id": question.id,
                "joined": entry.joined,
                "askers": question.askers,
                "answers": {language: a.text for language, a in question.answers.items()},
            }
            key = f"joined:{question.id}:{question.revision}:{question.askers}"
            items.append(FeedItem(state.id, key, "joined", now, data))
            for told in state.told:
                if told.answer and told.answer in {a.feed_id for a in question.answers.values()}:
                    told.at, told.askers = now, told.askers + entry.joined
            entry.joined = 0
    return items


def let_go(state: RoomState, now: datetime, most: int, age_s: float) -> list[Entry]:
    """Let go of what is too old, and of what is worth least where too many wait."""
    counts = state.pulse.counts
    entries = state.entries.values()
    old = scheduler.overdue(entries, age_s, now)
    for entry in old:
        entry.question.status = "expired"
    counts.expired += len(old)
    surplus = scheduler.surplus(entries, most, now, state.on_air)
    for entry in surplus:
        entry.question.status = "shed"
        counts.shed_askers += len(entry.fresh)
    counts.shed += len(surplus)
    return old + surplus


def alerts(state: RoomState, gone: Sequence[Entry], now: datetime) -> list[FeedItem]:
    """What a host has to know at once: complaints surge, or questions were shed; each at most
    once a minute. `gone` are the entries just let go of."""
    items = []
    cold = state.pulse.surge(now)
    if cold is not None:
        alert = {"what": "complaints", "in_this_minute": cold}
        items.append(FeedItem(state.id, f"alert:{now.isoformat()}", "alert", now, alert))
    shed = sum(entry.question.status == "shed" for entry in gone)
    minute = now.replace(second=0, microsecond=0)
    if shed and state.shed_told != minute:
        state.shed_told = minute
        alert = {"what": "shed", "questions": shed}
        items.append(FeedItem(state.id, f"alert:shed:{minute.isoformat()}", "alert", now, alert))
    return items
