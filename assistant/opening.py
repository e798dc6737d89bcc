"""Opening the parts that answer: records, indexes, names, the assistant over them.

What is slow to import is imported in threads, so that the service is alive meanwhile.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncGenerator, Callable, Collection, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from assistant.api.rates import SharedRates
from assistant.api.service import Part, Service, Shop
from assistant.errors import EngineUnavailable, LiveshopError
from assistant.settings import Settings
from assistant.turn.orders import OrderConnector

if TYPE_CHECKING:
    from assistant.live.bus import Bus
    from assistant.llm.client import Message
    from assistant.llm.tier import Tier
    from assistant.store import Store
    from assistant.store.catalog import CatalogStore
    from assistant.watching import Watching
    from retrieval.ranker import LearnedRanker

log = logging.getLogger(__name__)
DAY_S = 86_400.0
_READ_AHEAD, _READ_TOGETHER = 1500, 20  # products


class EngineDoor:
    """Where turns ask for text, whether or not the model is there yet."""

    def __init__(self) -> None:
        self.client: Tier | None = None

    async def stream(
        self, messages: Sequence[Message], *, max_tokens: int | None = None
    ) -> AsyncGenerator[str, None]:
        """As Tier.stream; raises EngineUnavailable while there is no model."""
        if self.client is None:
            raise EngineUnavailable("the model is being loaded")
        stream = self.client.stream(messages, max_tokens=max_tokens)
        try:
            async for text in stream:
                yield text
        finally:
            await stream.aclose()


async def open_shop(service: Service, door: EngineDoor, stack: AsyncExitStack) -> None:
    """Open records, indexes and names, and let questions in."""
    settings, parts = service.settings, service.parts
    settings.home.mkdir(parents=True, exist_ok=True)
    store = await asyncio.to_thread(_opened_store, settings)
    stack.callback(store.close)
    parts["records"].set("ok")
    if isinstance(settings.index, Path):
        from assistant.store.index_lock import owning  # waits: the package loads SQL

        # Here and not in a thread: the thread that takes a file lock has to release it.
        stack.enter_context(owning(settings.index))
    orders = None
    if settings.orders_url:
        client = await stack.enter_async_context(httpx.AsyncClient(trust_env=False))
        orders = OrderConnector(str(settings.orders_url), client)
    bus = await _opened_bus(service, stack)
    built = await asyncio.to_thread(_built, settings, store, door, orders, parts["index"], bus)
    service.metrics.watch_ranker(built.version, built.watching)
    stack.callback(built.close)
    _hear(bus, built)
    await built.shop.live.start()
    stack.push_async_callback(built.shop.live.stop)
    tidying = asyncio.create_task(_let_go(store, settings))
    stack.callback(tidying.cancel)
    service.shop = built.shop


async def _opened_bus(service: Service, stack: AsyncExitStack) -> Bus:
    """The bus of this process alone, or of several over Redis."""
    from assistant.live.bus import InProcessBus

    if service.settings.redis_url is None:
        return InProcessBus()
    from assistant.live.redis_bus import RedisBus

    part = service.parts["bus"] = Part()
    bus = RedisBus(str(service.settings.redis_url), part.set)
    await stack.enter_async_context(bus)
    service.rates = SharedRates(bus.run)
    return bus


def _hear(bus: Bus, built: _Built) -> None:
    """Follow what other processes say of products and viewers."""
    from assistant.live.bus import FORGET, PRODUCTS

    bus.hear(PRODUCTS, built.follow)
    bus.hear(FORGET, lambda words: built.shop.forget(words[0]))


async def _let_go(store: Store, settings: Settings) -> None:
    """Once a day let go of what is older than the settings keep."""
    while True:
        now = datetime.now(UTC)
        kept = (settings.keep_events_days, settings.keep_rooms_days, settings.keep_audit_days)
        moments = [now - timedelta(days=days) for days in kept]
        try:
            await asyncio.to_thread(store.erasure.let_go, *moments)
        except LiveshopError as error:
            log.error("what is too old could not be let go; tomorrow again: %s", error)
        await asyncio.sleep(DAY_S)


def _opened_store(settings: Settings) -> Store:
    from assistant.store import Store

    store = Store(settings.database)
    store.migrate()
    return store


@dataclass(frozen=True)
class _Built:
    """What was built in a thread, and how to close it again."""

    shop: Shop
    close: Callable[[], None]
    follow: Callable[[Collection[str]], None]
    version: Callable[[], int]
    watching: Watching


def _built(
    settings: Settings,
    store: Store,
    door: EngineDoor,
    orders: OrderConnector | None,
    part: Part,
    bus: Bus,
) -> _Built:
    """The parts that answer, over an open store. Blocks for seconds: imports, models, indexes."""
    from assistant.live.answers import Writer
    from assistant.live.bus import PRODUCTS
    from assistant.live.joining import Joining
    from assistant.live.parts import Parts
    from assistant.live.rooms import LiveRooms
    from assistant.profiles import Profiles, Together
    from assistant.rankers import opened_ranker
    from assistant.store.following import Following
    from assistant.store.index_sync import open_index
    from assistant.turn.answer import Assistant
    from assistant.turn.compliance import Compliance, read_rules
    from assistant.turn.conversation import Conversations
    from assistant.watching import Watching
    from retrieval.catalog import Constraints
    from retrieval.embeddings import embedder_of
    from retrieval.exploring import Exploration
    from retrieval.lexical import LexicalIndex
    from retrieval.names import ProductNames
    from retrieval.retriever import Retriever

    compliance = Compliance(read_rules(settings.rules))
    url = str(settings.embeddings_url) if settings.embeddings_url else None
    embedder = embedder_of(settings.embeddings, settings.embeddings_model, url)
    index, lexical, names = open_index(settings.index, embedder), LexicalIndex(), ProductNames()
    following = Following(store.catalog, embedder, index, lexical, names, part.set)
    following.start()
    retriever = Retriever(embedder, index, lexical, store.catalog)
    # The first question would otherwise pay for what dictionaries and models load when first used.
    retriever.retrieve("好物", Constraints(), 1)
    names.find("好物")
    talked: dict[str, tuple[str, ...]] = {}
    profiles, together = Profiles(store), Together(store)
    ranker = opened_ranker(settings, store, together, embedder)
    reading = ReadingAhead(ranker, store.catalog) if settings.ranker == "embedded" else None
    watching = Watching(store, lambda: ranker.weighed(None).combiner)
    exploration = Exploration(settings.exploration, together)
    assistant = Assistant(
        records=store.catalog,
        rooms=store.rooms,
        names=names,
        retriever=retriever,
        ranker=ranker,
        profiles=profiles,
        engine=door,
        log=store.events,
        conversations=Conversations(settings.turns_remembered),
        zone=settings.timezone,
        turns=settings.turns_remembered,
        compliance=compliance,
        orders=orders,
        model=settings.llm_model or settings.engine_model,
        talked_of=lambda room_id: talked.get(room_id, ()),
        exploration=exploration,
    )

    answering = Joining(assistant)
    writer = Writer(answering, store.catalog, settings.timezone)
    live = LiveRooms(Parts(store, writer, names, settings, bus, talked))
    store.catalog.watch(live.records_changed)

    def close() -> None:
        if reading is not None:
            reading.close()
        together.close()
        watching.close()
        following.close()
        index.close()

    def changed(ids: Collection[str]) -> None:
        following.changed(ids)
        live.say(PRODUCTS, list(ids))

    return _Built(
        Shop(
            store,
            answering,
            retriever,
            changed,
            compliance,
            live,
            ranker,
            profiles,
            assistant.conversations.forget,
            exploration,
        ),
        close,
        following.changed,
        lambda: ranker.weighed(None).number,
        watching,
    )


class ReadingAhead:
    """Lets the ranker read the shop in the background, once, when the service has been up a while.

    As many products as it keeps, by id: small shops whole.
    """

    def __init__(
        self, ranker: LearnedRanker, catalog: CatalogStore, *, wait_s: float = 3.0
    ) -> None:
        self._ranker, self._catalog, self._wait_s = ranker, catalog, wait_s
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._read, name="reading", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Waits until the reading has ended, so that the store may be closed."""
        self._closing.set()
        self._thread.join()

    def _read(self) -> None:
        left = _READ_AHEAD
        if self._closing.wait(self._wait_s):
            return
        for page in self._catalog.pages(_READ_TOGETHER):
            if left <= 0 or self._closing.is_set():
                return
            self._ranker.ahead(page)
            left -= len(page)
