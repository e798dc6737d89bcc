"""How a room answers within its means: so many at once, so many a minute, so many model calls."""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from assistant.errors import LiveshopError
from assistant.live import scheduler
from assistant.live.answers import Writer, Written
from assistant.live.entries import Entry
from assistant.live.hosting import answer_item
from assistant.live.scheduler import Rate
from assistant.live.state import RoomState
from assistant.settings import Settings
from assistant.store.live import FeedItem, Step
from retrieval.catalog import Language

if TYPE_CHECKING:
    from assistant.live.room import Room

log = logging.getLogger(__name__)
CALM = 3
AFTER_FAILURE_S = 1.0
# What records answer by themselves: in a flood the model is kept for the rest.
RECORDS_ANSWER = frozenset(
    {"price", "stock", "offer", "shipping", "returns", "warranty", "payment", "invoice",
     "price_protection", "how_to_buy", "attribute", "comparison"}
)  # fmt: skip


class Answering:
    """The answers a room is writing."""

    def __init__(self, room: Room, writer: Writer, settings: Settings) -> None:
        self._room, self._writer, self._settings = room, writer, settings
        self._running: set[asyncio.Task[None]] = set()
        self._answers = Rate(settings.room_answers_per_minute)
        self._model = Rate(settings.room_llm_per_minute)

    async def stop(self) -> None:
        """Break off what is being written; none of it has been said."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def begin(self) -> None:
        """Begin as many answers as the room's means allow, the most valuable first."""
        state = self._room.state
        if state is None or state.context.mode == "off":
            return
        now, clock = datetime.now(UTC), time.monotonic()
        while len(self._running) < self._settings.room_answers_at_once:
            waiting = [e for e in state.entries.values() if e.question.status == "waiting"]
            if not self._model.left(clock):
                waiting = [e for e in waiting if RECORDS_ANSWER.issuperset(e.asked.intents)]
            entry = scheduler.next_up(waiting, now, state.on_air, self._room.expiring)
            if entry is None or not self._answers.take(clock):
                return
            wanted = [one for one in entry.question.wanted if one not in entry.question.drafts]
            language: Language = wanted[0] if wanted else entry.question.language
            needed = not RECORDS_ANSWER.issuperset(entry.asked.intents)
            model = (needed or len(waiting) <= CALM) and self._model.take(clock)
            entry.answering = True
            task = asyncio.create_task(self._answer(entry, language, model))
            self._running.add(task)
            task.add_done_callback(self._answered)

    def _answered(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._room.wake()

    async def _answer(self, entry: Entry, language: Language, model: bool) -> None:
        revision, state = entry.question.revision, self._room.state
        try:
            if state is None:
                return
            written = await self._writer.write(entry, language, state.context, model=model)
            if model and not written.model:
                self._model.give_back()
            await self._room.changed(
                lambda state: self._released(state, entry.question.id, revision, written)
            )
        except LiveshopError as error:
            log.warning("room %s: no answer to %s now: %s", self._room.id, entry.question.id, error)
            await asyncio.sleep(AFTER_FAILURE_S)
        except Exception as error:
            log.error(
                "room %s: answering %s failed", self._room.id, entry.question.id, exc_info=error
            )
            entry.question.status = "handed_off"
        finally:
            entry.answering = False

    def _released(
        self, state: RoomState, question_id: str, revision: int, written: Written
    ) -> Step | None:
        """Release an answer, or put it before the host; None where it is not wanted any more."""
        entry = state.entries.get(question_id)
        if (
            entry is None
            or entry.question.status != "waiting"
            or entry.question.revision != revision
        ):
            return None
        now, question, answer = datetime.now(UTC), entry.question, written.answer
        state.context = self._room.store.rooms.get(self._room.id)
        basis = self._room.basis(state)
        if state.context.mode == "off" or basis.of(answer.used) != answer.basis:
            return None  # still waiting: it is written again when the room may speak
        counts = state.pulse.counts
        counts.model_calls += written.model
        step = Step(self._room.id, state.seq)
        if not written.known:
            question.status, question.drafts = "handed_off", {answer.language: answer}
            question.context = "the shop's records hold no answer"
            counts.handed_off += 1
            state.pulse.lacking(question.text[:80], next(iter(question.product_ids), None))
        elif state.context.mode == "review":
            question.drafts[answer.language] = answer
            if not [one for one in question.wanted if one not in question.drafts]:
                question.status = "review"
        else:
            step.feed.append(answer_item(question, answer, basis, now))
            question.answers[answer.language] = answer
            if not question.wanted:
                question.status = "answered"
                counts.answered += 1
                state.pulse.minute(now).answered += 1
            counts.answered_askers += question.languages.get(answer.language, 0)
            entry.fresh.clear()
        step.state = state.kept()
        step.after = lambda fed: [with_feed_ids(entry, fed).row()]
        return step


def with_feed_ids(entry: Entry, fed: list[FeedItem]) -> Entry:
    """The entry, its answers carrying the ids under which they stand in the feed."""
    ids = {item.data["language"]: item.seq for item in fed if item.kind == "answer"}
    for language, answer in entry.question.answers.items():
        answer.feed_id = ids.get(language, answer.feed_id)
    return entry
