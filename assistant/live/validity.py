"""Whether what was said still holds: a fingerprint of the records that an answer relies on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from zoneinfo import ZoneInfo

from assistant.events import Cited, ProductCard
from assistant.turn.evidence import Evidence, cite, read_evidence
from retrieval.catalog import Offer, Policy, Product, Records, RoomContext


class Basis:
    """The records as they are at one moment, each read once; for as long as one check takes.

    Reads block: call it in a thread.
    """

    def __init__(self, records: Records, room: RoomContext, zone: ZoneInfo) -> None:
        self.room, self._records = room, records
        self._whole = read_evidence(records, (), zone)
        self._products: dict[str, Product] = {}

    def evidence(self, product_ids: Iterable[str]) -> Evidence:
        """What the records say of these products."""
        ids = tuple(dict.fromkeys(product_ids))
        missing = tuple(one for one in ids if one not in self._products)
        if missing:
            self._products |= self._records.products(missing)
        found = tuple(self._products[one] for one in ids if one in self._products)
        return replace(self._whole, products=found)

    def of(self, product_ids: Iterable[str]) -> str:
        """The fingerprint of these products with all that prices them, and of the shop's rules.

        It changes with a product's version (its prices and stock count), with each offer that
        begins, ends or changes for it, with its number in the room, and with any policy.
        """
        return fingerprint(self.evidence(product_ids), self.room)


def fingerprint(evidence: Evidence, room: RoomContext) -> str:
    """The fingerprint of evidence as it was read."""
    if evidence.products:
        running = [offer for product in evidence.products for offer in evidence.running(product)]
    else:
        running = [offer for offer in evidence.offers if offer.runs_at(evidence.at)]
    ids = {product.id for product in evidence.products}
    parts = [
        *(f"{product.id}@{product.version}" for product in evidence.products),
        *sorted({_named(offer) for offer in running}),
        *(f"{policy.id}@{policy.version}" for policy in evidence.policies),
        *(f"{item.number}={item.product_id}" for item in room.items if item.product_id in ids),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


def used_by(
    known: Iterable[str], cards: Iterable[ProductCard], cited: Iterable[Cited]
) -> tuple[str, ...]:
    """The products an answer relied on: those it was asked about, those it showed and cited."""
    named = [c.record.removeprefix("product:") for c in cited if "product:" in c.record]
    return tuple(dict.fromkeys((*known, *(card.id for card in cards), *named)))


def _named(offer: Offer) -> str:
    return f"{offer.id}@{offer.version}"


def agrees(evidence: Evidence, cards: Iterable[ProductCard], cited: Iterable[Cited]) -> bool:
    """Whether every card and citation of an answer is what the records say in `evidence`."""
    records: list[Product | Offer | Policy] = [*evidence.products, *evidence.offers]
    records += evidence.policies
    versions = {cite(record).record: record.version for record in records}
    if any(versions.get(one.record) != one.version for one in cited):
        return False
    for card in cards:
        product = evidence.product(card.id)
        variant = product.variant(card.variant_id) if product else None
        if product is None or variant is None or product.version != card.version:
            return False
        if evidence.priced(product, variant).price != card.price:
            return False
    return True
