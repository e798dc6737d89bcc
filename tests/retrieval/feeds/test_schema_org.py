"""schema.org JSON-LD in its several shapes."""

from __future__ import annotations

import io
import json
from typing import Any

from retrieval.catalog import Money, Text
from retrieval.feeds import FeedRow, read_feed

MUG: dict[str, Any] = {
    "@context": "https://schema.org",
    "@type": "Product",
    "sku": "M1",
    "name": "Mug",
    "brand": {"@type": "Brand", "name": "Acme"},
    "image": [
        "https://s.example/m.jpg",
        {"@type": "ImageObject", "url": "https://s.example/n.jpg"},
    ],
    "color": "blue",
    "additionalProperty": [{"@type": "PropertyValue", "name": "Volume", "value": 330}],
    "aggregateRating": {"ratingValue": "4.4", "reviewCount": 89},
    "offers": {
        "@type": "Offer",
        "price": 15.90,
        "priceCurrency": "USD",
        "availability": "https://schema.org/InStock",
        "inventoryLevel": {"@type": "QuantitativeValue", "value": 12},
        "priceSpecification": {"priceType": "https://schema.org/ListPrice", "price": "20"},
    },
}


def rows(text: str) -> list[FeedRow]:
    return list(read_feed(io.BytesIO(text.encode()), "json-ld"))


def test_one_product() -> None:
    (row,) = rows(json.dumps(MUG, indent=1))
    assert row.product, row.refused
    assert (row.product.id, row.product.brand.en, len(row.product.media)) == ("M1", "Acme", 2)
    assert [(a.name.en, a.value.en) for a in row.product.attributes] == [
        ("color", "blue"),
        ("Volume", "330"),
    ]
    (variant,) = row.product.variants
    assert variant.price == Money(minor=1590, currency="USD")
    assert variant.list_price == Money(minor=2000, currency="USD")
    assert variant.availability.quantity == 12
    assert row.product.rating
    assert row.product.rating.count == 89


def test_an_array_a_graph_and_lines_name_the_line_of_each() -> None:
    cup = {**MUG, "sku": "M2"}
    array = rows("[\n" + json.dumps(MUG) + ",\n\n" + json.dumps(cup) + "\n]")
    assert [(row.line, bool(row.product)) for row in array] == [(2, True), (4, True)]
    graph = rows(json.dumps({"@graph": [MUG, {"@type": "Person", "name": "x"}, cup]}))
    assert [row.product.id for row in graph if row.product] == ["M1", "M2"]
    lines = rows(json.dumps(MUG) + "\n{broken\n" + json.dumps(cup))
    assert [(row.line, bool(row.product)) for row in lines] == [(1, True), (2, False), (3, True)]


def test_a_long_array_is_read_in_pieces() -> None:
    many = [{**MUG, "sku": f"m{n}", "name": "杯" * 100} for n in range(900)]
    text = json.dumps(many, ensure_ascii=False)
    assert len(text.encode()) > 3 * 256 * 1024
    assert sum(row.product is not None for row in rows(text)) == 900


def test_a_page() -> None:
    page = f"""<!doctype html><html><head>
<script type="application/ld+json">{json.dumps(MUG)}</script>
<script>var x = 1;</script>
<script type='application/ld+json'>{{oops}}</script></head></html>"""
    good, bad = rows(page)
    assert good.product
    assert good.line == 2
    assert bad.refused
    assert bad.line == 4


def test_a_product_group() -> None:
    group = {
        "@type": "ProductGroup",
        "productGroupID": "T",
        "name": [
            {"@value": "T恤", "@language": "zh-CN"},
            {"@value": "Tee", "@language": "en"},
        ],
        "hasVariant": [
            {
                "@type": "Product",
                "sku": f"T-{size}",
                "size": size,
                "offers": {"price": price, "priceCurrency": "CNY", "availability": "OutOfStock"},
            }
            for size, price in (("S", "59.90"), ("M", "69.90"))
        ],
    }
    (row,) = rows(json.dumps(group))
    assert row.product, row.refused
    assert row.product.title == Text(zh="T恤", en="Tee")
    assert [(v.id, v.price.minor, v.label("en")) for v in row.product.variants] == [
        ("T-S", 5990, "S"),
        ("T-M", 6990, "M"),
    ]
    assert row.product.variants[0].availability.status == "out_of_stock"


def test_a_price_range_is_refused_and_one_price_is_not() -> None:
    offer: dict[str, Any] = {
        "@type": "AggregateOffer",
        "lowPrice": "5",
        "highPrice": "9",
        "priceCurrency": "USD",
    }
    (range_,) = rows(json.dumps({**MUG, "offers": offer}))
    assert range_.refused
    assert range_.refused.field == "offers.lowPrice"
    (same,) = rows(json.dumps({**MUG, "offers": {**offer, "highPrice": "5"}}))
    assert same.product
    assert same.product.variants[0].price.minor == 500


def test_what_is_missing_is_named() -> None:
    for field, said in (("sku", "productID"), ("name", "name"), ("offers", "offers")):
        (row,) = rows(json.dumps({**MUG, field: None}))
        assert row.refused
        assert row.refused.field == said


def test_an_address_as_id_gives_its_last_part() -> None:
    node = {**MUG, "sku": None, "@id": "https://s.example/p/mug-1#"}
    (row,) = rows(json.dumps(node))
    assert row.product
    assert row.product.id == "mug-1"
