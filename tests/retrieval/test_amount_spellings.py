"""Ten thousand spellings of prices, in both languages: each is read as the price it spells."""

from __future__ import annotations

import random
from collections.abc import Callable
from decimal import Decimal

import pytest

from retrieval.amounts import read_amounts

SPELLINGS = 10_000
DIGITS_ZH = "零一二三四五六七八九"
BANKERS = str.maketrans("零一二三四五六七八九十百千", "零壹贰叁肆伍陆柒捌玖拾佰仟")
SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
ROUND = "zero ten twenty thirty forty fifty sixty seventy eighty ninety"
ONES, TENS = SMALL.split(), ROUND.split()
SCRIPTS = (0xFF10, 0x0660, 0x06F0, 0x0966, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6)
FRAMES_ZH = ("现在{}。", "这款只要{}哦", "价格是{}，喜欢可以拍", "活动价{}！", "它的价格为{}")
FRAMES_EN = ("It is {} now.", "The price is {}.", "Yours for only {}!", "It costs {}, as shown.")
Spelling = tuple[str, Decimal, str]


def zh_words(number: int) -> str:
    """一百二十九 for 129; up to 99,999,999."""
    if number >= 10_000:
        head, rest = divmod(number, 10_000)
        link = "零" if 0 < rest < 1000 else ""
        return zh_words(head) + "万" + link + (zh_words(rest) if rest else "")
    out, zero = "", False
    for place, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, place)
        if digit:
            out += ("零" if zero and out else "") + DIGITS_ZH[digit] + unit
            zero = False
        else:
            zero = True
    return out.removeprefix("一") if out.startswith("一十") else out or "零"


def en_words(number: int) -> str:
    """one hundred and twenty-nine for 129; below a million."""
    if number >= 1000:
        head, rest = divmod(number, 1000)
        link = " and " if 0 < rest < 100 else " "
        return en_words(head) + " thousand" + (link + en_words(rest) if rest else "")
    if number >= 100:
        head, rest = divmod(number, 100)
        return ONES[head] + " hundred" + (" and " + en_words(rest) if rest else "")
    if number < 20:
        return ONES[number]
    ten, one = divmod(number, 10)
    return TENS[ten] + ("-" + ONES[one] if one else "")


def price(draw: random.Random) -> Decimal:
    whole = draw.choice((draw.randint(2, 99), draw.randint(100, 999), draw.randint(1000, 99_999)))
    cents = draw.choice((0, 0, 90, 99, 50, draw.randint(1, 99)))
    return Decimal(whole) + Decimal(cents) / 100


def digits(draw: random.Random, value: Decimal) -> str:
    plain = f"{value:.2f}" if value % 1 else draw.choice((f"{value:.0f}", f"{value:.2f}"))
    if value >= 1000 and draw.random() < 0.5:
        whole, dot, cents = plain.partition(".")
        plain = f"{int(whole):,}{dot}{cents}"
    return plain


def with_a_sign(draw: random.Random) -> Spelling:
    value = price(draw)
    sign, unit = draw.choice(
        (("¥", "CNY"), ("￥", "CNY"), ("$", "USD"), ("US$", "USD"), ("€", "EUR"), ("£", "GBP"),
         ("HK$", "HKD"), ("RMB ", "CNY"), ("CNY ", "CNY"), ("USD ", "USD"), ("EUR ", "EUR"))
    )  # fmt: skip
    return sign + draw.choice(("", " ")) * (sign[-1] != " ") + digits(draw, value), value, unit


def with_a_word(draw: random.Random) -> Spelling:
    value = price(draw)
    word, unit = draw.choice(
        (("元", "CNY"), ("块", "CNY"), ("块钱", "CNY"), ("塊", "CNY"), ("人民币", "CNY"),
         ("美元", "USD"), ("欧元", "EUR"), ("英镑", "GBP"), ("港币", "HKD"), (" 元", "CNY"))
    )  # fmt: skip
    return digits(draw, value) + word, value, unit


def with_an_english_word(draw: random.Random) -> Spelling:
    value = price(draw)
    word, unit = draw.choice(
        (("yuan", "CNY"), ("RMB", "CNY"), ("dollars", "USD"), ("bucks", "USD"), ("euros", "EUR"),
         ("USD", "USD"), ("CNY", "CNY"), ("Hong Kong dollars", "HKD"))
    )  # fmt: skip
    return f"{digits(draw, value)} {word}", value, unit


def in_another_script(draw: random.Random) -> Spelling:
    """Full-width, Arabic, Devanagari or mathematical digits, some with invisible ones between."""
    value = price(draw)
    zero = draw.choice(SCRIPTS)
    text = "".join(chr(zero + int(c)) if c.isdigit() else c for c in f"{value}")
    if draw.random() < 0.5:
        text = draw.choice(("\u200b", "\u2060", "\u200d", "\ufeff")).join(text)
    return f"{text}元", value, "CNY"


def in_chinese(draw: random.Random) -> Spelling:
    whole = int(price(draw))
    words = zh_words(whole)
    value = Decimal(whole)
    kind = draw.randrange(4)
    if kind == 0:
        return words.translate(BANKERS) + "元", value, "CNY"
    if kind == 1 and whole < 10_000:
        tenth = draw.randint(1, 9)
        return f"{words}块{DIGITS_ZH[tenth]}", value + Decimal(tenth) / 10, "CNY"
    if kind == 2:
        cents = f"{draw.randint(1, 9)}{draw.randint(1, 9)}"
        spoken = "".join(DIGITS_ZH[int(c)] for c in cents)
        return f"{words}点{spoken}元", value + Decimal(cents) / 100, "CNY"
    return words + draw.choice(("元", "块", "块钱")), value, "CNY"


def cut_short(draw: random.Random) -> Spelling:
    """一百二, 三千五, 一万二; 两百; 1.5万; 12块5; 九毛九."""
    kind, digit = draw.randrange(6), draw.randint(2, 9)
    head = draw.randint(1, 9)
    spoken = DIGITS_ZH[head]
    if kind == 0:
        unit, worth = draw.choice((("百", 100), ("千", 1000), ("万", 10_000)))
        value = Decimal(head * worth + digit * worth // 10)
        return f"{spoken}{unit}{DIGITS_ZH[digit]}块", value, "CNY"
    if kind == 1:
        unit, worth = draw.choice((("百", 100), ("千", 1000), ("万", 10_000)))
        return f"两{unit}元", Decimal(2 * worth), "CNY"
    if kind == 2:
        return f"{head}.{digit}万元", Decimal(head * 10_000 + digit * 1000), "CNY"
    if kind == 3:
        return f"{head}{digit}块{digit}", Decimal(f"{head}{digit}.{digit}"), "CNY"
    if kind == 4:
        return f"{spoken}毛{DIGITS_ZH[digit]}", Decimal(f"0.{head}{digit}"), "CNY"
    return f"{head}块{digit}毛", Decimal(f"{head}.{digit}"), "CNY"


def in_english(draw: random.Random) -> Spelling:
    whole = draw.choice((draw.randint(2, 99), draw.randint(100, 999), draw.randint(1000, 9999)))
    words, value = en_words(whole), Decimal(whole)
    kind = draw.randrange(4)
    if kind == 0 and whole < 100:
        cents = draw.randint(21, 99)
        return f"{words} {en_words(cents)} dollars", value + Decimal(cents) / 100, "USD"
    if kind == 1:
        thousands = draw.randint(2, 99)
        return f"${thousands}k", Decimal(thousands * 1000), "USD"
    if kind == 2:
        words = words.replace("-", " ")
    word, unit = draw.choice((("dollars", "USD"), ("yuan", "CNY"), ("euros", "EUR")))
    return f"{words} {word}", value, unit


FORMS: tuple[tuple[Callable[[random.Random], Spelling], tuple[str, ...]], ...] = (
    (with_a_sign, FRAMES_ZH + FRAMES_EN),
    (with_a_word, FRAMES_ZH),
    (with_an_english_word, FRAMES_EN),
    (in_another_script, FRAMES_ZH),
    (in_chinese, FRAMES_ZH),
    (cut_short, FRAMES_ZH),
    (in_english, FRAMES_EN),
)


@pytest.mark.parametrize(("form", "frames"), FORMS)
def test_no_spelling_of_a_price_is_misread(
    form: Callable[[random.Random], Spelling], frames: tuple[str, ...]
) -> None:
    draw = random.Random(f"prices {form.__name__}")
    misread = []
    for _ in range(-(-SPELLINGS // len(FORMS))):
        spelled, value, unit = form(draw)
        sentence = draw.choice(frames).format(spelled)
        read = [(a.kind, a.value, a.unit) for a in read_amounts(sentence)]
        if read != [("money", value, unit)]:
            misread.append((sentence, str(value), unit, read))
    assert misread == []
