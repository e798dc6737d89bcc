"""Lists of words as patterns: cut at their bars, found as they were."""

from __future__ import annotations

import re

import pytest

from assistant.turn.grounding.alternatives import alternatives, any_of

LIST = r"包邮|\bfree\b|[|(]x|(?:a|b)c|\bre(?:fund|turn)s?\b|a\|b"


def test_bars_inside_brackets_and_classes_part_nothing() -> None:
    assert list(alternatives(LIST)) == [
        "包邮", r"\bfree\b", "[|(]x", "(?:a|b)c", r"\bre(?:fund|turn)s?\b", r"a\|b"
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["全国包邮 free", "|x (x ac", "refunds, carefree bc", "a|b", "自由"]
)
def test_it_finds_what_the_list_finds(text: str) -> None:
    found = {match.span() for match in any_of(LIST).finditer(text)}
    assert found == {match.span() for match in re.finditer(LIST, text)}
