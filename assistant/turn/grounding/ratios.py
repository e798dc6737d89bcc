"""Ratios and equalities: half the price, twice the capacity, the same weight."""

from __future__ import annotations

import re
from decimal import Decimal

from assistant.turn.grounding.measured import SCALES, exact_value, same_unit, value_of
from assistant.turn.grounding.said import Said

RATIO = re.compile(
    r"(?P<half>一半|\bhalf\b)|(?P<twice>[两2二]倍|\btwice\b|\bdouble\b|\btwo times\b)|"
    r"(?P<triple>[三3]倍|"
    r"\btriple\b|\bthree times\b|\bthrice\b)"
)
_RATIO_NOUN = re.compile(
    r"(?:half|twice|double|triple|thrice|two times|three times) (?:the|as|its) (?P<en>\w+)|"
    r"(?P<zh>价格|价钱|售价|重量|容量|续航|功率|尺寸|长度)[^，。；]{0,30}?(?:一半|[两二三23]倍)"
)
SAME = re.compile(
    r"(?:一样|同样|同等)(?P<zh>贵|价|便宜|重|轻|大|长|高|厚)|(?P<noun>价格|重量|容量|续航|功率|"
    r"尺寸|价钱)(?:都?是?|完全|也)?"
    r"(?:一样|相同|一致|相等)|\bsame (?P<en>price|cost|weight|capacity|power|battery|size|"
    r"length)\b|"
    r"\bas (?P<adj>cheap|expensive|light|heavy|big|large|long|powerful) as\b"
)


def times_true(said: Said, ratio: re.Match[str]) -> bool | None:
    """Whether a ratio holds: half the price of B, 容量是B的两倍. None where it is no comparison."""
    start, end = said.clause_span(ratio.start())
    clause = said.bare[start:end]
    noun = _RATIO_NOUN.search(clause)
    names = [m.product for m in said.mentions if start <= m.start < end]
    if noun is None:
        return None
    word = noun["en"] or noun["zh"]
    scale = next((s for s in SCALES if re.search(s.noun, word)), None) or next(
        (s for s in SCALES if word in {"heavy": "weight", "light": "weight"}
         and re.search(s.noun, {"heavy": "weight", "light": "weight"}[word])),
        {"expensive": SCALES[0], "much": SCALES[0], "cheap": SCALES[0]}.get(word),
    )  # fmt: skip
    if scale is None or len({p.id for p in names}) != 2:
        return False
    one, two = (exact_value(scale, p, said.evidence) for p in (names[0], names[-1]))
    if one is None or two is None:
        return False
    if not same_unit(scale, names[0], names[-1]):
        return False
    times = Decimal("0.5") if ratio["half"] else Decimal(2) if ratio["twice"] else Decimal(3)
    return one == two * times


def equality_true(said: Said, same: re.Match[str]) -> bool:
    """Whether what is said to be the same is: of the products named, else of all in play."""
    word = same["zh"] or same["noun"] or same["en"] or same["adj"]
    word = {"cheap": "price", "expensive": "price", "便宜": "价格", "贵": "价格", "light": "weight",
            "heavy": "weight", "轻": "重量", "big": "size", "large": "size", "大": "尺寸",
            "long": "length", "长": "长度", "高": "高度", "厚": "厚度"}.get(word, word)  # fmt: skip
    scale = next((s for s in SCALES if re.search(s.noun, word)), None)
    named = list({m.product.id: m.product for m in said.mentions}.values())
    products = named if len(named) > 1 else list(said.evidence.products)
    if scale is None or len(products) < 2:
        return False
    values = {value_of(scale, p, said.evidence) for p in products}
    return len(values) == 1 and None not in values
