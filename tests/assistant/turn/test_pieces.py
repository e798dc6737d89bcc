"""How many pieces a question is about."""

from __future__ import annotations

import pytest

from assistant.turn.pieces import TOGETHER, said_pieces, said_quantity
from retrieval.amounts import read_amounts

B = "\ue000"


@pytest.mark.parametrize(
    ("said", "products", "pieces"),
    [
        (f"三个{B}{B}多少", 1, (3,)),
        (f"四条{B}加两个{B}一共多少", 2, (4, 2)),
        (f"{B}两盒和{B}", 2, (2, 1)),
        (f"how much for 6 {B}?", 1, (6,)),
        (f"two bottles of {B} and a {B}", 2, (2, 1)),
        (f"{B} and {B} in total", 2, ()),
        (f"第3个{B}有货吗", 1, ()),
        (f"30天内{B}能退吗", 1, ()),
        (f"{B}3套装", 1, ()),
    ],
)
def test_pieces_beside_each_name(said: str, products: int, pieces: tuple[int, ...]) -> None:
    assert said_pieces(said, read_amounts(said), B, products) == pieces


def test_pieces_are_given_to_no_product_where_the_names_do_not_match() -> None:
    said = f"两个{B}"
    assert said_pieces(said, read_amounts(said), B, 2) == ()


@pytest.mark.parametrize(
    ("said", "quantity"),
    [
        ("四罐呢", 4),
        ("那五盒一共", 5),
        ("and 6?", 6),
        ("what about three of them?", 3),
        ("买七件", 7),
        ("能用两年吗", None),
        ("有几个颜色", None),
        ("and in 40?", None),
    ],
)
def test_a_quantity_without_a_name(said: str, quantity: int | None) -> None:
    assert said_quantity(said, read_amounts(said)) == quantity


def test_together_is_a_sum_and_not_company() -> None:
    assert TOGETHER.search("一起多少钱")
    assert TOGETHER.search("what do they come to")
    assert not TOGETHER.search("可以一起洗吗")
