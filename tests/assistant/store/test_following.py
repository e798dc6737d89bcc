"""The indexes follow the records: at the start, after changes, and after failures."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from assistant.store import Store, following
from assistant.store.following import Following
from retrieval.catalog import Money, Product, Text, Variant, stock
from retrieval.errors import EmbeddingFailed
from retrieval.index import VectorIndex
from retrieval.lexical import LexicalIndex


class Letters:
    """An embedder that counts letters; fails as often as it is told."""

    name = "letters"
    dimension = 8

    def __init__(self) -> None:
        self.failures = 0
        self.texts = 0

    def passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if self.failures:
            self.failures -= 1
            raise EmbeddingFailed("told to fail")
        self.texts += len(texts)
        rows = np.ones((len(texts), self.dimension), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for letter in text:
                row[ord(letter) % self.dimension] += 1
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.asarray(rows / lengths, np.float32)

    queries = passages


class Told:
    """An index in memory that notes what it was told."""

    def __init__(self) -> None:
        self.titles: dict[str, str] = {}

    def put(self, product: Product) -> None:
        self.titles[product.id] = product.title.zh

    def remove(self, product_id: str) -> None:
        self.titles.pop(product_id, None)


def cup(product_id: str, title: str = "杯") -> Product:
    price = Money(minor=100, currency="CNY")
    variant = Variant(id=f"{product_id}-v", price=price, availability=stock(1))
    return Product(id=product_id, title=Text(zh=title), variants=(variant,))


class Shop:
    """A store with its indexes, and what the follower said."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store = store
        self.embedder = Letters()
        self.index = VectorIndex(folder / "index", self.embedder.name)
        self.lexical, self.memory = LexicalIndex(), Told()
        self.said: list[tuple[str, str]] = []
        self.follower = Following(
            self.store.catalog,
            self.embedder,
            self.index,
            self.lexical,
            self.memory,
            lambda state, detail: self.said.append((state, detail)),
        )

    def wait_until_ok(self) -> None:
        """Return once the index has followed everything."""
        end = time.monotonic() + 10
        while time.monotonic() < end:
            if self.said and self.said[-1][0] == "ok":
                return
            time.sleep(0.01)
        raise TimeoutError(self.said[-3:])


@pytest.fixture
def shop(tmp_path: Path, empty_shop: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.setattr(following, "RETRY_S", 0.05)
    file = shutil.copy(empty_shop, tmp_path / "shop.db")
    with Store(f"sqlite:///{file}") as store:
        shop = Shop(store, tmp_path)
        yield shop
        shop.follower.close()
        shop.index.close()


def test_names_are_there_at_once_and_vectors_follow(shop: Shop) -> None:
    shop.store.catalog.put_products([cup("a"), cup("b")])
    shop.follower.start()
    assert set(shop.memory.titles) == {"a", "b"}
    shop.wait_until_ok()
    assert shop.index.count() == 2
    assert [key for key, _ in shop.lexical.search("杯", 5)] == ["a", "b"]


def test_changes_and_removals_are_followed_and_nothing_else_embedded(shop: Shop) -> None:
    shop.store.catalog.put_products([cup("a"), cup("b"), cup("c")])
    shop.follower.start()
    shop.wait_until_ok()
    shop.store.catalog.put_products([cup("a", "大杯")])
    shop.store.catalog.remove_products(["b"])
    shop.follower.changed(["a", "b"])
    assert shop.said[-1][0] == "degraded"
    shop.wait_until_ok()
    assert shop.memory.titles == {"a": "大杯", "c": "杯"}
    assert set(shop.index.versions()) == {"a", "c"}
    assert shop.embedder.texts == 4


def test_what_failed_is_tried_again(shop: Shop) -> None:
    shop.embedder.failures = 2
    shop.store.catalog.put_products([cup("a")])
    shop.follower.start()
    shop.wait_until_ok()
    shop.embedder.failures = 1
    shop.store.catalog.put_products([cup("b")])
    shop.follower.changed(["b"])
    shop.wait_until_ok()
    assert set(shop.index.versions()) == {"a", "b"}


def test_closing_does_not_wait_for_a_cure(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "RETRY_S", 60.0)
    shop.embedder.failures = 1000
    shop.store.catalog.put_products([cup("a")])
    shop.follower.start()
    begun = time.monotonic()
    shop.follower.close()
    assert time.monotonic() - begun < 10
