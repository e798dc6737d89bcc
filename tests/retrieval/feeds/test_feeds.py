"""Whatever the bytes: rows, refusals or a RetrievalError; and what is written reads the same."""

from __future__ import annotations

import io
import json
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.catalog import (
    Attribute,
    Availability,
    Media,
    Money,
    Product,
    QuestionAnswer,
    Rating,
    Text,
    Variant,
)
from retrieval.errors import RetrievalError
from retrieval.feeds import FORMATS, read_feed, write_native
from retrieval.feeds.rows import FeedRow, FieldRefused
from retrieval.feeds.tables import MOST_CELLS
from retrieval.feeds.texts import clean

FRAGMENTS = {
    "jsonl": ['{"id":"a","title":"x","price":"1","currency":"CNY"}', '{"type":"room","id":"r"}'],
    "merchant-tsv": ["id\ttitle\tprice\titem_group_id", 'A\t"x\t1 USD\tg', "A\tx\t1 USD\tg"],
    "merchant-xml": ["<rss><item>", "<id>a</id><title>x</title>", "<price>1 USD</price></item>"],
    "shopify-csv": ["Handle,Title,Variant Price", 'a,"x",1', "a,,2", ',"'],
    "json-ld": ['{"@type":"Product","sku":"a"', ',"name":"x","offers":{"price":1}}', "[", ","],
}
NOISE = ["\n", "\t", ",", '"', "<", "&lt;", "\x00", "\u202e", "{", "}", "9" * 40, "\ud7ff", "\r"]


def all_whole(raw: bytes, format: str | None, name: str = "") -> bool:
    """Whether each row of a feed, as far as it can be read, is one thing and names its line."""
    found: list[FeedRow] = []
    with suppress(RetrievalError):
        found += read_feed(io.BytesIO(raw), format, name=name, currency="CNY")
    every = [(row.product, row.offer, row.policy, row.room, row.refused) for row in found]
    one_each = all(sum(one is not None for one in things) == 1 for things in every)
    return one_each and all(row.line >= 1 for row in found)


@settings(max_examples=60, deadline=None)
@given(raw=st.binary(max_size=300), format=st.sampled_from([*FORMATS, None]))
def test_any_bytes(raw: bytes, format: str | None) -> None:
    assert all_whole(raw, format)


@settings(max_examples=80, deadline=None)
@given(data=st.data(), format=st.sampled_from(FORMATS))
def test_likely_bytes(data: st.DataObject, format: str) -> None:
    piece = st.sampled_from([*FRAGMENTS[format], *FRAGMENTS[format], *NOISE])
    pieces = data.draw(st.lists(piece, max_size=12))
    raw = "".join(pieces).encode()
    cut = data.draw(st.integers(0, len(raw)))
    assert all_whole(raw[:cut] + data.draw(st.binary(max_size=3)) + raw[cut:], format)
    assert all_whole(raw, None, name="feed.csv")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "name", "value", "zh", "price", "url", "@type", "offers"]), inner
        )
    ),
    max_leaves=6,
)


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_any_value_in_any_native_field(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(["product", "offer", "policy", "room"]))
    names = {
        "product": "description price list_price stock availability media attributes aliases "
        "questions rating variants sku url",
        "offer": "kind product_ids amount percent threshold nth code stackable starts_at ends_at",
        "policy": "kind text categories",
        "room": "mode on_air items run_of_show",
    }[kind].split()
    row: dict[str, Any] = {"type": kind, "id": "a", "title": "x"}
    row |= data.draw(st.dictionaries(st.sampled_from(names), VALUES, max_size=4))
    assert all_whole(json.dumps(row).encode(), "jsonl")


@settings(max_examples=60, deadline=None)
@given(
    fields=st.dictionaries(
        st.sampled_from(
            [
                "name",
                "image",
                "brand",
                "offers",
                "category",
                "hasVariant",
                "url",
                "aggregateRating",
                "additionalProperty",
                "color",
                "description",
                "@id",
            ]
        ),
        VALUES,
    )
)
def test_any_value_in_any_json_ld_field(fields: dict[str, Any]) -> None:
    node = {"@type": "Product", "sku": "a", "offers": {"price": "1"}, **fields}
    assert all_whole(json.dumps(node).encode(), "json-ld")


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(["<p", ">", "</p>", "<!--", "-->", "<script>", "</script>", "&amp;", "&lt;",
                         "&#60;", "&#8;", "\u202e", "\u200b", "\n", "  ", "b", "<", "&", "p",
                         "amp;", "İ", '"', "'", "\x85", "\ud800"]),
        max_size=14,
    ).map("".join),
    st.booleans(),
)  # fmt: skip
def test_cleaning_twice_changes_nothing_more(text: str, lines: bool) -> None:
    try:
        once = clean(text, "f", 500, lines=lines)
    except FieldRefused:
        return
    assert clean(once, "f", 500, lines=lines) == once
    assert "\u202e" not in once
    once.encode()


@pytest.mark.parametrize("piece", ["<!--", "<p '", '<p "<p ""', "&amp;", "<script>", "& ", "<a "])
def test_hostile_markup_is_cleaned_in_time(piece: str) -> None:
    started = datetime.now().astimezone()
    text = piece * (60_000 // len(piece))
    with suppress(FieldRefused):
        clean(text, "f", 8_000, lines=True)
    assert (datetime.now().astimezone() - started).total_seconds() < 2


def texts(limit: int = 40, needed: bool = True) -> st.SearchStrategy[Text]:
    words = st.text(st.sampled_from("abcXY 棉质柔软0189&;<>/p#-（）é"), max_size=limit)
    tidy = words.filter(lambda word: _tidy(word, limit))
    found = st.builds(Text, zh=tidy, en=tidy)
    return found.filter(lambda text: bool(text.every())) if needed else found


def _tidy(word: str, limit: int) -> bool:
    try:
        return clean(word, "f", limit) == word
    except FieldRefused:
        return False


KEYS = st.text(st.sampled_from("abcXYZ019-_.:/棉"), min_size=1, max_size=12)
ATTRIBUTES = st.lists(st.builds(Attribute, name=texts(8), value=texts(12)), max_size=3)
QUESTIONS = st.lists(st.builds(QuestionAnswer, question=texts(), answer=texts()), max_size=2)
MEDIA = st.lists(
    st.builds(Media, url=KEYS.map(lambda key: f"https://s.example/{key}"), alt=texts(9, False)),
    max_size=2,
    unique_by=lambda one: one.url,
)
STATUS = st.sampled_from(["in_stock", "low_stock", "out_of_stock", "preorder", "unknown"])
AVAILABILITY = st.builds(
    Availability,
    available=st.booleans(),
    status=STATUS,
    quantity=st.none() | st.integers(0, 20) | st.just(10**9),
)
RATING = st.none() | st.builds(Rating, value=st.floats(0, 5), count=st.integers(0, 10**6))


@st.composite
def products(draw: st.DrawFn) -> Product:
    code = draw(st.sampled_from(["CNY", "USD", "JPY", "KRW", "EUR"]))
    product_id = draw(KEYS)
    ids = draw(st.just([product_id]) | st.lists(KEYS, min_size=1, max_size=3, unique=True))
    variants = []
    for variant_id in ids:
        price = draw(st.integers(0, 10**13))
        more = draw(st.none() | st.integers(0, 10**13 - price))
        variants.append(
            Variant(
                id=variant_id,
                options=tuple(draw(ATTRIBUTES)),
                price=Money(minor=price, currency=code),
                list_price=None if more is None else Money(minor=price + more, currency=code),
                availability=draw(AVAILABILITY),
                sku=draw(st.just("") | KEYS),
            )
        )
    return Product(
        id=product_id,
        title=draw(texts()),
        description=draw(texts(80, False)),
        brand=draw(texts(9, False)),
        category=draw(texts(9, False)),
        url=draw(st.just("") | KEYS.map(lambda key: f"/p/{key}")),
        media=tuple(draw(MEDIA)),
        attributes=tuple(draw(ATTRIBUTES)),
        aliases=tuple(draw(st.lists(KEYS, max_size=3, unique=True))),
        questions=tuple(draw(QUESTIONS)),
        rating=draw(RATING),
        variants=tuple(variants),
    )


@settings(max_examples=60, deadline=None)
@given(products())
def test_what_is_written_reads_the_same(product: Product) -> None:
    line = write_native(product)
    (row,) = read_feed(io.BytesIO(line.encode()), "jsonl")
    assert row.refused is None
    assert row.product == product


def test_a_list_price_in_another_currency_cannot_be_written() -> None:
    yen, won = Money(minor=1, currency="JPY"), Money(minor=2, currency="KRW")
    gone = Availability(available=False, status="unknown")
    variant = Variant(id="a", price=yen, list_price=won, availability=gone)
    with pytest.raises(ValueError, match="another currency"):
        write_native(Product(id="a", title=Text(en="x"), variants=(variant,)))


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (b'{"id":"a","title":"x","price":"1","currency":"CNY"}', ""),
        (b"\xef\xbb\xbfid\ttitle\tprice\nA\tx\t1 CNY", ""),
        (b"id,title,price\nA,x,1 CNY", "shop.csv"),
        (b'"Handle","Title","Variant Price"\na,x,1', ""),
        (b"Title,URL handle,Price\nx,a,1", "products_export.csv"),
        (b'[{"@type":"Product","sku":"a","name":"x","offers":{"price":"1"}}]', "p.json"),
        (b"<rss><item><id>a</id><title>x</title><price>1</price></item></rss>", ""),
        (
            b'<!doctype html><script type="application/ld+json">{"@type":"Product","sku":"a",'
            b'"name":"x","offers":{"price":"1"}}</script>',
            "page.html",
        ),
    ],
)
def test_the_format_is_told_from_the_first_bytes(raw: bytes, name: str) -> None:
    (row,) = read_feed(io.BytesIO(raw), name=name, currency="CNY")
    assert row.product, row.refused


def test_a_file_by_path(tmp_path: Path) -> None:
    feed = tmp_path / "shop.jsonl"
    feed.write_text('{"id":"a","title":"x","price":"1","currency":"CNY"}\n')
    (row,) = read_feed(feed)
    assert row.product
    assert row.position == feed.stat().st_size


@pytest.mark.parametrize(
    ("raw", "format", "said"),
    [
        (b"hello", None, "format cannot be told"),
        (b"\xff\xfei\x00d\x00", None, "byte 0xff at the start"),
        (b"", "merchant-tsv", "empty"),
        (b"i\xb5d\n", "merchant-tsv", "header"),
    ],
)
def test_a_file_that_cannot_be_read_at_all(raw: bytes, format: str | None, said: str) -> None:
    with pytest.raises(RetrievalError, match=said):
        list(read_feed(io.BytesIO(raw), format))


def test_wrong_arguments_are_refused_before_reading(tmp_path: Path) -> None:
    with pytest.raises(RetrievalError, match="has to be one of jsonl"):
        read_feed(io.BytesIO(b""), "xlsx")
    with pytest.raises(RetrievalError, match="three letters"):
        read_feed(io.BytesIO(b""), "jsonl", currency="yuan")
    with pytest.raises(RetrievalError, match="cannot be read"):
        list(read_feed(tmp_path / "absent.jsonl"))


def test_a_line_of_too_many_cells_is_refused_and_the_next_one_read() -> None:
    wide = "\t" * MOST_CELLS
    with pytest.raises(RetrievalError, match="a line holds at most 20,000 cells"):
        list(read_feed(io.BytesIO(f"id\ttitle{wide}\n1".encode()), "merchant-tsv"))
    text = f"id\ttitle\tprice\n1{wide}\n2\tMug\t9.00 CNY\n"
    rows = list(read_feed(io.BytesIO(text.encode()), "merchant-tsv", name="feed.tsv"))
    assert [row.refused is not None for row in rows] == [True, False]
    assert "at most 20,000 cells" in str(rows[0].refused)
