"""Reads sums of money from a reply. The scorers' own reader: it shares no code with the gate."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import NamedTuple


class Sum(NamedTuple):
    """A sum as written: `currency` is an ISO 4217 code, or '' where the text names none."""

    value: Decimal
    currency: str
    start: int
    end: int


_CURRENCIES = {
    "CNY": ("¥", "元", "块", "块钱", "圆", "人民币", "rmb", "cny", "yuan"),
    "USD": ("$", "us$", "美元", "美金", "刀", "usd", "dollar", "dollars", "bucks", "buck"),
    "EUR": ("€", "欧元", "eur", "euro", "euros"),
    "GBP": ("£", "英镑", "gbp"),
    "HKD": ("hk$", "港币", "港元", "hkd"),
}
_CODE = {word: code for code, words in _CURRENCIES.items() for word in words}
_FIGURE = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_HAN = "零〇一二两三四五六七八九十百千万半"
_HAN_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4}
_HAN_DIGITS |= {"五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_HAN_UNITS = {"十": 10, "百": 100, "千": 1000}
_SCALE = {"": 1, "万": 10_000, "千": 1000, "百": 100, "k": 1000}
_ENGLISH = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
_ENGLISH += " fifteen sixteen seventeen eighteen nineteen"
_WORDS = {word: value for value, word in enumerate(_ENGLISH.split())}
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_WORDS |= {word: 20 + 10 * at for at, word in enumerate(_TENS.split())}
_WORD = "|".join(sorted([*_WORDS, "hundred", "thousand", "and"], key=len, reverse=True))
_AFTER = "块钱|块|元|圆|人民币|美元|美金|刀|欧元|英镑|港币|港元"
_AFTER_EN = r"(?:rmb|cny|yuan|usd|dollars?|bucks?|eur|euros?|gbp|hkd)\b"
_BEFORE = r"us\$|hk\$|\$|¥|€|£|(?<![a-z])(?:rmb|cny|usd|eur|gbp|hkd)|人民币|美元"
_PRICED = (
    r"(?:价格?|售价|原价|现价|到手价?|只卖|卖|只要|仅需|只需)(?:现在|目前|仅|只)?(?:是|为|要)?[:\s]*"
    r"|\b(?:price[ds]?(?:\s+(?:is|at|of|now))*|costs?|sells?\s+for|going\s+for)[:\s]+"
    r"(?:just|only|now|about)?\s*"
)
_OTHER_UNIT = (
    r"(?![\d.,]*\d)(?!\s*(?:%|折|件|个|台|套|天|小时|年|月|号|升|寸|克|w|l\b|kg|g\b|ml|cm|mm))"
)

_PATTERNS = {
    "before": re.compile(rf"(?P<unit>{_BEFORE})\s*(?P<figure>{_FIGURE})(?P<scale>[万k]?)", re.I),
    "after": re.compile(
        rf"(?<![\d.])(?:(?P<from>{_FIGURE})\s*[-~至到]\s*)?(?P<figure>{_FIGURE})\s*"
        rf"(?P<scale>[万千百k]?)\s*(?P<unit>{_AFTER}|{_AFTER_EN})(?P<tenth>(?<=块)\d(?![\d件个折台套]))?",
        re.I,
    ),
    "han": re.compile(
        rf"(?P<figure>[{_HAN}]+)(?P<unit>{_AFTER})(?P<tenth>(?<=块)[{_HAN[2:12]}](?![件个折台套]))?"
    ),
    "words": re.compile(
        rf"\b(?P<figure>(?:{_WORD})(?:[\s-]+(?:{_WORD}))*)\s+(?P<unit>{_AFTER_EN})", re.I
    ),
    "bare": re.compile(rf"(?:{_PRICED})(?P<figure>{_FIGURE}){_OTHER_UNIT}", re.I),
}


def normal(text: str) -> str:
    """`text` in the one form that is read: NFKC, which also makes ￥ a ¥ and full width half."""
    return unicodedata.normalize("NFKC", text)


def sums(text: str) -> list[Sum]:
    """Every sum of money in `text` (of form `normal`), in order, none read twice."""
    found: list[Sum] = []
    for name, pattern in _PATTERNS.items():
        for match in pattern.finditer(text):
            if any(s.start < match.end() and match.start() < s.end for s in found):
                continue
            found.extend(_read(name, match))
    return sorted(found, key=lambda s: s.start)


def _read(name: str, match: re.Match[str]) -> list[Sum]:
    parts = match.groupdict()
    currency = _CODE.get((parts.get("unit") or "").lower(), "")
    if name == "han":
        if not (value := _han(parts["figure"])):
            return []
        # 一块 and 两块 mostly count pieces; as a price they carry 钱 or a tenth.
        if parts["unit"] == "块" and value < 10 and not parts["tenth"]:
            return []
        tenth = _HAN_DIGITS[parts["tenth"]] if parts["tenth"] else 0
    elif name == "words":
        value, tenth = _english(parts["figure"].lower()), 0
    else:
        scale = _SCALE[(parts.get("scale") or "").lower()]
        value = Decimal(parts["figure"].replace(",", "")) * scale
        tenth = int(parts.get("tenth") or 0)
    both = [value + Decimal(tenth) / 10]
    if parts.get("from"):
        both.insert(0, Decimal(parts["from"].replace(",", "")))
    return [Sum(each, currency, match.start(), match.end()) for each in both]


def _han(text: str) -> Decimal:
    """The value of Chinese numerals; 一百二 is 120; 0 for what is no number."""
    high, _, low = text.rpartition("万")
    total, digit, unit = 0, 0, 1
    for sign in low:
        if sign in _HAN_UNITS:
            unit = _HAN_UNITS[sign]
            total, digit = total + (digit or 1) * unit, 0
        elif sign in _HAN_DIGITS:
            unit = 10 if sign in "零〇" else unit
            digit = digit * 10 + _HAN_DIGITS[sign] if digit else _HAN_DIGITS[sign]
    total += digit * (unit // 10 if unit >= 100 and low[-2:-1] in _HAN_UNITS else 1)
    return Decimal(total) + (_han(high) * 10_000 if high else 0)


def _english(text: str) -> Decimal:
    total, part = 0, 0
    for word in re.split(r"[\s-]+", text):
        if word == "hundred":
            part = (part or 1) * 100
        elif word == "thousand":
            total, part = total + (part or 1) * 1000, 0
        else:
            part += _WORDS.get(word, 0)
    return Decimal(total + part)
