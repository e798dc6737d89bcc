"""A Shopify product export under its older and its newer column names."""

from __future__ import annotations

import io

import pytest

from retrieval.catalog import Money
from retrieval.errors import RetrievalError
from retrieval.feeds import FeedRow, read_feed

OLD = """Handle,Title,Body (HTML),Vendor,Type,Published,Option1 Name,Option1 Value,Option2 Name,\
Option2 Value,Variant SKU,Variant Inventory Tracker,Variant Inventory Qty,\
Variant Inventory Policy,Variant Price,Variant Compare At Price,Image Src,Image Alt Text,Status
tee,Tee,"<p>Soft,
light</p>",Acme,Shirts,TRUE,Color,Red,Size,S/M,T-R,shopify,3,deny,59.90,79.90,https://c.example/1.jpg,front,active
tee,,,,,,,Blue,,L,T-B,shopify,0,continue,69.90,0,,,
tee,,,,,,,,,,,,,,,,https://c.example/2.jpg,back,
mug,Mug,,Acme,Cups,TRUE,Title,Default Title,,,,,,deny,15,,,,active
old,Old mug,,Acme,Cups,TRUE,Title,Default Title,,,,,,deny,15,,,,archived
tee,,,,,,,Green,,L,,shopify,1,deny,9,,,,
"""

NEW = """Title,URL handle,Description,Vendor,Product category,Type,Published on online store,\
Status,SKU,Option1 name,Option1 value,Price,Compare-at price,Inventory tracker,\
Inventory quantity,Continue selling when out of stock,Product image URL,Image alt text
Tee,tee,Soft,Acme,Apparel > Shirts,,TRUE,Active,T-R,Color,红色,59.90,79.90,shopify,12,DENY,https://c.example/1.jpg,
,tee,,,,,,,T-B,,蓝色,free,,shopify,0,DENY,,
"""


def rows(text: str, currency: str | None = "CNY") -> list[FeedRow]:
    return list(read_feed(io.BytesIO(text.encode()), "shopify-csv", currency=currency))


def test_older_columns() -> None:
    found = rows(OLD)
    tee, mug = (row for row in found if row.product)
    assert tee.product
    assert tee.line == 2
    assert tee.product.description.en == "Soft,\nlight"
    assert (tee.product.brand.en, tee.product.category.en) == ("Acme", "Shirts")
    red, blue = tee.product.variants
    assert (red.id, red.sku, red.label("en")) == ("tee:Red-S-M", "T-R", "Red S/M")
    assert red.list_price == Money(minor=7990, currency="CNY")
    assert red.availability.quantity == 3
    assert (blue.label("en"), blue.list_price) == ("Blue L", None)
    assert (blue.availability.available, blue.availability.status) == (True, "preorder")
    assert [one.alt.en for one in tee.product.media] == ["front", "back"]
    assert mug.product
    assert mug.line == 6
    assert mug.product.variants[0].id == "mug"
    assert mug.product.variants[0].availability.status == "in_stock"
    assert mug.product.variants[0].availability.quantity is None
    (refused,) = (row.refused for row in found if row.refused)
    assert (refused.line, refused.field) == (8, "url handle")
    assert "began on line 2" in refused.rule


def test_newer_columns_and_a_bad_variant_row() -> None:
    refused, tee = rows(NEW)
    assert refused.refused
    assert (refused.line, refused.refused.field) == (3, "price")
    assert tee.product
    assert tee.product.category.en == "Shirts"
    assert tee.product.variants[0].options[0].value.zh == "红色"
    assert tee.product.variants[0].availability.quantity == 12


def test_without_a_currency_nothing_is_guessed() -> None:
    with pytest.raises(RetrievalError, match="currency"):
        rows(NEW, currency=None)
