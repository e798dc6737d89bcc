"""Dates and times of day: 2026-11-30, 11月30日, Nov 30, 20:00, 晚上八点半, 8:30pm."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Literal, NamedTuple

from retrieval.numerals import Numeral
from retrieval.units import UNIT_AFTER

Kind = Literal[
    "money", "percent", "discount", "count", "number", "duration", "date", "time", "measure"
]


class Reading(NamedTuple):
    """An amount at [start, end) of a folded text. `used` counts the numerals it took; `bare`: a
    number that may take its unit from the other end of a range."""

    start: int
    end: int
    value: Decimal
    kind: Kind
    unit: str
    used: int = 1
    bare: bool = False


_DAYPART = re.compile(
    r"(?:(?P<early>凌晨|早上|早晨|上午|清晨|今早|明早)|(?P<noon>中午)"
    r"|(?P<late>下午|傍晚|晚上|今晚|明晚|夜里|晚)|at)\s*$"
)
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_MONTH = {name[:3]: at for at, name in enumerate(_MONTHS, start=1)}
_MONTH_NAME = r"(?:" + "|".join(f"{m[:3]}(?:{m[3:]})?" for m in _MONTHS) + r"|sept)\.?"
_WRITTEN = re.compile(
    r"(?<!\d)(?P<y>(?:19|20)\d\d)[-/.](?P<m>0?[1-9]|1[0-2])[-/.](?P<d>[0-2]?\d|3[01])(?!\d)"
    rf"|(?<![a-z])(?P<m1>{_MONTH_NAME})\s+(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?(?!\d|[:.]\d)"
    r"(?:,?\s+(?P<y1>20\d\d))?"
    rf"|(?<!\d)(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<m2>{_MONTH_NAME})(?![a-z])"
    r"(?:,?\s+(?P<y2>20\d\d))?"
    r"|(?<!\d)(?P<hh>[01]?\d|2[0-4]):(?P<mm>[0-5]\d)(?::[0-5]\d)?(?!\d)"
    r"(?:\s*(?P<half>[ap])\.?m)?"
    r"|(?<!\d)(?P<h2>\d{1,2})\s*(?P<half2>[ap])\.?m(?![a-z])",
    re.IGNORECASE,
)
_CLOCK_TAIL = re.compile(r"(?P<half>半)|(?P<quarter>一刻)|钟|整")
_DAY = re.compile(r"[日号](?!链|款|色)")


def written_moments(text: str) -> list[Reading]:
    """Dates and times whose form alone shows what they are."""
    found = []
    for match in _WRITTEN.finditer(text):
        start, end = match.span()
        hour = match["hh"] or match["h2"]
        if hour:
            minutes = _of_day(text[:start], int(hour), match["half"] or match["half2"])
            found.append(
                Reading(start, end, Decimal(minutes + int(match["mm"] or 0)), "time", "minute")
            )
            continue
        name = match["m1"] or match["m2"]
        month = int(match["m"]) if match["m"] else _MONTH[name[:3].lower()]
        day = int(match["d"] or match["d1"] or match["d2"])
        year = int(match["y"] or match["y1"] or match["y2"] or 0)
        found.append(_date(start, end, year, month, day, 1))
    return found


def moment_at(text: str, numerals: list[Numeral], at: int) -> Reading | None:
    """The date or time that the numeral at `at` begins, with the numerals after it."""
    return _date_at(text, numerals, at) or _time_at(text, numerals, at)


def _date_at(text: str, numerals: list[Numeral], at: int) -> Reading | None:
    number, used, year = numerals[at], 1, 0
    start, end = number.start, number.end
    if text.startswith("年", end) and 1900 <= number.value <= 2100 and number.scale == 1:
        month = _adjoining(numerals, at, end + 1)
        if month is None or not text.startswith("月", month.end):
            return Reading(start, end + 1, number.value, "date", "year")
        year, number, used, end = int(number.value), month, 2, month.end
    if text.startswith("月", end) and 1 <= number.value <= 12:
        month_of_year, end = int(number.value), end + 1
        day = _adjoining(numerals, at + used - 1, end)
        if day is not None and text[day.end :][:1] in ("日", "号"):
            return _date(start, day.end + 1, year, month_of_year, int(day.value), used + 1)
        return Reading(start, end, Decimal(year * 100 + month_of_year), "date", "month", used)
    ranged = re.search("[到至-]$", text[:start]) is not None
    if not _DAY.match(text, end) or UNIT_AFTER.match(text, end) or number.style == "en":
        return None
    if (ranged or number.value > 9) and 1 <= number.value <= 31:
        return Reading(start, end + 1, number.value, "date", "day")
    return None


def _time_at(text: str, numerals: list[Numeral], at: int) -> Reading | None:
    number = numerals[at]
    start, end = number.start, number.end
    if not text.startswith(("点", "时"), end) or number.code:
        return None
    if number.value > 24 or number.value != int(number.value):
        return None
    tail = _CLOCK_TAIL.match(text, end + 1)
    plain = number.style == "digits" and text[end] == "点"
    if not (_DAYPART.search(text[max(0, start - 8) : start]) or tail or plain):
        return None
    minutes = _of_day(text[max(0, start - 8) : start], int(number.value), None)
    minute = _adjoining(numerals, at, end + 1)
    if minute is not None and minute.value < 60 and tail is None:
        stop = minute.end + text.startswith("分", minute.end)
        return Reading(start, stop, minutes + minute.value, "time", "minute", 2)
    if tail is not None:
        minutes += 30 if tail["half"] else 15 if tail["quarter"] else 0
    used = 2 if tail is not None and tail["quarter"] else 1
    return Reading(start, tail.end() if tail else end + 1, Decimal(minutes), "time", "minute", used)


def _adjoining(numerals: list[Numeral], at: int, place: int) -> Numeral | None:
    """The numeral after the one at `at`, if it stands right at `place`."""
    after = numerals[at + 1] if at + 1 < len(numerals) else None
    return after if after is not None and after.start == place else None


def _date(start: int, end: int, year: int, month: int, day: int, used: int) -> Reading:
    value = Decimal(year * 10000 + month * 100 + day)
    return Reading(start, end, value, "date", "date" if year else "month-day", used)


def _of_day(before: str, hour: int, half: str | None) -> int:
    """Minutes since midnight of an hour, by am/pm or by a word for the part of the day."""
    part = _DAYPART.search(before)
    late = (half or "").lower() == "p" or (part is not None and part["late"] is not None)
    noon = part is not None and part["noon"] is not None and hour < 3
    if (late and hour < 12) or noon:
        hour += 12
    elif hour == 12 and (half or "").lower() == "a":
        hour = 0
    return hour % 24 * 60
