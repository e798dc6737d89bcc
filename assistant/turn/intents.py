"""What a question wants: several intents at once, the main one first.

The patterns are data, in `intents.toml` beside this module. Each takes the words it matched away
from those after it, so that 运费多少 asks for shipping and not for a price.
"""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Literal, cast

Intent = Literal[
    "price", "stock", "attribute", "comparison", "recommendation", "offer", "shipping", "returns",
    "warranty", "payment", "invoice", "price_protection", "how_to_buy", "order",
    "schedule", "small_talk", "complaint", "person", "other",
]  # fmt: skip

_LAST: tuple[Intent, ...] = ("recommendation", "attribute", "schedule", "small_talk")
"""Intents that general words mean too: they come after any other that was found."""

_KINDS = {"option": "attribute", "question": "attribute", "about_us": "small_talk"}
"""Tables named for their form. `question` counts only where nothing else was found."""

RECOMMENDS = re.compile(r"推荐|建议|\brecommend|\bsuggest|\blooking for")
_ASKS = re.compile(
    r"[?？吗么嘛]|呢|怎么|什么(?!破|烂|垃圾|玩意|态度)|能不能|可不可以|是否|\b(?:is|are|do|does|can|could|will|would)\b"
)


_CONTENT = re.compile(r"[\u3400-\u9fff]|[a-z0-9]{2,}|\ue000")
_FUNCTION = re.compile(
    r"[的吗呢吧啊了么呀哦嗯]|这个|那个|这款|那款|这|那|请问|主播|现在|亲|想|要|我|你|问|一下"
    r"|\b(?:the|an?|this|that|these|those|of|is|are|it|one|now|please|hi|hello|hey|do|does|you|have"
    r"|for|i|we|me|there|any|and|what|which|so)\b"
)


# 选哪个高度 chooses among the options of one product.
_OF_OPTIONS = re.compile(
    r"(?:选|[买要拿穿]|用)哪[个种款]?(?:高度|颜色|尺码|码|口味|尺寸|色号|味道)|高的和?低的|深的和?浅的"
    r"|\bwhich (?:size|height|colou?r|flavou?r|shade)s?\b"
)


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    source = files("assistant.turn").joinpath("intents.toml").read_text(encoding="utf-8")
    compiled = []
    for intent, by_kind in tomllib.loads(source).items():
        words = rf"\b(?:{'|'.join(by_kind['en_words'])})\b" if by_kind["en_words"] else ""
        whole = "|".join(filter(None, [*by_kind["zh"], *by_kind["en"], words]))
        compiled.append((intent, re.compile(whole)))
    return tuple(compiled)


# Read once before a question is understood, and once more within.
@lru_cache(maxsize=1024)
def read_intents(text: str) -> tuple[Intent, ...]:
    """The intents of a plain text (see `retrieval.terms.plain`), main one first; never empty."""
    left = text
    found: list[tuple[bool, int, Intent]] = []
    for name, pattern in _patterns():
        matches = list(pattern.finditer(left))
        if not matches or (found and name in ("question", "small_talk")):
            continue
        intent = cast(Intent, _KINDS.get(name, name))
        if name != "attack":
            found.append((intent in _LAST and name != "option", matches[0].start(), intent))
        for match in matches:
            left = left[: match.start()] + "\n" * len(match[0]) + left[match.end() :]
    found.sort(key=lambda item: item[:2])
    intents = list(dict.fromkeys(intent for _, _, intent in found))
    return tuple(_settled(intents, text)) or ("other",)


def says_more(text: str) -> bool:
    """Whether a plain text holds words that none of the intents explains."""
    for _, pattern in _patterns():
        text = pattern.sub(" ", text)
    return _CONTENT.search(_FUNCTION.sub(" ", text)) is not None


def _settled(intents: list[Intent], text: str) -> list[Intent]:
    """Intents that leave no room for some of the others."""
    if "person" in intents:
        return ["person"]
    if "order" in intents:  # what is asked of one's own order is not asked of the shop's rules
        rest = [i for i in intents if i in ("returns", "complaint")]
        return ["order", *rest]
    if "complaint" in intents and len(intents) > 1 and _ASKS.search(text):
        intents = [*(i for i in intents if i != "complaint"), "complaint"]
    elif "complaint" in intents:
        intents = ["complaint", *(i for i in intents if i not in ("complaint", *_LAST))]
    if "price_protection" in intents:
        intents = [i for i in intents if i != "comparison"]
    if "comparison" in intents and _OF_OPTIONS.search(text):
        return ["attribute", *(i for i in intents if i not in ("comparison", "attribute"))]
    if "comparison" in intents and not RECOMMENDS.search(text):
        intents = [i for i in intents if i not in ("recommendation", "attribute")]
    if "recommendation" in intents and "attribute" in intents:
        intents = [i for i in intents if i != "attribute"]
    return intents
