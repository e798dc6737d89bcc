"""Needs said as a situation."""

from __future__ import annotations

import pytest

from retrieval.needs import needed


@pytest.mark.parametrize(
    ("said", "goods"),
    [
        ("平板出门没多久就掉电", "充电宝"),
        ("my tablet keeps dying on trips", "power bank"),
        ("菜刀太钝了切肉费劲", "磨刀器"),
        ("my lips are so chapped", "lip balm"),
        ("隔壁装修太吵了", "耳塞"),
        ("nowhere to put the winter coats", "storage box"),
    ],
)
def test_a_situation_calls_for_goods(said: str, goods: str) -> None:
    assert goods in needed(said)


@pytest.mark.parametrize("said", ["有红色的吗", "how much is the jacket", "", "什么时候发货"])
def test_a_plain_question_calls_for_none(said: str) -> None:
    assert needed(said) == ""
