"""A room's feed as its readers follow it: each item once, in order, from where they stood."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter, deque
from collections.abc import AsyncGenerator, Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from assistant.errors import Busy
from assistant.live.bus import Bus, feed_topic
from assistant.store import Store
from assistant.store.live import FeedItem

if TYPE_CHECKING:
    from assistant.live.desk import Desk
    from assistant.live.far import FarDesk

KEPT = 500
LOOK_S = 1.0
PULSE_EVERY_S = 5.0
SHOWN_QUEUE = 50
PAGE = 100
HEARTBEAT_S = 15.0
FOR_HOSTS = frozenset({"alert", "deed"})
HOSTS_ONLY = ("viewers", "told")


class Fed(NamedTuple):
    """One event of the stream. `seq` 0 stands for one that is not kept, such as the queue."""

    seq: int
    kind: str
    data: dict[str, Any]


class FeedTail:
    """The last items of one room's feed, read from the records once for all who follow it."""

    def __init__(self, room_id: str, store: Store, bus: Bus) -> None:
        self._id, self._store, self._bus = room_id, store, bus
        self._items: deque[FeedItem] = deque(maxlen=KEPT)
        self._lock = asyncio.Lock()
        self._floor: int | None = None
        self.ended = False

    async def follow(
        self, after: int | None, viewer: str | None, *, host: bool, recent: int = 0
    ) -> AsyncGenerator[Fed | None]:
        """Items with ids above `after`, then new ones as they come; None as a sign of life.

        It ends once the feed is `ended`. Without `after` it begins with the `recent` last answers
        and what came since, or with what comes next. `viewer`: items say whether they
        are theirs. Hosts are told more, and see alerts.
        """
        with self._bus.listening(feed_topic(self._id)) as news:
            seq = after if after is not None else await asyncio.to_thread(self._before, recent)
            while not self.ended:
                news.clear()
                items = await self._after(seq)
                for item in items:
                    seq = item.seq
                    if host or item.kind not in FOR_HOSTS:
                        yield await self._seen(item, viewer, host=host)
                if len(items) == PAGE:
                    continue
                try:
                    async with asyncio.timeout(HEARTBEAT_S):
                        await news.wait()
                except TimeoutError:
                    yield None

    def _before(self, recent: int) -> int:
        """The id that the `recent` last answers follow."""
        last = self._store.live.feed(self._id, limit=recent, kinds=("answer",), newest=True)
        return last[0].seq - 1 if last else self._last()

    def forget(self) -> None:
        """Read the items again from the records, which have changed."""
        self._items.clear()
        self._floor = None

    def _last(self) -> int:
        return self._store.live.last_fed(self._id)

    async def _after(self, seq: int) -> list[FeedItem]:
        async with self._lock:
            if self._floor is None:
                self._floor = await asyncio.to_thread(self._last)
            last = self._items[-1].seq if self._items else self._floor
            new = await asyncio.to_thread(self._store.live.feed, self._id, last, KEPT)
            if len(self._items) + len(new) > KEPT:
                gone = len(self._items) + len(new) - KEPT
                self._floor = [*self._items, *new][gone - 1].seq
            self._items.extend(new)
        if seq < self._floor:
            return await asyncio.to_thread(self._store.live.feed, self._id, seq, PAGE)
        return [item for item in self._items if item.seq > seq][:PAGE]

    async def _seen(self, item: FeedItem, viewer: str | None, *, host: bool) -> Fed:
        data = dict(item.data)
        if viewer is not None:
            data["yours"] = viewer in data.get("viewers", ())
            if not data["yours"]:
                data["yours"] = await asyncio.to_thread(self._asked, viewer, item)
        if not host:
            for name in HOSTS_ONLY:
                data.pop(name, None)
        data["at"] = item.at.isoformat()
        return Fed(item.seq, item.kind, data)

    def _asked(self, viewer: str, item: FeedItem) -> bool:
        """Whether the viewer asked what this item answers or corrects."""
        one = item.data.get("question_id")
        ids = [one] if one else item.data.get("questions", [])
        return bool(ids and self._store.live.asked(viewer, ids))


async def merged(*streams: AsyncGenerator[Fed | None]) -> AsyncGenerator[Fed | None]:
    """What several streams give, as it comes; closing it closes them all."""
    queue: asyncio.Queue[Fed | None] = asyncio.Queue(maxsize=PAGE)

    async def pump(stream: AsyncGenerator[Fed | None]) -> None:
        async for fed in stream:
            await queue.put(fed)

    tasks = [asyncio.create_task(pump(stream)) for stream in streams]
    getting: asyncio.Task[Fed | None] | None = None
    try:
        while True:
            getting = asyncio.create_task(queue.get())
            await asyncio.wait((getting, *tasks), return_when=asyncio.FIRST_COMPLETED)
            if not getting.done():
                for task in tasks:
                    if task.done():
                        task.result()
                return
            yield getting.result()
    finally:
        begun = [*tasks, getting] if getting else tasks
        for one in begun:
            one.cancel()
        await asyncio.gather(*begun, return_exceptions=True)
        for stream in streams:
            await stream.aclose()


class Console:
    """What every host of one room sees besides the feed, put together once for all of them."""

    def __init__(self, desk: Callable[[], Desk | FarDesk]) -> None:
        self._desk = desk
        self._queue: tuple[str, dict[str, Any]] = ("", {})
        self._pulse: dict[str, Any] = {}
        self._queue_at = self._pulse_at = -1e9

    async def follow(self) -> AsyncGenerator[Fed | None]:
        """The room and the queue when they have changed, and every few seconds the pulse."""
        queue, room, pulse_at = "", -1, 0.0
        while True:
            try:
                await self._look()
                context = await self._desk().context()
            except Busy:
                yield None
                await asyncio.sleep(LOOK_S)
                continue
            if context.version != room:
                room = context.version
                yield Fed(0, "room", context.model_dump(mode="json"))
            if self._queue[0] != queue:
                queue = self._queue[0]
                yield Fed(0, "queue", self._queue[1])
            if self._pulse_at != pulse_at:
                pulse_at = self._pulse_at
                yield Fed(0, "pulse", self._pulse)
            await asyncio.sleep(LOOK_S)

    async def _look(self) -> None:
        clock = time.monotonic()
        if clock - self._queue_at >= LOOK_S / 2:
            self._queue_at = clock
            questions = await self._desk().queue()
            shown = [question.model_dump(mode="json") for question in questions[:SHOWN_QUEUE]]
            said = {"questions": shown, "counts": Counter(one.status for one in questions)}
            # Its worth changes all the time and is no news.
            news = [{**one, "priority": 0} for one in shown]
            self._queue = json.dumps([news, said["counts"]]), said
        if clock - self._pulse_at >= PULSE_EVERY_S:
            self._pulse_at = clock
            self._pulse = (await self._desk().pulse()).model_dump(mode="json")
