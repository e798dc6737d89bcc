"""One question to one reply: the only module that knows every stage."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, aclosing
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal
from uuid import uuid4
from zoneinfo import ZoneInfo

from assistant.errors import Conflict
from assistant.events import Notice, ReplyEvent, ReplyFinished, ReplyStarted
from assistant.turn.cards import card
from assistant.turn.compliance import Compliance
from assistant.turn.conversation import Conversations, Turn, paired
from assistant.turn.evidence import Fact
from assistant.turn.facts import FALLBACKS
from assistant.turn.finding import MOST_CARDS, Finder, Found, searches
from assistant.turn.following import Earlier
from assistant.turn.intents import read_intents
from assistant.turn.orders import OrderConnector
from assistant.turn.plan import fallback, task_of
from assistant.turn.ports import Engine, Log, Profiles, Rooms, TalkedOf, nothing
from assistant.turn.question import Question
from assistant.turn.refusals import Refusal, refused
from assistant.turn.reply import Reply
from assistant.turn.stopwatch import Stopwatch
from assistant.turn.understanding import Understanding, likely_query, understand
from assistant.turn.writing import Writer
from retrieval.catalog import Records, RoomContext
from retrieval.exploring import Exploration
from retrieval.names import ProductNames
from retrieval.ranker import Ranker
from retrieval.retriever import Retriever
from retrieval.terms import plain

__all__ = ["Assistant", "Question"]

HANDED_OFF = ("order", "complaint", "person", "schedule")


def _earlier(before: Sequence[Turn]) -> Earlier | None:
    """The question before, with the intents that were read in it or are read now."""
    if not before:
        return None
    turn = before[-1]
    return Earlier(
        turn.asks_as or turn.question, turn.intents or read_intents(plain(turn.question)[0])
    )


@dataclass(frozen=True)
class Assistant:
    """The stages and the stores of one shop; answers any number of questions at once."""

    records: Records
    rooms: Rooms
    names: ProductNames
    retriever: Retriever
    ranker: Ranker
    engine: Engine
    log: Log
    conversations: Conversations
    zone: ZoneInfo
    turns: int
    compliance: Compliance
    orders: OrderConnector | None = None
    talked_of: TalkedOf = nothing
    profiles: Profiles | None = None
    model: str = ""
    exploration: Exploration = field(default_factory=Exploration)

    def room(self, room_id: str) -> RoomContext:
        """The room as it is now. Blocks. Raises NotFound, Conflict for one whose mode is off."""
        room = self.rooms.get(room_id)
        if room.mode == "off":
            raise Conflict(f"room {room.id!r} has mode 'off': the host has paused the assistant")
        return room

    def ahead(self, asked: Understanding) -> None:
        """Begin what the answer will need. Returns at once."""
        if searches(asked):
            self.retriever.ahead(asked.query)

    def ahead_of(self, text: str) -> None:
        """Begin what a question will most likely need, before it is understood."""
        self.retriever.ahead(likely_query(text, self.names))

    async def answer(
        self,
        question: Question,
        room: RoomContext | None = None,
        watch: Stopwatch | None = None,
    ) -> AsyncGenerator[ReplyEvent]:
        """The reply to `question`, event by event; closing the iterator stops the model.

        `room` is the question's room where it has just been read, and `watch` what has timed the
        turn so far; without a room, raises as `room` does, before the first event.
        """
        watch = watch or Stopwatch()
        if room is None:
            room = await asyncio.to_thread(self.room, question.room)
        conversation = question.conversation_id or uuid4().hex
        if question.asked is None:
            with watch.stage("understanding"):
                before, asked = await asyncio.to_thread(
                    self._understand, question, room, conversation
                )
        else:
            before, asked = (), question.asked
        reply = Reply(question, room, asked.language, watch, self.compliance)
        # Handed to a thread before the first event is sent, unlike a task, which would wait for it.
        finding = asyncio.get_running_loop().run_in_executor(
            None, copy_context().run, self._found, reply, asked
        )
        reason = "cancelled"
        try:
            yield ReplyStarted(
                reply_id=reply.id,
                conversation_id=conversation,
                room=room.id,
                language=asked.language,
            )
            yield reply.notice("ai_generated")
            async with aclosing(self._stages(reply, asked, before, finding)) as stages:
                async for event in stages:
                    if isinstance(event, ReplyFinished):
                        reason = event.reason
                    yield event
        finally:
            await asyncio.gather(finding, return_exceptions=True)
            if question.merged is None:
                self.conversations.add(
                    question.talk(conversation),
                    Turn(
                        question.text,
                        reply.text,
                        tuple(reply.shown),
                        asked.product_ids,
                        asked.intents,
                        asked.asks_as,
                    ),
                )
            await asyncio.shield(asyncio.to_thread(self._log, reply, asked, reason))

    def _understand(
        self, question: Question, room: RoomContext, conversation: str
    ) -> tuple[tuple[Turn, ...], Understanding]:
        if question.history is None:
            before = self.conversations.turns(question.talk(conversation))
        else:
            before = paired(question.history, self.turns)
        self.ahead_of(question.text)
        last_shown: tuple[str, ...] = ()
        recent: list[str] = []
        for turn in reversed(before):
            shown = turn.shown or self._named(turn)
            last_shown = last_shown or shown
            recent += [*turn.meant, *shown]
        recent += self.talked_of(room.id)
        asked = understand(
            question.text,
            room=room,
            names=self.names,
            recent=tuple(dict.fromkeys(recent)),
            last_shown=last_shown,
            product_id=question.product_id,
            locale=question.locale,
            earlier=_earlier(before),
        )
        self.ahead(asked)
        return before, asked

    def _named(self, turn: Turn) -> tuple[str, ...]:
        """The products a turn of a client's own history names."""
        found = self.names.find(turn.reply) or self.names.find(turn.question)
        return tuple(match.product_id for match in found if match.exact)

    async def _stages(
        self,
        reply: Reply,
        asked: Understanding,
        before: Sequence[Turn],
        finding: asyncio.Future[Found | Refusal | None],
    ) -> AsyncGenerator[ReplyEvent]:
        found = await finding
        if isinstance(found, Refusal):
            for event in reply.refuse(found):
                yield event
            return
        if found is None:
            async for event in self._hand_off(reply, asked):
                yield event
            return
        evidence, reasons, said = found
        reply.about(evidence.products)
        reason: Literal["stop", "engine_unavailable"] = "stop"
        task = task_of(asked, evidence, said) if reply.question.model else None
        writer = Writer(self.records, self.engine, self.zone)
        async with AsyncExitStack() as stack:
            draft = None
            if task is not None:
                # What takes longest is begun first, and waits for nothing that is said meanwhile.
                begun = writer.begun(reply, task, asked, evidence, said, before)
                draft = await stack.enter_async_context(begun)
            for fact in said:
                for event in reply.say(fact):
                    yield event
            for product in evidence.products[:MOST_CARDS]:
                why = reasons.get(product.id, ())
                yield reply.show(card(product, evidence, reply.room, asked.language, why))
            if any(not fact.known for fact in said):
                reply.handed_off = True
                yield reply.notice("handed_off")
            if task is not None and draft is not None:
                written = writer.written(draft, reply, task, asked, evidence)
                async for event in await stack.enter_async_context(aclosing(written)):
                    yield event
                    if isinstance(event, Notice) and event.code == "engine_unavailable":
                        reason = "engine_unavailable"
        if not reply.said:
            for event in reply.say(fallback(asked, evidence), FALLBACKS["small_talk"]):
                yield event
        yield reply.finished(reason)

    def _found(self, reply: Reply, asked: Understanding) -> Found | Refusal | None:
        """What the turn is about; None where a person or the shop's orders are to answer."""
        refusal = refused(reply.question.text)
        if refusal or asked.intents[0] in HANDED_OFF:
            return refusal
        finder = Finder(
            self.records,
            self.retriever,
            self.ranker,
            self.profiles,
            self.zone,
            self.exploration,
        )
        return finder.find(reply, asked)

    async def _hand_off(self, reply: Reply, asked: Understanding) -> AsyncGenerator[ReplyEvent]:
        """Orders go to the shop's connector; it, a complaint and silence go to a person."""
        intent, language = asked.intents[0], asked.language
        answer = None
        if intent == "order" and self.orders is not None:
            question = reply.question
            words = question.spoken or question.text
            answer = await self.orders.ask(words, question.viewer, reply.room.id, language)
        reply.handed_off = answer is None
        for event in reply.say(Fact(answer or FALLBACKS[intent](language)), FALLBACKS[intent]):
            yield event
        if answer is None:
            yield reply.notice("handed_off")
        yield reply.finished("stop" if answer else "handed_off")

    def _log(self, reply: Reply, asked: Understanding, reason: str) -> None:
        data = {"question": reply.question.text, "intents": list(asked.intents), "reason": reason}
        if reply.question.merged:
            data["merged"] = reply.question.merged
        self.log.append(
            "liveshop",
            reply.id,
            "reply.shown",
            reply.room.id,
            reply.question.viewer,
            datetime.now(UTC),
            {**data, **reply.record(), "trace": reply.trace(self.model)},
        )
