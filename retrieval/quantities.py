"""What one number counts: money, a discount, a measure, a stretch of time, pieces."""

from __future__ import annotations

import re
from decimal import Decimal

from retrieval import units
from retrieval.moments import Kind, Reading, moment_at
from retrieval.numerals import Numeral

_BOUGHT = re.compile(r"(?:[买拍要送赠来剩限加仅只每满带付得发存]|最后|/)\s*$")
_GIVEN = re.compile("[买送减满]$")
_PERCENT = re.compile(r"\s*(?:%|per\s?cent(?:age)?|个百分点)", re.IGNORECASE)
_OFF = re.compile(r"\s*-?\s*(?:off|discount|cheaper)(?![a-z])", re.IGNORECASE)
_ZHE = re.compile(r"\s*折(?![叠伞页扇纸])")
_TENTHS = re.compile("成(?![人分功为])")
_COUNT = re.compile(
    rf"\s?[多来余几]?(?P<unit>[{units.PIECES_ZH}{units.KINDS_ZH}])(?!工作日|月|性|邮)"
)
_POST_FREE = re.compile(r"\s*包邮")
_CUE = re.compile(
    r"(?:价格?|价位|预算|售|卖|满|减|省|优惠|便宜|花|到手|券后|券|仅需|只需|只要|直降|补贴|返|红包)"
    r"(?:是|为|在|约|大概|大约|差不多|了|就|才|只要|到|至|[:¥\s])*$"
    r"|(?<![a-z])(?:price[ds]?|costs?|budget|pay|paid|spend|save|worth|for only|cheaper than)"
    r"(?:\s|:|is|of|at|around|about|under|below|over|up to|only)*$",
    re.IGNORECASE,
)
_SMALL_MONEY = re.compile(r"毛钱?|角(?![形星度])|分钱|\s?cents?(?![a-z])|¢")
_POUNDS = re.compile(r"\s*pounds?(?![a-z])")
_MANY = re.compile(r"w(?=\+|人|单|件|粉|多)")
_OTHER_WORD = re.compile("[假过白饭色粉配级]")
_SPLIT_UNITS = frozenset("度米匹升帕伏")


def quantity_at(text: str, numerals: list[Numeral], at: int) -> Reading | None:
    """What the numeral at `at` of a folded text counts; None where it is no quantity."""
    number = numerals[at]
    if _left_over(text, numerals, at):
        return None
    before = text[max(0, number.start - 24) : number.start]
    return (
        moment_at(text, numerals, at)
        or _share_at(text, numerals, at)
        or _money_at(text, numerals, at, before)
        or _unit_at(text, numerals, at)
        or _count_at(text, number, before)
        or _number(text, number, before)
    )


def _left_over(text: str, numerals: list[Numeral], at: int) -> bool:
    """The 千 of 3千克, which the number before it left."""
    number = numerals[at]
    follows = at > 0 and numerals[at - 1].end == number.start
    return follows and text[number.start : number.end] in ("百", "千", "万", "十", "亿")


def _share_at(text: str, numerals: list[Numeral], at: int) -> Reading | None:
    """Percentages and discounts."""
    start, end, value, style = numerals[at][:4]
    if zhe := _ZHE.match(text, end):
        return Reading(start, zhe.end(), value / (100 if value > 10 else 10), "discount", "")
    if percent := _PERCENT.match(text, end):
        if off := _OFF.match(text, percent.end()):
            return Reading(start, off.end(), 1 - value / 100, "discount", "")
        return Reading(start, percent.end(), value, "percent", "")
    after = numerals[at + 1] if at + 1 < len(numerals) else None
    part = text.startswith("分之", end) and after is not None and after.start == end + 2
    if part and after is not None and value in (100, 1000, 10000):
        return Reading(start, after.end, after.value * 100 / value, "percent", "", 2)
    if text[start : end + 2] == "百分百":
        return Reading(start, end + 2, Decimal(100), "percent", "", 2)
    if style == "zh" and _TENTHS.match(text, end):
        return Reading(start, end + 1, value * 10, "percent", "")
    return None


def _money_at(text: str, numerals: list[Numeral], at: int, before: str) -> Reading | None:
    number = numerals[at]
    start, end, value = number.start, number.end, number.value
    sign = units.MONEY_BEFORE.search(before)
    if sign is not None and sign["code"] in units.WORD_CODES and "." not in text[start:end]:
        sign = None
    if sign is not None and at > 0 and numerals[at - 1].end == start - len(sign[0]):
        sign = None  # the unit of the amount before: 68美元一件
    head = start - len(sign[0]) if sign else start
    unit = units.MONEY_AFTER.match(text, end)
    if unit is not None and unit["unit"] in ("$", "¥", "€", "£"):
        unit = None if text[unit.end() :][:1].isdigit() else unit  # the sign of the next amount
    if unit is not None:
        currency = units.currency_after(unit)
        if sign is not None and currency == "CNY":
            currency = units.currency_before(sign)
        value, end, used = _with_parts(text, numerals, at, unit.end(), unit["unit"])
        return Reading(head, end, value, "money", currency, used)
    small = _SMALL_MONEY.match(text, end)
    if small is not None and not (number.style == "zh" and small[0] == "角"):
        if small[0].startswith(("毛", "角")):
            value, end, used = _with_cents(text, numerals, at, value / 10, small.end(), 1)
            return Reading(start, end, value, "money", "CNY", used)
        currency = "CNY" if small[0] == "分钱" else "USD"
        return Reading(start, small.end(), value / 100, "money", currency)
    if sign is not None:
        return Reading(head, end, value, "money", units.currency_before(sign))
    if (pounds := _POUNDS.match(text, end)) and _CUE.search(before):
        return Reading(start, pounds.end(), value, "money", "GBP")
    return None


def _with_parts(
    text: str, numerals: list[Numeral], at: int, end: int, unit: str
) -> tuple[Decimal, int, int]:
    """Value, end and numerals used of 9块9, 九块九毛五, 29元5角, 12块50: what follows the unit."""
    value = numerals[at].value
    if at + 1 == len(numerals) or numerals[at + 1].start != end or value % 1:
        return value, end, 1
    tail = numerals[at + 1]
    if tail.value < 10 and text[tail.end : tail.end + 1] in ("毛", "角"):
        return _with_cents(text, numerals, at + 1, value + tail.value / 10, tail.end + 1, 2)
    if unit == "块" and tail.value < 100 and tail.value == int(tail.value):
        ranged = at + 2 < len(numerals) and numerals[at + 2].start == tail.start
        if not (ranged or _counts(text, tail.end)):
            places = 10 if tail.end - tail.start == 1 else 100
            return value + tail.value / places, tail.end, 2
    return value, end, 1


def _with_cents(
    text: str, numerals: list[Numeral], at: int, value: Decimal, end: int, used: int
) -> tuple[Decimal, int, int]:
    """The same once a digit for 分 may follow, as in 九毛五."""
    cents = numerals[at + 1] if at + 1 < len(numerals) else None
    if cents is None or cents.start != end or cents.value >= 10 or _counts(text, cents.end):
        return value, end, used
    stop = cents.end + text.startswith("分", cents.end)
    return value + cents.value / 100, stop, used + 1


def _counts(text: str, end: int) -> bool:
    """Whether a number that ends at `end` has a unit of its own."""
    forms = (units.UNIT_AFTER, _COUNT, units.MONEY_AFTER, _ZHE)
    return any(form.match(text, end) for form in forms)


def _unit_at(text: str, numerals: list[Numeral], at: int) -> Reading | None:
    """Measures, stretches of time and English pieces."""
    number = numerals[at]
    start, end, value = number.start, number.end, number.value
    if number.code:
        return None
    if number.style == "digits" and (many := _MANY.match(text, end)):
        return Reading(start, many.end(), value * 10000, "number", "")
    unit = units.UNIT_AFTER.match(text, end)
    if unit is None:
        memory = text.startswith("G", end) and not text[end + 1 : end + 2].isalnum()
        if memory and value >= 8:
            return Reading(start, end + 1, value, "measure", "GB")
        return None
    if unit["loose"] in _SPLIT_UNITS and _OTHER_WORD.match(text, unit.end()):
        return None
    if text[start:end] == "一" and unit["loose"] == "度":
        return None
    kind, name, factor = units.unit_after(unit)
    stop, used = unit.end(), 1
    if unit["half"]:
        value += Decimal("0.5")
    elif kind == "duration" and text.startswith("半", stop):
        value, stop = value + Decimal("0.5"), stop + 1
    elif unit["loose"] == "米" and at + 1 < len(numerals) and numerals[at + 1].start == stop:
        tail = numerals[at + 1]
        if tail.value < 100 and tail.value == int(tail.value) and not _counts(text, tail.end):
            value += tail.value / (10 if tail.end - stop == 1 else 100)
            stop, used = tail.end, 2
    return Reading(start, stop, value * factor, _kind(kind), name, used)


def _kind(kind: str) -> Kind:
    return "duration" if kind == "duration" else "count" if kind == "count" else "measure"


def _count_at(text: str, number: Numeral, before: str) -> Reading | None:
    """Pieces by their Chinese measure word; 一件 only where one is meant, not 'a'."""
    count = _COUNT.match(text, number.end)
    if count is None:
        return None
    if before.endswith("第"):
        return Reading(number.start, number.end, number.value, "number", "")
    article = count["unit"] in units.KINDS_ZH or not _BOUGHT.search(before)
    if text[number.start : number.end] == "一" and article:
        return None
    return Reading(number.start, count.end(), number.value, "count", count["unit"])


def _number(text: str, number: Numeral, before: str) -> Reading | None:
    start, end, style = number.start, number.end, number.style
    single = style == "zh" and end - start == 1
    if text[start:end].lower() == "one":
        return None
    posted = style == "digits" and _POST_FREE.match(text, end) is not None
    cued = _CUE.search(before) is not None and (style != "en" or number.value >= 5)
    if not number.code and (posted or cued) and (not single or _GIVEN.search(before)):
        return Reading(start, end, number.value, "money", "", 1, True)
    if single and not _GIVEN.search(before):
        return None
    return Reading(start, end, number.value, "number", "", 1, not number.code)
