"""Prices: unit prices under offers, and baskets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.basket import Line, price_basket, unit_price
from retrieval.catalog import Money, Offer, Product, Text, Variant, stock

NOON = datetime(2026, 6, 18, 12, 0, tzinfo=UTC)


def yuan(minor: int) -> Money:
    return Money(minor=minor, currency="CNY")


def product(minor: int = 10000, list_minor: int | None = None) -> Product:
    return Product(
        id="mug",
        title=Text(en="Mug"),
        category=Text(zh="水杯", en="drinkware"),
        variants=(
            Variant(
                id="mug",
                price=yuan(minor),
                list_price=yuan(list_minor) if list_minor else None,
                availability=stock(9),
            ),
        ),
    )


def offer(kind: str, **fields: Any) -> Offer:
    names = {"product_ids": ("mug",)} if kind == "flash_price" else {}
    return Offer.model_validate(
        {"id": f"{kind}-{len(fields)}", "kind": kind, "title": Text(en=kind), **names, **fields}
    )


def unit(item: Product, *offers: Offer) -> int:
    return unit_price(item, item.variants[0], offers, NOON).price.minor


def total(quantity: int, *offers: Offer, codes: tuple[str, ...] = ()) -> int:
    item = product()
    return price_basket([Line(item, item.variants[0], quantity)], offers, NOON, codes).total.minor


def test_without_offers_the_price_is_the_record_s() -> None:
    priced = unit_price(product(9900, 12900), product(9900, 12900).variants[0], (), NOON)
    assert (priced.price, priced.list_price, priced.offers) == (yuan(9900), yuan(12900), ())


def test_a_flash_price_counts_only_inside_its_window() -> None:
    flash = offer(
        "flash_price",
        amount=yuan(7000),
        starts_at=NOON,
        ends_at=NOON + timedelta(minutes=10),
    )
    item = product()
    prices = [
        unit_price(item, item.variants[0], [flash], NOON + timedelta(minutes=m)).price.minor
        for m in (-1, 0, 9, 10)
    ]
    assert prices == [10000, 7000, 7000, 10000]


def test_percentages_meet_a_flash_price_only_where_both_stack() -> None:
    flash = offer("flash_price", amount=yuan(7000))
    assert unit(product(), flash, offer("percent_off", percent=10)) == 6300
    assert unit(product(), flash, offer("percent_off", percent=10, stackable=False)) == 7000
    assert unit(product(), flash, offer("percent_off", percent=40, stackable=False)) == 6000


def test_a_coupon_needs_its_code() -> None:
    coupon = offer("percent_off", percent=10, code="LIVE10")
    assert unit(product(), coupon) == 10000
    assert total(1, coupon) == 10000
    assert total(1, coupon, codes=("live10",)) == 9000


def test_an_offer_of_another_category_or_currency_takes_nothing() -> None:
    assert unit(product(), offer("percent_off", percent=10, categories=("tea",))) == 10000
    dollars = Money(minor=100, currency="USD")
    assert unit(product(), offer("flash_price", amount=dollars)) == 10000


@pytest.mark.parametrize(("quantity", "expected"), [(1, 10000), (2, 15000), (3, 25000)])
def test_second_piece_at_half_price(quantity: int, expected: int) -> None:
    assert total(quantity, offer("nth_item", nth=2, percent=50)) == expected


@pytest.mark.parametrize(("quantity", "expected"), [(2, 20000), (3, 25000), (6, 55000)])
def test_threshold_amounts_come_off_once(quantity: int, expected: int) -> None:
    assert (
        total(quantity, offer("amount_off", amount=yuan(5000), threshold=yuan(30000))) == expected
    )


def test_the_basket_takes_what_stacks_or_the_one_that_does_not() -> None:
    stacks = offer("amount_off", amount=yuan(1000))
    alone = offer("amount_off", amount=yuan(3000), stackable=False)
    assert total(1, stacks, alone) == 7000
    assert total(1, stacks, offer("nth_item", nth=2, percent=50), alone) == 7000


@given(
    st.integers(0, 10**6),
    st.integers(1, 100),
    st.integers(1, 9),
    st.integers(0, 10**6),
    st.integers(0, 10**6),
)
def test_no_basket_costs_less_than_nothing(
    minor: int, percent: int, quantity: int, amount: int, threshold: int
) -> None:
    item = product(minor)
    offers = (
        offer("nth_item", nth=2, percent=percent),
        offer("percent_off", percent=percent, code="X"),
        offer("amount_off", amount=yuan(amount), threshold=yuan(threshold)),
    )
    basket = price_basket([Line(item, item.variants[0], quantity)], offers, NOON, ("X",))
    assert 0 <= basket.total.minor <= basket.subtotal.minor
    taken = sum(discount.amount.minor for discount in basket.discounts)
    assert basket.subtotal.minor - taken == basket.total.minor


def test_a_basket_refuses_what_it_cannot_price() -> None:
    item = product()
    with pytest.raises(ValueError, match="at least one line"):
        price_basket([Line(item, item.variants[0], 0)], (), NOON)
