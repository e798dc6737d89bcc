"""A question that goes on with the search before it."""

from __future__ import annotations

import pytest

from assistant.turn.following import Earlier
from assistant.turn.narrowing import narrows

SEARCH = Earlier("推荐个50到100块的零食", ("recommendation",))


@pytest.mark.parametrize(
    "said",
    [
        "有辣的吗",
        "要能进洗碗机的",
        "别太甜的",
        "不要酸的",
        "30以内的呢",
        "dishwasher safe ones please",
        "not over-ear, they squash my hair",
        "under 30 yuan",
        "something for kids",
    ],
)
def test_it_goes_on_with_a_search(said: str) -> None:
    assert narrows(said, SEARCH)
    assert not narrows(said, Earlier("这条裙子多少钱", ("price",)))
    assert not narrows(said, None)


@pytest.mark.parametrize(
    "said",
    [
        "有刀套吗",
        "第二个有货吗",
        "这个能机洗吗",
        "多少钱",
        "可以退货吗",
        "how much is the second one?",
        "does that one cancel noise",
        "what does it weigh",
        "the last one please",
    ],
)
def test_what_asks_about_one_of_those_shown_does_not(said: str) -> None:
    assert not narrows(said, SEARCH)
