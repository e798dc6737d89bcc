"""One question to one reply: the only module that knows every stage."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from uuid import uuid4
from zoneinfo import ZoneInfo

from assistant.errors import Conflict
from assistant.events import Notice, ReplyEvent, ReplyFinished, ReplyStarted
from assistant.turn.cards import card
from assistant.turn.compliance import Compliance
from assistant.turn.conversation import Conversations, Turn, paired
from assistant.turn.evidence import Evidence, Fact, read_evidence
from assistant.turn.facts import FALLBACKS
from assistant.turn.meant import SHOP_RULES
from assistant.turn.orders import OrderConnector
from assistant.turn.plan import chosen_facts, fallback, task_of
from assistant.turn.ports import Engine, Log, Profiles, Rooms, TalkedOf, nothing
from assistant.turn.question import Question
from assistant.turn.refusals import refused
from assistant.turn.reply import Reply
from assistant.turn.stopwatch import Stopwatch
from assistant.turn.understanding import Understanding, understand
from assistant.turn.writing import Writer
from retrieval.catalog import Product, Records, RoomContext, Text
from retrieval.names import ProductNames
from retrieval.ranker import Ranked, Ranker
from retrieval.retriever import Candidate, Retriever

__all__ = ["Assistant", "Question"]

POOL = 20
MOST_CARDS = 3
HANDED_OFF = ("order", "complaint", "person")


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

    async def room(self, room_id: str) -> RoomContext:
        """The room as it is now. Raises NotFound, and Conflict for one whose mode is off."""
        room = await asyncio.to_thread(self.rooms.get, room_id)
        if room.mode == "off":
            raise Conflict(f"room {room.id!r} has mode 'off': the host has paused the assistant")
        return room

    def ahead(self, asked: Understanding) -> None:
        """Begin what the answer will need. Returns at once."""
        if _searches(asked):
            self.retriever.ahead(asked.query)

    async def answer(
        self, question: Question, room: RoomContext | None = None
    ) -> AsyncGenerator[ReplyEvent]:
        """The reply to `question`, event by event; closing the iterator stops the model.

        `room` is the question's room where it has just been read; else raises as `room` does,
        before the first event.
        """
        watch = Stopwatch()
        room = room or await self.room(question.room)
        conversation = question.conversation_id or uuid4().hex
        with watch.stage("understanding"):
            if question.asked is None:
                before, asked = await asyncio.to_thread(
                    self._understand, question, room, conversation
                )
            else:
                before, asked = (), question.asked
        reply = Reply(question, room, asked.language, watch, self.compliance)
        yield ReplyStarted(
            reply_id=reply.id,
            conversation_id=conversation,
            room=room.id,
            language=asked.language,
        )
        yield reply.notice("ai_generated")
        reason = "cancelled"
        try:
            async with aclosing(self._stages(reply, asked, before)) as stages:
                async for event in stages:
                    if isinstance(event, ReplyFinished):
                        reason = event.reason
                    yield event
        finally:
            if question.merged is None:
                self.conversations.add(
                    conversation,
                    Turn(question.text, reply.text, tuple(reply.shown), asked.product_ids),
                    question.viewer,
                )
            await asyncio.shield(asyncio.to_thread(self._log, reply, asked, reason))

    def _understand(
        self, question: Question, room: RoomContext, conversation: str
    ) -> tuple[tuple[Turn, ...], Understanding]:
        if question.history is None:
            before = self.conversations.turns(conversation)
        else:
            before = paired(question.history, self.turns)
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
        )
        self.ahead(asked)
        return before, asked

    def _named(self, turn: Turn) -> tuple[str, ...]:
        """The products a turn of a client's own history names."""
        found = self.names.find(turn.reply) or self.names.find(turn.question)
        return tuple(match.product_id for match in found if match.exact)

    async def _stages(
        self, reply: Reply, asked: Understanding, before: Sequence[Turn]
    ) -> AsyncGenerator[ReplyEvent]:
        refusal = await asyncio.to_thread(refused, reply.question.text)
        if refusal:
            for event in reply.refuse(refusal):
                yield event
            return
        if asked.intents[0] in HANDED_OFF:
            async for event in self._hand_off(reply, asked):
                yield event
            return
        evidence, reasons, by_search = await self._find(reply, asked)
        reply.about(evidence.products)
        with reply.watch.stage("facts"):
            said = await asyncio.to_thread(
                chosen_facts,
                reply.question.text,
                reply.room,
                asked,
                evidence,
                by_search,
                self.retriever.near,
            )
        for fact in said:
            for event in reply.say(fact):
                yield event
        for product in evidence.products[:MOST_CARDS]:
            why = reasons.get(product.id, ())
            yield reply.show(card(product, evidence, reply.room, asked.language, why))
        if any(not fact.known for fact in said):
            reply.handed_off = True
            yield reply.notice("handed_off")
        task = task_of(asked, evidence, said) if reply.question.model else None
        reason: Literal["stop", "engine_unavailable"] = "stop"
        if task is not None:
            writer = Writer(self.records, self.engine, self.zone)
            async with aclosing(writer.write(reply, task, asked, evidence, before)) as written:
                async for event in written:
                    yield event
                    if isinstance(event, Notice) and event.code == "engine_unavailable":
                        reason = "engine_unavailable"
        if not reply.said:
            for event in reply.say(fallback(asked, evidence), FALLBACKS["small_talk"]):
                yield event
        yield reply.finished(reason)

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

    async def _find(
        self, reply: Reply, asked: Understanding
    ) -> tuple[Evidence, Mapping[str, tuple[Text, ...]], bool]:
        """The products in play as evidence, why each is there, and whether search chose them."""
        ids = (asked.product_ids + asked.ambiguous)[:MOST_CARDS]
        reasons: dict[str, tuple[Text, ...]] = {}
        search = _open(asked)
        if _searches(asked):
            ranked = await self._ranked(reply, asked)
            found = tuple(r.product_id for r in ranked if r.product_id not in ids)
            ids += found[: MOST_CARDS if search else 1]
            reasons = {r.product_id: r.reasons for r in ranked}
        # The room's own list was held against no limit: it stands in only where none was set.
        if search and not ids and "recommendation" in asked.intents and asked.constraints.empty:
            ids = tuple(item.product_id for item in reply.room.items[:MOST_CARDS])
        with reply.watch.stage("facts"):
            evidence = await asyncio.to_thread(
                read_evidence, self.records, ids, self.zone, asked.variant_ids
            )
        return evidence, reasons, search

    async def _ranked(self, reply: Reply, asked: Understanding) -> list[Ranked]:
        """What search finds for the question within its limits, the best first."""
        with reply.watch.stage("retrieval"):
            candidates = await asyncio.to_thread(
                self.retriever.retrieve, asked.query, asked.constraints, POOL
            )
            products = await asyncio.to_thread(
                self.records.products, tuple(c.product_id for c in candidates)
            )
        with reply.watch.stage("ranking"):
            return await asyncio.to_thread(self._rank, reply, asked, candidates, products)

    def _rank(
        self,
        reply: Reply,
        asked: Understanding,
        candidates: Sequence[Candidate],
        products: Mapping[str, Product],
    ) -> list[Ranked]:
        profile = self.profiles.of(reply.question.viewer) if self.profiles else None
        return self.ranker.rank(asked.query, candidates, products, reply.room, profile)

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


def _open(asked: Understanding) -> bool:
    """Whether a question leaves open which product it is about."""
    named = asked.product_ids or asked.ambiguous or asked.unknown_reference
    return not named and asked.intents[0] != "small_talk"


def _searches(asked: Understanding) -> bool:
    """Whether search is to find products for a question."""
    if _open(asked):
        wanted = bool(asked.query) or "recommendation" in asked.intents
        return wanted and bool(set(asked.intents) - SHOP_RULES)
    # One of two compared things may be named in words that are no name.
    return "comparison" in asked.intents and len(asked.product_ids + asked.ambiguous) == 1
