"""The products at hand: on whose page, on air, talked of; and what a question shares with them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from assistant.turn.intents import Intent, says_more
from assistant.turn.references import with_kinds
from assistant.turn.vocabulary import attribute_words
from retrieval.names import NameMatch, ProductNames
from retrieval.terms import CODE, is_word, plain, terms

NEAREST = 6  # products talked of that a question may still be about
LETTERS = re.compile(r"[\u3400-\u9fffa-z]")
ASKS = re.compile(
    r"[?？吗么嘛呢几啥哪谁咋]|什么|多少|多久|多[大高长宽重厚远]|怎[么样]|如何|[不没]\W*$"
    r"|([\u3400-\u9fff])[不没]\1|^(?:is|are|do|does|did|can|could|will|would|has|what|how|which"
    r"|why|when|where|who)\b"
)
_TO_US = re.compile(r"\b(?:you|your)\b|你|主播")
_SEEKS = re.compile(
    r"推荐|推个|安利|求|想[买要找看]|需要|[找挑选]|类似|相似|同款|平替|搭配|配什么|送|别的|其[他它]|便宜|什么|哪些"
    r"|更|换|预算"
    r"|\b(?:recommend|suggest|looking|show|search|find|need|want|something|anything|gifts?|similar"
    r"|alternatives?|other|else|cheap\w*|best|\w+er (?:ones?|model|version)|ideas?|give)\b"
)
_HAS = re.compile(
    r"有(?:没有|无)?[^，,。]{1,12}(?:$|[吗么嘛没不?？，,])"
    r"|\b(?:do you have|does it have|is there|are there|got|any|have|which|with)\b"
)

_NONE: frozenset[str] = frozenset()


class AtHand(NamedTuple):
    """What a question shares with the products at hand, and with those its words may name.

    `options`: those at hand that have an option which is said; `kin`: those of which a word is
    said. `worded`: products whose fit is a word and no mere number; `bare`: products whose fit is
    nothing but properties, such as 静音.
    """

    options: frozenset[str] = _NONE
    kin: frozenset[str] = _NONE
    worded: frozenset[str] = _NONE
    bare: frozenset[str] = _NONE

    def closest(self, order: Sequence[str]) -> str | None:
        """The first of `order` unless only another has the option or the word that is said."""
        for having in (self.options, self.kin):
            fitting = [pid for pid in order if pid in having]
            if fitting:
                return fitting[0]
        return next(iter(order), None)


NOTHING_AT_HAND = AtHand()


def at_hand(
    text: str, near: Sequence[str], names: ProductNames, matches: Sequence[NameMatch]
) -> AtHand:
    """What `text` shares with the products near, and what its weaker name matches rest on."""
    unnamed = with_kinds(_without_properties(plain(text)[0]))
    worded, bare = set(), set()
    for match in matches:
        part = plain(text[slice(*match.span)])[0]
        if CODE.search(part) or any(is_word(term.key) for term in terms(part)):
            worded.add(match.product_id)
        if not LETTERS.search(_without_properties(part)):
            bare.add(match.product_id)
    return AtHand(
        frozenset(pid for pid in near if names.variants(pid, text)),
        frozenset(pid for pid in near if names.kin(pid, unnamed)),
        frozenset(worded),
        frozenset(bare),
    )


def _without_properties(said: str) -> str:
    for _, start, end in attribute_words(said):
        said = said[:start] + "\n" * (end - start) + said[end:]
    return said


def of_hand(
    intents: tuple[Intent, ...], said: str, hand: AtHand, near: bool, limited: bool
) -> tuple[Intent, ...]:
    """Intents where a product is at hand: 有没有刀套 asks for a part of it, not for other goods."""
    if not near or limited or _SEEKS.search(said):
        return intents
    if (
        intents == ("small_talk",)
        and not _TO_US.search(said)
        and ASKS.search(said)
        and says_more(said)
    ):
        return ("attribute",)
    if "recommendation" in intents and (hand.options or (not hand.worded and _HAS.search(said))):
        return tuple(i for i in intents if i != "recommendation") or ("attribute",)
    return intents
