"""One merged question to one answer, through the assistant, checked against the records again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from assistant.errors import LiveshopError
from assistant.events import (
    Cited,
    Notice,
    ProductCard,
    ProductShown,
    ReplyEvent,
    ReplyFinished,
    ReplyStarted,
    TextReleased,
)
from assistant.live.entries import Entry
from assistant.live.questions import Answer
from assistant.live.validity import Basis, agrees, fingerprint, used_by
from assistant.turn.question import Question
from retrieval.catalog import Language, Records, RoomContext

TRIES = 3


class Answering(Protocol):
    """Answers one question, event by event."""

    def answer(self, question: Question) -> AsyncGenerator[ReplyEvent]: ...


class Unsettled(LiveshopError):
    """The records changed at every try; ask again."""


@dataclass(frozen=True)
class Written:
    """An answer, whether the records knew it, and whether the model was asked."""

    answer: Answer
    known: bool
    model: bool


class Writer:
    """Writes the answers of rooms: nobody's profile, one language, true when handed over."""

    def __init__(self, assistant: Answering, records: Records, zone: ZoneInfo) -> None:
        self._assistant, self._records, self._zone = assistant, records, zone

    async def write(
        self, entry: Entry, language: Language, room: RoomContext, *, model: bool
    ) -> Written:
        """The answer to `entry` in `language`; without `model` from records alone.

        An answer whose records changed while it was written is written again, from records alone.
        Raises Unsettled after TRIES, and what the assistant raises.
        """
        called = False
        for _ in range(TRIES):
            written = await self._once(entry, language, room, model=model)
            if written and written.answer.basis:
                return replace(written, model=written.model or called)
            called = called or bool(written and written.model)
            model = False
        raise Unsettled(f"question {entry.question.id!r}: its records change all the time")

    async def _once(
        self, entry: Entry, language: Language, room: RoomContext, *, model: bool
    ) -> Written | None:
        asked = replace(entry.asked, language=language)
        known_ids = (*asked.product_ids, *asked.ambiguous)
        before = await asyncio.to_thread(self.basis_now, known_ids, room)
        question = Question(
            text=entry.question.text,
            room=room.id,
            locale=language,
            asked=asked,
            model=model,
            merged=entry.question.id,
        )
        text, reply_id, known, called = "", "", True, False
        cards: list[ProductCard] = []
        cited: list[Cited] = []
        async with aclosing(self._assistant.answer(question)) as events:
            async for event in events:
                match event:
                    case ReplyStarted():
                        reply_id = event.reply_id
                    case TextReleased():
                        text += event.text
                    case ProductShown():
                        cards.append(event.card)
                    case Cited():
                        cited.append(event)
                    case Notice(code="handed_off"):
                        known = False
                    case ReplyFinished():
                        called = event.timings_ms.get("generation", 0) > 0
                        known = known and event.reason != "refused"
        used = used_by(known_ids, cards, cited)
        basis = await asyncio.to_thread(self._settled, used, known_ids, before, cards, cited, room)
        answer = Answer(
            reply_id=reply_id,
            language=language,
            text=text,
            products=cards,
            citations=cited,
            used=used,
            basis=basis,
            written_at=datetime.now(UTC),
        )
        return Written(answer, known, called)

    def basis_now(self, product_ids: tuple[str, ...], room: RoomContext) -> str:
        """The fingerprint of these products now. Blocks."""
        return Basis(self._records, room, self._zone).of(product_ids)

    def _settled(
        self,
        used: tuple[str, ...],
        known_ids: tuple[str, ...],
        before: str,
        cards: list[ProductCard],
        cited: list[Cited],
        room: RoomContext,
    ) -> str:
        """The basis of an answer that is true now; '' for one that is not."""
        now = Basis(self._records, room, self._zone)
        if now.of(known_ids) != before:
            return ""
        evidence = now.evidence(used)
        return fingerprint(evidence, room) if agrees(evidence, cards, cited) else ""
