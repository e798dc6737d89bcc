"""What a question leaves to the one before it: 这款呢, and in red?, 内蒙呢."""

from __future__ import annotations

import re
from typing import NamedTuple

from assistant.turn.intents import Intent
from assistant.turn.meant import SHOP_RULES
from assistant.turn.references import follows_up
from retrieval.scaffold import SCAFFOLD_ZH

_POINTING = re.compile(
    r"[这那该][个款件双条瓶台只盒种]?|它|也|呢|吗|第?[一二三四五六七八九十\d]+[号个款]?|链接|其[他它]"
    r"|\b(?:and|what|how|about|this|that|these|those|it|the|one|ones|too|also|as|well|so|then|ok|okay"
    r"|in|is|are|for|same|first|second|third|last|link|item|number)\b"
)
_LETTERS = re.compile(r"[\u3400-\u9fffa-z]")
_OPEN: frozenset[tuple[Intent, ...]] = frozenset({("other",), ("attribute",)})
_NO_OTHER_ASKED = re.compile(r"^(?:and |but |so )?(?:what|how) (?:about|if)\b")
_CARRIED: frozenset[Intent] = frozenset(("price", "stock", "attribute", "offer", *SHOP_RULES))


class Earlier(NamedTuple):
    """The question before this one in the conversation, and what it asked."""

    question: str
    intents: tuple[Intent, ...]

    @property
    def rule(self) -> Intent | None:
        """The rule of the shop that was talked of."""
        return self.intents[0] if self.intents[0] in SHOP_RULES else None


def carried(
    intents: tuple[Intent, ...], said: str, earlier: Earlier | None
) -> tuple[tuple[Intent, ...], str]:
    """The intents, and the words that ask where they are those of the question before.

    `said`: the plain text with product names blanked.
    """
    if earlier is None or intents not in _OPEN or not follows_up(said):
        return intents, ""
    open_ended = intents == ("other",) or _NO_OTHER_ASKED.search(said)
    if open_ended and (earlier.rule or earlier.intents[0] == "offer"):
        return (earlier.intents[0],), ""
    if earlier.intents[0] in _CARRIED and not _LETTERS.search(
        SCAFFOLD_ZH.sub("", _POINTING.sub(" ", said))
    ):
        return earlier.intents, earlier.question
    return intents, ""
