"""Every live room of a service: started on demand, resumed at start-up, stopped together."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncGenerator, Sequence

from assistant.errors import Busy, LiveshopError
from assistant.live.bus import RECORDS, events_topic
from assistant.live.desk import Desk
from assistant.live.entries import read_entry
from assistant.live.feed import Console, Fed, FeedTail, merged
from assistant.live.questions import MergedQuestion
from assistant.live.room import Parts, Room
from assistant.store.events import Event
from assistant.store.intake import CHANGING, Taken

MOST_WAITING = 20_000
MOST_AT_ONCE = 2000


class LiveRooms:
    """The rooms, and the way in for events. Used in one event loop.

    Until `start`, events are kept and obeyed, and no room reads them.
    """

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self._rooms: dict[str, Room] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._coming: deque[tuple[list[Event], asyncio.Future[list[Taken]]]] = deque()
        self._waiting = 0
        self._writing: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tails: dict[str, FeedTail] = {}
        self._consoles: dict[str, Console] = {}
        self.readers = 0

    async def start(self) -> None:
        """Let every room go on where it stood."""
        self._loop = asyncio.get_running_loop()
        for room in await asyncio.to_thread(self.parts.store.rooms.all):
            self.room(room.id)

    async def stop(self) -> None:
        """Stop every room. What they have not read they read at the next start."""
        tasks = [*self._tasks.values(), *([self._writing] if self._writing else [])]
        self._loop = None
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def room(self, room_id: str) -> Room:
        """The room, running where the rooms were started."""
        room = self._rooms.get(room_id)
        if room is None:
            room = self._rooms[room_id] = Room(room_id, self.parts)
        task = self._tasks.get(room_id)
        if self._loop is not None and (task is None or task.done()):
            self._tasks[room_id] = asyncio.create_task(room.run())
        return room

    def desk(self, room_id: str) -> Desk:
        """What hosts do in the room."""
        return self.room(room_id).desk

    def tail(self, room_id: str) -> FeedTail:
        """The room's feed, shared by all who follow it."""
        if room_id not in self._tails:
            self._tails[room_id] = FeedTail(room_id, self.parts.store, self.parts.bus)
        return self._tails[room_id]

    def questions(self, room_id: str, statuses: Sequence[str], limit: int) -> list[MergedQuestion]:
        """The room's merged questions of these statuses, the last asked first. Blocks."""
        records = self.parts.store.live.questions(room_id, statuses, limit)
        return [read_entry(record).question for record in records]

    def follow(
        self, room_id: str, after: int | None, viewer: str | None, *, host: bool, recent: int = 0
    ) -> AsyncGenerator[Fed | None]:
        """The room's feed; see `FeedTail.follow`. Hosts are told of the queue and pulse too."""
        stream = self.tail(room_id).follow(after, viewer, host=host, recent=recent)
        if not host:
            return stream
        if room_id not in self._consoles:
            self._consoles[room_id] = Console(self.desk(room_id))
        return merged(stream, self._consoles[room_id].follow())

    def figures(self) -> list[tuple[str, dict[str, int], dict[str, int]]]:
        """Of each room that is loaded: its id, what it has counted, and what it holds now."""
        found = []
        for room_id, room in self._rooms.items():
            if room.state is not None:
                statuses = Counter(e.question.status for e in list(room.state.entries.values()))
                held = {
                    "waiting": statuses["waiting"],
                    "in_review": statuses["review"],
                    "with_a_person": statuses["handed_off"],
                    "unread": room.unread,
                }
                found.append((room_id, room.state.pulse.counts.model_dump(), held))
        return found

    def forget(self, viewer: str) -> None:
        """Let no room remember a viewer; called in the event loop."""
        for room in self._rooms.values():
            room.forget(viewer)
        for tail in self._tails.values():
            tail.forget()

    def records_changed(self) -> None:
        """Let every room look again at what it told. Any thread may call it."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self.parts.bus.publish, RECORDS)

    async def take(self, room_id: str, batch: Sequence[Event]) -> list[Taken]:
        """Keep events of a room, durable when this returns; see `Intake.take` for what is said.

        Batches that come while others are written share one transaction. Raises Busy when too
        many wait to be written or to be read, NotFound for the room.
        """
        if self._waiting + len(batch) > MOST_WAITING:
            raise Busy(f"{self._waiting} events wait to be written; send these again")
        room = self.room(room_id)
        unread = room.unread
        if unread > self.parts.settings.room_backlog:
            raise Busy(f"room {room_id!r} has {unread} events to read; send these again", 5)
        future: asyncio.Future[list[Taken]] = asyncio.get_running_loop().create_future()
        self._coming.append((list(batch), future))
        self._waiting += len(batch)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        said = await future
        room.unread += sum(one is True for one in said)
        self.parts.bus.publish(events_topic(room_id))
        if any(event.type in CHANGING for event in batch):
            self.parts.bus.publish(RECORDS)
        return said

    async def _write(self) -> None:
        """Write what waits until nothing does, as much in one transaction as has come."""
        while self._coming:
            group: list[tuple[list[Event], asyncio.Future[list[Taken]]]] = []
            size = 0
            while self._coming and (not group or size + len(self._coming[0][0]) <= MOST_AT_ONCE):
                group.append(self._coming.popleft())
                size += len(group[-1][0])
            events = [event for batch, _ in group for event in batch]
            try:
                said = await asyncio.to_thread(self.parts.store.intake.take, events)
            except (LiveshopError, ValueError) as error:
                for _, future in group:
                    if not future.done():
                        future.set_exception(error)
                continue
            finally:
                self._waiting -= size
            for batch, future in group:
                if not future.done():
                    future.set_result(said[: len(batch)])
                said = said[len(batch) :]
