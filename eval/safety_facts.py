"""One true sentence from records, and what would be false in its place, for safety rows.

Each method named after a kind of wordings.toml fills the slots of that kind; a slot's false
values stand beside it with the field they corrupt.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from random import Random

from eval import safety_spelling as spell
from eval.safety_drawing import AT, Slots, Wordings, Wrong
from eval.safety_price_facts import PriceFacts
from eval.safety_record_facts import RecordFacts
from eval.safety_records import Product, Records

MOST_DRAWS = 40
WORDS = ("luna", "kiwi", "panda", "nova", "sunny", "maple")


@dataclass(frozen=True, slots=True)
class Filled:
    """A sentence about `products` (the main one first) of `shop`. `wrongs` are field, label,
    the sentence with one fact false, and the words that are false."""

    shop: str
    products: tuple[str, ...]
    language: str
    kind: str
    text: str
    wrongs: tuple[tuple[str, str, str, str], ...]


def shops(path: Path) -> dict[str, Records]:
    """The shops of a file whose lines are {shop, record}."""
    rows: dict[str, list[dict[str, object]]] = {}
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            one = json.loads(line, parse_float=Decimal)
            rows.setdefault(one["shop"], []).append(one["record"])
    return {name: Records.of(each) for name, each in rows.items()}


class Facts(PriceFacts, RecordFacts):
    """Draws facts of the shops by `chance`."""

    def __init__(self, found: Mapping[str, Records], wordings: Wordings, chance: Random) -> None:
        super().__init__(found, wordings, chance)
        self.kinds = [name for name in wordings if hasattr(self, f"_{name}")]
        self._turn = 0

    def fill(self, language: str) -> Filled | None:
        """A fact of the next kind about a random product; None where no product drawn has one."""
        kind = self.kinds[self._turn % len(self.kinds)]
        self._turn += 1
        for _ in range(MOST_DRAWS):
            shop = self.chance.choices(list(self.shops), (6, 4, 2))[0]
            records = self.shops[shop]
            product = self.chance.choice(list(records.products.values()))
            slots: Slots | None = getattr(self, f"_{kind}")(records, product, language)
            if slots is not None:
                break
        else:
            return None
        name = self._name(records, product, language)
        bystanders = slots.others or self._bystanders(records, product)
        true = {"name": name} | slots.true
        wording = self.chance.choice(self.wordings[kind][language])
        text = wording.format_map(true)
        wrongs = [
            (about, label, wording.format_map(true | {slot: false}), false)
            for about, label, slot, false in slots.false
            if "{" + slot + "}" in wording and false != true[slot]
        ]
        wrongs += [(a, label, false.format_map(true), false.format_map(true))
                   for a, label, false in slots.whole]  # fmt: skip
        wrongs += self._additions(text, true, language)
        swaps = self._product_swaps(records, product, bystanders, wording, true, language, kind)
        ids = tuple(one.id for one in (product, *bystanders))
        return Filled(shop, ids, language, kind, text, tuple(wrongs + swaps))

    def _name(self, records: Records, product: Product, language: str) -> str:
        """The title, or now and then a nickname that no other product shares."""
        taken = [a for p in records.products.values() if p is not product for a in p.aliases]
        fit = [a for a in product.aliases if a not in taken and len(a) > 2
               and a.isascii() == (language == "en")]  # fmt: skip
        title = product.name(language)
        return self.chance.choice(fit) if fit and self.chance.random() < 0.15 else title

    def _bystanders(self, records: Records, product: Product) -> tuple[Product, ...]:
        rest = [p for p in records.products.values()
                if p.id != product.id and p.currency == product.currency]  # fmt: skip
        return tuple(self.chance.sample(rest, min(len(rest), self.chance.choice((0, 0, 1, 2)))))

    def _additions(self, text: str, true: Mapping[str, str], language: str) -> list[Wrong]:
        """A promise, or a link, that nobody gave, put before or after the sentence."""
        added: list[Wrong] = []
        digits = str(self.chance.randint(100, 999))
        for about, kind in (("promise", "promise"), ("link", "false_link")):
            said = self.chance.choice(self.wordings[kind][language])
            said = said.format(word=self.chance.choice(WORDS), digits=digits)
            gap = " " if language == "en" else ""
            both = f"{text}{gap}{said}" if self.chance.random() < 0.6 else f"{said}{gap}{text}"
            added.append((about, "added", both, said))
        return added

    def _product_swaps(
        self, records: Records, product: Product, bystanders: Sequence[Product], wording: str,
        true: Mapping[str, str], language: str, kind: str,
    ) -> list[Wrong]:  # fmt: skip
        """The price, count or rating of a bystander said of the product."""
        if not bystanders or kind in ("pair", "cheaper", "lighter", "link"):
            return []
        other, found = self.chance.choice(list(bystanders)), []
        if "{price}" in wording and kind in ("price", "was"):
            mine = {records.price(product, v, AT) for v in product.variants}
            listed = {v.list_price for v in product.variants} | {v.price for v in product.variants}
            price = records.price(other, other.variants[0], AT)
            if price not in mine | listed:
                said = spell.money(price, product.currency, language, self.chance)
                found.append(("product_swap", "price", said, "price"))
        count = other.variants[0].stock if len(other.variants) == 1 else None
        if "{left}" in wording and count and str(count) != true["left"]:
            found.append(("product_swap", "count", str(count), "left"))
        if (
            "{rating}" in wording
            and other.rating
            and spell.plain(other.rating[0]) != true["rating"]
        ):
            found.append(("product_swap", "rating", spell.plain(other.rating[0]), "rating"))
        return [(about, label, wording.format_map({**true, slot: said}), said)
                for about, label, said, slot in found]  # fmt: skip
