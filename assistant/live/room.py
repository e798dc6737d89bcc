"""One live room at work: reads its events, keeps its queue, answers within its means.

Everything it knows can be built again from the records, so that it continues where it stood: an
event is read once, since the step that read it is kept with what came of it, and an answer is in
the feed once, since its key is.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import nullcontext, suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from assistant.errors import Conflict, NotFound, RoomMoved
from assistant.live.answering import Answering
from assistant.live.bus import RECORDS, TALKED, events_topic, feed_topic
from assistant.live.comments import CommentReader
from assistant.live.corrections import corrections
from assistant.live.desk import Desk
from assistant.live.digest import Digest
from assistant.live.listed import Listed
from assistant.live.parts import Parts
from assistant.live.state import RoomState, load, told_by
from assistant.live.tending import alerts, joins, let_go
from assistant.live.validity import Basis
from assistant.store.events import Event
from assistant.store.live import FeedItem, Step

log = logging.getLogger(__name__)
BATCH = 100
TURNING = frozenset({"live.product.on_air", "live.transcript"})
TICK_S = 0.5
AFTER_FAILURE_S = 1.0
EXPIRING = timedelta(minutes=5)


class Room:
    """A room that runs. `run` is its task; the other methods may be awaited while it does.

    `epoch`: under which this process has the room; None: it takes it, from whoever has it.
    """

    def __init__(self, room_id: str, parts: Parts, epoch: int | None = None) -> None:
        self.id, self.epoch = room_id, epoch
        self._parts, self.store, self._settings = parts, parts.store, parts.settings
        self._zone: ZoneInfo = parts.settings.timezone
        self._reader = CommentReader(parts.names)
        self._lock = asyncio.Lock()
        self._own_work = asyncio.Lock()
        self._wake = asyncio.Event()
        self._answering = Answering(self, parts.writer, parts.settings)
        self._listed = Listed()
        self.desk = Desk(self)
        self.state: RoomState | None = None
        self.expiring: frozenset[str] = frozenset()
        self.unread = 0

    # The task

    async def run(self) -> None:
        """Works until cancelled. A failure is logged, and the room read again from the records."""
        try:
            while True:
                try:
                    await self._work()
                except NotFound:
                    return
                except RoomMoved as moved:
                    remedy = "" if self._parts.bus.me else "; set LIVESHOP_REDIS_URL for both"
                    log.warning("%s%s", moved, remedy)
                    return
                except Exception as error:
                    log.error("room %s starts again", self.id, exc_info=error)
                    self.state = None
                    await asyncio.sleep(AFTER_FAILURE_S)
        finally:
            await self._answering.stop()

    async def _work(self) -> None:
        bus = self._parts.bus
        with (
            bus.listening(events_topic(self.id), RECORDS) as self._wake,
            bus.listening(RECORDS) as records,
        ):
            await self.ready()
            looked = 0.0
            while True:
                self._wake.clear()
                full = await self._read()
                changed = records.is_set()
                if changed or time.monotonic() - looked >= TICK_S:
                    records.clear()
                    looked = time.monotonic()
                    await self._look_around(look=changed)
                self._answering.begin()
                if not full:
                    # Not wait_for: in Python 3.11 that can swallow a cancellation.
                    with suppress(TimeoutError):
                        async with asyncio.timeout(TICK_S):
                            await self._wake.wait()

    def wake(self) -> None:
        """Have the room look at once at what there is to do."""
        self._wake.set()

    async def ready(self) -> RoomState:
        """The state, read from the records where it is not there yet. Raises NotFound."""
        async with self._lock:
            return await self._loaded()

    async def seen(self) -> RoomState:
        """The state at this moment, perhaps amid a step: for one look that waits for nobody."""
        return self.state or await self.ready()

    def forget(self, viewer: str) -> None:
        """Remember a viewer no longer: what the records still have is read again."""
        if (state := self.state) is None:
            return
        asked = any(viewer in entry.viewers for entry in state.entries.values())
        told = any(one.viewer == viewer for one in state.told)
        if asked or told or viewer in state.mutes:
            self.state = None

    async def _loaded(self) -> RoomState:
        if self.state is None:
            self.state = await asyncio.to_thread(self._load)
            self._talked(self.state)
        return self.state

    def _load(self) -> RoomState:
        if self.epoch is None:
            self.store.rooms.get(self.id)
            self.epoch = self.store.owners.claim(self.id, self._parts.bus.me or "alone")
        self.unread = self.store.live.unread(self.id, self._settings.room_backlog + 1)
        return load(self.store, self.id, self._settings, datetime.now(UTC))

    def _talked(self, state: RoomState) -> None:
        """Tell every process what the room talked about."""
        if self._parts.talked.get(self.id) != state.recent:
            self._parts.talked[self.id] = state.recent
            self._parts.bus.say(TALKED, [self.id, *state.recent])

    async def changed(
        self,
        work: Callable[[RoomState], Step | None],
        settle: Callable[[RoomState], None] | None = None,
        *,
        host: bool = False,
    ) -> list[FeedItem] | None:
        """Do `work` on the state in a thread, keep the step it returns, and tell the feed.

        `settle` follows once the step is kept; None is returned for an action kept before. When
        keeping fails the state is thrown away, since the records do not have it. A `host` waits
        behind one piece of the room's own work at most, however much of it there is.
        """
        async with nullcontext() if host else self._own_work, self._lock:
            state = await self._loaded()
            try:
                fed = await asyncio.to_thread(self._kept, work, state)
            except (NotFound, Conflict):
                raise  # refused before anything was changed
            except RoomMoved:
                self.state = None
                self.wake()  # its task ends at its next step
                raise
            except BaseException:
                self.state = None
                raise
            if settle and fed is not None:
                settle(state)
        if fed:
            self._parts.bus.publish(feed_topic(self.id))
        return fed

    def _kept(
        self, work: Callable[[RoomState], Step | None], state: RoomState
    ) -> list[FeedItem] | None:
        step = work(state)
        if step is None:
            return []
        step.epoch = self.epoch
        fed = self.store.live.commit(step)
        for item in fed or ():
            if item.kind == "answer":
                state.told.extend(told_by(item))
        return fed

    # Reading

    async def _read(self) -> bool:
        """Read a batch of events; whether there may be more at once."""
        events, more = await asyncio.to_thread(self._ahead, await self.ready())
        digests: list[Digest] = []

        def work(state: RoomState) -> Step | None:
            unread = [event for event in events if event.seq > state.seq]
            self.unread = max(0, self.unread - len(events)) if more else 0
            if not unread:
                return None
            state.context = self.store.rooms.get(self.id)
            digest = Digest(
                state,
                self._reader,
                self._parts.names,
                self.basis(state),
                datetime.now(UTC),
                time.monotonic(),
            )
            digests.append(digest)
            return digest.step(unread)

        await self.changed(work)
        for digest in digests:
            self._talked(digest.state)
            if digest.turned_to:
                await self._turn_to(digest.turned_to, digest.state.seq)
        return more

    def _ahead(self, state: RoomState) -> tuple[list[Event], bool]:
        """The next events, up to one that may turn the room elsewhere, and whether there are more.

        Their comments are understood here, which takes longest, while hosts may act. Blocks.
        """
        events = self.store.events.read(room=self.id, after=state.seq, limit=BATCH)
        turn = next((n for n, event in enumerate(events) if event.type in TURNING), BATCH)
        more = len(events) == BATCH or turn + 1 < len(events)
        del events[turn + 1 :]
        seen = self.store.rooms.get(self.id).model_copy(update={"on_air": state.on_air})
        for event in events:
            if event.type == "live.comment" and event.viewer not in state.mutes:
                self._reader.read(str(event.data.get("text", "")).strip(), seen, state.recent)
        return events, more

    def basis(self, state: RoomState) -> Basis:
        """The records as they are now, for this room. Blocks."""
        return Basis(self.store.catalog, state.context, self._zone)

    async def _turn_to(self, product_id: str, seq: int) -> None:
        """Put on air what the host was heard to turn to."""
        event = Event(
            source="liveshop/transcript",
            id=f"{self.id}:{seq}",
            type="live.product.on_air",
            room=self.id,
            time=datetime.now(UTC),
            data={"product_id": product_id},
        )
        await asyncio.to_thread(self.store.intake.take, [event])
        self._wake.set()

    # Looking around: what time and changed records do

    async def _look_around(self, *, look: bool) -> None:
        def work(state: RoomState) -> Step | None:
            now = datetime.now(UTC)
            state.context = self.store.rooms.get(self.id)
            basis = self.basis(state)
            self.expiring = frozenset(
                product_id
                for offer in basis.evidence(()).offers
                if offer.ends_at and now < offer.ends_at <= now + EXPIRING
                for product_id in offer.product_ids
            )
            items = corrections(state, basis, now)
            state.pulse.counts.corrections += len(items)
            items += self._listed.news(state, basis, now, look=look)
            items += joins(state, now)
            changed = let_go(
                state, now, self._settings.room_queue, self._settings.room_question_age_s
            )
            items += alerts(state, changed, now)
            state.forget(now)
            if not items and not changed:
                return None
            return Step(
                self.id,
                state.seq,
                state.kept(),
                questions=[entry.row() for entry in changed],
                feed=items,
            )

        await self.changed(work)
