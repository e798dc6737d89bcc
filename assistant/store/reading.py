"""Reading products: two statements, and no work for one whose rows are as they were."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from sqlalchemy import BindParameter, Connection, Row, bindparam, select

from assistant.errors import NotFound
from assistant.store.rows import read_product
from assistant.store.schema import products, variants
from assistant.store.writing import chunks
from retrieval.catalog import Product, Variant

REMEMBERED = 1024
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
# Built once: putting a statement together costs as much as running it.
_PRODUCTS = select(products.c.id, products.c.version, products.c.record).where(
    products.c.id.in_(_IDS)
)
_VARIANTS = (
    select(*(column for column in variants.c if column.name != "words"))
    .where(variants.c.product_id.in_(_IDS))
    .order_by(variants.c.product_id, variants.c.position)
)
_OWNER = select(variants.c.product_id).where(variants.c.id == bindparam("id"))


class ProductReader:
    """Turns rows into products. The rows are read at each call; a product is a frozen value of
    its rows, so rows that compare equal to earlier ones give the same product again.
    """

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._product = lru_cache(maxsize=remembered)(read_product)

    def load(self, connection: Connection, ids: Iterable[str]) -> dict[str, Product]:
        """The products that exist among `ids`, by id, in no order."""
        found: dict[str, Product] = {}
        for chunk in chunks(ids):
            own: dict[str, list[Row[*tuple[Any, ...]]]] = defaultdict(list)
            for variant in connection.execute(_VARIANTS, {"ids": chunk}).all():
                own[variant.product_id].append(variant)
            for row in connection.execute(_PRODUCTS, {"ids": chunk}).all():
                found[row.id] = self._product(row, tuple(own[row.id]))
        return found

    def variant(self, connection: Connection, variant_id: str) -> tuple[Product, Variant]:
        """A variant and its product. Raises NotFound."""
        owner = connection.scalar(_OWNER, {"id": variant_id})
        product = self.load(connection, [owner]).get(owner) if owner else None
        variant = product.variant(variant_id) if product else None
        if product is None or variant is None:
            raise NotFound(f"variant {variant_id!r} is not in the catalogue; import it first")
        return product, variant
