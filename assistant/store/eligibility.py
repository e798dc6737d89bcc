"""Which products keep every constraint of a question, judged a variant at a time.

SQL decides everything but prices that an offer changes now; those few are priced by
`retrieval.basket.unit_price`, the only place that prices.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, false, not_, or_, select, true

from assistant.store.rows import read_offer
from assistant.store.schema import offers, products, variants
from assistant.store.words import holds
from retrieval.basket import unit_price
from retrieval.catalog import Constraints, Offer, Product

Load = Callable[[Connection, Iterable[str]], dict[str, Product]]
# More names than one statement may hold: then every product counts as covered, and is priced.
MOST_NAMES = 5_000
_SHOP = variants.join(products, variants.c.product_id == products.c.id)


def eligible(
    connection: Connection, constraints: Constraints, now: datetime, load: Load
) -> frozenset[str] | None:
    """Ids of the products with a variant that keeps `constraints`; None for no constraint."""
    conditions = _unpriced(constraints)
    bounded = constraints.price_min is not None or constraints.price_max is not None
    if not bounded:
        if not conditions:
            return None
        query = select(variants.c.product_id).select_from(_SHOP).where(*conditions).distinct()
        return frozenset(connection.scalars(query))
    if constraints.currency:
        conditions.append(variants.c.price_currency == constraints.currency)
    running = _running(connection, now)
    covered = _covered(running)
    low = constraints.price_min if constraints.price_min is not None else 0
    high = constraints.price_max
    price = variants.c.price_minor
    below = price <= high if high is not None else true()
    # An offer only ever lowers a price, so a price below the lowest is out already.
    certain = and_(below, or_(not_(covered), true() if low == 0 else false()))
    wanted = or_(below, and_(covered, _reachable(running, high))) if running else below
    query = (
        select(variants.c.product_id, variants.c.id, certain.label("certain"))
        .select_from(_SHOP)
        .where(*conditions, price >= low, wanted)
    )
    rows = connection.execute(query).all()
    found = {row.product_id for row in rows if row.certain}
    open_ids = {row.id: row.product_id for row in rows if row.product_id not in found}
    loaded = load(connection, open_ids.values())
    for variant_id, product_id in open_ids.items():
        variant = loaded[product_id].variant(variant_id)
        if product_id not in found and variant is not None:
            minor = unit_price(loaded[product_id], variant, running, now).price.minor
            if low <= minor and (high is None or minor <= high):
                found.add(product_id)
    return frozenset(found)


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


def _covered(running: Sequence[Offer]) -> ColumnElement[bool]:
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


def _reachable(running: Sequence[Offer], high: int | None) -> ColumnElement[bool]:
    """The condition that the offers may bring a price down to `high`."""
    if high is None or any(offer.kind == "flash_price" for offer in running):
        return true()
    percent = max((offer.percent or 0 for offer in running), default=0)
    # One unit of slack: a discount is rounded half up.
    return variants.c.price_minor * (100 - percent) <= (high + 1) * 100
