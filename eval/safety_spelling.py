"""Spelling amounts and near misses of them, for the makers of safety rows. Shares no code with
the service's own reader and writer."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from random import Random

HAN = "零一二三四五六七八九"
WHOLE = ("JPY", "KRW")
_SIGN = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "HKD": "HK$", "JPY": "JP¥"}
_ZH = {"CNY": "元", "USD": "美元", "EUR": "欧元", "GBP": "英镑", "HKD": "港元", "JPY": "日元"}
_EN = {
    "CNY": "yuan",
    "USD": "dollars",
    "EUR": "euros",
    "GBP": "pounds",
    "HKD": "Hong Kong dollars",
    "JPY": "yen",
}
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_UNITS = {
    "毫升": ("升", "克"), "ml": ("l", "g"), "mL": ("L", "g"), "L": ("ml", "kg"),
    "升": ("毫升", "千克"),
    "g": ("kg", "ml"), "kg": ("g", "t"), "cm": ("mm", "m"), "mm": ("cm", "m"), "m": ("cm", "km"),
    "小时": ("分钟", "天"), "分钟": ("小时", "秒"), "天": ("小时", "个月"), "年": ("个月", "天"),
    "个月": ("年", "天"), "hours": ("days", "minutes"), "minutes": ("hours", "seconds"),
    "days": ("hours", "months"), "years": ("months", "days"), "months": ("years", "weeks"),
    "W": ("kW", "V"), "mAh": ("Wh", "Ah"), "℃": ("℉", "%"), "°C": ("°F", "%"), "寸": ("厘米", "米"),
}  # fmt: skip
_FIGURE = re.compile(r"(?<![A-Za-z\d.,])(\d+(?:,\d{3})*(?:\.\d+)?)(?![\d])")


def plain(value: Decimal) -> str:
    """`value` in digits, without a useless point."""
    return format(value.normalize(), "f")


def money(value: Decimal, currency: str, language: str, chance: Random) -> str:
    """A sum as people write it in `language`."""
    short, exact = plain(value), format(value, ".2f") if currency not in WHOLE else plain(value)
    digits = chance.choice((short, exact)) if value % 1 == 0 else exact
    if currency == "JPY":
        digits = f"{int(value):,}"
        return digits + ("日元" if language == "zh" else " yen")
    if language == "en":
        forms = [f"{_SIGN[currency]}{digits}"] * 4 + [f"{currency} {digits}"]
        return chance.choice([*forms, f"{short} {_EN[currency]}"])
    if currency != "CNY":
        return chance.choice((f"{digits}{_ZH[currency]}", f"{_SIGN[currency]}{digits}"))
    forms = [f"{digits}元"] * 4 + [f"¥{digits}", f"￥{digits}", f"{short}块钱", f"{digits} 元"]
    if value % 1 == 0:
        forms += [f"{short}块", f"{han(int(value))}元", f"{han(int(value))}块钱"]
    return chance.choice(forms)


def disguised(value: Decimal, currency: str, language: str, chance: Random) -> str:
    """A sum in a spelling that a careless reader overlooks."""
    short = plain(value)
    wide = short.translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789."})
    thin = "\u200b".join(short)
    unit = _ZH[currency] if language == "zh" else f" {_EN[currency]}"
    spaced = " ".join(short)
    forms = [f"{wide}{unit}", f"{thin}{unit}", f"{spaced}{unit}", f"{_SIGN[currency]} {wide}"]
    if value % 1 == 0 and value < 10**6:
        forms += (
            [han(int(value)) + _ZH[currency]] if language == "zh" else [words(int(value)) + unit]
        )
        forms += [circled(int(value)) + unit, boxed(int(value)) + unit, bold(short) + unit]
    return chance.choice(forms)


def circled(value: int) -> str:
    """Circled digits, such as ①⑨⑨."""
    return "".join(chr(0x2460 + int(d) - 1) if d != "0" else "⓪" for d in str(value))


def boxed(value: int) -> str:
    """Keycap emoji, such as 1️⃣."""
    return "".join(f"{d}\ufe0f\u20e3" for d in str(value))


def bold(digits: str) -> str:
    """Mathematical bold digits."""
    return digits.translate({ord("0") + n: 0x1D7CE + n for n in range(10)})


def han(value: int) -> str:
    """Chinese numerals of 0 to 99,999,999."""
    if value >= 10_000:
        rest = value % 10_000
        return (
            han(value // 10_000)
            + "万"
            + ("" if not rest else ("零" if rest < 1000 else "") + han(rest))
        )
    text, zero = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // unit % 10
        if digit:
            text += ("零" if zero and text else "") + HAN[digit] + name
            zero = False
        else:
            zero = bool(text)
    return text.removeprefix("一") if 10 <= value < 20 else text or "零"


_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def words(value: int) -> str:
    """English words of 0 to 999,999."""
    if value < 20:
        return _ONES[value]
    if value < 100:
        return _TENS[value // 10 - 2] + (f"-{_ONES[value % 10]}" if value % 10 else "")
    for unit, name in ((1000, "thousand"), (100, "hundred")):
        if value >= unit:
            rest = value % unit
            return f"{words(value // unit)} {name}" + (f" {words(rest)}" if rest else "")
    raise ValueError(value)


def near(value: Decimal, chance: Random) -> Decimal:
    """Another amount a slip, or a lie, away."""
    step = Decimal(10) ** chance.choice((0, 0, 1, 1, 2))
    digits = plain(value)
    swapped = list(digits.replace(".", ""))
    chance.shuffle(swapped)
    choices = [value + step, value - step, value * 10, value / 10, value * 2, value / 2]
    choices += [Decimal(int("".join(swapped)) or 1), value - Decimal("0.1"), Decimal(1)]
    choices += [Decimal(chance.randint(1, 2 * int(value) + 20)), value + 1, value - 1]
    found = [c.quantize(Decimal("0.01")) for c in choices if c > 0 and c != value]
    return chance.choice(found)


def near_count(value: int, chance: Random) -> int:
    """Another whole number of about the size."""
    found = {value + 1, value - 1, value * 10, value + 10, value // 2, value * 2, value + 7}
    return chance.choice(sorted(n for n in found if n > 0 and n != value))


def figures(text: str) -> list[tuple[int, int, str]]:
    """Where `text` has whole figures: start, end, digits."""
    return [(m.start(), m.end(), m[1]) for m in _FIGURE.finditer(text)]


def other_figure(text: str, chance: Random) -> tuple[str, str] | None:
    """`text` with one figure changed, and the changed figure with what follows it."""
    found = figures(text)
    if not found:
        return None
    start, end, digits = chance.choice(found)
    value = Decimal(digits.replace(",", ""))
    new = plain(near(value, chance) if value % 1 else Decimal(near_count(int(value), chance)))
    after = re.match(r"\s?[A-Za-z%℃°\u4e00-\u9fff/]{0,3}", text[end:])
    return text[:start] + new + text[end:], new + (after[0] if after else "")


def other_unit(text: str, chance: Random) -> tuple[str, str] | None:
    """`text` with the unit of one figure changed, and the changed figure."""
    for _, end, digits in chance.sample(figures(text), len(figures(text))):
        unit = re.match(r"\s?([A-Za-z]+|℃|°C|[\u4e00-\u9fff]{1,2})", text[end:])
        if unit and unit[1] in _UNITS:
            new = chance.choice(_UNITS[unit[1]])
            gap = unit[0][: len(unit[0]) - len(unit[1])]
            return text[:end] + gap + new + text[end + len(unit[0]) :], digits + gap + new
    return None


def date(moment: datetime, language: str, chance: Random) -> str:
    """A day as people write it."""
    if language == "zh":
        day = f"{moment.month}月{moment.day}日"
        return chance.choice((day, f"{moment.year}年{day}", f"{moment.month}月{moment.day}号"))
    month = _MONTHS[moment.month - 1]
    return chance.choice((f"{month} {moment.day}", f"{month[:3]} {moment.day}, {moment.year}",
                          f"{moment.day} {month}"))  # fmt: skip
