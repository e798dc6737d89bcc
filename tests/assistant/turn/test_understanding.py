"""Questions in both languages and what they mean, in one room with three numbered items.

`questions.jsonl` holds one labelled question a line: `intents` (the first ones, in order),
`reference`, `products`, `constraints` (those that are set) and `unknown`. What a line leaves out
is open.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from assistant.turn.understanding import Understanding, likely_query, understand
from retrieval.catalog import (
    Attribute,
    Money,
    Product,
    RoomContext,
    RoomItem,
    Text,
    Variant,
    stock,
)
from retrieval.names import ProductNames

QUESTIONS = [
    json.loads(line)
    for line in (Path(__file__).parent / "questions.jsonl").read_text(encoding="utf-8").splitlines()
]
ITEMS = ("mug", "kettle", "bag")


def product(
    key: str, zh: str, en: str = "", category: str = "", colours: tuple[Text, ...] = ()
) -> Product:
    price = Money(minor=9900, currency="CNY")
    choices: list[tuple[Attribute, ...]] = [
        (Attribute(name=Text(zh="颜色", en="color"), value=colour),) for colour in colours
    ]
    return Product(
        id=key,
        title=Text(zh=zh, en=en),
        category=Text(zh=category),
        variants=tuple(
            Variant(id=f"{key}-{at}", price=price, availability=stock(9), options=options)
            for at, options in enumerate(choices or [()])
        ),
    )


RED, BLUE = Text(zh="红色", en="red"), Text(zh="蓝色", en="blue")
BLACK, GREY = Text(zh="黑色", en="black"), Text(zh="灰色", en="grey")
SHOP = (
    product("mug", "云朵双层玻璃杯", "Cloud Double-Wall Glass Mug", "杯子", (RED, BLUE)),
    product("kettle", "星河恒温电热水壶", "Galaxy Electric Kettle", "厨房电器"),
    product("bag", "轻行双肩背包", "Featherlight Backpack", "背包", (BLACK, GREY)),
    product("q1", "秋冬保暖加厚澳洲羊毛被"),
    product("q2", "秋冬保暖加厚细羊毛被"),
)


@pytest.fixture(scope="module")
def names() -> ProductNames:
    names = ProductNames()
    for item in SHOP:
        names.put(item)
    return names


def room(on_air: str | None = "mug") -> RoomContext:
    items = tuple(RoomItem(number=n, product_id=p) for n, p in enumerate(ITEMS, 1))
    return RoomContext(id="room", on_air=on_air, items=items)


def read(names: ProductNames, text: str, on_air: str | None = "mug", **more: Any) -> Understanding:
    return understand(text, room=room(on_air), names=names, **more)


@pytest.mark.parametrize("wanted", QUESTIONS, ids=lambda row: row["text"])
def test_labelled_question(names: ProductNames, wanted: dict[str, Any]) -> None:
    got = read(names, wanted["text"], recent=("kettle",), last_shown=("kettle", "bag"))
    assert list(got.intents[: len(wanted["intents"])]) == wanted["intents"]
    assert got.unknown_reference == wanted.get("unknown", False)
    if "reference" in wanted:
        assert got.reference == wanted["reference"]
    if "products" in wanted:
        assert list(got.product_ids) == wanted["products"]
    if "constraints" in wanted:
        limits = {k: v for k, v in got.constraints.model_dump(mode="json").items() if v}
        assert limits == wanted["constraints"]


@pytest.mark.parametrize(
    ("text", "locale", "language"),
    [
        ("这个多少钱", "en", "zh"),
        ("how much is it", "zh", "en"),
        ("how much is 云朵双层玻璃杯", None, "en"),
        ("Galaxy Electric Kettle 多少钱", None, "zh"),
        ("Featherlight Backpack有货吗", "en", "zh"),
        ("iPhone 15 Pro Max 能用吗", None, "zh"),
        ("這個還有貨嗎", None, "zh"),
        ("???", "en-US", "en"),
        ("666", "zh-CN", "zh"),
        ("99", None, "zh"),
    ],
)
def test_answers_in_the_language_of_the_question(
    names: ProductNames, text: str, locale: str | None, language: str
) -> None:
    assert read(names, text, locale=locale).language == language


def test_a_named_product_beats_the_one_on_air_and_the_page(names: ProductNames) -> None:
    got = read(names, "轻行双肩背包多少钱", product_id="kettle")
    assert (got.product_ids, got.reference) == (("bag",), "named")


def test_the_page_beats_the_one_on_air(names: ProductNames) -> None:
    assert read(names, "这个多少钱", product_id="kettle").product_ids == ("kettle",)
    assert read(names, "有货吗", product_id="kettle").reference == "given"


def test_it_goes_on_with_the_conversation_and_this_with_the_stream(names: ProductNames) -> None:
    assert read(names, "它防水吗", recent=("bag",)).product_ids == ("bag",)
    assert read(names, "这款防水吗", recent=("bag",)).product_ids == ("mug",)
    assert read(names, "那有黑色的吗", recent=("bag",)).variant_ids == ("bag-0",)
    assert read(names, "and in grey?", recent=("bag",)).variant_ids == ("bag-1",)


def test_without_a_stream_or_a_conversation_nothing_is_meant(names: ProductNames) -> None:
    got = read(names, "这个多少钱", on_air=None)
    assert (got.product_ids, got.reference, got.unknown_reference) == ((), "none", False)


def test_near_twins_are_told_apart_or_reported(names: ProductNames) -> None:
    assert read(names, "秋冬保暖加厚澳洲羊毛被还有吗").product_ids == ("q1",)
    assert read(names, "秋冬保暖加厚细羊毛被还有吗").ambiguous == ()
    open_question = read(names, "加厚羊毛被多少钱")
    assert {*open_question.product_ids, *open_question.ambiguous} == {"q1", "q2"}


def test_numbers_count_from_the_rooms_list_and_places_from_the_cards(names: ProductNames) -> None:
    assert read(names, "３号链接").product_ids == ("bag",)
    assert read(names, "第二个", last_shown=("q1", "q2")).product_ids == ("q2",)
    assert read(names, "the third one please", last_shown=("q1", "q2")).unknown_reference
    assert read(names, "3月3号发货吗").reference == "on_air"


@pytest.mark.parametrize(
    ("text", "quantity"),
    [
        ("买3件多少钱", 3),
        ("两个一起买多少钱", 2),
        ("I want 2 of these", 2),
        ("how much for 3?", 3),
        ("第二件半价吗", None),
        ("四件套多少钱", None),
        ("这两个哪个好", None),
        ("多少钱", None),
    ],
)
def test_reads_how_many_pieces(names: ProductNames, text: str, quantity: int | None) -> None:
    assert read(names, text, last_shown=("kettle", "bag")).quantity == quantity


def test_words_of_a_name_are_no_limits(names: ProductNames) -> None:
    assert read(names, "云朵双层玻璃杯多少钱").constraints.empty


def test_the_query_keeps_what_is_worth_searching(names: ProductNames) -> None:
    assert read(names, "请问有没有200以内防水的双肩包推荐", on_air=None).query == "防水 双肩包"


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("推荐一款200以内防水的双肩包", "防水 双肩包"),
        ("recommend a backpack under $50", "a backpack"),
        ("这个多少钱", ""),
    ],
)
def test_the_query_is_guessed_from_the_words_alone(
    names: ProductNames, text: str, query: str
) -> None:
    assert likely_query(text, names) == query
    assert not query or read(names, text, on_air=None).query == query


@pytest.mark.parametrize(
    "text", ["", " ", "？", "😂😂", "\u200b", "a" * 5000, "号" * 500, "1" * 500]
)
def test_anything_can_be_said(names: ProductNames, text: str) -> None:
    assert read(names, text).intents
