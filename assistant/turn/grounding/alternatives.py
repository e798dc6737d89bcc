"""Long lists of words as patterns that are quick to try at each place of a text."""

from __future__ import annotations

import re
from collections.abc import Iterator

WORD = r"\b"


def any_of(pattern: str) -> re.Pattern[str]:
    """`pattern`, a list of alternatives, with those that begin at a word's edge in one group.

    The engine tells an alternative that begins with a letter from the text at once, and has to
    enter each that begins with an edge; together they are entered once. It finds what `pattern`
    finds, but for which of two alternatives it takes where both fit at one place.
    """
    edged: list[str] = []
    plain: list[str] = []
    for one in alternatives(pattern):
        (edged if one.startswith(WORD) else plain).append(one.removeprefix(WORD))
    together = f"{WORD}(?:{'|'.join(edged)})" if edged else ""
    return re.compile("|".join(filter(None, ("|".join(plain), together))))


def alternatives(pattern: str) -> Iterator[str]:
    """The alternatives of `pattern` at its top: what stands between bars outside brackets."""
    depth, begin, at, in_class = 0, 0, 0, False
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            at += 1
        elif in_class:
            in_class = char != "]"
        elif char == "[":
            in_class = True
        elif char in "()":
            depth += 1 if char == "(" else -1
        elif char == "|" and not depth:
            yield pattern[begin:at]
            begin = at + 1
        at += 1
    yield pattern[begin:]
