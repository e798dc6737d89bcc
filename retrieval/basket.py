"""The one place that prices: a unit under the running offers, and a whole basket.

Rules, in this order:

1. A running flash price replaces the unit price; the lowest one counts.
2. The best running percentage without a code comes off the unit price. Beside a flash price
   it does so only where both offers stack; otherwise the lower of the two prices counts.
3. In a basket, every nth piece of a line gets its nth-item discount.
4. Coupons whose code was entered take their percentage off the lines they cover.
5. Amounts come off once the covered lines reach the threshold.

Offers that do not stack never meet another one of rules 3 to 5: the basket takes either all
that stack or one that does not, whichever makes it cheaper. Fractions of a minor unit are
rounded half up, once per discount.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from retrieval.catalog import Money, Offer, Product, Variant


class Priced(NamedTuple):
    """What one piece costs now. `list_price` is set where it is higher than `price`."""

    price: Money
    list_price: Money | None
    offers: tuple[Offer, ...]


class Line(NamedTuple):
    """`quantity` pieces of one variant."""

    product: Product
    variant: Variant
    quantity: int


class Discount(NamedTuple):
    """What one offer takes off a basket."""

    offer: Offer
    amount: Money


class PricedBasket(NamedTuple):
    """Lines at unit prices, what comes off, and what is left to pay."""

    subtotal: Money
    discounts: tuple[Discount, ...]
    total: Money


def _share(minor: int, percent: int) -> int:
    return (minor * percent + 50) // 100


def running(
    offers: Iterable[Offer], product: Product, variant: Variant, at: datetime
) -> list[Offer]:
    """The offers that cover this variant at `at`, in its currency."""
    return [
        offer
        for offer in offers
        if offer.runs_at(at)
        and offer.covers(product, variant)
        and (offer.amount is None or offer.amount.currency == variant.price.currency)
    ]


def unit_price(product: Product, variant: Variant, offers: Iterable[Offer], at: datetime) -> Priced:
    """What one piece of `variant` costs a buyer at `at`, without any code."""
    automatic = [offer for offer in running(offers, product, variant, at) if not offer.code]
    base = variant.price.minor
    choices: list[tuple[int, tuple[Offer, ...]]] = [(base, ())]
    flash = min(
        (o for o in automatic if o.kind == "flash_price" and o.amount),
        key=lambda o: (o.amount.minor if o.amount else 0, o.id),
        default=None,
    )
    if flash and flash.amount:
        choices.append((flash.amount.minor, (flash,)))
    for offer in automatic:
        if offer.kind == "percent_off" and offer.percent:
            choices.append((base - _share(base, offer.percent), (offer,)))
            if flash and flash.amount and flash.stackable and offer.stackable:
                left = flash.amount.minor
                choices.append((left - _share(left, offer.percent), (flash, offer)))
    minor, applied = min(choices, key=lambda choice: (choice[0], len(choice[1])))
    currency = variant.price.currency
    struck = max(base, variant.list_price.minor if variant.list_price else 0)
    return Priced(
        Money(minor=minor, currency=currency),
        Money(minor=struck, currency=currency) if struck > minor else None,
        applied,
    )


def price_basket(
    lines: Sequence[Line], offers: Iterable[Offer], at: datetime, codes: Iterable[str] = ()
) -> PricedBasket:
    """What `lines` cost together at `at` with the coupon `codes` entered.

    Raises ValueError for an empty basket, a quantity below one, or mixed currencies.
    """
    if not lines or any(line.quantity < 1 for line in lines):
        raise ValueError("lines: a basket needs at least one line, each of one piece or more")
    currencies = {line.variant.price.currency for line in lines}
    if len(currencies) > 1:
        raise ValueError(f"lines: one currency a basket, not {sorted(currencies)}")
    offers = tuple(offers)
    entered = {code.casefold() for code in codes}
    usable = [
        o
        for o in offers
        if o.runs_at(at)
        and (not o.code or o.code.casefold() in entered)
        and (o.kind in ("nth_item", "amount_off") or (o.kind == "percent_off" and o.code))
    ]
    units = [unit_price(line.product, line.variant, offers, at).price.minor for line in lines]
    plans = [[o for o in usable if o.stackable]]
    plans += [[o] for o in usable if not o.stackable]
    taken = min(
        (_discounts(lines, units, plan) for plan in plans),
        key=lambda discounts: -sum(minor for _, minor in discounts),
    )
    currency = currencies.pop()
    subtotal = sum(unit * line.quantity for unit, line in zip(units, lines, strict=True))
    return PricedBasket(
        Money(minor=subtotal, currency=currency),
        tuple(Discount(o, Money(minor=minor, currency=currency)) for o, minor in taken),
        Money(minor=subtotal - sum(minor for _, minor in taken), currency=currency),
    )


def _discounts(
    lines: Sequence[Line], units: Sequence[int], plan: Sequence[Offer]
) -> list[tuple[Offer, int]]:
    """What each offer of `plan` takes off, offers that take nothing left out."""
    order = {"nth_item": 0, "percent_off": 1, "amount_off": 2}
    left = [unit * line.quantity for unit, line in zip(units, lines, strict=True)]
    taken = []
    for offer in sorted(plan, key=lambda o: (order[o.kind], o.id)):
        covered = [n for n, line in enumerate(lines) if offer.covers(line.product, line.variant)]
        off = [0] * len(lines)
        if offer.kind == "amount_off" and offer.amount:
            reached = sum(left[n] for n in covered)
            least = offer.threshold.minor if offer.threshold else 0
            if covered and reached >= least:
                _spread(min(offer.amount.minor, reached), covered, left, off)
        else:
            for n in covered:
                whole = left[n]
                if offer.kind == "nth_item" and offer.nth:
                    whole = units[n] * (lines[n].quantity // offer.nth)
                off[n] = min(left[n], _share(whole, offer.percent or 0))
        left = [rest - minor for rest, minor in zip(left, off, strict=True)]
        if any(off):
            taken.append((offer, sum(off)))
    return taken


def _spread(amount: int, covered: Sequence[int], left: Sequence[int], off: list[int]) -> None:
    """Take `amount` off the covered lines, in order; it is never more than they hold."""
    for n in covered:
        off[n] = min(amount, left[n])
        amount -= off[n]
