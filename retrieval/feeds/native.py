"""liveshop's own feed: one JSON object a line, a product, an offer, a policy or a room."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from retrieval.catalog import (
    Attribute,
    Availability,
    Product,
    QuestionAnswer,
    Rating,
    Variant,
    stock,
)
from retrieval.feeds import fields, native_shop
from retrieval.feeds.rows import ByteSource, FeedRow, FieldRefused, text_lines

PRODUCT = (
    "type", "id", "title", "description", "brand", "category", "url", "currency", "price",
    "list_price", "stock", "availability", "sku", "media", "attributes", "aliases", "questions",
    "rating", "variants",
)  # fmt: skip
VARIANT = ("id", "options", "price", "list_price", "stock", "availability", "sku")


def read(source: ByteSource, default_currency: str | None) -> Iterator[FeedRow]:
    """Each line of a native feed as a FeedRow; blank lines are passed over."""
    for line in text_lines(source):
        if not line.text.strip() and line.fault is None:
            continue
        try:
            if line.fault:
                raise line.fault
            found = record(load(line.text), default_currency)
        except FieldRefused as broken:
            found = {"refused": broken.at(line.number)}
        yield FeedRow(line.number, source.position, **found)


def load(line: str) -> Any:
    """One JSON value, numbers with a point as Decimal; raises FieldRefused."""
    try:
        return json.loads(
            line, parse_float=Decimal, parse_constant=_not_a_number, object_pairs_hook=_once
        )
    except json.JSONDecodeError as broken:
        rule = f"not JSON: {broken.msg} at column {broken.colno}"
        raise FieldRefused("line", line, rule) from None
    except RecursionError:
        raise FieldRefused("line", line, "not JSON: nested too deep") from None
    except (ValueError, ArithmeticError) as broken:
        raise FieldRefused("line", line, f"not JSON: {broken}") from None


def _not_a_number(name: str) -> None:
    raise FieldRefused("line", name, f"not JSON: {name} is no number")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise FieldRefused(twice, dict(reversed(pairs))[twice], "stands twice in one object")
    return found


def record(row: Any, default_currency: str | None = None) -> dict[str, Any]:
    """The fields of the FeedRow for one native object. Raises FieldRefused."""
    if not isinstance(row, Mapping):
        raise FieldRefused("line", row, "has to be a JSON object")
    kind = row.get("type", "product")
    if kind == "product":
        return {"product": product(row, default_currency)}
    if kind == "offer":
        return {"offer": native_shop.offer(row, default_currency)}
    if kind == "policy":
        return {"policy": native_shop.policy(row)}
    if kind == "room":
        steps = native_shop.run_of_show(row.get("run_of_show"))
        return {"room": native_shop.room(row), "run_of_show": steps}
    raise FieldRefused("type", kind, "has to be product, offer, policy or room")


def product(row: Mapping[str, Any], default_currency: str | None = None) -> Product:
    """A product from its native object. Raises FieldRefused."""
    fields.known(row, PRODUCT)
    product_id = fields.key(row.get("id"), "id")
    code = fields.currency(row.get("currency") or default_currency)
    listed = row.get("variants")
    if listed:
        for name in ("stock", "availability", "sku"):
            if row.get(name) is not None:
                raise FieldRefused(name, row[name], "belongs to each of the variants")
        variants = fields.each(
            listed, "variants", fields.VARIANTS, lambda each, at: _variant(each, at, row, code)
        )
    else:
        variants = (_priced(row, "", product_id, code),)
    return fields.build(
        Product,
        id=product_id,
        title=fields.needed_text(row.get("title"), "title", fields.TITLE),
        description=fields.text(
            row.get("description"), "description", fields.DESCRIPTION, lines=True
        ),
        brand=fields.text(row.get("brand"), "brand", fields.NAME),
        category=fields.text(row.get("category"), "category", fields.NAME),
        url=fields.address(row.get("url"), "url"),
        media=fields.media(fields.each(row.get("media"), "media", 200, _picture), "media"),
        attributes=_attributes(row.get("attributes"), "attributes", fields.ATTRIBUTES),
        aliases=fields.names(row.get("aliases"), "aliases"),
        questions=fields.each(row.get("questions"), "questions", 200, _question),
        rating=_rating(row.get("rating")),
        variants=variants,
    )


def _variant(row: Any, at: str, parent: Mapping[str, Any], code: str) -> Variant:
    fields.known(fields.an_object(row, at), VARIANT, f"{at}.")
    if row.get("price") is None and row.get("list_price") is None:
        row = {**row, "price": parent.get("price"), "list_price": parent.get("list_price")}
    return _priced(row, f"{at}.", fields.key(row.get("id"), f"{at}.id"), code)


def _priced(row: Mapping[str, Any], at: str, variant_id: str, code: str) -> Variant:
    if row.get("price") is None:
        raise FieldRefused(f"{at}price", "", "needed")
    price = fields.money(row["price"], f"{at}price", code)
    list_price = None
    if row.get("list_price") is not None:
        list_price = fields.money(row["list_price"], f"{at}list_price", code)
        if list_price.minor < price.minor:
            raise FieldRefused(f"{at}list_price", row["list_price"], "is below the price")
    return Variant(
        id=variant_id,
        options=_attributes(row.get("options"), f"{at}options", fields.OPTIONS),
        price=price,
        list_price=list_price,
        availability=_availability(row, at),
        sku=fields.plain(row.get("sku"), f"{at}sku", 128),
    )


def _availability(row: Mapping[str, Any], at: str) -> Availability:
    quantity = row.get("stock")
    if quantity is not None:
        quantity = fields.count(quantity, f"{at}stock")
    named = row.get("availability")
    if named is None:
        return stock(quantity)
    if isinstance(named, str):
        return fields.status(named, quantity, f"{at}availability")
    fields.known(
        fields.an_object(named, f"{at}availability"), ("available", "status"), f"{at}availability."
    )
    if not isinstance(named.get("available"), bool):
        raise FieldRefused(f"{at}availability.available", named, "has to be true or false")
    return fields.build(Availability, **named, quantity=quantity)


def _attributes(value: Any, field: str, most: int) -> tuple[Attribute, ...]:
    if isinstance(value, Mapping):
        value = [{"name": name, "value": worth} for name, worth in value.items()]
    return fields.each(value, field, most, _attribute)


def _attribute(row: Any, at: str) -> Attribute:
    fields.known(fields.an_object(row, at), ("name", "value"), f"{at}.")
    return fields.attribute(row.get("name"), row.get("value"), at)


def _picture(row: Any, at: str) -> tuple[object, object]:
    if not isinstance(row, Mapping):
        return row, None
    fields.known(row, ("url", "alt"), f"{at}.")
    return row.get("url"), row.get("alt")


def _question(row: Any, at: str) -> QuestionAnswer:
    fields.known(fields.an_object(row, at), ("question", "answer"), f"{at}.")
    return QuestionAnswer(
        question=fields.needed_text(row.get("question"), f"{at}.question", fields.ATTRIBUTE),
        answer=fields.needed_text(row.get("answer"), f"{at}.answer", 4_000, lines=True),
    )


def _rating(row: Any) -> Rating | None:
    if row is None:
        return None
    fields.known(fields.an_object(row, "rating"), ("value", "count"), "rating.")
    return fields.rating(row.get("value"), row.get("count"), "rating")
