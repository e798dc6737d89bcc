"""The rows of a native feed beside products: offers, policies and rooms."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from retrieval.catalog import Offer, Policy, RoomContext, RoomItem
from retrieval.feeds import fields
from retrieval.feeds.rows import FieldRefused

OFFER = (
    "type", "id", "kind", "title", "product_ids", "variant_ids", "categories", "currency",
    "amount", "percent", "threshold", "nth", "code", "stackable", "starts_at", "ends_at",
)  # fmt: skip
POLICY = ("type", "id", "kind", "title", "text", "categories")
ROOM = ("type", "id", "title", "mode", "on_air", "items", "run_of_show")


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
        product_ids=fields.keys(row.get("product_ids"), "product_ids"),
        variant_ids=fields.keys(row.get("variant_ids"), "variant_ids"),
        categories=fields.names(row.get("categories"), "categories"),
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
        categories=fields.names(row.get("categories"), "categories"),
    )


def room(row: Mapping[str, Any]) -> RoomContext:
    """A room with its numbered list from its native object. Raises FieldRefused."""
    fields.known(row, ROOM)
    items = fields.each(row.get("items"), "items", 999, _room_item)
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
    fields.known(fields.an_object(row, at), ("number", "product_id"), f"{at}.")
    number = fields.count(row.get("number"), f"{at}.number", most=999)
    product_id = fields.key(row.get("product_id"), f"{at}.product_id")
    return fields.build(RoomItem, number=number, product_id=product_id)


def run_of_show(value: Any) -> tuple[Any, ...]:
    """The free steps of a room's show as plain JSON values. Raises FieldRefused."""
    return fields.each(value, "run_of_show", 1_000, lambda step, at: _step(step, at, 6))


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
