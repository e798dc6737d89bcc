"""What viewers see of a room's products: told in the feed when it changes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from assistant.live.state import RoomState
from assistant.live.validity import Basis, fingerprint
from assistant.store.live import FeedItem
from assistant.turn.cards import card
from assistant.turn.evidence import Evidence
from retrieval.catalog import Language, Product, RoomContext

MOST_LISTED = 200
LANGUAGES: tuple[Language, ...] = ("zh", "en")


class Listed:
    """The products of one room as viewers were last shown them.

    Nothing of it is kept: who comes back after a break reads the products again.
    """

    def __init__(self) -> None:
        self._seen: dict[str, tuple[str, bool]] = {}
        self._looked_at: tuple[frozenset[str], tuple[str, ...]] | None = None

    def news(self, state: RoomState, basis: Basis, now: datetime, *, look: bool) -> list[FeedItem]:
        """A `product` item for each product, listed or told of lately, whose price, stock or
        offers have changed, and an `alert` for hosts where the item on air has sold out.

        Reads the products where `look` says that records have changed, an offer has begun or ended
        by itself, or the room lists others. Blocks.
        """
        offers = basis.evidence(()).offers
        running = frozenset(f"{o.id}@{o.version}" for o in offers if o.runs_at(now))
        listed = [item.product_id for item in state.context.items]
        on_air = [state.on_air] if state.on_air else []
        told = sorted({one.product_id for one in state.told})
        shown = tuple(dict.fromkeys((*on_air, *state.pins, *listed, *told)))[:MOST_LISTED]
        if not look and self._looked_at == (running, shown):
            return []
        self._looked_at = running, shown
        seen = {}
        items = []
        for product in basis.evidence(shown).products:
            alone = basis.evidence((product.id,))
            seen[product.id] = (fingerprint(alone, state.context), product.available)
            before = self._seen.get(product.id)
            if before is None or before == seen[product.id]:
                continue
            data = as_shown(product, alone, state.context)
            items.append(
                FeedItem(state.id, f"product:{product.id}:{now.isoformat()}", "product", now, data)
            )
            if product.id == state.on_air and before[1] and not product.available:
                alert = {"what": "sold_out", "product_id": product.id}
                items.append(FeedItem(state.id, f"alert:{now.isoformat()}", "alert", now, alert))
        self._seen = seen
        return items


def as_shown(product: Product, evidence: Evidence, room: RoomContext) -> dict[str, Any]:
    """What buyers see of a product now, as JSON values: each variant's price, offers included,
    and stock; the lines of its offers in both languages."""
    variants = []
    for variant in product.variants:
        priced = evidence.priced(product, variant)
        variants.append(
            {
                "id": variant.id,
                "price": priced.price.model_dump(),
                "list_price": priced.list_price.model_dump() if priced.list_price else None,
                "availability": variant.availability.model_dump(mode="json"),
            }
        )
    offers = {
        language: [
            line.model_dump(mode="json") for line in card(product, evidence, room, language).offers
        ]
        for language in LANGUAGES
    }
    number = next((item.number for item in room.items if item.product_id == product.id), None)
    return {
        "product_id": product.id,
        "number": number,
        "version": product.version,
        "variants": variants,
        "offers": offers,
    }
