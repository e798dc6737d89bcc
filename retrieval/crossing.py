"""Kinds of goods in both languages, so that words find a product across them."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

_ENGLISH = re.compile(r"[a-z]+(?:-[a-z]+)*")
_LONGEST = 3  # words of an English kind


@cache
def shop_words() -> tuple[tuple[str, str], ...]:
    """Kinds of goods as (Chinese, English). Raises ValueError for a line that is not a pair."""
    text = (files("retrieval") / "shop_words.tsv").read_text(encoding="utf-8")
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        pair = line.split("\t")
        if len(pair) != 2 or not all(pair):
            raise ValueError(f"shop_words.tsv, line {number}: two columns, neither of them empty")
        found.append((pair[0], pair[1]))
    return tuple(found)


def crossed(query: str) -> str:
    """The kinds of goods named in `query`, in the other language; '' where there is none.

    Of two that overlap the longer one counts: 保温杯 is no 杯子.
    """
    plain = query.lower()
    found = [english for _, english in _chinese(plain)]
    words = _ENGLISH.findall(plain)
    at = 0
    while at < len(words):
        for length in range(min(_LONGEST, len(words) - at), 0, -1):
            chinese = _by_english().get(_one(" ".join(words[at : at + length])))
            if chinese:
                found += chinese
                at += length - 1
                break
        at += 1
    return " ".join(dict.fromkeys(found))


def _chinese(plain: str) -> list[tuple[str, str]]:
    kept: list[tuple[str, str]] = []
    for chinese, english in _longest_first():
        if chinese in plain and not any(
            chinese in longer and chinese != longer for longer, _ in kept
        ):
            kept.append((chinese, english))
    return kept


@cache
def _longest_first() -> tuple[tuple[str, str], ...]:
    pairs = ((chinese.lower(), english) for chinese, english in shop_words())
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))


@cache
def _by_english() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for chinese, english in shop_words():
        key = _one(english)
        found[key] = (*found.get(key, ()), chinese)
    return found


def _one(english: str) -> str:
    """Without the plural ending of the last word, and without the e before it."""
    for ending, instead in (("ves", "f"), ("shes", "sh"), ("ches", "ch"), ("sses", "ss")):
        if english.endswith(ending):
            return english.removesuffix(ending) + instead
    if english.endswith("s") and not english.endswith("ss"):
        english = english[:-1]
    return english.removesuffix("e")
