"""A question that leaves its words to the one before."""

from __future__ import annotations

import pytest

from assistant.turn.following import Earlier, carried
from assistant.turn.intents import Intent

B = "\ue000"
PRICE = Earlier("这条裙子多少钱", ("price",))
ATTRIBUTE = Earlier("is it waterproof?", ("attribute",))
RETURNS = Earlier("可以退货吗", ("returns",))


@pytest.mark.parametrize(
    ("said", "earlier", "intents", "words"),
    [
        (f"那{B}呢", PRICE, ("price",), PRICE.question),
        ("and this one?", ATTRIBUTE, ("attribute",), ATTRIBUTE.question),
        ("海南呢", RETURNS, ("returns",), ""),
        ("what about worn shoes?", RETURNS, ("returns",), ""),
        ("那袖子长不长呢", PRICE, ("other",), ""),
        (f"{B}", PRICE, ("other",), ""),
        ("这款呢", None, ("other",), ""),
    ],
)
def test_what_is_carried_over(
    said: str, earlier: Earlier | None, intents: tuple[Intent, ...], words: str
) -> None:
    assert carried(("other",), said, earlier) == (intents, words)


def test_a_question_of_its_own_is_left_alone() -> None:
    assert carried(("attribute",), "那能机洗吗", RETURNS) == (("attribute",), "")
    assert carried(("stock",), "那还有货呢", RETURNS) == (("stock",), "")
