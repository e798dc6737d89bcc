"""Google Merchant feeds: text, RSS and Atom."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest

from retrieval.catalog import Money, Text
from retrieval.feeds import FeedRow, read_feed

HEADER = "id\ttitle\tdescription\tlink\timage_link\tavailability\tprice"


def tsv(*lines: str, header: str = HEADER) -> list[FeedRow]:
    return list(read_feed(io.BytesIO("\n".join([header, *lines]).encode()), "merchant-tsv"))


def test_a_row_is_a_product() -> None:
    (row,) = tsv("A1\tMug\t<b>Blue</b> mug\thttps://s.example/a\t/a.jpg\tin stock\t1,015.00 USD")
    assert row.product, row.refused
    assert (row.product.id, row.product.title, row.line) == ("A1", Text(en="Mug"), 2)
    assert row.product.description.en == "Blue mug"
    (variant,) = row.product.variants
    assert variant.price == Money(minor=101500, currency="USD")
    assert (variant.availability.available, variant.availability.quantity) == (True, None)


def test_a_quoted_cell_may_break_lines_and_later_lines_stay_true() -> None:
    first, second, third = tsv(
        'A1\tMug\t"one\ntwo"\t\t\tin_stock\t1 USD',
        "A2\tMug\t\t\t\tin_stock\tfree",
        "A3\tMug\t\t\t\tin_stock\t3 USD",
    )
    assert first.product
    assert first.product.description.en == "one\ntwo"
    assert second.refused
    assert (second.line, second.refused.field) == (4, "price")
    assert third.line == 5


@pytest.mark.parametrize(
    ("availability", "status"),
    [
        ("in_stock", "in_stock"),
        ("out of stock", "out_of_stock"),
        ("preorder", "preorder"),
        ("backorder", "preorder"),
    ],
)
def test_availability_values(availability: str, status: str) -> None:
    (row,) = tsv(f"A1\tMug\t\t\t\t{availability}\t1 USD")
    assert row.product
    assert row.product.variants[0].availability.status == status


def test_a_sale_price_without_dates_is_the_price() -> None:
    header = HEADER + "\tsale_price"
    (row,) = tsv("A1\tMug\t\t\t\tin_stock\t20 CNY\t15.5 CNY", header=header)
    assert row.product
    (variant,) = row.product.variants
    assert variant.list_price
    assert (variant.price.minor, variant.list_price.minor) == (1550, 2000)


def test_a_dated_sale_price_is_an_offer_for_its_window() -> None:
    header = HEADER + "\tsale price\tsale price effective date"
    window = "2026-11-11T20:00+0800/2026-11-12"
    product, offer = tsv(f"A1\tMug\t\t\t\tin_stock\t20 CNY\t15 CNY\t{window}", header=header)
    assert product.product
    assert product.product.variants[0].price.minor == 2000
    assert offer.offer
    assert offer.offer.kind == "flash_price"
    assert offer.offer.variant_ids == ("A1",)
    assert offer.offer.amount == Money(minor=1500, currency="CNY")
    assert offer.offer.starts_at
    assert offer.offer.starts_at.utcoffset() == timedelta(hours=8)
    assert offer.offer.ends_at == datetime(2026, 11, 13, tzinfo=UTC)


@pytest.mark.parametrize("window", ["soon", "2026-11-12/2026-11-10", "9999-12-31/9999-12-31"])
def test_a_window_that_is_none_is_refused(window: str) -> None:
    header = HEADER + "\tsale_price\tsale_price_effective_date"
    (row,) = tsv(f"A1\tMug\t\t\t\tin_stock\t20 CNY\t15 CNY\t{window}", header=header)
    assert row.refused
    assert row.refused.field == "sale_price_effective_date"


def test_a_group_is_one_product_and_its_bad_row_stands_alone() -> None:
    header = "id\titem_group_id\ttitle\tcolor\tsize\tgender\tprice\tavailability"
    rows = tsv(
        "T-R\tT\tT恤 红色 S\t红色\tS\tunisex\t59 CNY\tin_stock",
        "T-G\tT\tT恤 绿色 S\t绿色\tS\tunisex\tx CNY\tin_stock",
        "T-B\tT\tT恤 蓝色 S\t蓝色\tS\tunisex\t69.90 CNY\tout_of_stock",
        "U\t\tMug\t\t\t\t5 CNY\tin_stock",
        "T-W\tT\tT恤 白色 S\t白色\tS\tunisex\t69 CNY\tin_stock",
        header=header,
    )
    refused = {row.line: row.refused for row in rows if row.refused}
    assert set(refused) == {3, 6}
    assert "began on line 2" in refused[6].rule
    tee, mug = (row.product for row in rows if row.product)
    assert tee.id == "T"
    assert [v.id for v in tee.variants] == ["T-R", "T-B"]
    assert [v.label("zh") for v in tee.variants] == ["红色", "蓝色"]
    assert tee.title.zh == "T恤 红色 S"
    assert [(a.name.en, a.value.say("en")) for a in tee.attributes] == [
        ("size", "S"),
        ("gender", "unisex"),
    ]
    assert mug.id == "U"


def test_a_repeated_id_takes_its_offer_with_it() -> None:
    header = HEADER + "\tsale_price\tsale_price_effective_date"
    window = "2026-11-11T20:00Z/2026-11-12T20:00Z"
    rows = tsv(
        "A1\tMug\t\t\t\tin_stock\t20 CNY",
        f"A1\tMug\t\t\t\tin_stock\t20 CNY\t15 CNY\t{window}",
        header=header,
    )
    assert [row.offer for row in rows] == [None, None]
    assert rows[1].refused
    assert "line 2" in rows[1].refused.rule


def test_details_highlights_categories_and_pictures() -> None:
    header = "id\ttitle\tprice\tproduct_type\tproduct_detail\tproduct_highlight\timage_link"
    header += "\tadditional_image_link"
    (row,) = tsv(
        "A\tLamp\t5 EUR\tHome > Lamps\tGeneral:Voltage:12 V,General:Colour:red: dark\tDims\t/a.jpg"
        "\thttps://s.example/b.jpg,https://s.example/c.jpg",
        header=header,
    )
    assert row.product, row.refused
    assert row.product.category.en == "Lamps"
    assert [(a.name.en, a.value.en) for a in row.product.attributes] == [
        ("Voltage", "12 V"),
        ("Colour", "red: dark"),
    ]
    assert row.product.description.en == "Dims"
    assert len(row.product.media) == 3


def test_too_many_cells_and_bytes_that_are_not_utf8() -> None:
    body = b"id\ttitle\tprice\nA\tMug\t1 USD\tmore\nB\t\xb5\t1 USD\nC\tMug\t1 USD\n"
    rows = list(read_feed(io.BytesIO(body), "merchant-tsv"))
    assert [row.refused is None for row in rows] == [False, False, True]
    assert rows[1].refused
    assert "byte 0xb5" in rows[1].refused.rule


RSS = """<?xml version="1.0"?>
<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel><title>Shop</title>
<item>
  <g:id>A1</g:id><title>Plain</title><g:title>Mug &amp; lid</g:title>
  <description><p>Blue</p><p>mug</p></description>
  <link>https://s.example/a</link>
  <g:price>15.00 USD</g:price><g:availability>in_stock</g:availability>
  <g:shipping><g:country>US</g:country><g:price>6.49 USD</g:price></g:shipping>
  <g:product_detail><g:section_name>General</g:section_name>
    <g:attribute_name>Volume</g:attribute_name><g:attribute_value>330 ml</g:attribute_value>
  </g:product_detail>
</item>
<item><g:id>A2</g:id><title>No price</title></item>
"""


def xml(text: str) -> list[FeedRow]:
    return list(read_feed(io.BytesIO(text.encode()), "merchant-xml"))


def test_rss_items() -> None:
    first, second = xml(RSS + "</channel></rss>")
    assert first.product, first.refused
    assert (first.line, second.line) == (3, 13)
    assert first.product.title.en == "Mug & lid"
    assert first.product.description.en == "Blue\nmug"
    assert first.product.url == "https://s.example/a"
    assert [(a.name.en, a.value.en) for a in first.product.attributes] == [("Volume", "330 ml")]
    assert second.refused
    assert second.refused.field == "price"


def test_atom_entries() -> None:
    (row,) = xml(
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0">'
        '<entry><g:id>A</g:id><title>Mug</title><link href="https://s.example/a"/>'
        "<g:price>15.00 USD</g:price></entry></feed>"
    )
    assert row.product, row.refused
    assert row.product.url == "https://s.example/a"


def test_a_document_that_breaks_off_keeps_what_came_before() -> None:
    rows = xml(RSS + "<item><g:id>A3</g:id></channel>")
    assert rows[0].product
    assert rows[-1].refused
    assert "not XML from here on" in rows[-1].refused.rule
    assert rows[-1].line == 14


def test_entities_are_not_read() -> None:
    (row,) = xml('<!DOCTYPE r [<!ENTITY a "aaaa">]><rss><item><id>&a;</id></item></rss>')
    assert row.refused
    assert "declaration is not read" in row.refused.rule


@pytest.mark.parametrize("endless", ["<rss><!--" + "-x" * 2**20, "<rss><" + "a" * 2**21])
def test_a_tag_or_comment_without_end_is_not_read_again_and_again(endless: str) -> None:
    (row,) = xml(endless)
    assert "a tag or comment of more than" in str(row.refused)
