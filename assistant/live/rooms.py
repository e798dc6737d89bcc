"""Every live room of a service: started on demand, resumed at start-up, stopped together."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter, deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from typing import Any

from assistant.errors import Busy, LiveshopError, RoomMoved
from assistant.live.bus import FORGET, OWNERS, RECORDS, TALKED, events_topic
from assistant.live.comments import mentioned
from assistant.live.desk import Desk
from assistant.live.entries import read_entry
from assistant.live.far import FarDesk, carry_out
from assistant.live.feed import Console, Fed, FeedTail, merged
from assistant.live.own_words import Unsupported, unsupported
from assistant.live.parts import Parts
from assistant.live.questions import MergedQuestion
from assistant.live.room import Room
from assistant.live.validity import Basis
from assistant.store.events import Event
from assistant.store.intake import CHANGING, Taken
from retrieval.catalog import Language

MOST_WAITING = 20_000
MOST_AT_ONCE = 2000
TEND_S = 1.5
COUNT_EVERY_S = 1.0
log = logging.getLogger(__name__)


class LiveRooms:
    """The rooms, and the way in for events. Used in one event loop.

    Until `start`, events are kept and obeyed, and no room reads them. Where several processes
    share the rooms, those that are not here are reached through the bus and the records.
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
        self._keeping: asyncio.Task[None] | None = None
        self._far_unread: dict[str, tuple[float, int]] = {}
        self._ended = False
        self.readers = 0
        bus = parts.bus
        bus.hear(FORGET, lambda words: self._forget(words[0]))
        bus.hear(TALKED, lambda words: parts.talked.update({words[0]: tuple(words[1:])}))
        bus.serve(self._carry_out)

    @property
    def _shared(self) -> bool:
        return self.parts.bus.me is not None

    async def start(self) -> None:
        """Let every room go on where it stood: all of them, or this process's share."""
        self._loop = asyncio.get_running_loop()
        there = await asyncio.to_thread(self.parts.store.rooms.all)
        if not self._shared:
            for room in there:
                self.room(room.id)
            return
        for room in there:
            _, kept = await asyncio.to_thread(self.parts.store.live.progress, room.id)
            self.parts.talked[room.id] = tuple(kept.get("recent", ()))
        self._keeping = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """Stop every room. What they have not read they read at the next start."""
        begun = (self._keeping, self._writing)
        tasks = [*self._tasks.values(), *(one for one in begun if one)]
        self._loop = None
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if me := self.parts.bus.me:
            with suppress(LiveshopError):
                await asyncio.to_thread(self.parts.store.owners.leave, me)
            self.parts.bus.publish(OWNERS)

    async def _keep(self) -> None:
        """Work on the rooms that are this process's, as they come and go."""
        bus, owners = self.parts.bus, self.parts.store.owners
        with bus.listening(OWNERS) as freed:
            while True:
                freed.clear()
                try:
                    self._hold(await asyncio.to_thread(owners.tend, bus.me or ""))
                except LiveshopError as error:
                    # What is held goes on: nothing is kept of it once another process has it.
                    log.error("rooms cannot be shared out now: %s", error)
                with suppress(TimeoutError):
                    async with asyncio.timeout(TEND_S):
                        await freed.wait()

    def _hold(self, held: dict[str, int]) -> None:
        lost = [one.id for one in self._rooms.values() if held.get(one.id) != one.epoch]
        for room_id in lost:
            self._drop(room_id)
        if lost:
            self.parts.bus.publish(OWNERS)  # who has their share of them need not wait
        for room_id, epoch in held.items():
            if room_id not in self._rooms:
                self._rooms[room_id] = Room(room_id, self.parts, epoch)
                self._far_unread.pop(room_id, None)
            self._begin(room_id)

    def _drop(self, room_id: str) -> None:
        """Work on a room no longer; what hosts still do here is refused by the records."""
        del self._rooms[room_id]
        if task := self._tasks.pop(room_id, None):
            task.cancel()

    async def _carry_out(self, room_id: str, what: str, given: dict[str, Any]) -> Any:
        """What another process asks of a room that is here."""
        if room_id not in self._rooms:
            raise RoomMoved(f"room {room_id!r} is not here")
        return await carry_out(self._rooms[room_id].desk, what, given)

    def room(self, room_id: str) -> Room:
        """The room, running where the rooms were started; for a service that is one process."""
        room = self._rooms.get(room_id)
        if room is None:
            room = self._rooms[room_id] = Room(room_id, self.parts)
        self._begin(room_id)
        return room

    def _begin(self, room_id: str) -> None:
        task = self._tasks.get(room_id)
        if self._loop is not None and (task is None or task.done()):
            self._tasks[room_id] = asyncio.create_task(self._rooms[room_id].run())

    def end_feeds(self) -> None:
        """End every feed, since the process is stopping; who follows one comes back elsewhere."""
        self._ended = True
        for tail in self._tails.values():
            tail.ended = True
        self.parts.bus.publish_all()

    def desk(self, room_id: str) -> Desk | FarDesk:
        """What hosts do in the room, here or where it is."""
        if not self._shared:
            return self.room(room_id).desk
        if room_id in self._rooms:
            return self._rooms[room_id].desk
        return FarDesk(room_id, self.parts.store, self.parts.bus)

    def tail(self, room_id: str) -> FeedTail:
        """The room's feed, shared by all who follow it."""
        if room_id not in self._tails:
            self._tails[room_id] = FeedTail(room_id, self.parts.store, self.parts.bus)
            self._tails[room_id].ended = self._ended
        return self._tails[room_id]

    def questions(self, room_id: str, statuses: Sequence[str], limit: int) -> list[MergedQuestion]:
        """The room's merged questions of these statuses, the last asked first. Blocks."""
        records = self.parts.store.live.questions(room_id, statuses, limit)
        return [read_entry(record).question for record in records]

    def unsupported(
        self, room_id: str, text: str, language: Language, product_ids: Sequence[str] = ()
    ) -> list[Unsupported]:
        """What records do not bear out of a host's line. Blocks. Raises NotFound.

        It is about the products it names, else `product_ids`, else the item on air.
        """
        records, room = self.parts.store.catalog, self.parts.store.rooms.get(room_id)
        on_air = (room.on_air,) if room.on_air else ()
        ids = mentioned(text, room, self.parts.names, ()) or tuple(product_ids) or on_air
        evidence = Basis(records, room, self.parts.settings.timezone).evidence(ids)
        return unsupported(text, evidence, language)

    def follow(
        self, room_id: str, after: int | None, viewer: str | None, *, host: bool, recent: int = 0
    ) -> AsyncGenerator[Fed | None]:
        """The room's feed; see `FeedTail.follow`. Hosts are told of the queue and pulse too."""
        stream = self.tail(room_id).follow(after, viewer, host=host, recent=recent)
        if not host:
            return stream
        if room_id not in self._consoles:
            self._consoles[room_id] = Console(lambda: self.desk(room_id))
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
        """Let no room remember a viewer, in any process; called in the event loop."""
        self.parts.bus.say(FORGET, [viewer])
        self._forget(viewer)

    def _forget(self, viewer: str) -> None:
        for room in self._rooms.values():
            room.forget(viewer)
        for tail in self._tails.values():
            tail.forget()

    def say(self, kind: str, words: list[str]) -> None:
        """Tell the other processes; any thread may call it."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self.parts.bus.say, kind, words)

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
        unread = await self._unread(room_id)
        if unread > self.parts.settings.room_backlog:
            raise Busy(f"room {room_id!r} has {unread} events to read; send these again", 5)
        future: asyncio.Future[list[Taken]] = asyncio.get_running_loop().create_future()
        self._coming.append((list(batch), future))
        self._waiting += len(batch)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        said = await future
        new = sum(one is True for one in said)
        if room := self._rooms.get(room_id):
            room.unread += new
        elif self._shared:
            counted, unread = self._far_unread.get(room_id, (0.0, 0))
            self._far_unread[room_id] = counted, unread + new
        self.parts.bus.publish(events_topic(room_id))
        if any(event.type in CHANGING for event in batch):
            self.parts.bus.publish(RECORDS)
        return said

    async def _unread(self, room_id: str) -> int:
        """How many events a room has yet to read; of one elsewhere, as of a second ago."""
        if not self._shared:
            return self.room(room_id).unread
        if room := self._rooms.get(room_id):
            return room.unread
        counted, unread = self._far_unread.get(room_id, (-COUNT_EVERY_S, 0))
        if time.monotonic() - counted >= COUNT_EVERY_S:
            most = self.parts.settings.room_backlog + 1
            unread = await asyncio.to_thread(self.parts.store.live.unread, room_id, most)
            self._far_unread[room_id] = time.monotonic(), unread
        return unread

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
