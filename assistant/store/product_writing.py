"""How a batch of products is compared with what is stored, and written.

A product's version counts the changes of anything in it. A variant's counts its own changes;
one that is new, or comes back, starts at its product's version, so that no number is used
twice for different contents.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, or_, select

from assistant.errors import Conflict
from assistant.store.rows import (
    Changes,
    Values,
    product_values,
    product_words,
    variant_values,
    variant_words,
)
from assistant.store.schema import products, removed_products, room_items, rooms, variants
from assistant.store.writing import chunks, differs, fetch, insert, once, update
from retrieval.catalog import Product

Refusal = tuple[str, str, str]
Refuse = Callable[[str, Refusal], None]


def refusals(connection: Connection, batch: Sequence[Product]) -> dict[str, Refusal]:
    """Product id -> field, value and rule, for each product that the shop cannot keep.

    A variant id belongs to one product of the shop; a variant that its product gives up in
    the same batch is free, and the first to name it has it.
    """
    incoming = {product.id: product for product in batch}
    owners: dict[str, str] = {}
    for row in fetch(connection, variants, variants.c.id, _variant_ids(batch)):
        owner = incoming.get(row.product_id)
        if owner is None or owner.variant(row.id):
            owners[row.id] = row.product_id
    found: dict[str, Refusal] = {}
    for product in batch:
        for variant in product.variants:
            owner_id = owners.setdefault(variant.id, product.id)
            if owner_id != product.id:
                rule = f"belongs to product {owner_id!r}; a variant id is one in the whole shop"
                found.setdefault(product.id, ("variants.id", variant.id, rule))
        texts = {
            "id": product.id,
            "category": product.category.zh + product.category.en,
            "variants": "".join(variant.id + variant.sku for variant in product.variants),
        }
        for field, text in texts.items():
            if "\0" in text:
                rule = "holds the character U+0000; leave it out"
                found.setdefault(product.id, (field, text, rule))
    return found


def _variant_ids(batch: Sequence[Product]) -> list[str]:
    return [variant.id for product in batch for variant in product.variants]


def put(
    connection: Connection,
    batch: Sequence[Product],
    now: datetime,
    refuse: Refuse | None = None,
) -> Changes:
    """Writes the batch in the caller's transaction.

    What the shop cannot keep is handed to `refuse` and left out, or raises Conflict without it.
    """
    once("product", [product.id for product in batch])
    # Again, since a product left out keeps variants that another one may have counted on.
    while refused := refusals(connection, batch):
        for product_id, refusal in refused.items():
            if refuse is None:
                field, value, rule = refusal
                raise Conflict(f"product {product_id!r}: {field} {value!r} {rule}")
            refuse(product_id, refusal)
        batch = [product for product in batch if product.id not in refused]
    ids = [product.id for product in batch]
    stored = {row.id: row for row in fetch(connection, products, products.c.id, ids)}
    removed = fetch(connection, removed_products, removed_products.c.id, ids)
    last = {row.id: row.version for row in [*removed, *stored.values()]}
    old_variants: dict[str, dict[str, Row[Any]]] = defaultdict(dict)
    for row in fetch(connection, variants, variants.c.product_id, ids):
        old_variants[row.product_id][row.id] = row

    added: list[Values] = []
    changed: list[Values] = []
    unchanged: list[str] = []
    new: list[Values] = []
    moved: list[Values] = []
    gone: list[str] = []
    for product in batch:
        values = product_values(product)
        old = old_variants[product.id]
        version = last.get(product.id, 0) + 1
        whole = {"version": version, "updated_at": now}
        fresh, altered, dropped = _compare_variants(product, old, version)
        if product.id not in stored:
            added.append({**values, **product_words(product), **whole})
        elif fresh or altered or dropped or differs(stored[product.id], values):
            changed.append({**values, **product_words(product), **whole})
        else:
            unchanged.append(product.id)
        new += fresh
        moved += altered
        gone += dropped
    insert(connection, products, added)
    update(connection, products, changed)
    delete_by_id(connection, variants, gone)
    update(connection, variants, moved)
    insert(connection, variants, new)
    delete_by_id(connection, removed_products, [row.id for row in removed])
    return Changes(
        tuple(values["id"] for values in added),
        tuple(values["id"] for values in changed),
        tuple(unchanged),
    )


def _compare_variants(
    product: Product, old: dict[str, Row[Any]], version: int
) -> tuple[list[Values], list[Values], list[str]]:
    """The variants to insert, those to update, and the ids of those to delete."""
    fresh, altered = [], []
    for position, variant in enumerate(product.variants):
        values = variant_values(product.id, position, variant)
        row = old.get(variant.id)
        if row is None:
            fresh.append({**values, **variant_words(variant), "version": version})
        elif differs(row, values):
            own = {name: value for name, value in values.items() if name != "position"}
            counted = row.version + differs(row, own)
            altered.append({**values, **variant_words(variant), "version": counted})
    return fresh, altered, [key for key in old if product.variant(key) is None]


def remove(connection: Connection, ids: Iterable[str], now: datetime) -> tuple[str, ...]:
    """Removes products and takes them out of the rooms that show them.

    Their versions are kept, so that one that comes back counts on.
    """
    rows = fetch(connection, products, products.c.id, ids)
    for chunk in chunks(row.id for row in rows):
        listed = room_items.c.product_id.in_(chunk)
        off_air = rooms.c.on_air.in_(chunk)
        connection.execute(
            rooms.update()
            .where(or_(off_air, rooms.c.id.in_(select(room_items.c.room_id).where(listed))))
            .values(version=rooms.c.version + 1, updated_at=now)
        )
        connection.execute(rooms.update().where(off_air).values(on_air=None))
        connection.execute(room_items.delete().where(listed))
        delete_by_id(connection, products, chunk)
    insert(connection, removed_products, [{"id": row.id, "version": row.version} for row in rows])
    return tuple(row.id for row in rows)


def delete_by_id(connection: Connection, table: Table, ids: Iterable[str]) -> None:
    """Deletes the rows with these ids; an id that is not there changes nothing."""
    for chunk in chunks(ids):
        connection.execute(table.delete().where(table.c.id.in_(chunk)))
