"""What kind of comment this is, at once and without a language model."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from retrieval.catalog import Language

Label = Literal[
    "question", "purchase_intent", "complaint", "greeting", "praise", "spam", "abuse", "attack",
    "other",
]  # fmt: skip

_HAN = re.compile(r"[\u3400-\u9fff]")
_QUESTION = re.compile(
    r"[?？]|吗|嗎|呢$|多少|几[块钱米天点号个件]|怎么|怎樣|什么|甚麼|啥|哪|咋|有没有|有沒有|能不能|可不可以|是不是|会不会|求链接|价格|dsq|包邮"
    r"|^(?:how|what|when|where|which|why|who|is|are|does|do|can|could|will)\b",
    re.IGNORECASE,
)
_BASE = {
    "question": 0.5, "purchase_intent": 0.3, "complaint": 0.6, "greeting": 0.05, "praise": 0.05,
    "spam": 0.0, "abuse": 0.1, "attack": 0.1, "other": 0.0,
}  # fmt: skip
_NOW = re.compile(
    r"急|快点|马上|来不及|最后|秒杀|现在|下播|!{2,}|！{2,}|\b(?:now|hurry|urgent|asap|quick)\b",
    re.I,
)
_SELLS = re.compile(
    r"有货|库存|链接|怎么买|怎么拍|下单|付款|拍不了|\b(?:link|in stock|left|buy|order|checkout)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Triage:
    """The kind of a comment. `urgency` and `confidence` are 0 to 1."""

    label: Label
    language: Language
    urgency: float
    confidence: float


def triage(text: str) -> Triage:
    """The kind of one comment, in either language. Pure; tens of microseconds."""
    language: Language = "zh" if _HAN.search(text) else "en"
    label: Label = "question" if _QUESTION.search(text) else "other"
    return Triage(label, language, _urgency(label, text), 0.5)


def _urgency(label: Label, text: str) -> float:
    urgency = _BASE[label]
    if label in ("question", "purchase_intent", "complaint"):
        urgency += 0.25 * bool(_NOW.search(text)) + 0.25 * bool(_SELLS.search(text))
    return min(urgency, 1.0)
