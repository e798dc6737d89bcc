"""True sentences about prices, offers and sums, with what would be false in their place."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from eval import safety_spelling as spell
from eval.safety_drawing import AT, Drawing, Slots, Wrong
from eval.safety_records import Offer, Product, Records


class PriceFacts(Drawing):
    """A method a kind of wordings."""

    def _price(self, records: Records, product: Product, language: str) -> Slots | None:
        price = self._single(records, product)
        if price is None:
            return None
        slots = Slots({"price": self._money(price, product, language)})
        slots.false = self._wrong_money("price", "price", price, product, language, records)
        listed = product.variants[0].list_price
        if listed and listed != price:
            said = self._money(listed, product, language)
            slots.false.append(("price", "list_as_price", "price", said))
        for offer in self._expired_offers(records, product):
            said = self._money(offer.amount or near_price(price), product, language)
            for wording in self.wordings["expired"][language]:
                false = wording.replace("{offer}", offer.title.say(language))
                slots.whole += [("offer_amount", "expired", false.replace("{price}", said))] * 3
        return slots

    def _variant_price(self, records: Records, product: Product, language: str) -> Slots | None:
        if len(product.variants) < 2:
            return None
        variant = self.chance.choice(product.variants)
        price = records.price(product, variant, AT)
        slots = Slots({"price": self._money(price, product, language),
                        "variant": variant.label(language)})  # fmt: skip
        slots.false = self._wrong_money("price", "price", price, product, language, records)
        # Several times over: few products have variants of different prices.
        for other in product.variants:
            swapped = records.price(product, other, AT)
            if swapped != price:
                for _ in range(2):
                    said = self._money(swapped, product, language)
                    slots.false.append(("variant_swap", "price", "price", said))
        return slots

    def _variants(self, records: Records, product: Product, language: str) -> Slots | None:
        if len(product.variants) < 2:
            return None
        first, second = self.chance.sample(product.variants, 2)
        one, two = records.price(product, first, AT), records.price(product, second, AT)
        slots = Slots({"price": self._money(one, product, language),
                        "price2": self._money(two, product, language),
                        "variant": first.label(language),
                        "variant2": second.label(language)})  # fmt: skip
        slots.false = self._wrong_money("price", "price2", two, product, language, records)
        if one != two:
            slots.false.append(("variant_swap", "price", "price", slots.true["price2"]))
            slots.false.append(("variant_swap", "price", "price2", slots.true["price"]))
        return slots

    def _was(self, records: Records, product: Product, language: str) -> Slots | None:
        price, listed = self._single(records, product), {v.list_price for v in product.variants}
        old = listed.pop() if len(listed) == 1 else None
        if price is None or old is None or old <= price:
            return None
        slots = Slots({"price": self._money(price, product, language),
                        "list": self._money(old, product, language)})  # fmt: skip
        slots.false = self._wrong_money("list_price", "list", old, product, language, records)
        slots.false += self._wrong_money("price", "price", price, product, language, records)
        return slots

    def _saving(self, records: Records, product: Product, language: str) -> Slots | None:
        slots = self._was(records, product, language)
        if slots is None:
            return None
        price, old = self._single(records, product), product.variants[0].list_price
        saved = (old or Decimal(0)) - (price or Decimal(0))
        slots.true["saving"] = self._money(saved, product, language)
        wrong = self._wrong_money("arithmetic", "saving", saved, product, language, records)
        slots.false = [one for one in wrong if one[1] != "currency"]
        return slots

    def _percent_offer(self, records: Records, product: Product, language: str) -> Slots | None:
        price = self._single(records, product)
        offers = [o for o in records.running(product, product.variants[0], AT)
                  if o.kind == "percent_off" and not o.code]  # fmt: skip
        if price is None or not offers or not offers[0].percent:
            return None
        percent = offers[0].percent
        slots = Slots({"price": self._money(price, product, language), "percent": str(percent),
                        "zhe": _zhe(percent)})  # fmt: skip
        slots.false = self._wrong_money("price", "price", price, product, language, records)
        for other in self.chance.sample([5, 8, 18, 20, 25, 30, 40, 50, 70], 3):
            slots.false += [("percentage", "near", "percent", str(other)),
                            ("percentage", "near", "zhe", _zhe(other))]  # fmt: skip
        return slots

    def _flash_offer(self, records: Records, product: Product, language: str) -> Slots | None:
        price, base = self._single(records, product), product.variants[0].price
        offers = [o for o in records.running(product, product.variants[0], AT)
                  if o.kind == "flash_price" and o.ends]  # fmt: skip
        if price is None or not offers or offers[0].ends is None:
            return None
        ends = offers[0].ends
        slots = Slots({"price": self._money(price, product, language),
                        "base": self._money(base, product, language),
                        "date": spell.date(ends, language, self.chance)})  # fmt: skip
        slots.false = self._wrong_money("offer_amount", "price", price, product, language, records)
        slots.false += self._wrong_dates("date", ends, language)
        return slots

    def _wrong_dates(self, slot: str, ends: datetime, language: str) -> list[Wrong]:
        days = self.chance.sample([-60, -31, -9, -2, 1, 2, 5, 30, 45, 92], 6)
        return [("date", "near", slot, spell.date(ends + timedelta(d), language, self.chance))
                for d in days]  # fmt: skip

    def _amounts(
        self, records: Records, product: Product, language: str, code: bool
    ) -> tuple[Offer, Slots] | None:
        offers = [o for o in records.running(product, product.variants[0], AT)
                  if o.kind == "amount_off" and bool(o.code) == code]  # fmt: skip
        if not offers or not offers[0].amount or not offers[0].threshold:
            return None
        offer, amount, threshold = offers[0], offers[0].amount, offers[0].threshold
        slots = Slots({"amount": self._money(amount, product, language), "code": offer.code,
                        "threshold": self._money(threshold, product, language)})  # fmt: skip
        for slot, value in (("amount", amount), ("threshold", threshold)):
            slots.false += self._wrong_money(
                "offer_amount", slot, value, product, language, records
            )
        if code:
            wrong = offer.code[:-1] + str(self.chance.choice("3789"))
            slots.false.append(("coupon", "near", "code", wrong))
        return offer, slots

    def _amount_off(self, records: Records, product: Product, language: str) -> Slots | None:
        found = self._amounts(records, product, language, False)
        return found[1] if found else None

    def _coupon(self, records: Records, product: Product, language: str) -> Slots | None:
        found, plain = (self._amounts(records, product, language, code) for code in (True, False))
        if not found:
            return None
        _, slots = found
        if plain:
            other = plain[1].true
            for wording in self.wordings["stacking"][language]:
                false = wording.replace("{threshold}", other["threshold"])
                false = false.replace("{amount}", other["amount"])
                slots.whole.append(("offer_amount", "stacking", false))
        return slots

    def _nth_offer(self, records: Records, product: Product, language: str) -> Slots | None:
        return self._sum(records, product, language, 2, "nth_item")

    def _total(self, records: Records, product: Product, language: str) -> Slots | None:
        return self._sum(records, product, language, self.chance.choice((2, 2, 3, 4)), "")

    def _sum(
        self, records: Records, product: Product, language: str, n: int, needed: str
    ) -> Slots | None:
        price = self._single(records, product)
        kinds = [o.kind for o in records.running(product, product.variants[0], AT) if not o.code]
        if price is None or needed not in (*kinds, ""):
            return None
        total = basket(records, product, n)
        slots = Slots({"price": self._money(price, product, language), "n": str(n),
                        "total": self._money(total, product, language)})  # fmt: skip
        slots.false = self._wrong_money("arithmetic", "total", total, product, language, records)
        naive = price * n
        if naive != total:
            slots.false.append(("arithmetic", "discount forgotten", "total",
                                self._money(naive, product, language)))  # fmt: skip
        return slots

    def _expired_offers(self, records: Records, product: Product) -> list[Offer]:
        return [o for o in records.offers.values()
                if not o.runs(AT) and o.covers(product, product.variants[0])]  # fmt: skip

    def _partner(
        self, records: Records, product: Product
    ) -> tuple[Product, Decimal, Decimal] | None:
        price = self._single(records, product)
        rest = [p for p in records.products.values()
                if p is not product and p.currency == product.currency]  # fmt: skip
        other = self.chance.choice(rest) if rest else product
        second = self._single(records, other)
        return (
            None if price is None or second is None or other is product else (other, price, second)
        )

    def _pair(self, records: Records, product: Product, language: str) -> Slots | None:
        found = self._partner(records, product)
        if found is None:
            return None
        other, one, two = found
        slots = Slots({"other": other.name(language), "price": self._money(one, product, language),
                        "price2": self._money(two, other, language)}, others=(other,))  # fmt: skip
        slots.false = self._wrong_money("price", "price2", two, other, language, records)
        known = {s for v in other.variants for s in (v.price, v.list_price)}
        if one not in known:
            slots.false.append(("product_swap", "price", "price2", slots.true["price"]))
        return slots

    def _cheaper(self, records: Records, product: Product, language: str) -> Slots | None:
        found = self._partner(records, product)
        if found is None or found[1] >= found[2]:
            return None
        other, one, two = found
        slots = Slots({"other": other.name(language), "price": self._money(one, product, language),
                        "price2": self._money(two, other, language),
                        "difference": self._money(two - one, product, language)},
                       others=(other,))  # fmt: skip
        wrong = self._wrong_money("arithmetic", "difference", two - one, product, language, records)
        slots.false = [each for each in wrong if each[1] != "currency"]
        for wording in self.wordings["cheaper"][language]:
            turned = wording.replace("{name}", "{mark}").replace("{other}", "{name}")
            turned = turned.replace("{mark}", "{other}").replace("{price}", "{mark}")
            turned = turned.replace("{price2}", "{price}").replace("{mark}", "{price2}")
            slots.whole.append(("comparison", "turned round", turned))
        return slots


def near_price(price: Decimal) -> Decimal:
    """A price that a third off would make."""
    return (price * 7 / 10).quantize(Decimal("0.01"))


def basket(records: Records, product: Product, n: int) -> Decimal:
    """What `n` pieces cost without a coupon: every nth one cheaper, then amounts off."""
    variant = product.variants[0]
    price = records.price(product, variant, AT)
    total = price * n
    offers = [o for o in records.running(product, variant, AT) if not o.code]
    for offer in offers:
        if offer.kind == "nth_item" and offer.nth and offer.percent:
            total -= (price * (n // offer.nth) * offer.percent / 100).quantize(Decimal("0.01"))
    for offer in offers:
        if offer.kind == "amount_off" and offer.amount and total >= (offer.threshold or 0):
            total -= offer.amount
    return total


def _zhe(percent: int) -> str:
    """折 of a percentage taken off: 12 is 8.8, 10 is 9."""
    return spell.plain(Decimal(100 - percent) / 10)
