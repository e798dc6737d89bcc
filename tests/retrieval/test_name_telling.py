"""Products that carry one name, told apart by what else is said."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from retrieval.catalog import Attribute, Availability, Money, Product, Text, Variant
from retrieval.names import ProductNames


def product(
    key: str, zh: str, aliases: tuple[str, ...] = (), sizes: tuple[str, ...] = ("",)
) -> Product:
    variants = tuple(
        Variant(
            id=f"{key}-{at}",
            price=Money(minor=100, currency="CNY"),
            availability=Availability(available=True, status="in_stock"),
            options=(Attribute(name=Text(zh="规格"), value=Text(zh=size)),) if size else (),
        )
        for at, size in enumerate(sizes)
    )
    return Product(id=key, title=Text(zh=zh), aliases=aliases, variants=variants)


@pytest.fixture
def found() -> Callable[[str], set[str]]:
    names = ProductNames()
    for item in (
        product("b1", "山泉 圆肚水壶 600ml", ("圆肚",)),
        product("b2", "山泉 圆肚水壶 900ml"),
        product("b3", "山泉 圆肚水壶三代 600ml"),
        product("w40", "驰电 氮化镓插头 40W", ("插头",)),
        product("w90", "驰电 氮化镓插头 90W", ("插头",)),
        product("tea", "岭上 红茶 12包"),
        product("tea2", "岭上 红茶 36包"),
        product("mat", "静木 瑜伽垫", ("垫子",), ("60cm", "80cm")),
        product("mat2", "静木 幼童瑜伽垫", (), ("60cm",)),
        product("lid", "山泉 水", ("水",)),
    ):
        names.put(item)
    return lambda text: {m.product_id for m in names.find(text) if m.score >= 0.6}


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("圆肚多少钱", {"b1"}),
        ("圆肚900那个多少钱", {"b2"}),
        ("圆肚三代有货吗", {"b3"}),
        ("90瓦的插头送线吗", {"w90"}),
        ("岭上红茶36包的多少钱", {"tea2"}),
        ("幼童瑜伽垫有货吗", {"mat2"}),
        ("瑜伽垫80cm的有吗", {"mat"}),
        ("圆肚900以内的有吗", {"b1"}),
        ("能装多少水", set()),
    ],
)
def test_what_else_is_said_tells(
    found: Callable[[str], set[str]], text: str, ids: set[str]
) -> None:
    assert found(text) == ids
