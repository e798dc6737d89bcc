"""Writing records as lines of the native feed, so that reading them gives the same again."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from retrieval.amounts import minor_digits
from retrieval.catalog import Attribute, Availability, Money, Product, Text, Variant, stock
from retrieval.feeds import fields
from retrieval.feeds.rows import FieldRefused
from retrieval.feeds.texts import in_its_language


def write_native(product: Product) -> str:
    """`product` as one line of JSON without its line end; what is empty is left out.

    Versions are not written, the store counts them. Raises ValueError for a list price in
    another currency than the price.
    """
    row: dict[str, Any] = {
        "id": product.id,
        "title": _text(product.title),
        "description": _text(product.description),
        "brand": _text(product.brand),
        "category": _text(product.category),
        "url": product.url,
        "media": [
            {"url": one.url, "alt": _text(one.alt)} if one.alt.every() else one.url
            for one in product.media
        ],
        "attributes": _attributes(product.attributes),
        "aliases": list(product.aliases),
        "questions": [
            {"question": _text(one.question), "answer": _text(one.answer)}
            for one in product.questions
        ],
    }
    if product.rating:
        row["rating"] = {"value": product.rating.value, "count": product.rating.count}
    row["currency"] = product.variants[0].price.currency
    first = product.variants[0]
    if len(product.variants) == 1 and first.id == product.id and not first.options:
        row |= _priced(first)
    else:
        row["variants"] = [
            {"id": one.id, "options": _attributes(one.options), **_priced(one)}
            for one in product.variants
        ]
    kept = {name: value for name, value in row.items() if value not in ("", [], {})}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


def decimal_text(money: Money) -> str:
    """The amount as a decimal text, exact, with the currency's own number of decimals."""
    return format(Decimal(money.minor).scaleb(-minor_digits(money.currency)), "f")


def _priced(variant: Variant) -> dict[str, Any]:
    row: dict[str, Any] = {"price": decimal_text(variant.price)}
    if variant.list_price:
        if variant.list_price.currency != variant.price.currency:
            raise ValueError(f"list_price of {variant.id}: in another currency than the price")
        row["list_price"] = decimal_text(variant.list_price)
    row |= _availability(variant.availability)
    if variant.sku:
        row["sku"] = variant.sku
    return row


def _availability(found: Availability) -> dict[str, Any]:
    row: dict[str, Any] = {"stock": found.quantity}
    try:
        plain = stock(found.quantity)
        named = fields.status(found.status, found.quantity, "availability")
    except FieldRefused:
        named = None
    if found == plain:
        return row
    if found == named:
        return row | {"availability": found.status}
    return row | {"availability": {"available": found.available, "status": found.status}}


def _text(text: Text) -> str | dict[str, str]:
    every = text.every()
    if len(every) < 2:
        alone = every[0] if every else ""
        if in_its_language(alone) == text or not alone:
            return alone
    return {name: value for name, value in (("zh", text.zh), ("en", text.en)) if value}


def _attributes(every: tuple[Attribute, ...]) -> Any:
    """An object of plain texts where names are plain and stand once, else a list."""
    pairs = [(_text(one.name), _text(one.value)) for one in every]
    names = [name for name, _ in pairs if isinstance(name, str)]
    if len(set(names)) == len(pairs):
        return {str(name): value for name, value in pairs}
    return [{"name": name, "value": value} for name, value in pairs]
