from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from assistant.store import Store
from assistant.store.index_sync import EMBEDDED_AT_ONCE, Synced, open_index, rebuild, sync
from retrieval.catalog import Money, Text
from retrieval.index import VectorIndex
from retrieval.lexical import LexicalIndex
from retrieval.names import ProductNames
from tests.assistant.store.conftest import mug


class Counting:
    """Gives each text a direction of its own, and remembers what it was asked for."""

    dimension = 8

    def __init__(self, name: str = "counting@1") -> None:
        self.name = name
        self.texts: list[str] = []

    def passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.texts += texts
        rows = [list(hashlib.sha256(text.encode()).digest()[: self.dimension]) for text in texts]
        return np.array(rows, np.float32) + 1

    queries = passages


@pytest.fixture
def filled(store: Store) -> Store:
    store.catalog.put_products([mug("a"), mug("b", title=Text(zh="保温瓶"))])
    return store


@pytest.fixture
def index(tmp_path: Path) -> Iterator[VectorIndex]:
    opened = open_index(tmp_path / "index", Counting())
    yield opened
    opened.close()


def bring(
    store: Store, index: VectorIndex, embedder: Counting, only: Sequence[str] | None = None
) -> tuple[Synced, LexicalIndex, ProductNames]:
    lexical, names = LexicalIndex(), ProductNames()
    return sync(store.catalog, embedder, index, lexical, names, only=only), lexical, names


def test_everything_is_embedded_once(filled: Store, index: VectorIndex) -> None:
    embedder = Counting()
    synced, lexical, names = bring(filled, index, embedder)
    assert synced == (2, 2, 0)
    assert set(index.versions()) == {"a", "b"}
    assert lexical.count() == 2
    assert names.find("保温瓶")[0].product_id == "b"

    assert bring(filled, index, embedder)[0] == (2, 0, 0)
    assert len(embedder.texts) == 2


def test_a_price_needs_no_embedding_and_a_title_one(filled: Store, index: VectorIndex) -> None:
    embedder = Counting()
    bring(filled, index, embedder)
    filled.catalog.patch_variant("a-red", price=Money(minor=1, currency="CNY"), stock=0)
    assert bring(filled, index, embedder)[0].embedded == 0
    filled.catalog.patch_product("a", {"title": Text(en="Teapot")})
    assert bring(filled, index, embedder)[0].embedded == 1
    assert "Teapot" in embedder.texts[-1]


def test_what_is_gone_leaves_every_index(filled: Store, index: VectorIndex) -> None:
    embedder, lexical, names = Counting(), LexicalIndex(), ProductNames()
    sync(filled.catalog, embedder, index, lexical, names)
    filled.catalog.remove_products(["b"])
    assert sync(filled.catalog, embedder, index, lexical, names) == (1, 0, 1)
    assert set(index.versions()) == {"a"}
    assert lexical.count() == 1
    assert names.find("保温瓶") == []


def test_only_some_products_follow(filled: Store, index: VectorIndex) -> None:
    embedder = Counting()
    assert bring(filled, index, embedder, only=["b"])[0] == (1, 1, 0)
    bring(filled, index, embedder)
    filled.catalog.put_products([mug("c")])
    filled.catalog.remove_products(["a"])
    assert bring(filled, index, embedder, only=["a", "none"])[0] == (0, 0, 1)
    assert set(index.versions()) == {"b"}


def test_many_products_are_embedded_in_batches(store: Store, index: VectorIndex) -> None:
    count = 2 * EMBEDDED_AT_ONCE + 3
    store.catalog.put_products([mug(f"p{n}", title=Text(en=f"Mug {n}")) for n in range(count)])
    steps: list[Synced] = []
    sync(store.catalog, Counting(), index, LexicalIndex(), ProductNames(), progress=steps.append)
    assert steps[-1] == (count, count, 0)
    assert index.count() == count


def test_another_embedding_model_means_a_new_index(filled: Store, tmp_path: Path) -> None:
    first = open_index(tmp_path / "index", Counting("one@1"))
    bring(filled, first, Counting("one@1"))
    first.close()
    embedder = Counting("two@1")
    second = open_index(tmp_path / "index", embedder)
    assert bring(filled, second, embedder)[0].embedded == 2
    second.close()


def test_an_unreadable_index_is_built_anew(filled: Store, tmp_path: Path) -> None:
    place = tmp_path / "index"
    place.mkdir()
    (place / "chroma.sqlite3").write_bytes(b"this is no database " * 100)
    embedder = Counting()
    opened = open_index(place, embedder)
    assert bring(filled, opened, embedder)[0] == (2, 2, 0)
    opened.close()


def test_rebuilding_embeds_everything_again(filled: Store, index: VectorIndex) -> None:
    embedder = Counting()
    bring(filled, index, embedder)
    rebuilt = rebuild(filled.catalog, embedder, index, LexicalIndex(), ProductNames())
    assert rebuilt == (2, 2, 0)
    assert len(embedder.texts) == 4
