"""Long lists of words as patterns that are quick to try at each place of a text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

WORD = r"\b"
QUANTIFIES = "?*+{"


def any_of(pattern: str) -> re.Pattern[str]:
    """`pattern`, a list of alternatives, with those that begin alike in one group.

    The engine tells an alternative that begins with a letter from the text at once, and has to
    enter each that begins with a word's edge; those are entered together, and of those that begin
    with one letter the letter is tried once. It finds what `pattern` finds, but for which of two
    alternatives it takes where both fit at one place.
    """
    edged: list[str] = []
    plain: list[str] = []
    for one in alternatives(pattern):
        (edged if one.startswith(WORD) else plain).append(one.removeprefix(WORD))
    together = [f"{WORD}(?:{'|'.join(by_letter(edged))})"] if edged else []
    return re.compile("|".join([*by_letter(plain), *together]))


def by_letter(every: Iterable[str]) -> list[str]:
    """The alternatives `every`, those that begin with one letter as one behind it."""
    groups: dict[str, list[str]] = {}
    for one in every:
        letter = one[:1].isalpha() and not (one[1:2] and one[1] in QUANTIFIES)
        groups.setdefault(one[0] if letter else one, []).append(one[1:] if letter else "")
    return [
        first + (rest[0] if len(rest) == 1 else f"(?:{'|'.join(rest)})")
        for first, rest in groups.items()
    ]


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
