"""Goods asked for by how they differ from the one at hand."""

from __future__ import annotations

import pytest

from assistant.turn.relatives import Way, fitting, way_of
from retrieval.catalog import Availability, Money, Product, Text, Variant


def lamp(key: str, title: str, minor: int) -> Product:
    variant = Variant(
        id=f"{key}-0",
        price=Money(minor=minor, currency="CNY"),
        availability=Availability(available=True, status="in_stock"),
    )
    return Product(id=key, title=Text(zh=title), variants=(variant,))


SHELF = (
    lamp("s", "晨光 圆柱台灯 20cm", 5900),
    lamp("m", "晨光 圆柱台灯 30cm", 7900),
    lamp("l", "晨光 圆柱台灯 40cm", 9900),
    lamp("pan", "好灶 平底锅 50cm", 9900),
)


@pytest.mark.parametrize(
    ("said", "way"),
    [
        ("有没有再大一点的", "more"),
        ("更小的呢", "less"),
        ("do you have a thicker one", "more"),
        ("anything cheaper?", "cheaper"),
        ("有类似的吗", "alike"),
        ("something like this", "alike"),
        ("多大", None),
        ("is it light?", None),
        ("可以便宜吗", None),
    ],
)
def test_the_way_is_read(said: str, way: Way | None) -> None:
    assert way_of(said) == way


@pytest.mark.parametrize(
    ("way", "ids"),
    [
        ("more", ["l"]),
        ("less", ["s"]),
        ("cheaper", ["s"]),
        ("dearer", ["l"]),
        ("alike", ["s", "l"]),
    ],
)
def test_only_its_kind_and_only_that_way(way: Way, ids: list[str]) -> None:
    assert fitting(SHELF[1], SHELF, way) == ids
