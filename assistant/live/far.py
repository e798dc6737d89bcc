"""The desk of a room that another process works on: each deed is carried out there.

A deed goes with a key, so that it is done once however often it is sent; it is sent again where
the room changes hands before the answer has come.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from pydantic import TypeAdapter

from assistant.errors import RoomMoved
from assistant.live.bus import Bus
from assistant.live.desk import Desk
from assistant.live.pulse import RoomPulse, RoomReport
from assistant.live.questions import Deed, MergedQuestion
from assistant.store import Store
from retrieval.catalog import Language, RoomContext

LONGEST_S = 9.0
AGAIN_S = 0.25
_RESULTS: dict[str, TypeAdapter[Any]] = {
    "act": TypeAdapter(MergedQuestion),
    "mark": TypeAdapter(None),
    "question": TypeAdapter(MergedQuestion),
    "queue": TypeAdapter(list[MergedQuestion]),
    "pulse": TypeAdapter(RoomPulse),
    "report": TypeAdapter(RoomReport),
    "context": TypeAdapter(RoomContext),
}


async def carry_out(desk: Desk, what: str, given: dict[str, Any]) -> Any:
    """Do at `desk` what another process asks; the result as a JSON value."""
    result = await getattr(desk, what)(**given)
    return _RESULTS[what].dump_python(result, mode="json")


class FarDesk:
    """As `Desk`. Every method raises RoomMoved where no process has the room for LONGEST_S."""

    def __init__(self, room_id: str, store: Store, bus: Bus) -> None:
        self._id, self._store, self._bus = room_id, store, bus

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
        """As Desk.act."""
        question: MergedQuestion = await self._call(
            "act",
            deed=deed,
            question_id=question_id,
            text=text,
            language=language,
            note=note,
            despite=list(despite),
            by=by,
            key=key or uuid4().hex,
        )
        return question

    async def mark(self, kind: str, data: Mapping[str, Any], key: str | None) -> None:
        """As Desk.mark."""
        await self._call("mark", kind=kind, data=dict(data), key=key or uuid4().hex)

    async def context(self) -> RoomContext:
        """As Desk.context."""
        context: RoomContext = await self._call("context")
        return context

    async def question(self, question_id: str) -> MergedQuestion:
        """As Desk.question."""
        question: MergedQuestion = await self._call("question", question_id=question_id)
        return question

    async def queue(self) -> list[MergedQuestion]:
        """As Desk.queue."""
        queue: list[MergedQuestion] = await self._call("queue")
        return queue

    async def pulse(self) -> RoomPulse:
        """As Desk.pulse."""
        pulse: RoomPulse = await self._call("pulse")
        return pulse

    async def report(self) -> RoomReport:
        """As Desk.report."""
        report: RoomReport = await self._call("report")
        return report

    async def _call(self, what: str, **given: Any) -> Any:
        await asyncio.to_thread(self._store.rooms.get, self._id)  # NotFound at once
        end = time.monotonic() + LONGEST_S
        while True:
            owner = await asyncio.to_thread(self._store.owners.owner_of, self._id)
            try:
                if owner is None:
                    raise RoomMoved(f"no process works on room {self._id!r} now")
                value = await self._bus.call(owner, self._id, what, given)
                return _RESULTS[what].validate_python(value)
            except (RoomMoved, TimeoutError) as error:
                if time.monotonic() >= end:
                    raise RoomMoved(f"room {self._id!r} is between processes: {error}") from error
            await asyncio.sleep(AGAIN_S)
