"""How a batch of products is compared with what is stored, and written.

A product's version counts the changes of anything in it. A variant's counts its own changes;
one that is new, or comes back, starts at its product's version, so that no number is used
twice for different contents.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from assistant.errors import Conflict
from assistant.store.rows import (
    Changes,
    Values,
    product_values,
    product_words,
    variant_values,
    variant_words,
)
from assistant.store.schema import products, removed_products, variants
from assistant.store.writing import chunks, differs, fetch, insert, once, update
from retrieval.catalog import Product


def refusals(connection: Connection, batch: Sequence[Product]) -> dict[str, tuple[str, str, str]]:
    """Product id -> field, value and rule, for each product that the shop cannot keep.

    A variant id belongs to one product of the shop; a variant that its product gives up in
    the same batch is free.
    """
    kept = {v.id: product.id for product in reversed(batch) for v in product.variants}
    incoming = {product.id for product in batch}
    owners = {
        row.id: row.product_id
        for row in fetch(connection, variants, variants.c.id, kept)
        if row.product_id not in incoming
    }
    found = {}
    for product in batch:
        for variant in product.variants:
            owner = owners.get(variant.id, kept[variant.id])
            if owner != product.id:
                rule = f"belongs to product {owner!r}; a variant id is one in the whole shop"
                found[product.id] = ("variants.id", variant.id, rule)
        texts = {"id": product.id, "category": product.category.zh + product.category.en}
        texts["variants"] = "".join(v.id + v.sku for v in product.variants)
        for field, text in texts.items():
            if "\0" in text:
                found[product.id] = (field, text, "holds the character U+0000; leave it out")
    return found


def put(connection: Connection, batch: Sequence[Product], now: datetime) -> Changes:
    """Writes the batch in the caller's transaction. Raises Conflict as `put_products` does."""
    once("product", [product.id for product in batch])
    for product_id, (field, value, rule) in refusals(connection, batch).items():
        raise Conflict(f"product {product_id!r}: {field} {value!r} {rule}")
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


def delete_by_id(connection: Connection, table: Any, ids: Iterable[str]) -> None:
    for chunk in chunks(ids):
        connection.execute(table.delete().where(table.c.id.in_(chunk)))
