"""The host's desk: the queue, the deeds done with it, pins, mutes and the pulse."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from assistant.errors import Conflict, NotFound
from assistant.live import scheduler
from assistant.live.answering import with_feed_ids
from assistant.live.entries import Entry, read_entry
from assistant.live.hosting import Said, done
from assistant.live.pulse import RoomPulse, RoomReport, Theme
from assistant.live.questions import FOR_THE_HOST, Deed, MergedQuestion, ReportLine
from assistant.live.state import RoomState
from assistant.store.events import Event
from assistant.store.live import FeedItem, Step
from retrieval.catalog import Language, RoomContext

if TYPE_CHECKING:
    from assistant.live.room import Room

log = logging.getLogger(__name__)
REPORTED = 5000


class Desk:
    """What hosts do in one room, each deed on disk when it returns."""

    def __init__(self, room: Room) -> None:
        self._room = room

    async def act(
        self,
        deed: Deed,
        question_id: str,
        text: str = "",
        language: Language | None = None,
        *,
        note: str = "",
        despite: Sequence[str] = (),
        by: str = "",
        key: str | None = None,
    ) -> MergedQuestion:
        """Do a deed, durable when this returns; with a `key` used before nothing is done again.

        `text` and `language` are of an answer in the host's words, `despite` names rules that it
        is said in spite of, `note` is for who takes over, `by` is who does it. Other hosts read of
        it in the feed. Raises NotFound and Conflict.
        """
        said = Said(text, language, note, by, tuple(despite))
        after: list[Entry] = []
        was: list[MergedQuestion] = []
        stale = False

        def work(state: RoomState) -> Step | None:
            nonlocal stale
            entry = state.entries.get(question_id) or self._stored(question_id)
            now = datetime.now(UTC)
            event = Event(
                source="host",
                id=key or uuid4().hex,
                type=f"host.{deed}",
                room=self._room.id,
                time=now,
                data={
                    "question_id": question_id,
                    "text": text,
                    "note": note,
                    "despite": list(despite),
                    "by": by,
                },
            )
            try:
                question, items = done(deed, entry.question, said, self._room.basis(state), now)
            except Conflict as conflict:
                if deed != "approve" or entry.question.status != "review":
                    raise
                stale = True
                question, items = entry.question.model_copy(), []
                question.status, question.drafts = "waiting", {}
                log.info("room %s: %s", self._room.id, conflict)
            if question.handled != entry.question.handled:
                told = {
                    "question_id": question_id,
                    "question": question.text,
                    "deed": deed,
                    "by": by,
                }
                items.append(FeedItem(self._room.id, f"deed:{event.id}", "deed", now, told))
            changed = Entry(question, entry.asked, entry.viewers, set(), entry.answering)
            after.append(changed)
            was.append(entry.question)
            step = Step(self._room.id, action=event, feed=items)
            step.after = lambda fed: [with_feed_ids(changed, fed).row()]
            return step

        def settle(state: RoomState) -> None:
            state.entries[question_id] = after[0]
            self._count(state, was[0], after[0].question)

        if await self._room.changed(work, settle, host=True) is None:
            return (await asyncio.to_thread(self._stored, question_id)).question
        changed = after[0]
        self._room.wake()
        if stale:
            raise Conflict(
                f"question {question_id!r}: what its draft says has changed in the records; "
                "a new draft is being written"
            )
        return changed.question

    async def context(self) -> RoomContext:
        """The room as it was read last, at most half a second ago."""
        return (await self._room.ready()).context

    async def question(self, question_id: str) -> MergedQuestion:
        """One question of the room, however old. Raises NotFound."""
        state = await self._room.ready()
        entry = state.entries.get(question_id)
        if entry is None:
            entry = await asyncio.to_thread(self._stored, question_id)
        return entry.question

    def _stored(self, question_id: str) -> Entry:
        record = self._room.store.live.question(self._room.id, question_id)
        if record is None:
            raise NotFound(f"question {question_id!r} is not in room {self._room.id!r}")
        return read_entry(record)

    def _count(self, state: RoomState, before: MergedQuestion, after: MergedQuestion) -> None:
        if before.status == after.status:
            return
        counts = state.pulse.counts
        if after.status == "answered":
            counts.answered += 1
            counts.answered_askers += after.askers
        elif after.status == "dismissed":
            counts.dismissed += 1
        elif after.status == "handed_off":
            counts.handed_off += 1

    async def mark(self, kind: str, data: Mapping[str, Any], key: str | None) -> None:
        """Pin a product (`product_id`, `pinned`) or mute a viewer (`viewer`, `muted`); durable."""

        def work(state: RoomState) -> Step | None:
            now = datetime.now(UTC)
            step = Step(self._room.id)
            step.action = Event(
                source="host",
                id=key or uuid4().hex,
                type=f"host.{kind}",
                room=self._room.id,
                time=now,
                data=dict(data),
            )
            if kind == "mute":
                step.mutes = {data["viewer"]: data["muted"]}
            else:
                pins = _pinned(state.pins, data["product_id"], data["pinned"])
                step.seq, step.state = state.seq, {**state.kept(), "pins": pins}
                step.feed = [
                    FeedItem(self._room.id, f"pin:{step.action.id}", "pin", now, dict(data))
                ]
            return step

        def settle(state: RoomState) -> None:
            if kind == "pin":
                state.pins = _pinned(state.pins, data["product_id"], data["pinned"])
            elif data["muted"]:
                state.mutes.add(data["viewer"])
            else:
                state.mutes.discard(data["viewer"])

        await self._room.changed(work, settle, host=True)

    async def queue(self) -> list[MergedQuestion]:
        """What waits, is under review or with a person, the most valuable first."""
        state = await self._room.seen()
        now = datetime.now(UTC)
        found = []
        for entry in list(state.entries.values()):
            if entry.question.status in FOR_THE_HOST:
                entry.question.priority = round(
                    scheduler.value(entry, now, state.on_air, self._room.expiring), 2
                )
                found.append(entry.question)
        return sorted(found, key=lambda question: -question.priority)

    async def report(self) -> RoomReport:
        """The stream so far, or the whole of it once it has ended."""
        state = await self._room.ready()
        records = await asyncio.to_thread(
            self._room.store.live.questions, self._room.id, (), REPORTED, state.started_at
        )
        asked = sorted((read_entry(record).question for record in records), key=lambda q: -q.askers)
        lines = [_line(question) for question in asked]
        return RoomReport(
            pulse=await self.pulse(),
            asked_most=lines[:20],
            unanswered=[line for line in lines if line.status != "answered"][:20],
        )

    async def pulse(self) -> RoomPulse:
        """What the room's comments say, now."""
        state = await self._room.ready()
        now = datetime.now(UTC)
        pulse = state.pulse
        entries = list(state.entries.values())
        return RoomPulse(
            on_air=state.on_air,
            talked_of=list(state.recent),
            host_said=state.said_last,
            pins=state.pins,
            started_at=state.started_at,
            ended_at=state.ended_at,
            waiting=sum(e.question.status == "waiting" for e in entries),
            oldest_s=max(
                (
                    (now - e.question.opened_at).total_seconds()
                    for e in entries
                    if e.question.status == "waiting"
                ),
                default=0.0,
            ),
            unread=self._room.unread,
            minutes=pulse.minutes[-60:],
            themes=[Theme(what=what, times=n) for what, n in pulse.themes.most_common(10)],
            unmet=pulse.top_unmet(),
            counts=pulse.counts,
        )


def _line(question: MergedQuestion) -> ReportLine:
    answer = next(iter(question.answers.values()), None)
    return ReportLine(
        text=question.text,
        askers=question.askers,
        status=question.status,
        answer=answer.text if answer else "",
        despite=question.handled.despite if question.handled else (),
    )


def _pinned(pins: list[str], product_id: str, pinned: bool) -> list[str]:
    others = [one for one in pins if one != product_id]
    return [product_id, *others][:20] if pinned else others
