"""A show from a file, played into a room on request, one at a time."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from assistant.live.replay import Line, play, read_replay

if TYPE_CHECKING:
    from assistant.live.rooms import LiveRooms

log = logging.getLogger(__name__)


class Show:
    """One show, for one room. Used in one event loop."""

    def __init__(self, file: Path, room: str) -> None:
        self.room = room
        self._file = file
        self._lines: list[Line] = []
        self._playing: asyncio.Task[None] | None = None
        self._begun = 0.0

    @property
    def at(self) -> float | None:
        """How many seconds the show has run; None while none does."""
        if self._playing is None or self._playing.done():
            return None
        return asyncio.get_running_loop().time() - self._begun

    async def lines(self) -> list[Line]:
        """Everything that happens in it. Raises ReplayRefused."""
        if not self._lines:
            self._lines = await asyncio.to_thread(read_replay, self._file)
        return self._lines

    async def begin(self, rooms: LiveRooms) -> None:
        """Play it from its beginning, unless it is being played. Raises ReplayRefused."""
        lines = await self.lines()
        if self.at is None:
            self._begun = asyncio.get_running_loop().time()
            self._playing = asyncio.create_task(self._play(lines, rooms))

    async def stop(self) -> None:
        """Break off what is being played."""
        if self._playing is not None:
            self._playing.cancel()
            with suppress(asyncio.CancelledError):
                await self._playing

    async def _play(self, lines: list[Line], rooms: LiveRooms) -> None:
        from assistant.store.events import Event  # waits: a start need not load SQL for it

        async def send(batch: list[dict[str, Any]]) -> None:
            now = datetime.now(UTC)
            events = [
                Event(
                    source=one["source"],
                    id=one["id"],
                    type=one["type"],
                    room=self.room,
                    time=now,
                    viewer=one.get("subject"),
                    data=one["data"],
                )
                for one in batch
            ]
            await rooms.take(self.room, events)

        try:
            await play(lines, f"show/{uuid4().hex[:8]}", send)
        except Exception as error:
            log.error("the show in room %s broke off", self.room, exc_info=error)
