"""Numbers as people write them: 1,299.00, １２９, 1.5万, 2k, 一百二, 八点五, fifty, nine hundred.

The lowest step of reading amounts: where numbers stand in a text and what they are worth. What
they count (yuan, pieces, days) is for `retrieval.amounts`.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache
from typing import Literal, NamedTuple


class Folded(NamedTuple):
    """A text in plain characters; `origin[i]` is where character i stood before folding."""

    text: str
    origin: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where folded characters `start` to `end` stand in the text as it came."""
        return self.origin[start], self.origin[end - 1] + 1


class Numeral(NamedTuple):
    """A number at [start, end) of a folded text. `code`: it belongs to a name, as in F6033."""

    start: int
    end: int
    value: Decimal
    style: Literal["digits", "zh", "en"]
    code: bool = False
    scale: int = 1


_KEPT = str.maketrans({"“": '"', "”": '"', "″": '"', "兩": "两", "萬": "万", "億": "亿", "塊": "块",
                       "點": "点", "號": "号", "個": "个", "雙": "双", "條": "条", "臺": "台",
                       "隻": "只", "張": "张", "盤": "盘", "顆": "颗", "錢": "钱", "週": "周",
                       "時": "时", "鐘": "钟", "圓": "圆", "歐": "欧", "雞": "鸡", "滿": "满",
                       "減": "减", "價": "价", "邊": "边"})  # fmt: skip


def fold(text: str) -> Folded:
    """NFKC character by character, digits of any script as 0-9, invisible characters left out.

    A full-width comma stays one unless full-width digits stand around it: 买1，299元 holds two
    numbers. Superscripts stay as they are: 10² is not 102.
    """
    out: list[str] = []
    origin: list[int] = []
    for at, char in enumerate(text):
        if char < "\x80":
            plain = char
        elif char == "，":
            wide = 0 < at < len(text) - 1 and "０" <= text[at - 1] <= "９"
            plain = "," if wide and "０" <= text[at + 1] <= "９" else char
        elif unicodedata.category(char) == "Cf":
            continue
        elif char in "²³¹⁰⁴⁵⁶⁷⁸⁹㎡㎥":
            plain = char
        else:
            plain = _folded(char)
        out.append(plain)
        origin.extend([at] * len(plain))
    return Folded("".join(out), tuple(origin))


@lru_cache(maxsize=8192)
def _folded(char: str) -> str:
    plain = unicodedata.normalize("NFKC", char)
    if len(plain) == 1 and not plain.isascii():
        digit = unicodedata.digit(plain, None)
        plain = plain.translate(_KEPT) if digit is None else str(digit)
    return plain


_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")}
_DIGITS |= {"〇": 0, "○": 0, "两": 2}
_DIGITS |= {char: value for value, char in enumerate("零壹贰叁肆伍陆柒捌玖")}
_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_GROUPS = {"万": 10**4, "亿": 10**8}
_HAN = "".join(dict.fromkeys([*_DIGITS, *_UNITS, *_GROUPS]))
_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_EN_SMALL = {word: value for value, word in enumerate(_SMALL.split())}
_EN_TENS = {word: 10 * value for value, word in enumerate(_TENS.split(), start=2)}
_EN_SCALE = {"hundred": 100, "thousand": 1000, "million": 10**6, "dozen": 12}
_EN_WORD = "|".join([*_EN_TENS, *sorted(_EN_SMALL, key=len, reverse=True), *_EN_SCALE])

_NUMERAL = re.compile(
    rf"""
    (?P<euro>\d{{1,3}}(?:\.\d{{3}})+,\d\d)(?!\d)
    | (?P<digits>\d{{1,3}}(?:,\d{{3}})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?|(?<![\d.])\.\d+)
      (?P<scale>\s?(?:百万|千万|十万|万(?!向|能|用)|亿
        |[千百](?![克瓦米卡焦赫帕分货])|[kK](?![A-Za-z0-9]))
        |\s(?:hundred|thousand|million|dozen)\b)?
      (?P<rest>(?<=[万千])[1-9](?![\d.,]))?
    | (?P<zh>[{_HAN}]+(?:点[{_HAN}]+)?)
    | (?P<en>(?<![a-z0-9])(?:half\s+)?(?:a\s+(?=hundred|thousand|million|dozen))?
      (?:{_EN_WORD})(?:(?:\s+and\s+|[\s-]+)(?:{_EN_WORD}))*(?![a-z]))
    """,
    re.VERBOSE | re.IGNORECASE,
)
_SCALES = {"百": 100, "千": 1000, "万": 10**4, "十万": 10**5, "百万": 10**6, "千万": 10**7,
           "亿": 10**8, "k": 1000, **_EN_SCALE}  # fmt: skip


def read_numerals(text: str) -> list[Numeral]:
    """Every number in a folded text, left to right; 两三百 gives both of its ends."""
    found: list[Numeral] = []
    for match in _NUMERAL.finditer(text):
        start, end = match.span()
        if match["zh"]:
            found.extend(
                Numeral(start, end, value, "zh") for value in _chinese(match["zh"], text[end:])
            )
        elif match["en"]:
            found.append(Numeral(start, end, _english(match["en"].lower()), "en"))
        elif match["euro"]:
            plain = match["euro"].replace(".", "").replace(",", ".")
            found.append(Numeral(start, end, Decimal(plain), "digits"))
        else:
            scale = _SCALES[(match["scale"] or "k").strip().lower()] if match["scale"] else 1
            value = Decimal(match["digits"].replace(",", "")) * scale
            if match["rest"]:
                value += int(match["rest"]) * scale // 10
            code = start > 0 and text[start - 1].isascii() and text[start - 1].isalpha()
            found.append(Numeral(start, end, value, "digits", code, scale))
    return found


def _chinese(run: str, after: str) -> list[Decimal]:
    """What a run of Chinese numerals is worth; two values for 两三百."""
    whole, _, decimals = run.partition("点")
    if decimals:
        digits = "".join(str(_DIGITS[char]) for char in decimals if char in _DIGITS)
        head = _chinese(whole, "")
        if len(digits) < len(decimals) or len(head) != 1:
            return head
        return [Decimal(f"{head[0]}.{digits}")]
    if all(char in _DIGITS for char in run):
        if len(run) == 2 and _approximate(_DIGITS[run[0]], _DIGITS[run[1]], after):
            return [Decimal(_DIGITS[run[0]]), Decimal(_DIGITS[run[1]])]
        return [Decimal("".join(str(_DIGITS[char]) for char in run))]
    if len(run) >= 3 and all(char in _DIGITS for char in run[:2]) and run[2] in _UNITS:
        low, high = _DIGITS[run[0]], _DIGITS[run[1]]
        if 0 < low == high - 1:
            return [_counted(run[0] + run[2:]), _counted(run[1:])]
    return [_counted(run)]


def _approximate(low: int, high: int, after: str) -> bool:
    """两三天, 三五个: two digits that stand for a rough number, not 八五折 or 二三."""
    if after[:1] == "折" or not low:
        return False
    return low == high - 1 or (low < high and after[:1] in tuple("天个件块元年月斤位人次双条台周"))


def _counted(run: str) -> Decimal:
    """三千五百二十 and the short forms: 一百二 is 120, 三千五 is 3500, 一百零二 is 102."""
    total, group, digit, last = 0, 0, -1, 1
    for char in run:
        if char in _DIGITS:
            digit = _DIGITS[char] if digit < 1 else digit * 10 + _DIGITS[char]
            last = 1 if char in "零〇○" else last
        elif char in _UNITS:
            unit = _UNITS[char]
            group += (1 if digit < 0 else digit) * unit
            digit, last = -1, unit
        else:
            unit = _GROUPS[char]
            group += max(digit, 0)
            total = (total + (group or 1)) * unit if unit > total else total + (group or 1) * unit
            group, digit, last = 0, -1, unit
    if digit > 0:
        group += digit * (last // 10 if last > 10 and digit < 10 else 1)
    return Decimal(total + group)


def _two_prices(words: str) -> Decimal:
    """nine ninety-nine, nineteen ninety: a price said as two numbers."""
    values = [_EN_TENS.get(w) or _EN_SMALL.get(w, 0) for w in re.findall(r"[a-z]+", words)]
    first = values[0] + (values[1] if values[0] >= 20 and values[1] < 10 else 0)
    rest = values[2:] if first != values[0] else values[1:]
    return first + Decimal(sum(rest)) / 100


def _english(words: str) -> Decimal:
    """twenty-nine, two hundred and fifty, a dozen, half a dozen, nine ninety-nine (9.99)."""
    total = group = 0
    for word in re.findall(r"[a-z]+", words):
        if word in _EN_SCALE:
            group = (group or 1) * _EN_SCALE[word]
            if word in ("thousand", "million"):
                total, group = total + group, 0
        elif word not in ("a", "and", "half"):
            step = _EN_TENS.get(word) or _EN_SMALL.get(word, 0)
            if total == 0 and 0 < group < 100 and step >= 20 and group % 100:
                return _two_prices(words)
            group += step
    value = Decimal(total + group)
    return value / 2 if words.startswith("half") else value
