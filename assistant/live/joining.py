"""Turns that share one answer: who asks what is being answered, or was, joins it.

A turn joins where it asks the same as another in its room and language, begins a conversation
and is nobody's own: then no model is called a second time. An answer is handed on while every
record it used is as it was; the first difference ends it.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from assistant.events import (
    Cited,
    Notice,
    ProductShown,
    ReplyEvent,
    ReplyFinished,
    ReplyStarted,
    TextReleased,
)
from assistant.live.asked import Asked, read_asked
from assistant.live.merging import Merger
from assistant.live.validity import Basis, agrees, fingerprint, used_by
from assistant.turn.answer import Assistant
from assistant.turn.conversation import Turn
from assistant.turn.question import Question
from assistant.turn.reply import shown
from assistant.turn.stopwatch import Stopwatch
from assistant.turn.understanding import Understanding, understand
from retrieval.catalog import Language, RoomContext

SEARCHED_FOR = timedelta(minutes=1)
MOST_KEPT = 1000
# What a turn must not share: a person is to see to it, or the viewer's own taste counts.
ALONE = frozenset({"order", "complaint", "person", "schedule", "small_talk"})


@dataclass
class Flight:
    """One answer on its way, or arrived: what was said so far, for all who read it."""

    known: tuple[str, ...]
    begun_with: str
    searched: bool
    begun: datetime
    events: list[ReplyEvent] = field(default_factory=list)
    news: asyncio.Condition = field(default_factory=asyncio.Condition)
    done: bool = False
    broken: bool = False
    used: tuple[str, ...] = ()
    basis: str = ""


Key = tuple[str, str, Language]


class Joining:
    """Answers as `assistant` does, and lets turns that ask the same share an answer."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._mergers: dict[str, Merger] = {}
        self._flights: OrderedDict[Key, Flight] = OrderedDict()
        self._count = 0

    async def answer(self, question: Question) -> AsyncGenerator[ReplyEvent]:
        """As Assistant.answer."""
        watch, own = Stopwatch(), self._assistant
        before = own.conversations.turns(question.talk())
        if question.history or (before and question.asked is None):
            async with aclosing(own.answer(question)) as events:
                async for event in events:
                    yield event
            return
        room, asked, alike, now = await asyncio.to_thread(self._read, question, watch)
        question = replace(question, asked=asked)
        key = self._key(question, asked, alike, room)
        flight = self._flights.get(key) if key else None
        if flight and flight.done:
            found = flight if await asyncio.to_thread(self._holds, flight, room) else None
            later = self._flights.get(key) if key else None
            flight = found if later is flight else later
        if flight and not flight.done and (flight.broken or flight.begun_with != now):
            flight = None
        joined = False
        if flight is not None:
            async with aclosing(self._join(flight, question, asked, watch)) as events:
                async for event in events:
                    joined = True
                    yield event
        if not joined:
            async with aclosing(self._lead(key, question, asked, room, now, watch)) as events:
                async for event in events:
                    yield event

    def _read(
        self, question: Question, watch: Stopwatch
    ) -> tuple[RoomContext, Understanding, Asked, str]:
        """Its room, how the question is understood, what it asks, the basis of its products now.

        Raises as Assistant.room does.
        """
        own = self._assistant
        if question.asked is None:
            own.ahead_of(question.text)
        room = own.room(question.room)
        with watch.stage("understanding"):
            asked = question.asked or understand(
                question.text,
                room=room,
                names=own.names,
                recent=own.talked_of(room.id),
                product_id=question.product_id,
                locale=question.locale,
            )
            own.ahead(asked)
            basis = Basis(own.records, room, own.zone)
            known = (*asked.product_ids, *asked.ambiguous)
            alike = read_asked(question.text, asked, room.on_air)
            return room, asked, alike, basis.of(known)

    def _key(
        self, question: Question, asked: Understanding, alike: Asked, room: RoomContext
    ) -> Key | None:
        """Which answer this turn may share; None for one that is its asker's own."""
        personal = question.viewer is not None and "recommendation" in asked.intents
        if alike.key is None or personal or ALONE.intersection(asked.intents[:1]):
            return None
        merger = self._mergers.setdefault(room.id, Merger(limit=MOST_KEPT, askers=1))
        self._count += 1
        merged, _ = merger.add(str(self._count), question.text, alike, None, asked.language)
        return room.id, merged.id, asked.language

    def _holds(self, flight: Flight, room: RoomContext) -> bool:
        """Whether what a whole answer said is still true. Blocks."""
        if not flight.basis or (
            flight.searched and datetime.now(UTC) - flight.begun > SEARCHED_FOR
        ):
            return False
        basis = Basis(self._assistant.records, room, self._assistant.zone)
        return basis.of(flight.used) == flight.basis

    async def _lead(
        self,
        key: Key | None,
        question: Question,
        asked: Understanding,
        room: RoomContext,
        begun_with: str,
        watch: Stopwatch,
    ) -> AsyncGenerator[ReplyEvent]:
        """A turn of its own, which others may join; without a model it is not for sharing."""
        known = (*asked.product_ids, *asked.ambiguous)
        flight = None
        if key is not None and question.model:
            flight = Flight(known, begun_with, not asked.product_ids, datetime.now(UTC))
            self._flights[key] = flight
            self._flights.move_to_end(key)
            if len(self._flights) > MOST_KEPT:
                self._flights.popitem(last=False)
        try:
            async with aclosing(self._assistant.answer(question, room, watch)) as events:
                async for event in events:
                    if flight:
                        async with flight.news:
                            flight.events.append(event)
                            flight.news.notify_all()
                    yield event
            if flight:
                await asyncio.to_thread(self._settle, flight, room)
        finally:
            if flight:
                flight.broken = not flight.done
                async with flight.news:
                    flight.news.notify_all()

    def _settle(self, flight: Flight, room: RoomContext) -> None:
        """Note what the whole answer relied on; one that is not true now is handed to nobody."""
        cards = [event.card for event in flight.events if isinstance(event, ProductShown)]
        cited = [event for event in flight.events if isinstance(event, Cited)]
        flight.used = used_by(flight.known, cards, cited)
        basis = Basis(self._assistant.records, room, self._assistant.zone)
        evidence = basis.evidence(flight.used)
        end = next((e for e in reversed(flight.events) if isinstance(e, ReplyFinished)), None)
        handed = any(isinstance(e, Notice) and e.code == "handed_off" for e in flight.events)
        good = end is not None and end.reason == "stop" and not handed
        if good and basis.of(flight.known) == flight.begun_with and agrees(evidence, cards, cited):
            flight.basis = fingerprint(evidence, room)
        flight.done = True

    async def _join(
        self, flight: Flight, question: Question, asked: Understanding, watch: Stopwatch
    ) -> AsyncGenerator[ReplyEvent]:
        """What a flight says, as a reply of its own; nothing where it broke before it spoke."""
        place, said = 0, False
        reply_id, conversation = uuid4().hex, question.conversation_id or uuid4().hex
        told: list[ReplyEvent] = []
        try:
            while True:
                async with flight.news:
                    while place >= len(flight.events) and not (flight.done or flight.broken):
                        await flight.news.wait()
                fresh = flight.events[place:]
                place += len(fresh)
                if not fresh:
                    break
                for event in fresh:
                    if isinstance(event, ReplyStarted):
                        said = True
                        yield event.model_copy(
                            update={"reply_id": reply_id, "conversation_id": conversation}
                        )
                    elif not isinstance(event, ReplyFinished):
                        if isinstance(event, TextReleased):
                            watch.reached("first_sentence")
                        told.append(event)
                        yield event
            if said:
                yield ReplyFinished(reason="stop", timings_ms=watch.timings_ms())
        finally:
            if said:
                await asyncio.shield(
                    asyncio.to_thread(
                        self._log, question, asked, reply_id, conversation, told, flight
                    )
                )

    def _log(
        self,
        question: Question,
        asked: Understanding,
        reply_id: str,
        conversation: str,
        told: list[ReplyEvent],
        flight: Flight,
    ) -> None:
        text = "".join(event.text for event in told if isinstance(event, TextReleased))
        events = [event for event in told if isinstance(event, ProductShown)]
        cards = [event.card for event in events]
        # What was known of the viewer who asked first is not noted down with another's reply.
        exposures = {
            event.card.id: event.exposure.model_copy(update={"features": {}})
            for event in events
            if event.exposure is not None
        }
        data: dict[str, Any] = {
            "question": question.text,
            "intents": list(asked.intents),
            "reason": "stop",
            "text": text,
            "shown": shown(cards, exposures),
            "cited": {e.record: e.version for e in told if isinstance(e, Cited)},
            "handed_off": False,
            "joined": next((e.reply_id for e in flight.events if isinstance(e, ReplyStarted)), ""),
        }
        if question.merged:
            data["merged"] = question.merged
        else:
            ids = tuple(card.id for card in cards)
            turn = Turn(question.text, text, ids, asked.product_ids, asked.intents)
            self._assistant.conversations.add(question.talk(conversation), turn)
        self._assistant.log.append(
            "liveshop",
            reply_id,
            "reply.shown",
            question.room,
            question.viewer,
            datetime.now(UTC),
            data,
        )
