"""The shop's records: products, offers, policies, read as they are at each call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, bindparam, func, or_, select

from assistant.errors import Conflict, NotFound
from assistant.store import product_writing
from assistant.store import schema as tables
from assistant.store.database import Database, Part
from assistant.store.eligibility import eligible
from assistant.store.reading import ProductReader
from assistant.store.rows import (
    Changes,
    offer_values,
    policy_values,
    read_offer,
    read_policy,
)
from assistant.store.writing import put_rows
from retrieval.catalog import Constraints, Money, Offer, Policy, Product, Variant
from retrieval.catalog import stock as stocked

Clock = Callable[[], datetime]
# Built once: putting a statement together costs as much as running it.
_OFFERS = select(tables.offers).order_by(tables.offers.c.id)
_OFFERS_LEFT = _OFFERS.where(
    or_(tables.offers.c.ends_at.is_(None), tables.offers.c.ends_at > bindparam("now"))
)
_POLICIES = select(tables.policies).order_by(tables.policies.c.id)


def utc_now() -> datetime:
    return datetime.now(UTC)


class VariantChange(NamedTuple):
    """What `patch_variant` changes; None leaves a field, `clear` takes one away.

    `version` is the one that the change was made from, None where that does not matter.
    """

    price: Money | None = None
    list_price: Money | None = None
    stock: int | None = None
    clear: tuple[Literal["list_price", "stock"], ...] = ()
    version: int | None = None


class CatalogStore:
    """Implements `retrieval.catalog.Records`, and every change of a record.

    Methods block, may be called from any thread, and raise Busy where the database does not
    answer. Nothing is kept between calls: what one process writes, every other reads next.
    """

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock
        self._reader = ProductReader()
        self._scanner = ProductReader(remembered=0)
        self._watchers: list[Callable[[], None]] = []

    def watch(self, told: Callable[[], None]) -> None:
        """Call `told`, in whatever thread, after each change that this process makes."""
        self._watchers.append(told)

    def tell(self) -> None:
        """Tell those who watch that something may have changed."""
        for told in self._watchers:
            told()

    # Reading

    def products(self, ids: tuple[str, ...]) -> dict[str, Product]:
        """The products that exist among `ids`, by id, in the order of `ids`."""
        with self._database.read() as connection:
            found = self._reader.load(connection, ids)
        return {key: found[key] for key in dict.fromkeys(ids) if key in found}

    def product(self, product_id: str) -> Product:
        """Raises NotFound."""
        found = self.products((product_id,))
        if product_id not in found:
            raise _no_product(product_id)
        return found[product_id]

    def variant(self, variant_id: str) -> tuple[Product, Variant]:
        """A variant and its product. Raises NotFound."""
        with self._database.read() as connection:
            return self._reader.variant(connection, variant_id)

    def page(self, after: str = "", limit: int = 100) -> list[Product]:
        """Up to `limit` products whose id comes after `after`, in the order of ids.

        Who reads every page leaves what is asked for often where it is remembered.
        """
        query = select(tables.products.c.id).where(tables.products.c.id > after)
        with self._database.read() as connection:
            ids = connection.scalars(query.order_by(tables.products.c.id).limit(limit)).all()
            found = self._scanner.load(connection, ids)
        return [found[key] for key in ids]

    def pages(self, size: int = 500) -> Iterator[list[Product]]:
        """Every product, a page at a time; each page sees its own moment."""
        after = ""
        while page := self.page(after, size):
            yield page
            after = page[-1].id

    def ids(self) -> frozenset[str]:
        """The id of every product."""
        with self._database.read() as connection:
            return frozenset(connection.scalars(select(tables.products.c.id)))

    def count(self) -> int:
        """How many products there are."""
        with self._database.read() as connection:
            return connection.scalar(select(func.count()).select_from(tables.products)) or 0

    def offers(self, *, ended: bool = False) -> tuple[Offer, ...]:
        """Every offer that has not ended, by id; with `ended` those too that have."""
        query = _OFFERS if ended else _OFFERS_LEFT
        with self._database.read() as connection:
            return tuple(read_offer(r) for r in connection.execute(query, {"now": self._clock()}))

    def policies(self) -> tuple[Policy, ...]:
        """Every policy, by id."""
        with self._database.read() as connection:
            return tuple(read_policy(row) for row in connection.execute(_POLICIES))

    def eligible(
        self, constraints: Constraints, among: frozenset[str] | None = None
    ) -> frozenset[str] | None:
        """Ids of the products with a variant that keeps every constraint; None for no constraint.

        Only those in `among` are judged where it is given.
        Prices are those a buyer pays now, running offers without a code included.
        """
        with self._database.read() as connection:
            return eligible(connection, constraints, self._clock(), among)

    # Writing

    @contextmanager
    def _changing(self, *parts: Part) -> Iterator[Connection]:
        with self._database.write(*parts) as connection:
            yield connection
        self.tell()

    def put(
        self,
        products: Sequence[Product] = (),
        offers: Sequence[Offer] = (),
        policies: Sequence[Policy] = (),
        refuse: product_writing.Refuse | None = None,
    ) -> tuple[Changes, Changes, Changes]:
        """Adds or replaces records in one transaction; the versions they carry are ignored.

        A record that is already stored as given stays untouched. A product with a variant that
        belongs to another product is handed to `refuse`, with field, value and rule, and left
        out; without `refuse` it raises Conflict, with nothing written. An id that stands twice
        always does.
        """
        now = self._clock()
        with self._changing(Part.CATALOG) as connection:
            return (
                product_writing.put(connection, products, now, refuse),
                put_rows(connection, "offer", tables.offers, map(offer_values, offers), now),
                put_rows(connection, "policy", tables.policies, map(policy_values, policies), now),
            )

    def put_products(self, batch: Iterable[Product]) -> Changes:
        """`put` for products."""
        return self.put(products=tuple(batch))[0]

    def put_offers(self, batch: Iterable[Offer]) -> Changes:
        """`put` for offers."""
        return self.put(offers=tuple(batch))[1]

    def put_policies(self, batch: Iterable[Policy]) -> Changes:
        """`put` for policies."""
        return self.put(policies=tuple(batch))[2]

    def patch_product(self, product_id: str, changes: Mapping[str, object]) -> Product:
        """Replaces some fields of a product and returns it.

        Raises NotFound, Conflict for id, version and variants, pydantic's ValidationError for
        values that a product cannot have.
        """
        for name in ("id", "version", "variants"):
            if name in changes:
                raise Conflict(f"product {product_id!r}: {name} cannot be changed here")
        with self._changing(Part.CATALOG) as connection:
            before = self._reader.load(connection, [product_id]).get(product_id)
            if before is None:
                raise _no_product(product_id)
            after = Product.model_validate({**dict(before), **changes})
            product_writing.put(connection, [after], self._clock())
            return self._reader.load(connection, [product_id])[product_id]

    def patch_variant(
        self,
        variant_id: str,
        *,
        price: Money | None = None,
        list_price: Money | None = None,
        stock: int | None = None,
        clear: Sequence[Literal["list_price", "stock"]] = (),
        version: int | None = None,
    ) -> Variant:
        """Changes what is given (None leaves it) and returns the variant, in one transaction.

        `stock` counts pieces; `clear` takes a list price away, or makes the stock unknown.
        Raises NotFound, and Conflict for a price in another currency than the product's, or
        where the variant's version is not `version` any more.
        """
        patch = VariantChange(price, list_price, stock, tuple(clear), version)
        with self._changing(Part.CATALOG) as connection:
            return self.patch_variant_in(connection, variant_id, patch)

    def patch_variant_in(
        self, connection: Connection, variant_id: str, patch: VariantChange
    ) -> Variant:
        """`patch_variant` in the caller's transaction, which holds Part.CATALOG."""
        product, before = self._reader.variant(connection, variant_id)
        if patch.version not in (None, before.version):
            raise Conflict(
                f"variant {variant_id!r}: has version {before.version} by now, not "
                f"{patch.version}; read it again"
            )
        for amount in (patch.price, patch.list_price):
            if amount and amount.currency != before.price.currency:
                raise Conflict(
                    f"variant {variant_id!r}: is priced in {before.price.currency}, "
                    f"not {amount.currency}; import the product to change its currency"
                )
        update: dict[str, Any] = {"price": patch.price or before.price}
        if patch.list_price or "list_price" in patch.clear:
            update["list_price"] = patch.list_price
        if patch.stock is not None or "stock" in patch.clear:
            update["availability"] = stocked(patch.stock)
        after = before.model_copy(update=update)
        others = tuple(after if v.id == variant_id else v for v in product.variants)
        patched = product.model_copy(update={"variants": others})
        product_writing.put(connection, [patched], self._clock())
        return self._reader.variant(connection, variant_id)[1]

    def remove_products(self, ids: Iterable[str]) -> tuple[str, ...]:
        """Removes products, also from rooms that show them. Returns the ids that were there."""
        with self._changing(Part.CATALOG, Part.ROOMS) as connection:
            return product_writing.remove(connection, ids, self._clock())

    def remove_offers(self, ids: Iterable[str]) -> None:
        """Removes offers; an id that is not there changes nothing."""
        with self._changing(Part.CATALOG) as connection:
            product_writing.delete_by_id(connection, tables.offers, ids)

    def remove_policies(self, ids: Iterable[str]) -> None:
        """Removes policies; an id that is not there changes nothing."""
        with self._changing(Part.CATALOG) as connection:
            product_writing.delete_by_id(connection, tables.policies, ids)


def _no_product(product_id: str) -> NotFound:
    return NotFound(f"product {product_id!r} is not in the catalogue; import it first")
