"""Slips of the finger in the words that ask."""

from __future__ import annotations

import pytest

from assistant.turn.slips import mended


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("hwo mcuh is it", "how much is it"),
        ("waht colour", "what colour"),
        ("is it avialable", "is it available"),
        ("any dicsount", "any discount"),
        ("shiping cost", "shipping cost"),
        ("还木有货", "还没有货"),
        # what is a word of its own stays
        ("stick foundation", "stick foundation"),
        ("a site for sore eyes", "a site for sore eyes"),
        ("the prince", "the prince"),
        ("who left", "who left"),
    ],
)
def test_only_slips_are_mended(said: str, meant: str) -> None:
    assert mended(said) == meant
