from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from retrieval.catalog import (
    Attribute,
    Constraints,
    Money,
    Offer,
    Policy,
    Product,
    Text,
    Variant,
    stock,
)
from retrieval.embeddings import Vectors, checked
from retrieval.errors import EmbeddingFailed
from retrieval.index import VectorIndex
from retrieval.langchain_retriever import LiveshopRetriever
from retrieval.lexical import LexicalIndex, tokens
from retrieval.passages import document, passage, text_hash
from retrieval.retriever import Retriever


class HashedWords:
    """An embedder without a model: each word is a direction. `broken` makes it fail."""

    name, dimension, broken = "words@1", 64, False

    def queries(self, texts: Sequence[str]) -> Vectors:
        if self.broken:
            raise EmbeddingFailed("no vectors today")
        rows = np.full((len(texts), 64), 1e-3, np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in tokens(text):
                row[sum(map(ord, word)) % 64] += 1
        return checked(rows, len(texts), 64, self.name)

    passages = queries


class Shop:
    """Records in memory. Only `price_max` is understood of constraints."""

    def __init__(self, *products: Product) -> None:
        self.held = {product.id: product for product in products}

    def products(self, ids: tuple[str, ...]) -> dict[str, Product]:
        return {key: self.held[key] for key in ids if key in self.held}

    def offers(self) -> tuple[Offer, ...]:
        return ()

    def policies(self) -> tuple[Policy, ...]:
        return ()

    def eligible(
        self, constraints: Constraints, among: frozenset[str] | None = None
    ) -> frozenset[str] | None:
        if constraints.price_max is None:
            return None
        return frozenset(
            key
            for key, product in self.held.items()
            if (among is None or key in among)
            and product.default_variant.price.minor <= constraints.price_max
        )


def product(key: str, zh: str, en: str, price: int = 1000) -> Product:
    return Product(
        id=key,
        title=Text(zh=zh, en=en),
        description=Text(zh=f"{zh}的说明", en=f"About the {en}"),
        brand=Text(en="Muxi"),
        attributes=(Attribute(name=Text(zh="材质"), value=Text(zh="棉", en="cotton")),),
        variants=(
            Variant(
                id=f"{key}-1",
                options=(Attribute(name=Text(zh="颜色"), value=Text(zh="红色", en="red")),),
                price=Money(minor=price, currency="CNY"),
                availability=stock(9),
                sku=f"SKU-{key}",
            ),
        ),
    )


MUG = product("mug", "保温杯", "vacuum flask", 9900)
CUP = product("cup", "马克杯", "mug", 1900)
DRESS = product("dress", "连衣裙", "dress", 19900)


@pytest.fixture
def embedder() -> HashedWords:
    return HashedWords()


@pytest.fixture
def shop() -> Shop:
    return Shop(MUG, CUP, DRESS)


@pytest.fixture
def retriever(tmp_path: Path, embedder: HashedWords, shop: Shop) -> Iterator[Retriever]:
    index, lexical = VectorIndex(tmp_path / "index", embedder.name), LexicalIndex()
    for one in shop.held.values():
        lexical.put(one)
    texts = [passage(one) for one in shop.held.values()]
    hashes = [text_hash(one) for one in shop.held.values()]
    index.put(list(shop.held), embedder.passages(texts), hashes, [""] * len(texts))
    yield Retriever(embedder, index, lexical, shop)
    index.close()


def test_fuses_both_searches(retriever: Retriever) -> None:
    best = retriever.retrieve("保温杯", Constraints())[0]
    assert (best.product_id, best.dense_rank, best.lexical_rank) == ("mug", 1, 1)
    assert best.score == pytest.approx(3 / 61)  # by its vector, its words and those in English


def test_returns_nothing_that_breaks_a_limit(retriever: Retriever) -> None:
    found = retriever.retrieve("保温杯", Constraints(price_max=5000, currency="CNY"))
    assert [candidate.product_id for candidate in found] == ["cup"]
    assert retriever.retrieve("保温杯", Constraints(price_max=1, currency="CNY")) == []


def test_what_is_near_is_judged_first(
    retriever: Retriever, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = Constraints(price_max=9900, currency="CNY")
    exact = retriever.retrieve("红色", limits)
    assert {c.product_id for c in exact} == {"cup", "mug"}
    assert retriever.retrieve("红色", limits, 2) == exact
    monkeypatch.setattr(Shop, "eligible", lambda *_: None)
    assert len(retriever.retrieve("红色", limits, 3)) == 3


def test_a_limit_alone_gives_what_keeps_it(retriever: Retriever) -> None:
    limits = Constraints(price_max=9900, currency="CNY")
    assert [c.product_id for c in retriever.retrieve(" ", limits)] == ["cup", "mug"]
    assert retriever.retrieve("", Constraints()) == []


def test_gives_no_more_than_asked_and_the_same_every_time(retriever: Retriever) -> None:
    found = retriever.retrieve("red cotton", Constraints(), 2)
    assert len(found) == 2
    assert found == retriever.retrieve("red cotton", Constraints(), 3)[:2]


def test_words_alone_decide_without_vectors(
    retriever: Retriever, embedder: HashedWords, caplog: pytest.LogCaptureFixture
) -> None:
    embedder.broken = True
    found = retriever.retrieve("dress", Constraints())
    assert (found[0].product_id, found[0].dense_rank) == ("dress", None)
    assert "no vectors today" in caplog.text


def test_langchain_gets_documents_with_live_prices(retriever: Retriever, shop: Shop) -> None:
    chain = LiveshopRetriever(retriever=retriever, records=shop, language="en", limit=3)
    first = chain.invoke("dress")[0]
    assert first.id == "dress"
    assert first.page_content == "dress\nAbout the dress"
    assert first.metadata["price_minor"] == 19900
    del shop.held["dress"]
    assert "dress" not in [document.id for document in chain.invoke("dress")]


def test_a_passage_says_each_thing_once_and_is_short() -> None:
    assert passage(MUG) == (
        "保温杯 vacuum flask Muxi 红色 red 棉 cotton 保温杯的说明 About the vacuum flask"
    )
    long = MUG.model_copy(update={"description": Text(zh="很" * 5000)})
    assert len(passage(long)) < 120


def test_a_document_holds_every_text_and_code() -> None:
    for text in ("保温杯", "vacuum flask", "Muxi", "材质", "棉", "红色", "SKU-mug"):
        assert text in document(MUG)


def test_the_hash_follows_texts_and_nothing_else() -> None:
    dearer = product("mug", "保温杯", "vacuum flask", 5)
    assert text_hash(dearer) == text_hash(MUG)
    renamed = MUG.model_copy(update={"aliases": ("水杯",)})
    assert text_hash(renamed) != text_hash(MUG)
