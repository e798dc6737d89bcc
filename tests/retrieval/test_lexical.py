from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from retrieval.catalog import Money, Product, Text, Variant, stock
from retrieval.lexical import LexicalIndex, tokens


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("連衣裙", {"连衣裙", "连衣", "衣裙"}),
        ("苏泊尔保温杯", {"苏泊尔", "保温杯", "保温"}),
        ("Women's Dresses", {"women", "dress"}),
        ("batteries and boxes", {"battery", "box"}),
        ("glass", {"glass"}),
        ("F6033-UD3", {"f6033-ud3", "f6033", "ud3", "6033", "ud"}),
        ("ＵＳＢ－Ｃ 线", {"usb-c", "usb", "线"}),
        ("500ml", {"500ml", "500", "ml"}),
        ("iPhone15", {"iphone15", "iphone", "15"}),
        ("", set()),
        ("的 the ！？", set()),
    ],
)
def test_tokens(text: str, words: set[str]) -> None:
    assert set(tokens(text)) == words


def item(key: str, title: str) -> Product:
    price = Money(minor=100, currency="CNY")
    variant = Variant(id=key, price=price, availability=stock(1))
    return Product(id=key, title=Text(zh=title), variants=(variant,))


def shop() -> LexicalIndex:
    index = LexicalIndex()
    index.put(item("mug", "不锈钢保温杯 500ml Stainless steel vacuum mug"))
    index.put(item("dress", "红色连衣裙 夏季 Red summer dress"))
    index.put(item("shirt", "红色衬衫 棉 Red cotton shirt"))
    index.put(item("cable", "数据线 F6033-UD3 USB-C charging cable"))
    return index


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("有没有保温杯", "mug"),
        ("紅色連衣裙", "dress"),
        ("cotton shirts", "shirt"),
        ("f6033", "cable"),
        ("杯 500 ml", "mug"),
    ],
)
def test_finds_by_words_of_either_language(query: str, first: str) -> None:
    assert shop().search(query, 3)[0][0] == first


def test_words_of_asking_find_nothing_beside_words_of_goods() -> None:
    index = shop()
    index.put(item("book", "All that you need to know: a book of one that was there"))
    assert [key for key, _ in index.search("a shirt that I need, any one there", 5)] == ["shirt"]
    assert [key for key, _ in index.search("what was that", 5)] == ["book"]


def test_searches_only_among_the_ids() -> None:
    found = shop().search("red", 5, frozenset({"shirt", "mug", "gone"}))
    assert [key for key, _ in found] == ["shirt"]
    assert shop().search("red", 5, frozenset()) == []


def test_what_shares_no_word_is_not_found() -> None:
    assert shop().search("冰箱 refrigerator", 5) == []
    assert shop().search("", 5) == []
    assert shop().search("red", 0) == []
    assert LexicalIndex().search("red", 5) == []


def test_equal_scores_come_by_id() -> None:
    index = LexicalIndex()
    for key in ("c", "a", "b"):
        index.put(item(key, "蓝色 杯子"))
    assert [key for key, _ in index.search("蓝色", 2)] == ["a", "b"]


def test_changes_are_seen_by_the_next_search() -> None:
    index = shop()
    assert index.search("teapot", 1) == []
    index.put(item("mug", "紫砂壶 teapot"))
    assert index.search("teapot", 1)[0][0] == "mug"
    assert index.search("保温杯", 1) == []
    index.remove("mug")
    index.remove("never there")
    assert index.search("teapot", 1) == []
    assert index.count() == 3
    for key in ("dress", "shirt", "cable"):
        index.remove(key)
    assert index.search("red", 1) == []


def test_many_at_once_are_found_once_all_are_in() -> None:
    index = LexicalIndex()

    def arriving() -> Iterator[Product]:
        yield item("mug", "保温杯 mug")
        assert index.search("mug", 1) == []
        yield item("cup", "马克杯 cup")

    index.fill(arriving())
    assert [index.search(word, 1)[0][0] for word in ("mug", "cup")] == ["mug", "cup"]


def test_rebuilds_ten_thousand_in_well_under_a_second_of_work() -> None:
    index = LexicalIndex()
    for number in range(10_000):
        index.put(item(f"p{number}", f"mug model{number} red steel {number % 97}ml lid handle box"))
    begins = time.thread_time()
    assert index.search("model77", 1)[0][0] == "p77"
    assert time.thread_time() - begins < 2.0


def test_threads_may_write_and_search_at_once() -> None:
    index = shop()
    wrong: list[object] = []

    def write() -> None:
        for number in range(200):
            index.put(item(f"new{number}", f"蓝色 杯子 {number}"))
            index.remove(f"new{number - 50}")

    def read() -> None:
        for _ in range(200):
            found = index.search("红色连衣裙", 1)
            if not found or found[0][0] != "dress":
                wrong.append(found)

    threads = [threading.Thread(target=work) for work in (write, read, read)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert index.search("199", 1)[0][0] == "new199"
