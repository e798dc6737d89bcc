"""Reading and writing amounts in Chinese and English: the only place that knows their forms.

`read_amounts` is used on questions and, by the grounding gate, on sentences before they leave; so
every figure in a text gives an Amount, if only of kind "number", while idioms (一起, 第一, 万一)
give none.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from retrieval import units
from retrieval.catalog import Language, Money
from retrieval.moments import Kind, Reading, written_moments
from retrieval.numerals import fold, read_numerals
from retrieval.quantities import quantity_at


class Amount(NamedTuple):
    """One amount at [start, end) of the text as it came.

    By kind, `value` and `unit` are
    - money: major units (9.9) and an ISO 4217 code; "" where the text names no currency
    - discount: the fraction paid (八折 0.8, 20% off 0.8, 半价 0.5), ""
    - percent: 20% is 20, ""
    - count: pieces and their measure word (件, pair)
    - duration: a count of second minute hour day week month quarter year business_day
    - measure: in base units: ml g mm W V A mAh Hz GB MB inch oz lb m2 °C and so on, so that
      1.5L and 1500ml are equal
    - date: 20261130 "date", 1130 "month-day", 11 "month", 30 "day", 2026 "year"
    - time: minutes since midnight, "minute"
    - number: anything else, ""
    """

    start: int
    end: int
    text: str
    value: Decimal
    kind: Kind
    unit: str


_IDIOMS = re.compile(
    r"万一(?!千|百)|千万(?=别|不|要|记)|三七开|一心一意|三心二意|七上八下|乱七八糟|五颜六色"
    r"|四面八方|五花八门"
    r"|十全十美|独一无二|一模一样|一清二楚|一干二净|三三两两|五湖四海|千千万万|千变万化|一五一十"
    r"|四季|五香"
    r"|一年四季|三番五次|接二连三|丢三落四|三言两语|百里挑一|以一敌百|数一数二|不三不四|亿万"
    r"|成千上万|千家万户"
    r"|说一不二|万能|万用|万向|百搭|百变|百合|百货|十分(?!钟|之)|十足|千万家|四川|三亚|八角(?!钱)"
    r"|七夕|三明治"
    r"|(?<![点零〇一二三四五六七八九])一一(?![元块])|星期[一二三四五六]|周[一二三四五六](?!周)|礼拜[一二三四五六]"
    r"|(?<!\d)第[一二三四五六七八九十](?![件双瓶盒份杯条个])"
    r"|no one|(?<![a-z])(?:this|that|the|which|another|any|every|each|some|last|first|second|new|"
    r"good|better|best|other|red|blue|black|white|smaller|bigger|larger|cheaper) one(?![a-z])"
    r"|one of|the ones?|one by one",
    re.IGNORECASE,
)
_HALF = re.compile(
    r"(?P<price>半价|对折|半折|half[\s-]?(?:price|off))"
    r"|(?P<stretch>半(?P<unit>个?小时|个?月|年|天|个?钟头|斤|公斤|升|米))"
    r"|(?P<en>half\s+an?\s+(?P<en_unit>hour|year|month|day|litre|liter|pound|kilo))",
    re.IGNORECASE,
)
_DASH = re.compile(r"\s*(?:-+|~|～|–|—|到|至|to)\s*", re.IGNORECASE)
_TIMES = re.compile(r"\s*[x×*]\s*", re.IGNORECASE)
_BETWEEN = re.compile(r"(?:between|from|在|介于)\s*\S{0,4}$", re.IGNORECASE)


def read_amounts(text: str) -> list[Amount]:
    """Every amount in `text`, left to right. A range gives both ends, each with the unit."""
    return list(_amounts(text))


# A question and a sentence are read by several stages.
@lru_cache(maxsize=1024)
def _amounts(text: str) -> tuple[Amount, ...]:
    folded = fold(text)
    plain = folded.text
    readings = [*written_moments(plain), *_halves(plain)]
    taken = [(r.start, r.end) for r in readings]
    idioms = taken + [m.span() for m in _IDIOMS.finditer(plain)]
    numerals = [
        n
        for n in read_numerals(plain)
        # 8万一台 holds no 万一: figures are no part of an idiom.
        for spans in [taken if n.style == "digits" else idioms]
        if not any(s < n.end and n.start < e for s, e in spans)
    ]
    at = 0
    while at < len(numerals):
        reading = quantity_at(plain, numerals, at)
        if reading is not None:
            readings.append(reading)
        at += reading.used if reading else 1
    readings += _left_over(plain, readings)
    readings.sort(key=lambda r: (r.start, r.value))
    amounts = []
    for start, end, value, kind, unit, _, _ in _share_units(plain, readings):
        start, end = folded.span(start, end)
        amounts.append(Amount(start, end, text[start:end], value, kind, unit))
    return tuple(amounts)


def _left_over(text: str, readings: list[Reading]) -> list[Reading]:
    """Digits that no reading took, such as those after the time in 2:26.787, as numbers."""
    covered = {at for r in readings for at in range(r.start, r.end)}
    runs = re.finditer(r"\d+", "".join(" " if n in covered else c for n, c in enumerate(text)))
    return [Reading(*m.span(), Decimal(m.group()), "number", "") for m in runs]


def _halves(text: str) -> list[Reading]:
    """半价, 半年, half an hour; not the half of 一年半, which belongs to the year."""
    found = []
    for match in _HALF.finditer(text):
        if match["price"]:
            found.append(Reading(*match.span(), Decimal("0.5"), "discount", ""))
            continue
        unit = units.UNIT_AFTER.match(match["unit"] or match["en_unit"])
        if unit is not None and text[: match.start()][-1:] not in ("一", "两", "个"):
            kind, name, factor = units.unit_after(unit)
            made: Kind = "duration" if kind == "duration" else "measure"
            found.append(Reading(*match.span(), factor / 2, made, name))
    return found


def _share_units(text: str, readings: list[Reading]) -> list[Reading]:
    """Gives both ends of a range, and every side of a size, the unit that stands at one:
    100-200元, $50-100, 3到5件, 28×20×11cm."""
    shared = list(readings)
    for at in reversed(range(len(shared) - 1)):
        left, right = shared[at], shared[at + 1]
        times = _TIMES.fullmatch(text[left.end : right.start])
        if times and left.bare and left.kind == "number" and right.unit in ("mm", "inch"):
            figures = re.match(r"\d+(?:\.\d+)?", text[right.start :])
            scale = right.value / Decimal(figures[0]) if figures and right.value else Decimal(1)
            shared[at] = left._replace(kind=right.kind, unit=right.unit, value=left.value * scale)
    for at in range(len(shared) - 1):
        left, right = shared[at], shared[at + 1]
        if left.end > right.start and left.start != right.start:
            continue
        between = text[left.end : right.start]
        joined = (
            (left.start == right.start and right.bare)
            or _DASH.fullmatch(between) is not None
            or (
                between.strip().lower() in ("and", "和")
                and _BETWEEN.search(text[: left.start]) is not None
            )
        )
        if not joined or (left.kind, left.unit) == (right.kind, right.unit):
            continue
        if left.bare and right.kind not in ("number", "date", "time"):
            scale = _scale(text[right.start : right.end], left, right)
            shared[at] = left._replace(kind=right.kind, unit=right.unit, value=left.value * scale)
        elif right.bare and left.kind in ("money", "percent"):
            shared[at + 1] = right._replace(kind=left.kind, unit=left.unit)
    return shared


def _scale(text: str, left: Reading, right: Reading) -> Decimal:
    """What the left end of a range takes over from the right: 1-2kg, 1-2万, 7-8折."""
    figures = re.match(r"[\d.,]+", text)
    if figures is None:
        return Decimal(1)
    said = Decimal(figures[0].replace(",", "").strip(".") or "1")
    if right.kind == "discount":
        return Decimal(1) / (100 if left.value > 10 else 10)
    return right.value / said if said and left.value < said else Decimal(1)


_PLAIN_DECIMAL = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?")


def minor_digits(currency: str) -> int:
    """How many decimals `currency` has (ISO 4217): 2 for CNY, 0 for JPY, 3 for KWD."""
    return 0 if currency in units.NO_MINOR else 3 if currency in units.THREE_MINOR else 2


def read_decimal(text: str, currency: str) -> int:
    """Minor units of a plain decimal: "1,299.00" in CNY is 129900, "1500" in JPY 1500.

    Zeros beyond the currency's decimals are allowed only where it has none: "1500.00" JPY.
    Raises ValueError with the broken rule.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if plain.startswith(("-", "−")):
        raise ValueError("an amount must not be negative")
    match = _PLAIN_DECIMAL.fullmatch(plain)
    if match is None or not plain.isascii():
        raise ValueError("an amount is digits with an optional decimal point, such as 1299.00")
    digits, decimals = minor_digits(currency), match[1] or ""
    if len(decimals) > digits and (digits or decimals.strip("0")):
        raise ValueError(f"{currency} has {digits} decimals, not {len(decimals)}")
    minor = int(Decimal(plain.replace(",", "")).scaleb(digits))
    if minor > 10**13:
        raise ValueError("an amount may be at most 10000000000000 minor units")
    return minor


def say_money(money: Money, language: Language) -> str:
    """The exact amount in words a viewer reads: zh 129元 / 9.9元 for CNY, else ¥9.90, $1,299.00."""
    digits = minor_digits(money.currency)
    value = Decimal(money.minor).scaleb(-digits)
    whole = money.minor % 10**digits == 0
    if money.currency == "CNY":
        if language == "zh":
            return f"{value.quantize(Decimal(1)) if whole else value.normalize():f}元"
        return f"¥{value:,.0f}" if whole else f"¥{value:,.2f}"
    symbol = units.SYMBOLS.get(money.currency)
    return f"{symbol}{value:,.{digits}f}" if symbol else f"{money.currency} {value:,.{digits}f}"


def say_percent(percent: int | Decimal) -> str:
    """A percentage without needless zeros: 20%, 12.5%."""
    value = Decimal(percent)
    return f"{value.to_integral_value() if value == int(value) else value.normalize():f}%"
