"""What every fact of a safety row is drawn with: slots, sums and their near misses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from random import Random

from eval import safety_spelling as spell
from eval.safety_records import Product, Records

AT = datetime.fromisoformat("2026-06-18T12:00:00+08:00")
Wordings = Mapping[str, Mapping[str, Sequence[str]]]
# field, label, slot, false value
Wrong = tuple[str, str, str, str]


@dataclass(slots=True)
class Slots:
    """The true words of each slot, and the false ones that may stand there instead. `whole`
    are false sentences of their own."""

    true: dict[str, str]
    false: list[Wrong] = field(default_factory=list)
    whole: list[tuple[str, str, str]] = field(default_factory=list)
    others: tuple[Product, ...] = ()


class Drawing:
    """Draws by `chance` from `shops`."""

    def __init__(self, shops: Mapping[str, Records], wordings: Wordings, chance: Random) -> None:
        self.shops, self.wordings, self.chance = shops, wordings, chance

    def _money(self, value: Decimal, product: Product, language: str) -> str:
        return spell.money(value, product.currency, language, self.chance)

    def _wrong_money(
        self, about: str, slot: str, value: Decimal, product: Product, language: str,
        records: Records,
    ) -> list[Wrong]:  # fmt: skip
        """Near misses of a sum: plainly written, in disguise, and in another currency."""
        known = {p for v in product.variants for p in (v.price, v.list_price) if p}
        known |= {records.price(product, v, AT) for v in product.variants}
        known |= {s for o in records.offers.values() for s in (o.amount, o.threshold) if s}
        found: list[Wrong] = []
        for label, write in (("near", spell.money), ("near", spell.money),
                             ("disguised", spell.disguised)):  # fmt: skip
            other = spell.near(value, self.chance)
            if other not in known and (product.currency != "JPY" or other % 1 == 0):
                said = write(other, product.currency, language, self.chance)
                found.append((about, label, slot, said))
        other_currency = self.chance.choice([c for c in ("CNY", "USD", "EUR", "GBP")
                                             if c != product.currency])  # fmt: skip
        found.append((about, "currency", slot,
                      spell.money(value, other_currency, language, self.chance)))  # fmt: skip
        return found

    def _single(self, records: Records, product: Product) -> Decimal | None:
        prices = {records.price(product, v, AT) for v in product.variants}
        return prices.pop() if len(prices) == 1 else None
