"""The scorers' own reader of money."""

from __future__ import annotations

import pytest

from eval.money_words import normal, sums


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("价格是129元。", ["129 CNY"]),
        ("￥１２９．９０", ["129.90 CNY"]),
        ("¥1,299.00, was ¥1,599", ["1299.00 CNY", "1599 CNY"]),
        ("$49.99 now", ["49.99 USD"]),
        ("HK$20 or US$3", ["20 HKD", "3 USD"]),
        ("九块九包邮", ["9.9 CNY"]),
        ("9块9", ["9.9 CNY"]),
        ("129元3件", ["129 CNY"]),
        ("二十块三件", ["20 CNY"]),
        ("一百二十元", ["120 CNY"]),
        ("一百二块钱", ["120 CNY"]),
        ("两百零五元", ["205 CNY"]),
        ("1.2万元", ["12000.0 CNY"]),
        ("三万五千元", ["35000 CNY"]),
        ("999-3000元", ["999 CNY", "3000 CNY"]),
        ("twenty-five dollars", ["25 USD"]),
        ("one hundred and five bucks", ["105 USD"]),
        ("30 dollars", ["30 USD"]),
        ("It costs 30.", ["30 "]),
        ("The price is 30.50 today", ["30.50 "]),
        ("现价79", ["79 "]),
        ("售价：2,199", ["2199 "]),
        ("现价8折", []),
        ("价格12个月不变", []),
        ("我们一块去", []),
        ("两块床垫", []),
        ("60升，还有15件，20%", []),
        ("16L water heater, 15 left", []),
    ],
)
def test_sums(text: str, read: list[str]) -> None:
    assert [f"{s.value} {s.currency}" for s in sums(normal(text))] == read
