"""The shop as its records stand while a dialogue runs, and what it all costs: the scorers' own
reckoning, which shares no code with the service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from eval.dialogue_set import Change
from eval.safety_records import Offer, Product, Records, Row, Variant, Words, cut

FLASH = "eval-flash-"


class Truth:
    """Records that a dialogue may change; `reset` takes every change back."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows
        self.records = Records.of(rows)

    def reset(self) -> None:
        """The shop as the feed tells it."""
        self.records = Records.of(self._rows)

    def change(self, change: Change) -> None:
        """Notes what the host does. On air is the room's affair, not the records'."""
        if change.stock:
            self._variant(change.stock, stock=change.pieces, available=change.pieces > 0)
        elif change.price:
            self._variant(change.price, price=change.amount)
        elif change.flash:
            self.records.offers[FLASH + change.flash] = _flash(
                self.records.products[change.flash], change.amount
            )
        elif change.end_flash:
            del self.records.offers[FLASH + change.end_flash]

    def _variant(self, key: str, **fields: object) -> None:
        product, _ = self.sold(key)
        variants = tuple(
            replace(v, **fields) if v.id == key else v  # type: ignore[arg-type]
            for v in product.variants
        )
        self.records.products[product.id] = replace(product, variants=variants)

    def sold(self, key: str) -> tuple[Product, tuple[Variant, ...]]:
        """The product and the variants that a product's or a variant's id names."""
        if key in self.records.products:
            product = self.records.products[key]
            return product, product.variants
        for product in self.records.products.values():
            for variant in product.variants:
                if variant.id == key:
                    return product, (variant,)
        raise KeyError(f"no product or variant {key!r}")

    def prices(self, key: str, at: datetime | None = None) -> list[Decimal]:
        """What one piece costs now, of each variant that `key` names, each sum once."""
        product, variants = self.sold(key)
        moment = at or datetime.now(UTC)
        return sorted({self.records.price(product, variant, moment) for variant in variants})

    def total(self, pieces: Mapping[str, int], codes: Sequence[str] = ()) -> Decimal:
        """What `pieces` of variants cost together now, with `codes` entered."""
        at = datetime.now(UTC)
        lines: list[tuple[Product, Variant, int, Decimal]] = []
        for key, n in pieces.items():
            product, variants = self.sold(key)
            variant = variants[0]
            lines.append((product, variant, n, self.records.price(product, variant, at)))
        usable = [
            offer
            for offer in self.records.offers.values()
            if offer.runs(at)
            and offer.kind in ("nth_item", "amount_off")
            and (not offer.code or offer.code in codes)
        ]
        together = [offer for offer in usable if offer.row.get("stackable", True)]
        plans = [together, *([o] for o in usable if not o.row.get("stackable", True))]
        return min(_paid(lines, plan) for plan in plans)


def _paid(lines: Sequence[tuple[Product, Variant, int, Decimal]], plan: Sequence[Offer]) -> Decimal:
    left = [unit * n for _, _, n, unit in lines]
    for offer in sorted(plan, key=lambda o: o.kind == "amount_off"):
        mine = [at for at, (p, v, _, _) in enumerate(lines) if offer.covers(p, v)]
        if offer.kind == "nth_item" and offer.nth and offer.percent:
            for at in mine:
                product, _, n, unit = lines[at]
                halved = unit * (n // offer.nth)
                left[at] -= halved - cut(halved, offer.percent, product.currency)
        elif offer.amount and mine and sum(left[at] for at in mine) >= (offer.threshold or 0):
            rest = min(offer.amount, sum((left[at] for at in mine), Decimal(0)))
            for at in mine:
                taken = min(rest, left[at])
                left[at], rest = left[at] - taken, rest - taken
    return sum(left, Decimal(0))


def _flash(product: Product, amount: Decimal) -> Offer:
    """A flash price as the host sets it; the row is what the service is sent."""
    title = {"zh": f"直播秒杀价{amount:f}元", "en": f"Flash price ¥{amount:f}"}
    row: Row = {
        "id": FLASH + product.id,
        "kind": "flash_price",
        "title": title,
        "product_ids": [product.id],
        "amount": {"minor": int(amount * 100), "currency": product.currency},
    }
    return Offer(
        id=row["id"],
        kind="flash_price",
        title=Words.of(title),
        currency=product.currency,
        amount=amount,
        threshold=None,
        percent=None,
        nth=None,
        code="",
        products=(product.id,),
        variants=(),
        categories=(),
        starts=None,
        ends=None,
        row=row,
    )


def policy_sentence(text: str, number: int) -> str:
    """The `number`-th sentence of a policy, from 1; '' where there is none."""
    parts = [part.strip() for part in text.replace("。", "。\n").replace(". ", ".\n").splitlines()]
    return parts[number - 1] if number <= len(parts) else ""
