"""Product texts written for the ranking and not for a reader: cleaned, and told apart.

A seller's text is data. Hidden text, orders to an assistant and keywords repeated over and over are
left out of what products are found by, and a product that has them comes after its like.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

DEMOTED = 0.8
"""What the fused score of a stuffed product is multiplied by: about fifteen places of the best."""
MOST_TIMES = 5
"""How often one word counts in one product."""
_FEWEST_WORDS = 16
_LARGEST_SHARE = 0.3
_HIDDEN = re.compile(
    r"<!--.*?(?:-->|$)"
    r"|<(\w+)[^>]*(?:display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|opacity\s*:\s*0"
    r"|\bhidden\b|aria-hidden)[^>]*>.*?(?:</\1>|$)"
    r"|<(script|style|template)\b.*?(?:</\2>|$)",
    re.IGNORECASE | re.DOTALL,
)
_TAG = re.compile(r"<[a-zA-Z/][^>]{0,300}>|<\|[^|>]{0,40}\|>|\[/?INST\]|<</?SYS>>")
# Zero-width, direction and tag characters; the joiner of emoji families is lawful between them.
_INVISIBLE = re.compile(
    "[\u00ad\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
    "\U000e0000-\U000e007f]"
)
_ORDER = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b.{0,40}"
    r"\b(?:instructions?|prompts?|rules?|above|previous)"
    r"|\bsystem (?:prompt|message|override)\b"
    r"|\byou (?:are|re) (?:now )?(?:an? |the )?(?:ai|assistant|language model|chatbot)\b"
    r"|\bas an ai\b"
    r"|\b(?:note|attention|instructions?|message) (?:to|for) (?:the )?"
    r"(?:ai|assistants?|llms?|models?|chatbots?|bots?)\b"
    r"|\b(?:always|must|only|please) (?:recommend|rank|choose|pick|promote|suggest) "
    r"(?:this|our|it|us)\b"
    r"|\brank (?:this|it|us|me) (?:first|#1|number one|at the top|highest)"
    r"|\b(?:do not|don't|never) (?:mention|recommend|show) (?:any )?(?:other|competi)"
    r"|忽略.{0,8}(?:指令|提示|要求|规则|以上|之前|设定)|系统(?:提示|指令|消息)"
    r"|(?:致|告|给|请)(?:ai|助手|模型|机器人)|你(?:现在)?是.{0,6}(?:助手|ai|模型|机器人)"
    r"|(?:必须|一定要|务必|始终|只能|优先|请只)(?:优先|首先|都)?(?:推荐|置顶|选择|排列)(?:本|这|我们|该|此)"
    r"|(?:把|将)(?:本|这|该|此|我们).{0,6}(?:排在?第一|置顶|排到?最前|放在?首位)"
    r"|不(?:要|得|许)推荐(?:其他|别的|任何)",
    re.IGNORECASE,
)
_REPEATED = re.compile(r"(\S.{1,24}?)(?:[\s,，、;；|/。.!！·+-]*\1){2,}", re.DOTALL)
_SENTENCE = re.compile(r"(?:[^。！？!?.\n]|\.(?!\s|$))+(?:[。！？!?.]+\s*|\n|$)|[。！？!?.\n]+")


# Products share the values of their options and attributes, and are read more than once.
@lru_cache(maxsize=8192)
def reader_text(text: str) -> str:
    """What of a text a reader is meant to see, each repeated phrase once, without orders."""
    if "<" in text or "[" in text:
        text = _TAG.sub(" ", _HIDDEN.sub(" ", text))
    if not text.isascii():
        text = _INVISIBLE.sub("", text)
    if _ORDER.search(text):
        text = "".join(s for s in _SENTENCE.findall(text) if not _ORDER.search(s))
    return _REPEATED.sub(r"\1", text) if _repeats(text) else text


@lru_cache(maxsize=8192)
def is_stuffed(text: str) -> bool:
    """Whether a text hides something, orders an assistant about or repeats a phrase many times."""
    if _HIDDEN.search(text) or _ORDER.search(text) or len(_INVISIBLE.findall(text)) > 3:
        return True
    return _repeats(text) and sum(len(m[0]) - len(m[1]) for m in _REPEATED.finditer(text)) > 24


def _repeats(text: str) -> bool:
    """Whether a fifth of the text's pieces come more than once: then it is worth a closer look."""
    pieces = [text[i : i + 4] for i in range(len(text) - 3)]
    return len(pieces) > 8 and len(set(pieces)) < 0.8 * len(pieces)


def capped(words: Sequence[str]) -> tuple[list[str], bool]:
    """The words, each at most MOST_TIMES; and whether one of them fills far more than its share."""
    counts = Counter(words)
    most = max(counts.values(), default=0)
    stuffed = len(words) >= _FEWEST_WORDS and most > max(MOST_TIMES, _LARGEST_SHARE * len(words))
    if most <= MOST_TIMES:
        return list(words), stuffed
    seen: Counter[str] = Counter()
    kept = []
    for word in words:
        seen[word] += 1
        if seen[word] <= MOST_TIMES:
            kept.append(word)
    return kept, stuffed
