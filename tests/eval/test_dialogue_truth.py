"""The scorers' own reckoning, held against the one that prices the service's baskets."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from eval.dialogue_check import DEMO
from eval.dialogue_set import OWN, Change, read_dialogues
from eval.dialogue_truth import Truth
from eval.shop import Shop
from retrieval.basket import Line, price_basket


@pytest.fixture
def truth() -> Truth:
    return Truth([json.loads(x, parse_float=Decimal) for x in DEMO.read_text().splitlines()])


def test_it_reckons_every_basket_of_the_dialogues_as_the_service_does(truth: Truth) -> None:
    shop, at = Shop.read(DEMO), datetime.now(UTC)
    sold = {v.id: (p, v) for p in shop.products.values() for v in p.variants}
    sold |= {p.id: (p, p.default_variant) for p in shop.products.values()}
    baskets = [
        (expected.total, expected.codes)
        for dialogue in read_dialogues(OWN)
        for turn in dialogue.turns
        for group in turn.facts
        for expected in group
        if expected.total
    ]
    baskets += [({"frying-pan-28": 2}, ("LIVE20",)), ({"quick-dryer": 2}, ("LIVE20",))]
    assert len(baskets) > 30
    for pieces, codes in baskets:
        lines = [Line(*sold[key], n) for key, n in pieces.items()]
        paid = price_basket(lines, shop.offers, at, codes).total.minor
        assert int(truth.total(pieces, codes) * 100) == paid, pieces


def test_a_flash_price_counts_until_it_ends(truth: Truth) -> None:
    truth.change(Change(flash="pangdun-2-500", amount=Decimal("79.00")))
    assert truth.prices("pangdun-2-500-white") == [Decimal("79.00")]
    truth.change(Change(end_flash="pangdun-2-500"))
    assert truth.prices("pangdun-2-500") == [Decimal("99.00")]


def test_stock_and_price_change_and_are_taken_back(truth: Truth) -> None:
    truth.change(Change(stock="air-2-black", pieces=0))
    truth.change(Change(price="air-2-pro-white", amount=Decimal("299.00")))
    _, (black,) = truth.sold("air-2-black")
    assert (black.stock, black.available) == (0, False)
    assert truth.prices("air-2-pro") == [Decimal("299.00"), Decimal("329.00")]
    truth.reset()
    assert truth.sold("air-2-black")[1][0].stock == 18
