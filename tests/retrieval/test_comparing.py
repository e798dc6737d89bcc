"""What a card says of a product beside others is true by their records, and like meets like."""

from __future__ import annotations

import random

import pytest

from assistant.turn.compliance import Compliance, read_rules
from retrieval.catalog import Attribute, Money, Product, Text, Variant, stock
from retrieval.comparing import compared


def product(
    key: str, price: int, name: tuple[str, str], value: tuple[str, str], kind: str = "mugs"
) -> Product:
    variant = Variant(id=key, price=Money(minor=price, currency="CNY"), availability=stock(9))
    attribute = Attribute(name=Text(zh=name[0], en=name[1]), value=Text(zh=value[0], en=value[1]))
    return Product(
        id=key,
        title=Text(en=key),
        category=Text(en=kind),
        attributes=(attribute,),
        variants=(variant,),
    )


def told(*products: Product) -> dict[str, Text]:
    return compared(products, {p.id: p.default_variant.price for p in products})


KEEPS = ("保温时间", "Heat retention")


def keeping(key: str, price: int, hours: int, **more: str) -> Product:
    said = (f"95℃热水{hours}小时后不低于65℃", f"95°C stays above 65°C for {hours} hours")
    return product(key, price, KEEPS, said, **more)


def test_the_one_that_keeps_longest_at_its_price_is_told() -> None:
    cups = (keeping("a", 9900, 6), keeping("b", 9000, 12), keeping("c", 8900, 8))
    assert told(*cups) == {
        "b": Text(
            zh="保温时间：找到的3款同价位里最长",
            en="Heat retention: longest of 3 found at a similar price",
        )
    }
    # One far dearer neither counts nor is told of.
    assert told(*cups, keeping("d", 90_000, 24)) == told(*cups)


@pytest.mark.parametrize(
    "other",
    [
        keeping("c", 8900, 12),  # as long
        keeping("c", 8900, 8, kind="pots"),  # of another kind
        keeping("c", 20_000, 8),  # at another price
        product("c", 8900, KEEPS, ("90℃热水8小时后不低于65℃", "90°C for 8 hours")),  # unlike
        product("c", 8900, KEEPS, ("6到8小时", "6 to 8 hours")),  # two figures
        product("c", 8900, KEEPS, ("95℃热水8小时后不低于65℃", "95°C stays above 65°C for 9 hours")),
    ],
)
def test_too_few_or_unlike_ones_are_not_compared(other: Product) -> None:
    assert told(keeping("a", 9900, 6), keeping("b", 9000, 12), other) == {}


def test_the_lightest_is_told_and_units_are_one() -> None:
    weights = (("310g", "310 g"), ("0.3kg", "0.3 kg"), ("330g", "330 g"))
    cups = [product(k, 5000, ("净重", "Weight"), w) for k, w in zip("abc", weights, strict=True)]
    assert told(*cups) == {
        "b": Text(
            zh="净重：找到的3款同价位里最轻", en="Weight: lightest of 3 found at a similar price"
        )
    }


def test_what_is_told_is_true_whatever_the_shop_has() -> None:
    """Judged anew and differently over random shops: nothing told is false, and some is told."""
    chance = random.Random(4)
    some = 0
    for _ in range(300):
        hours = {f"p{n}": chance.randint(1, 9) for n in range(chance.randint(1, 9))}
        prices = {key: chance.randint(50, 200) * 100 for key in hours}
        kinds = {key: chance.choice(["mugs", "pots"]) for key in hours}
        found = told(*(keeping(k, prices[k], hours[k], kind=kinds[k]) for k in hours))
        some += len(found)
        for key in found:
            near = [
                other
                for other in hours
                if kinds[other] == kinds[key]
                and max(prices[other], prices[key]) / min(prices[other], prices[key]) <= 1.3
            ]
            assert f"的{len(near)}款" in found[key].zh
            assert len(near) >= 3
            assert all(hours[key] > hours[other] for other in near if other != key)
    assert some > 50


def test_the_law_on_advertising_lets_them_stand() -> None:
    rules = Compliance(read_rules())
    cups = (keeping("a", 9900, 6), keeping("b", 9000, 12), keeping("c", 8900, 8))
    for text in told(*cups)["b"].every():
        assert not rules.check(text, "保温杯", ())
