"""What a reply may rely on: records as they were read a moment ago."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from assistant.events import Cited
from retrieval.basket import Priced, running, unit_price
from retrieval.catalog import Offer, Policy, Product, Records, Variant


@dataclass(frozen=True)
class Evidence:
    """The products in play, main one first, with every offer and policy, as read `at`.

    `variant_ids` are the variants a viewer named; empty, any variant may be meant.
    """

    products: tuple[Product, ...]
    offers: tuple[Offer, ...]
    policies: tuple[Policy, ...]
    at: datetime
    zone: ZoneInfo
    variant_ids: tuple[str, ...] = ()
    # What was priced once is not priced again: one sentence asks for it many times.
    _priced: dict[tuple[str, str], Priced] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _running: dict[str, tuple[Offer, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def product(self, product_id: str) -> Product | None:
        return next((p for p in self.products if p.id == product_id), None)

    def variants(self, product: Product) -> tuple[Variant, ...]:
        """The variants meant, or all of them."""
        meant = tuple(v for v in product.variants if v.id in self.variant_ids)
        return meant or product.variants

    @cached_property
    def _now(self) -> tuple[Offer, ...]:
        return tuple(offer for offer in self.offers if offer.runs_at(self.at))

    def priced(self, product: Product, variant: Variant) -> Priced:
        key = (product.id, variant.id)
        if key not in self._priced:
            self._priced[key] = unit_price(product, variant, self._now, self.at)
        return self._priced[key]

    def running(self, product: Product) -> tuple[Offer, ...]:
        """The offers that run now and cover a variant of `product`."""
        if product.id not in self._running:
            found = {
                offer.id: offer
                for variant in self.variants(product)
                for offer in running(self._now, product, variant, self.at)
            }
            self._running[product.id] = tuple(found.values())
        return self._running[product.id]


def read_evidence(
    records: Records,
    product_ids: Iterable[str],
    zone: ZoneInfo,
    variant_ids: tuple[str, ...] = (),
    read: Mapping[str, Product] | None = None,
) -> Evidence:
    """The evidence as the records say it now. Blocks: call it in a thread.

    `read`: products that have been read for this very reply.
    """
    ids = tuple(product_ids)
    found = dict(read or {})
    missing = tuple(key for key in ids if key not in found)
    if missing:
        found |= records.products(missing)
    return Evidence(
        products=tuple(found[i] for i in ids if i in found),
        offers=records.offers(),
        policies=records.policies(),
        at=datetime.now(UTC),
        zone=zone,
        variant_ids=variant_ids,
    )


class Fact(NamedTuple):
    """One statement of the shop's records. `known` is False where they hold no answer."""

    text: str
    cites: tuple[Cited, ...] = ()
    known: bool = True


def cite(record: Product | Offer | Policy) -> Cited:
    """The citation of `record` at its version."""
    kind = type(record).__name__.lower()
    return Cited(record=f"{kind}:{record.id}", version=record.version)
