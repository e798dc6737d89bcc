from __future__ import annotations

import pytest

from retrieval.crossing import crossed, shop_words


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("有没有保温杯", "insulated bottle tumbler flask"),
        ("Any running shoes?", "跑鞋"),
        ("scarves and gloves", "围巾 手套"),
        ("two knives", "刀"),
        ("¥99", ""),
        ("", ""),
    ],
)
def test_goods_cross(query: str, words: str) -> None:
    assert crossed(query) == words


def test_every_kind_crosses_both_ways() -> None:
    for chinese, english in shop_words():
        assert english in crossed(chinese)
        assert chinese in crossed(english).split()
