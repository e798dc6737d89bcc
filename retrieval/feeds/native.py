"""liveshop's own feed: one JSON object a line, a product, an offer, a policy or a room."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from retrieval.catalog import (
    Attribute,
    Availability,
    Offer,
    Policy,
    Product,
    QuestionAnswer,
    Rating,
    RoomContext,
    RoomItem,
    Variant,
    stock,
)
from retrieval.feeds import fields
from retrieval.feeds.rows import ByteSource, FeedRow, FieldRefused, text_lines

Item = TypeVar("Item")

PRODUCT = (
    "type", "id", "title", "description", "brand", "category", "url", "currency", "price",
    "list_price", "stock", "availability", "sku", "media", "attributes", "aliases", "questions",
    "rating", "variants",
)  # fmt: skip
VARIANT = ("id", "options", "price", "list_price", "stock", "availability", "sku")
OFFER = (
    "type", "id", "kind", "title", "product_ids", "variant_ids", "categories", "currency",
    "amount", "percent", "threshold", "nth", "code", "stackable", "starts_at", "ends_at",
)  # fmt: skip
POLICY = ("type", "id", "kind", "title", "text", "categories")
ROOM = ("type", "id", "title", "mode", "on_air", "items", "run_of_show")


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
        return {"offer": offer(row, default_currency)}
    if kind == "policy":
        return {"policy": policy(row)}
    if kind == "room":
        return {"room": room(row), "run_of_show": _run_of_show(row.get("run_of_show"))}
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
        variants = _each(
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
        media=fields.media(_each(row.get("media"), "media", 200, _picture), "media"),
        attributes=_attributes(row.get("attributes"), "attributes", fields.ATTRIBUTES),
        aliases=_names(row.get("aliases"), "aliases"),
        questions=_each(row.get("questions"), "questions", 200, _question),
        rating=_rating(row.get("rating")),
        variants=variants,
    )


def _variant(row: Any, at: str, parent: Mapping[str, Any], code: str) -> Variant:
    fields.known(_object(row, at), VARIANT, f"{at}.")
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
    fields.known(_object(named, f"{at}availability"), ("available", "status"), f"{at}availability.")
    if not isinstance(named.get("available"), bool):
        raise FieldRefused(f"{at}availability.available", named, "has to be true or false")
    return fields.build(Availability, **named, quantity=quantity)


def _object(value: Any, field: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise FieldRefused(field, value, "has to be an object")
    return value


def _each(
    value: Any, field: str, most: int, read_one: Callable[[Any, str], Item]
) -> tuple[Item, ...]:
    if value is None:
        return ()
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise FieldRefused(field, value, "has to be a list")
    if len(value) > most:
        raise FieldRefused(field, len(value), f"at most {most:,} entries, this has {len(value):,}")
    return tuple(read_one(one, f"{field}[{place}]") for place, one in enumerate(value))


def _names(value: Any, field: str) -> tuple[str, ...]:
    found = _each(value, field, 200, lambda one, at: fields.plain(one, at, fields.NAME))
    return tuple(dict.fromkeys(name for name in found if name))


def _keys(value: Any, field: str) -> tuple[str, ...]:
    return _each(value, field, 10_000, fields.key)


def _attributes(value: Any, field: str, most: int) -> tuple[Attribute, ...]:
    if isinstance(value, Mapping):
        value = [{"name": name, "value": worth} for name, worth in value.items()]
    return _each(value, field, most, _attribute)


def _attribute(row: Any, at: str) -> Attribute:
    fields.known(_object(row, at), ("name", "value"), f"{at}.")
    return fields.attribute(row.get("name"), row.get("value"), at)


def _picture(row: Any, at: str) -> tuple[object, object]:
    if not isinstance(row, Mapping):
        return row, None
    fields.known(row, ("url", "alt"), f"{at}.")
    return row.get("url"), row.get("alt")


def _question(row: Any, at: str) -> QuestionAnswer:
    fields.known(_object(row, at), ("question", "answer"), f"{at}.")
    return QuestionAnswer(
        question=fields.needed_text(row.get("question"), f"{at}.question", fields.ATTRIBUTE),
        answer=fields.needed_text(row.get("answer"), f"{at}.answer", 4_000, lines=True),
    )


def _rating(row: Any) -> Rating | None:
    if row is None:
        return None
    fields.known(_object(row, "rating"), ("value", "count"), "rating.")
    return fields.rating(row.get("value"), row.get("count"), "rating")


def offer(row: Mapping[str, Any], default_currency: str | None = None) -> Offer:
    """An offer from its native object. Raises FieldRefused."""
    fields.known(row, OFFER)
    found: dict[str, Any] = {"id": fields.key(row.get("id"), "id"), "kind": row.get("kind")}
    for name in ("amount", "threshold"):
        if row.get(name) is not None:
            code = fields.currency(row.get("currency") or default_currency)
            found[name] = fields.money(row[name], name, code)
    for name in ("percent", "nth"):
        if row.get(name) is not None:
            found[name] = fields.count(row[name], name, most=100)
    for name in ("starts_at", "ends_at"):
        if row.get(name) is not None:
            found[name] = fields.moment(row[name], name)
    return fields.build(
        Offer,
        title=fields.needed_text(row.get("title"), "title", fields.TITLE),
        product_ids=_keys(row.get("product_ids"), "product_ids"),
        variant_ids=_keys(row.get("variant_ids"), "variant_ids"),
        categories=_names(row.get("categories"), "categories"),
        code=fields.plain(row.get("code"), "code", 64),
        stackable=_yes(row.get("stackable", True), "stackable"),
        **found,
    )


def _yes(value: Any, field: str) -> bool:
    if not isinstance(value, bool):
        raise FieldRefused(field, value, "has to be true or false")
    return value


def policy(row: Mapping[str, Any]) -> Policy:
    """A policy from its native object. Raises FieldRefused."""
    fields.known(row, POLICY)
    return fields.build(
        Policy,
        id=fields.key(row.get("id"), "id"),
        kind=row.get("kind"),
        title=fields.needed_text(row.get("title"), "title", fields.TITLE),
        text=fields.needed_text(row.get("text"), "text", 20_000, lines=True),
        categories=_names(row.get("categories"), "categories"),
    )


def room(row: Mapping[str, Any]) -> RoomContext:
    """A room with its numbered list from its native object. Raises FieldRefused."""
    fields.known(row, ROOM)
    items = _each(row.get("items"), "items", 999, _room_item)
    if len({item.number for item in items}) < len(items):
        raise FieldRefused("items", "", "each number may stand once")
    on_air = row.get("on_air")
    return fields.build(
        RoomContext,
        id=fields.key(row.get("id"), "id"),
        title=fields.text(row.get("title"), "title", fields.TITLE),
        mode=row.get("mode", "auto"),
        on_air=None if on_air is None else fields.key(on_air, "on_air"),
        items=items,
    )


def _room_item(row: Any, at: str) -> RoomItem:
    fields.known(_object(row, at), ("number", "product_id"), f"{at}.")
    number = fields.count(row.get("number"), f"{at}.number", most=999)
    product_id = fields.key(row.get("product_id"), f"{at}.product_id")
    return fields.build(RoomItem, number=number, product_id=product_id)


def _run_of_show(value: Any) -> tuple[Any, ...]:
    return _each(value, "run_of_show", 1_000, lambda step, at: _step(step, at, 6))


def _step(value: Any, at: str, depth: int) -> Any:
    """A free JSON value with its texts cleaned and its decimals as plain numbers."""
    if isinstance(value, str):
        return fields.plain(value, at, 4_000, lines=True)
    if isinstance(value, Decimal):
        return float(value)
    if not isinstance(value, Mapping | list):
        return value
    if depth == 0:
        raise FieldRefused(at, value, "nested too deep")
    if isinstance(value, list):
        return [_step(one, at, depth - 1) for one in value]
    return {fields.plain(name, at, 100): _step(one, at, depth - 1) for name, one in value.items()}
