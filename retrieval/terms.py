"""The terms by which names are compared: words, numbers, pairs of Chinese characters."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from retrieval.normal import simplified
from retrieval.numerals import fold
from retrieval.scaffold import STOP_EN

_TOKEN = re.compile(r"[a-zà-ÿ]+|\d+(?:\.\d+)?|[\u3400-\u9fff]+")
_COUNTS = "one two three four five six seven eight nine ten half pair set"
_COUNTS_EN = frozenset(_COUNTS.split())
_COUNTS_ZH = re.compile("[零一二两三四五六七八九十百千万几个]")
CODE = re.compile(r"(?<![a-z0-9])[a-z]+-?\d[a-z0-9-]+")
"""A model's code in a plain text: m10s, f8025-je4; no number of something, such as 500ml."""
_SIGNS = re.compile("[®™©]")


class Term(NamedTuple):
    """One term of a text and where it stands.

    `spare`: a word of many questions, which helps a name that has it and harms none that has not.
    """

    key: str
    start: int
    end: int
    spare: bool = False


# Products share brands, categories and values, and questions share words.
@lru_cache(maxsize=8192)
def plain(text: str) -> tuple[str, tuple[int, ...]]:
    """Folded, simplified, lower case; and for each character where it stood in `text`."""
    folded = fold(_SIGNS.sub(" ", text))
    return simplified(folded.text).lower(), folded.origin


def terms(text: str) -> list[Term]:
    """The terms of a plain text, in order."""
    found: list[Term] = []
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        word = match[0]
        if word[0] < "\u3400":
            found.append(Term(stem(word), start, end))
        elif len(word) == 1:
            found.append(Term(word, start, end))
        else:
            found += [Term(word[i : i + 2], start + i, start + i + 2) for i in range(len(word) - 1)]
    return found


@lru_cache(maxsize=8192)
def keys(text: str) -> frozenset[str]:
    """The distinct term keys of a text as it comes."""
    return frozenset(term.key for term in terms(plain(text)[0]))


def stem(word: str) -> str:
    """An English word without its plural ending; others as they are."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and word[-2] not in "su" else word


def is_word(key: str) -> bool:
    """Whether a term says what a thing is: neither a number nor a word of many questions."""
    if key.isascii():
        return len(key) > 2 and key.isalpha() and key not in STOP_EN and key not in _COUNTS_EN
    return len(key) > 1 and not _COUNTS_ZH.search(key)


def compact(text: str) -> tuple[str, list[int]]:
    """Letters and digits alone, and where each stands in `text`."""
    places = [at for at, char in enumerate(text) if char.isalnum()]
    return "".join(text[at] for at in places), places


def begins_word(text: str, at: int) -> bool:
    """Whether no word or number runs on across the left of `at`."""
    return at == 0 or not _joined(text[at - 1], text[at])


def ends_word(text: str, end: int) -> bool:
    """Whether no word or number runs on across `end`."""
    return end == len(text) or not _joined(text[end - 1], text[end])


def _joined(left: str, right: str) -> bool:
    if not (left.isascii() and right.isascii()):
        return False
    return (left.isalpha() and right.isalpha()) or (left.isdigit() and right.isdigit())
