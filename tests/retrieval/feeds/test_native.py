"""The native feed: what it accepts, what it refuses and how it says so."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from retrieval.catalog import Availability, Money, Product, Text
from retrieval.errors import RowRefused
from retrieval.feeds import FeedRow, read_feed

MUG: dict[str, Any] = {"id": "mug", "title": "Mug", "price": "12.90", "currency": "USD"}


def rows(*lines: Any) -> list[FeedRow]:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    return list(read_feed(io.BytesIO(text.encode()), "jsonl"))


def product(row: dict[str, Any]) -> Product:
    (found,) = rows(row)
    assert found.product, found.refused
    return found.product


def refused(row: Any) -> RowRefused:
    (found,) = rows(row)
    assert found.refused, found
    return found.refused


def test_a_flat_row_is_a_product_with_one_variant() -> None:
    found = product({**MUG, "stock": 12, "list_price": 15})
    assert found.title == Text(en="Mug")
    assert len(found.variants) == 1
    assert found.variants[0].id == "mug"
    assert found.variants[0].price == Money(minor=1290, currency="USD")
    assert found.variants[0].list_price == Money(minor=1500, currency="USD")
    assert found.variants[0].availability.quantity == 12


def test_every_field_of_a_product() -> None:
    found = product(
        {
            "type": "product",
            "id": "tee-1",
            "title": {"zh": "纯棉T恤", "en": "Cotton tee"},
            "description": "<p>柔软&amp;透气</p><ul><li>A类</li></ul>",
            "brand": "棉屋",
            "category": "服装",
            "url": "https://shop.example/tee",
            "currency": "cny",
            "media": ["https://shop.example/a.jpg", {"url": "/b.jpg", "alt": "背面"}],
            "attributes": {"材质": "棉"},
            "aliases": ["小白T", "小白T"],
            "questions": [{"question": "会缩水吗？", "answer": "不会。"}],
            "rating": {"value": 4.8, "count": 31},
            "variants": [
                {"id": "tee-1-w", "options": {"颜色": "白色"}, "price": 59.9, "stock": 3},
                {
                    "id": "tee-1-b",
                    "options": [{"name": "颜色", "value": {"zh": "黑色", "en": "black"}}],
                    "price": "69.90",
                    "stock": None,
                    "availability": "in_stock",
                    "sku": "TB",
                },
            ],
        }
    )
    assert found.title == Text(zh="纯棉T恤", en="Cotton tee")
    assert found.description.zh == "柔软&透气\n\nA类"
    assert [one.url for one in found.media] == ["https://shop.example/a.jpg", "/b.jpg"]
    assert found.attributes[0].value == Text(zh="棉")
    assert found.aliases == ("小白T",)
    assert found.rating
    assert (found.rating.value, found.rating.count) == (4.8, 31)
    white, black = found.variants
    assert white.price == Money(minor=5990, currency="CNY")
    assert white.availability.status == "low_stock"
    assert black.availability == Availability(available=True, status="in_stock", quantity=None)
    assert black.label("en") == "black"


def test_a_variant_without_a_price_takes_the_product_s() -> None:
    found = product({**MUG, "list_price": "20", "variants": [{"id": "a"}, {"id": "b", "price": 9}]})
    assert [v.price.minor for v in found.variants] == [1290, 900]
    assert [v.list_price and v.list_price.minor for v in found.variants] == [2000, None]


def test_offers_policies_and_rooms() -> None:
    offer, policy, room = rows(
        {
            "type": "offer",
            "id": "full-300",
            "kind": "amount_off",
            "title": "满300减40",
            "currency": "CNY",
            "amount": "40",
            "threshold": "300",
            "starts_at": "2026-11-11T20:00+0800",
        },
        {
            "type": "policy",
            "id": "ship",
            "kind": "shipping",
            "title": "运费",
            "text": "满88元免邮费。\n不满收10元。",
        },
        {
            "type": "room",
            "id": "tonight",
            "on_air": "mug",
            "items": [{"number": 3, "product_id": "mug"}],
            "run_of_show": [{"at": 1.5, "say": "hello\u202e"}, "end"],
        },
    )
    assert offer.offer
    assert offer.offer.threshold == Money(minor=30000, currency="CNY")
    assert offer.offer.starts_at
    assert offer.offer.starts_at.utcoffset()
    assert policy.policy
    assert "\n" in policy.policy.text.zh
    assert room.room
    assert room.room.items[0].number == 3
    assert room.run_of_show == ({"at": 1.5, "say": "hello"}, "end")


@pytest.mark.parametrize(
    ("change", "field", "rule"),
    [
        ({"prise": 3}, "prise", "did you mean 'price'?"),
        ({"id": ""}, "id", "needed"),
        ({"id": "a b"}, "id", "blank"),
        ({"id": "a\u200bb"}, "id", "unseen"),
        ({"id": "x" * 129}, "id", "at most 128"),
        ({"title": ""}, "title", "needed"),
        ({"title": "x" * 301}, "title", "at most 300"),
        ({"title": {"fr": "tasse"}}, "title.fr", "no such field"),
        ({"title": ["Mug"]}, "title", "text"),
        ({"price": None}, "price", "needed"),
        ({"price": True}, "price", "amount"),
        ({"price": "free"}, "price", ""),
        ({"price": "12.905"}, "price", ""),
        ({"price": 12.905}, "price", ""),
        ({"price": "-1"}, "price", ""),
        ({"price": 10**14}, "price", ""),
        ({"price": "9.5", "currency": "JPY"}, "price", ""),
        ({"currency": None}, "currency", "needed"),
        ({"currency": "yuan"}, "currency", "three letters"),
        ({"list_price": "9"}, "list_price", "below the price"),
        ({"stock": -1}, "stock", "whole number"),
        ({"stock": 1.5}, "stock", "whole number"),
        ({"stock": 0, "availability": "in_stock"}, "availability", "count is 0"),
        ({"stock": 3, "availability": "out_of_stock"}, "availability", "count is 3"),
        ({"availability": "maybe"}, "availability", "in_stock"),
        ({"media": ["javascript:alert(1)"]}, "media", "https://"),
        ({"url": "//evil.example"}, "url", "https://"),
        ({"rating": {"value": 6, "count": 1}}, "rating.value", "0 to 5"),
        ({"attributes": {"size": "x" * 501}}, "attributes[0].value", "at most 500"),
        ({"attributes": {"size": ""}}, "attributes[0].value", "needed"),
        ({"variants": [{"id": "a"}, {"id": "a"}]}, "variants", "each id"),
        ({"variants": [{"id": "a", "colour": "red"}]}, "variants[0].colour", "no such field"),
        ({"variants": [{"id": "a"}], "stock": 3}, "stock", "each of the variants"),
        ({"variants": "a"}, "variants", "list"),
        ({"type": "goods"}, "type", "product, offer, policy or room"),
    ],
)
def test_a_broken_rule_names_field_and_rule(change: dict[str, Any], field: str, rule: str) -> None:
    found = refused({**MUG, **change})
    assert found.field == field
    assert rule in found.rule
    assert found.line == 1


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("{", "not JSON"),
        ("[1]", "object"),
        ('{"id": NaN}', "NaN is no number"),
        ('{"id": "a", "id": "b"}', "stands twice"),
        ("[" * 100_000, "nested too deep"),
        ('{"price": ' + "9" * 5000 + "}", "not JSON"),
        ('{"id": "a", "title": "b", "currency": "USD", "price": 1e999999999}', "amount"),
    ],
)
def test_what_is_not_a_row_is_refused(line: str, rule: str) -> None:
    assert rule in refused(line).rule


def test_one_bad_row_does_not_stop_the_rest_and_lines_are_true() -> None:
    found = rows("", MUG, "nonsense", "", {**MUG, "id": "cup"})
    assert [(row.line, row.refused is None) for row in found] == [(2, True), (3, False), (5, True)]
    assert found[-1].position > found[0].position


def test_a_repeated_id_names_the_first_line() -> None:
    found = rows(MUG, {**MUG, "title": "Other"}, {**MUG, "id": "x", "variants": [{"id": "mug"}]})
    assert found[1].refused
    assert found[1].refused.rule == "this product id stood on line 1"
    assert found[2].refused
    assert found[2].refused.field == "variants.id"


def test_the_same_id_may_name_an_offer_and_a_product() -> None:
    offer = {"type": "offer", "id": "mug", "kind": "percent_off", "title": "Off", "percent": 10}
    assert all(row.refused is None for row in rows(MUG, offer))


def test_bytes_that_are_not_utf8_refuse_their_row_only() -> None:
    good = json.dumps(MUG).encode()
    bad = '{"id": "x", "title": "棉"}'.encode("gb18030")
    found = list(read_feed(io.BytesIO(b"\xef\xbb\xbf" + good + b"\r\n" + bad + b"\n"), "jsonl"))
    assert found[0].product
    assert found[1].refused
    assert "byte 0xc3 at offset 22 is not UTF-8" in found[1].refused.rule


def test_a_default_currency_serves_rows_that_name_none() -> None:
    row = json.dumps({"id": "mug", "title": "Mug", "price": "1"}).encode()
    (found,) = read_feed(io.BytesIO(row), "jsonl", currency="eur")
    assert found.product
    assert found.product.variants[0].price.currency == "EUR"


def test_a_line_longer_than_the_bound_is_refused_and_the_next_one_read() -> None:
    long = '{"id": "' + "x" * (5 * 1024 * 1024) + '"}'
    found = rows(long, MUG)
    assert found[0].refused
    assert "at most" in found[0].refused.rule
    assert (found[1].line, found[1].refused) == (2, None)
