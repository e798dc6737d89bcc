"""Reading and writing amounts in Chinese and English: the only place that knows their forms.

`read_amounts` is used on questions and, by the grounding gate, on sentences before they leave; so
every figure in a text gives an Amount, if only of kind "number", while idioms (一起, 第一, 万一)
give none.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import Literal, NamedTuple

from retrieval import units
from retrieval.catalog import Language, Money
from retrieval.numerals import Numeral, fold, read_numerals

Kind = Literal[
    "money", "percent", "discount", "count", "number", "duration", "date", "time", "measure"
]


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


class _Read(NamedTuple):
    """A reading in folded positions; `used` counts the numerals it took."""

    start: int
    end: int
    value: Decimal
    kind: Kind
    unit: str
    used: int = 1
    bare: bool = False


_IDIOMS = re.compile(
    r"万一(?!千|百)|千万(?=别|不|要|记)|三七开|一心一意|三心二意|七上八下|乱七八糟|五颜六色|四面八方|五花八门"
    r"|十全十美|独一无二|一模一样|一清二楚|一干二净|三三两两|五湖四海|千千万万|千变万化|一五一十|四季|五香"
    r"|一年四季|三番五次|接二连三|丢三落四|三言两语|百里挑一|以一敌百|数一数二|不三不四|亿万|成千上万|千家万户"
    r"|说一不二|万能|万用|万向|百搭|百变|百合|百货|十分(?!钟|之)|十足|千万家|四川|三亚|八角(?!钱)|七夕|三明治"
    r"|一一|星期[一二三四五六]|周[一二三四五六](?!周)|礼拜[一二三四五六]|(?<!\d)第[一二三四五六七八九十](?![件双瓶盒份杯条个])"
    r"|no one|(?<![a-z])(?:this|that|the|which|another|any|every|each|some|last|first|second|new|"
    r"good|better|best|other|red|blue|black|white|smaller|bigger|larger|cheaper) one(?![a-z])"
    r"|one of|the ones?|one by one",
    re.IGNORECASE,
)
_ARTICLE_AFTER = re.compile(r"(?:[买拍要送赠来剩限加仅只每满带付得发]|最后|第|/)\s*$")
_PERCENT = re.compile(r"\s*(?:%|per\s?cent(?:age)?|个百分点)", re.IGNORECASE)
_OFF = re.compile(r"\s*-?\s*(?:off|discount|cheaper)(?![a-z])", re.IGNORECASE)
_ZHE = re.compile(r"\s*折(?![叠伞页扇纸])")
_HALF = re.compile(
    r"(?P<price>半价|对折|半折|half[\s-]?(?:price|off))"
    r"|(?P<stretch>半(?P<unit>个?小时|个?月|年|天|个?钟头|斤|公斤|升|米))"
    r"|(?P<en>half\s+an?\s+(?P<en_unit>hour|year|month|day|litre|liter|pound|kilo))",
    re.IGNORECASE,
)
_COUNT = re.compile(rf"\s?[多来余几]?(?P<unit>[{units.PIECES_ZH}{units.KINDS_ZH}])(?!工作日|月|性)")
_CUE = re.compile(
    r"(?:价格?|价位|预算|售|卖|满|减|省|优惠|便宜|花|到手|券后|券|仅需|只需|只要|直降|补贴|返|红包)"
    r"(?:是|为|在|约|大概|大约|差不多|了|就|才|只要|到|至|[:¥\s])*$"
    r"|(?<![a-z])(?:price[ds]?|costs?|budget|pay|paid|spend|save|worth|for only|cheaper than)"
    r"(?:\s|:|is|of|at|around|about|under|below|over|up to|only)*$",
    re.IGNORECASE,
)
_DAYPARTS = re.compile(
    r"(?:(凌晨|早上|早晨|上午|清晨)|(中午)|(下午|傍晚|晚上|今晚|明晚|夜里|晚)|at)\s*$"
)
_MONTHS = "january february march april may june july august september october november december"
_MONTH = {name[:3]: at for at, name in enumerate(_MONTHS.split(), start=1)}
_MONTH_NAME = r"(?:" + "|".join(f"{m[:3]}(?:{m[3:]})?" for m in _MONTHS.split()) + r"|sept)\.?"
_DATES = re.compile(
    r"(?<!\d)(?P<iso>(?P<y>(?:19|20)\d\d)[-/.](?P<m>0?[1-9]|1[0-2])[-/.](?P<d>[0-2]?\d|3[01]))(?!\d)"
    rf"|(?<![a-z])(?P<m1>{_MONTH_NAME})\s+(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?(?!\d|[:.]\d)"
    r"(?:,?\s+(?P<y1>20\d\d))?"
    rf"|(?<!\d)(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<m2>{_MONTH_NAME})(?![a-z])"
    r"(?:,?\s+(?P<y2>20\d\d))?"
    r"|(?<!\d)(?P<hh>[01]?\d|2[0-4]):(?P<mm>[0-5]\d)(?::[0-5]\d)?(?!\d)(?:\s*(?P<half>[ap])\.?m)?"
    r"|(?<!\d)(?P<h2>\d{1,2})\s*(?P<half2>[ap])\.?m(?![a-z])",
    re.IGNORECASE,
)
_DASH = re.compile(r"\s*(?:-+|~|～|–|—|到|至|to)\s*", re.IGNORECASE)
_CLOCK_TAIL = re.compile(r"(?P<half>半)|一刻|钟|整")


def read_amounts(text: str) -> list[Amount]:
    """Every amount in `text`, left to right. A range gives both ends, each with the unit."""
    folded = fold(text)
    plain = folded.text
    readings = _dates_and_halves(plain)
    taken = [(r.start, r.end) for r in readings] + [m.span() for m in _IDIOMS.finditer(plain)]
    numerals = [
        n for n in read_numerals(plain) if not any(s < n.end and n.start < e for s, e in taken)
    ]
    at = 0
    while at < len(numerals):
        reading = _read(plain, numerals, at)
        if reading is not None:
            readings.append(reading)
        at += reading.used if reading else 1
    readings.sort(key=lambda r: (r.start, r.value))
    amounts = []
    for start, end, value, kind, unit, _, _ in _share_units(plain, readings):
        start, end = folded.span(start, end)
        amounts.append(Amount(start, end, text[start:end], value, kind, unit))
    return amounts


def _dates_and_halves(text: str) -> list[_Read]:
    found = []
    for match in _DATES.finditer(text):
        start, end = match.span()
        hour = match["hh"] or match["h2"]
        if hour:
            minutes = _of_day(text[:start], int(hour), match["half"] or match["half2"])
            value = Decimal(minutes + int(match["mm"] or 0))
            found.append(_Read(start, end, value, "time", "minute"))
            continue
        name = match["m1"] or match["m2"]
        month = int(match["m"]) if match["m"] else _MONTH[name[:3].lower()]
        day = int(match["d"] or match["d1"] or match["d2"])
        year = int(match["y"] or match["y1"] or match["y2"] or 0)
        found.append(_date(start, end, year, month, day))
    for match in _HALF.finditer(text):
        if match["price"]:
            found.append(_Read(*match.span(), Decimal("0.5"), "discount", ""))
        else:
            word = match["unit"] or match["en_unit"]
            unit = units.UNIT_AFTER.match(word if len(word) < 3 or word[0] == "个" else word)
            if unit is not None and (match.start() == 0 or text[match.start() - 1] not in "一个两"):
                kind, name, factor = units.unit_after(unit)
                value = factor / 2
                found.append(_Read(*match.span(), value, _unit_kind(kind), name))
    return found


def _date(start: int, end: int, year: int, month: int, day: int, used: int = 1) -> _Read:
    value = Decimal(year * 10000 + month * 100 + day)
    return _Read(start, end, value, "date", "date" if year else "month-day", used)


def _of_day(before: str, hour: int, half: str | None) -> int:
    """Minutes since midnight of an hour, by am/pm or by a word for the part of the day."""
    part = _DAYPARTS.search(before)
    late = (half or "").lower() == "p" or (part is not None and part[3] is not None)
    if late and hour < 12 or part is not None and part[2] and hour < 3:
        hour += 12
    elif hour == 12 and (half or "").lower() == "a":
        hour = 0
    return hour % 24 * 60


def _unit_kind(kind: str) -> Kind:
    return "duration" if kind == "duration" else "count" if kind == "count" else "measure"


def _read(text: str, numerals: list[Numeral], at: int) -> _Read | None:
    """What the numeral at `at` counts; None where it is no quantity."""
    number = numerals[at]
    start, end, value = number.start, number.end, number.value
    if at and numerals[at - 1].end == start and number.style == "zh" and number.end - start == 1:
        if text[start] in "百千万亿十":  # the 千 of 3千克, left over by the number before it
            return None
    before = text[max(0, start - 24) : start]
    after = numerals[at + 1] if at + 1 < len(numerals) else None
    calendar = _calendar(text, numerals, at)
    if calendar is not None:
        return calendar
    if zhe := _ZHE.match(text, end):
        paid = value / (100 if value > 10 else 10)
        return _Read(start, zhe.end(), paid, "discount", "")
    if percent := _PERCENT.match(text, end):
        if off := _OFF.match(text, percent.end()):
            return _Read(start, off.end(), 1 - value / 100, "discount", "")
        return _Read(start, percent.end(), value, "percent", "")
    if text.startswith("分之", end) and after is not None and after.start == end + 2:
        if value in (10000, 100, 1000):
            return _Read(start, after.end, after.value * 100 / value, "percent", "", 2)
    if text[start:end] == "百" and text[end : end + 2] == "分百":
        return _Read(start, end + 2, Decimal(100), "percent", "", 2)
    if (
        text.startswith("成", end)
        and number.style == "zh"
        and re.match("成(?![人分功为])", text[end:])
    ):
        return _Read(start, end + 1, value * 10, "percent", "")
    money = _money(text, numerals, at, before)
    if money is not None:
        return money
    if not number.code:
        unit = units.UNIT_AFTER.match(text, end)
        if unit is not None and not (
            text[unit.start() : unit.end()] == "两" or _yields(text, unit)
        ):
            kind, name, factor = units.unit_after(unit)
            if unit["half"]:
                value += Decimal("0.5")
            return _Read(start, unit.end(), value * factor, _unit_kind(kind), name)
    count = _COUNT.match(text, end)
    article = text[start:end] == "一" and not _ARTICLE_AFTER.search(before)
    if count is not None and not article:
        if not (text[start:end] == "一" and count["unit"] in units.KINDS_ZH):
            return _Read(start, count.end(), value, "count", count["unit"])
    if not number.code and _CUE.search(before) and not (number.style == "en" and value < 5):
        if number.style == "digits" or end - start > 1 or re.search("[满减送]$", before):
            return _Read(start, end, value, "money", "", 1, True)
    if number.style == "zh" and end - start == 1 and not re.search("[买送减满]$", before):
        return None
    if number.style == "zh" and set(text[start:end]) <= set("百千万亿十") and end - start == 1:
        return None
    if text[start:end].lower() == "one":
        return None
    return _Read(start, end, value, "number", "", 1, not number.code)


def _yields(text: str, unit: re.Match[str]) -> bool:
    """A unit's letters that begin another word: 度 of 度假, 米 of 米白, 寸 of 寸步."""
    return unit["loose"] in ("度", "米", "匹", "升", "帕", "伏") and bool(
        re.match("[假过白饭色粉配级]", text[unit.end() :])
    )


def _calendar(text: str, numerals: list[Numeral], at: int) -> _Read | None:
    """2026年11月30日, 十一月, 30号 after a month, 晚上8点半, 20点30分."""
    number, used = numerals[at], 1
    start, end, year = number.start, number.end, 0
    before = text[max(0, start - 8) : start]
    following = numerals[at + 1 : at + 3]
    if text.startswith("年", end) and 1900 <= number.value <= 2100 and number.scale == 1:
        year = int(number.value)
        if not (following and following[0].start == end + 1 and text[following[0].end] == "月"
                if following and following[0].end < len(text) else False):  # fmt: skip
            return _Read(start, end + 1, number.value, "date", "year")
        number, used = following[0], 2
        end, following = number.end, following[1:]
    if text.startswith(("月", "月份"), end) and 1 <= number.value <= 12:
        month, end = int(number.value), end + 1
        if following and following[0].start == end and text[following[0].end :][:1] in ("日", "号"):
            return _date(
                start, following[0].end + 1, year, month, int(following[0].value), used + 1
            )
        value = Decimal(year * 100 + month)
        return _Read(start, end, value, "date", "month", used)
    if text[end : end + 1] in ("日", "号") and not units.UNIT_AFTER.match(text, end):
        if (
            re.search("[到至-]$", before)
            or number.value > 9
            and re.match("[日号](?!链|款)", text[end:])
        ):
            if 1 <= number.value <= 31 and number.style != "en":
                return _Read(start, end + 1, number.value, "date", "day")
    if text.startswith(("点", "时"), end) and number.value <= 24 and not number.code:
        part = _DAYPARTS.search(before)
        tail = _CLOCK_TAIL.match(text, end + 1)
        minute = following[0] if following and following[0].start == end + 1 else None
        if not (part or tail or number.style == "digits" and text[end] == "点"):
            return None
        if number.value != int(number.value):
            return None
        minutes = _of_day(before, int(number.value), None)
        if minute is not None and minute.value < 60:
            stop = minute.end + (1 if text.startswith("分", minute.end) else 0)
            return _Read(start, stop, minutes + minute.value, "time", "minute", 2)
        if tail is not None:
            minutes += 30 if tail["half"] else 15 if tail[0] == "一刻" else 0
        return _Read(start, tail.end() if tail else end + 1, Decimal(minutes), "time", "minute")
    return None


def _money(text: str, numerals: list[Numeral], at: int, before: str) -> _Read | None:
    number = numerals[at]
    start, end, value = number.start, number.end, number.value
    sign = units.MONEY_BEFORE.search(before)
    if sign is not None and sign["code"] in units.WORD_CODES and "." not in text[start:end]:
        sign = None
    unit = units.MONEY_AFTER.match(text, end)
    if (
        unit is not None
        and unit["unit"] in ("$", "¥", "€", "£")
        and text[unit.end() :][:1].isdigit()
    ):
        unit = None  # the sign of the next amount
    if unit is not None:
        currency = units.currency_after(unit)
        if sign is not None and currency == "CNY" and units.currency_before(sign) != "CNY":
            currency = units.currency_before(sign)
        value, end, used = _with_parts(text, numerals, at, unit.end(), unit["unit"])
        return _Read(sign and start - len(sign[0]) or start, end, value, "money", currency, used)
    small = re.compile(r"毛钱?|角(?![形星度])|分钱|\s?cents?(?![a-z])|¢").match(text, end)
    if small is not None and not (number.style == "zh" and small[0] == "角"):
        if small[0].startswith(("毛", "角")):
            value, used, end = value / 10, 1, small.end()
            after = numerals[at + 1] if at + 1 < len(numerals) else None
            if after is not None and after.start == end and after.value < 10:
                if not units.UNIT_AFTER.match(text, after.end) and not _COUNT.match(
                    text, after.end
                ):
                    fen = text.startswith("分", after.end)
                    value, used, end = value + after.value / 100, 2, after.end + fen
            return _Read(start, end, value, "money", "CNY", used)
        currency = "CNY" if small[0] == "分钱" else "USD"
        return _Read(start, small.end(), value / 100, "money", currency)
    if sign is not None and not (sign["code"] and number.code and not before.endswith(sign[0])):
        start = max(0, start - len(sign[0]))
        return _Read(start, end, value, "money", units.currency_before(sign))
    if re.match(r"\s*pounds?(?![a-z])", text[end:]) and _CUE.search(before):
        stop = end + len("pound") + text[end:].index("pound")
        return _Read(start, stop + text.startswith("s", stop), value, "money", "GBP")
    return None


def _with_parts(
    text: str, numerals: list[Numeral], at: int, end: int, unit: str
) -> tuple[Decimal, int, int]:
    """Value, end and numerals used of 9块9, 九块九毛五, 29元5角, 12块50: what follows the unit."""
    value, used = numerals[at].value, 1
    if at + 1 == len(numerals) or numerals[at + 1].start != end or value % 1:
        return value, end, used
    tail = numerals[at + 1]
    part = re.compile("[毛角]").match(text, tail.end)
    if part is not None and tail.value < 10:
        value, end, used = value + tail.value / 10, part.end(), 2
        if at + 2 < len(numerals) and numerals[at + 2].start == end and numerals[at + 2].value < 10:
            cents = numerals[at + 2]
            if not units.UNIT_AFTER.match(text, cents.end) and not _COUNT.match(text, cents.end):
                fen = text.startswith("分", cents.end)
                return value + cents.value / 100, cents.end + fen, 3
    elif unit == "块" and tail.value < 100 and tail.value == int(tail.value):
        counted = units.UNIT_AFTER.match(text, tail.end) or _COUNT.match(text, tail.end)
        more = units.MONEY_AFTER.match(text, tail.end) or _ZHE.match(text, tail.end)
        ranged = at + 2 < len(numerals) and numerals[at + 2].start == tail.start
        if not (counted or more or ranged):
            places = 10 if tail.end - tail.start == 1 else 100
            return value + tail.value / places, tail.end, 2
    return value, end, used


def _share_units(text: str, readings: list[_Read]) -> list[_Read]:
    """Gives both ends of a range the unit that stands at one: 100-200元, $50-100, 3到5件."""
    shared = list(readings)
    for at in range(len(shared) - 1):
        left, right = shared[at], shared[at + 1]
        twin = (left.start, left.bare) == (right.start, True)
        gap = _DASH.fullmatch(text, left.end, right.start) if left.end <= right.start else None
        joined = (
            twin
            or gap is not None
            or (
                left.end <= right.start
                and text[left.end : right.start].strip().lower() in ("and", "和")
                and bool(
                    re.search(r"(?:between|from|在|介于)\s*\S{0,4}$", text[: left.start], re.I)
                )
            )
        )
        if not joined or left.kind == right.kind and left.unit == right.unit:
            continue
        if left.bare and right.kind not in ("number", "date", "time"):
            scale = _scale(text[right.start : right.end], left, right)
            shared[at] = left._replace(kind=right.kind, unit=right.unit, value=left.value * scale)
        elif right.bare and left.kind in ("money", "percent"):
            shared[at + 1] = right._replace(kind=left.kind, unit=left.unit)
    return shared


def _scale(text: str, left: _Read, right: _Read) -> Decimal:
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
    return f"{int(value) if value == int(value) else value.normalize():f}%".replace(".0%", "%")
