"""Which products keep every constraint of a question, judged a variant at a time.

SQL decides everything but prices that an offer changes now; those are priced by
`retrieval.basket.unit_price`, the only place that prices.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    Row,
    Select,
    String,
    and_,
    bindparam,
    cast,
    false,
    func,
    not_,
    or_,
    select,
    true,
)

from assistant.store.rows import read_offer
from assistant.store.schema import offers, products, variants
from assistant.store.words import holds
from retrieval.basket import unit_price
from retrieval.catalog import Constraints, Money, Offer, Product, Text, Variant, stock

# More names than one statement may hold: then every product counts as covered, and is priced.
MOST_NAMES = 5_000
_IDS = "ids"
_SHOP = variants.join(products, variants.c.product_id == products.c.id)
_PRICED = (
    variants.c.product_id,
    variants.c.id,
    variants.c.price_minor,
    variants.c.price_currency,
    products.c.category_zh,
    products.c.category_en,
)


def eligible(
    connection: Connection,
    constraints: Constraints,
    now: datetime,
    among: frozenset[str] | None = None,
) -> frozenset[str] | None:
    """Ids of the products with a variant that keeps `constraints`; None for no constraint.

    Only those in `among` are judged where it is given.
    """
    bounded = constraints.price_min is not None or constraints.price_max is not None
    listed = {} if among is None else {_IDS: json.dumps([*among])}
    if not (bounded or constraints.in_stock or constraints.attributes or constraints.excluded):
        # Categories are the product's own: no variant need be looked at.
        kinds = _of_kinds(constraints.categories, connection.dialect.name, among is not None)
        return None if kinds is None else frozenset(connection.scalars(kinds, listed).all())
    conditions = _unpriced(constraints)
    if not bounded and not conditions:
        return None
    if among is not None:
        conditions.append(_listed(connection.dialect.name, variants.c.product_id))
    if bounded and constraints.currency:
        conditions.append(variants.c.price_currency == constraints.currency)
    low, high = constraints.price_min or 0, constraints.price_max
    price = variants.c.price_minor
    if low > 0:
        # An offer only ever lowers a price, so what costs less without it is out.
        conditions.append(price >= low)
    running = _running(connection, now) if bounded else []
    below = price <= high if high is not None else true()
    if not running:
        query = select(variants.c.product_id).select_from(_SHOP).where(*conditions, below)
        return frozenset(connection.scalars(query.distinct(), listed).all())
    # What a percentage leaves of a price, at least; one unit of slack for rounding.
    left = price * (100 - _most_percent(running))
    flash = _covered(offer for offer in running if offer.kind == "flash_price")
    covered = _covered(running)
    reachable = or_(flash, left <= (high + 1) * 100) if high is not None else true()
    above = true() if low == 0 else or_(not_(covered), and_(not_(flash), left >= (low + 1) * 100))
    query = (
        select(*_PRICED, and_(below, above).label("certain"))
        .select_from(_SHOP)
        .where(*conditions, or_(below, and_(covered, reachable)))
    )
    rows = connection.execute(query, listed).all()
    found = {row.product_id for row in rows if row.certain}
    for row in rows:
        if row.product_id not in found:
            minor = _price(row, running, now)
            if low <= minor and (high is None or minor <= high):
                found.add(row.product_id)
    return frozenset(found)


@lru_cache(maxsize=1024)
def _of_kinds(categories: tuple[str, ...], dialect: str, listed: bool) -> Select[str] | None:
    """Products of one of the categories, among those listed; None for no constraint.

    Kept, since to make the statement costs as much as to run it.
    """
    conditions = _unpriced(Constraints(categories=categories))
    held = [_listed(dialect, products.c.id)] if listed else []
    return select(products.c.id).where(*conditions, *held) if conditions else None


def _listed(dialect: str, column: ColumnElement[str]) -> ColumnElement[bool]:
    """`column IN` the JSON list _IDS, one parameter: hundreds cost more to bind than to look up."""
    ids = bindparam(_IDS, type_=String)
    if dialect == "sqlite":
        values = func.json_each(ids).table_valued("value")
    else:
        values = func.json_array_elements_text(cast(ids, JSON)).table_valued("value")
    return column.in_(select(values.c.value))


def _price(row: Row[*tuple[Any, ...]], running: Iterable[Offer], now: datetime) -> int:
    """What a buyer pays now, from the few fields that pricing looks at."""
    price = Money.model_construct(minor=row.price_minor, currency=row.price_currency)
    variant = Variant.model_construct(id=row.id, price=price, availability=_UNKNOWN)
    category = Text.model_construct(zh=row.category_zh, en=row.category_en)
    product = Product.model_construct(
        id=row.product_id, title=category, category=category, variants=(variant,)
    )
    return unit_price(product, variant, running, now).price.minor


_UNKNOWN = stock(None)


def _unpriced(constraints: Constraints) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if constraints.in_stock:
        conditions.append(variants.c.available.is_(True))
    categories = [
        held for word in constraints.categories
        if (held := holds(products.c.category_words, word)) is not None
    ]  # fmt: skip
    if categories:
        conditions.append(or_(*categories))
    for word in constraints.attributes:
        held = _anywhere(word)
        if held is not None:
            conditions.append(held)
    for word in constraints.excluded:
        held = _anywhere(word)
        category = holds(products.c.category_words, word)
        if held is not None and category is not None:
            conditions.append(not_(or_(held, category)))
    return conditions


def _anywhere(word: str) -> ColumnElement[bool] | None:
    own, shared = holds(variants.c.words, word), holds(products.c.words, word)
    return None if own is None or shared is None else or_(own, shared)


def _running(connection: Connection, now: datetime) -> list[Offer]:
    """The offers that change unit prices at `now` without a code."""
    query = select(offers).where(
        offers.c.kind.in_(["flash_price", "percent_off"]),
        offers.c.code == "",
        or_(offers.c.starts_at.is_(None), offers.c.starts_at <= now),
        or_(offers.c.ends_at.is_(None), offers.c.ends_at > now),
    )
    return [read_offer(row) for row in connection.execute(query)]


def _covered(running: Iterable[Offer]) -> ColumnElement[bool]:
    """The condition that one of the offers may cover a variant; never false for one covered."""
    product_ids: set[str] = set()
    variant_ids: set[str] = set()
    categories: set[str] = set()
    for offer in running:
        if offer.product_ids or offer.variant_ids:
            product_ids.update(offer.product_ids)
            variant_ids.update(offer.variant_ids)
        elif offer.categories:
            categories.update(offer.categories)
        else:
            return true()
    if len(product_ids) + len(variant_ids) + len(categories) > MOST_NAMES:
        return true()
    named = [
        column.in_(names)
        for column, names in (
            (products.c.id, product_ids),
            (variants.c.id, variant_ids),
            (products.c.category_zh, categories),
            (products.c.category_en, categories),
        )
        if names
    ]
    return or_(false(), *named)


def _most_percent(running: Iterable[Offer]) -> int:
    percents = (o.percent or 0 for o in running if o.kind == "percent_off")
    return max(percents, default=0)
