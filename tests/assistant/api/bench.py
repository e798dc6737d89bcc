"""A small shop behind the real application: real records, a scripted assistant."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from assistant.api.app import Pages, create_api
from assistant.api.service import Service, Shop
from assistant.errors import Conflict
from assistant.events import (
    STAGES,
    Cited,
    Notice,
    ProductCard,
    ProductShown,
    ReplyEvent,
    ReplyFinished,
    ReplyStarted,
    TextReleased,
)
from assistant.live.answers import Writer
from assistant.live.bus import InProcessBus
from assistant.live.parts import Parts
from assistant.live.rooms import LiveRooms
from assistant.profiles import Profiles, Together
from assistant.settings import Settings
from assistant.store import Store
from assistant.turn.answer import Question
from assistant.turn.compliance import Compliance, read_rules
from retrieval.catalog import (
    Constraints,
    Money,
    Product,
    RoomContext,
    RoomItem,
    Text,
    Variant,
    stock,
)
from retrieval.combiner import Combiner
from retrieval.names import ProductNames
from retrieval.ranker import LearnedRanker
from retrieval.retriever import Candidate

KEY = "a-long-host-key"
HOST = {"Authorization": f"Bearer {KEY}"}


def product(product_id: str, zh: str, en: str, minor: int, quantity: int = 30) -> Product:
    """A product with one variant, named after it."""
    return Product(
        id=product_id,
        title=Text(zh=zh, en=en),
        variants=(
            Variant(
                id=f"{product_id}-v",
                price=Money(minor=minor, currency="CNY"),
                availability=stock(quantity),
            ),
        ),
    )


@dataclass
class ScriptedAssistant:
    """Says the price of the mug as the records have it, then what it was told to do."""

    store: Store
    questions: list[Question] = field(default_factory=list)
    hang: bool = False
    fail: bool = False
    closed: threading.Event = field(default_factory=threading.Event)

    async def answer(self, question: Question) -> AsyncGenerator[ReplyEvent, None]:
        self.questions.append(question)
        room = self.store.rooms.get(question.room)
        if room.mode == "off":
            raise Conflict(f"room {room.id!r} has mode 'off'")
        try:
            yield ReplyStarted(
                reply_id="r1",
                conversation_id=question.conversation_id or "c1",
                room=room.id,
                language=question.locale or "zh",
            )
            yield Notice(code="ai_generated", text="由 AI 助手生成")
            mug = self.store.catalog.product("mug")
            variant = mug.default_variant
            yield TextReleased(text=f"现价{variant.price.minor / 100:.2f}元。", source="records")
            yield Cited(record="product:mug", version=mug.version)
            if self.fail:
                raise RuntimeError("secret of the house")
            if self.hang:
                await asyncio.Event().wait()
            yield ProductShown(
                card=ProductCard(
                    id=mug.id,
                    variant_id=variant.id,
                    title=mug.title.zh,
                    price=variant.price,
                    availability=variant.availability,
                    version=mug.version,
                )
            )
            yield TextReleased(text="很适合送人。", source="model")
            yield ReplyFinished(reason="stop", timings_ms=dict.fromkeys(STAGES, 1.0))
        finally:
            self.closed.set()


@dataclass
class WordSearch:
    """Finds the products whose title holds a word of the query, among the eligible."""

    store: Store

    def retrieve(self, query: str, constraints: Constraints, limit: int = 20) -> list[Candidate]:
        eligible = self.store.catalog.eligible(constraints)
        return [
            Candidate(product_id=p.id, score=1.0, dense_rank=None, lexical_rank=1)
            for p in self.store.catalog.page(limit=1000)
            if query in p.title.zh + p.title.en and (eligible is None or p.id in eligible)
        ][:limit]


@dataclass
class Bench:
    """The service under test and what stands behind it."""

    service: Service
    store: Store
    assistant: ScriptedAssistant
    pages: Pages
    app: FastAPI
    index_changes: list[str]


MakeBench = Callable[..., Bench]


@lru_cache(maxsize=1)
def compliance() -> Compliance:
    """The rules that come with liveshop; compiling them takes a second."""
    return Compliance(read_rules())


@contextlib.contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """`app` over real HTTP on a free loopback port; its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="error", lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


@contextlib.contextmanager
def benches(folder: Path, empty_shop: Path) -> Iterator[MakeBench]:
    """Builds services over copies of an empty shop; their stores are closed at the end."""
    stores: list[Store] = []
    pictures = folder / "pictures"
    pictures.mkdir()
    (pictures / "mug.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")

    def make(**settings: object) -> Bench:
        file = folder / f"shop{len(stores)}.db"
        shutil.copy(empty_shop, file)
        store = Store(f"sqlite:///{file}")
        stores.append(store)
        store.catalog.put_products(
            [product("mug", "马克杯", "Mug", 5900), product("lamp", "台灯", "Lamp", 12900, 0)]
        )
        store.rooms.put(
            RoomContext(
                id="demo",
                title=Text(zh="示范直播间", en="Demo room"),
                on_air="mug",
                items=(RoomItem(number=1, product_id="mug"),),
            )
        )
        given = Settings(_env_file=None, home=folder, **settings)  # type: ignore[arg-type]
        service = Service(given, pictures)
        assistant = ScriptedAssistant(store)
        changes: list[str] = []
        writer = Writer(assistant, store.catalog, given.timezone)
        live = LiveRooms(Parts(store, writer, ProductNames(), given, InProcessBus()))
        ranker = LearnedRanker(
            store.catalog, None, Combiner({"follows": 1.0, "popular": 0.1}), Together(store)
        )
        service.shop = Shop(
            store,
            assistant,
            WordSearch(store),
            changes.extend,
            compliance(),
            live,
            ranker,
            Profiles(store),
        )
        for part in service.parts.values():
            part.set("ok")
        pages = Pages()
        return Bench(service, store, assistant, pages, create_api(service, pages), changes)

    yield make
    for store in stores:
        store.close()
