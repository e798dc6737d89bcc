"""Slips of the finger in the words that ask: hwo mcuh, pirce, avialable, 木有."""

from __future__ import annotations

import re
from functools import lru_cache

from rapidfuzz.distance import OSA

from retrieval.scaffold import STOP_EN

_ASKING = (
    "how much many what which when where does price prices cost costs stock available left "
    "discount coupon shipping deliver delivery return returns refund warranty colour color size "
    "sizes material battery waterproof recommend compare difference cheaper total together invoice "
    "payment"
)
_WORDS = tuple(_ASKING.split())
_KNOWN = STOP_EN | frozenset(_WORDS)
_WORD = re.compile(r"[a-z]{3,}")
_ZH = {"木有": "没有", "肿么": "怎么", "神马": "什么", "多儿钱": "多少钱", "咋么": "怎么"}
_LONG = 6  # letters beyond which one wrong letter is a slip and no other word


def mended(said: str) -> str:
    """A plain text with the words that ask spelt right; it keeps its length only by chance."""
    for wrong, right in _ZH.items():
        said = said.replace(wrong, right)
    return _WORD.sub(lambda match: _right(match[0]), said)


@lru_cache(maxsize=4096)
def _right(word: str) -> str:
    if word in _KNOWN:
        return word
    swapped = [known for known in _WORDS if sorted(known) == sorted(word)]
    for known in swapped or _WORDS:
        near = OSA.distance(word, known, score_cutoff=1) <= 1
        # One letter off is often another word: a stick is no stock, a site no size.
        dropped = len(word) == len(known) - 1 and len(word) > 3
        if near and (known in swapped or dropped or (len(known) > _LONG and word[0] == known[0])):
            return known
    return word
