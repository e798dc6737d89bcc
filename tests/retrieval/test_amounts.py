"""Amounts in both languages: what is read, what is not, and that writing and reading agree."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.amounts import minor_digits, read_amounts, read_decimal, say_money, say_percent
from retrieval.catalog import Money
from retrieval.units import CURRENCIES

# text: "value kind unit", several separated by a bar
READ = {
    "¥129": "129 money CNY",
    "￥9.9": "9.9 money CNY",
    "１２９元": "129 money CNY",
    "49块钱": "49 money CNY",
    "9块9": "9.9 money CNY",
    "九块九": "9.9 money CNY",
    "九块九毛五": "9.95 money CNY",
    "二十九块九": "29.9 money CNY",
    "29元5角": "29.5 money CNY",
    "3毛5": "0.35 money CNY",
    "12块50": "12.5 money CNY",
    "一百二": "120 number ",
    "一百二十块": "120 money CNY",
    "两百块": "200 money CNY",
    "三千五": "3500 number ",
    "一万二": "12000 number ",
    "一百零二元": "102 money CNY",
    "壹佰元": "100 money CNY",
    "兩百塊": "200 money CNY",
    "1.5万元": "15000 money CNY",
    "2k": "2000 number ",
    "100多块": "100 money CNY",
    "$1,299.00": "1299 money USD",
    "US$20": "20 money USD",
    "USD 50": "50 money USD",
    "HK$88": "88 money HKD",
    "129 yuan": "129 money CNY",
    "RMB129": "129 money CNY",
    "€5.5": "5.5 money EUR",
    "1.299,00 €": "1299 money EUR",
    "£30": "30 money GBP",
    "costs 50 pounds": "50 money GBP",
    "5 pounds": "5 measure lb",
    "1500円": "1500 money JPY",
    "JP¥1,500": "1500 money JPY",
    "50 cents": "0.5 money USD",
    "one hundred dollars": "100 money USD",
    "nine ninety-nine": "9.99 number ",
    "价格99": "99 money ",
    "预算三百": "300 money ",
    "9.9包邮": "9.9 money ",
    "满300减50": "300 money | 50 money ",
    "原价199现价99": "199 money | 99 money ",
    "100到200块": "100 money CNY | 200 money CNY",
    "$50-100": "50 money USD | 100 money USD",
    "between 100 and 200 dollars": "100 money USD | 200 money USD",
    "1-2万元": "10000 money CNY | 20000 money CNY",
    "两三百": "200 number | 300 number ",
    "10块3件": "10 money CNY | 3 count 件",
    "5块一个": "5 money CNY",
    "八折": "0.8 discount ",
    "88折": "0.88 discount ",
    "八五折": "0.85 discount ",
    "8.5折": "0.85 discount ",
    "7-8折": "0.7 discount | 0.8 discount ",
    "半价": "0.5 discount ",
    "half price": "0.5 discount ",
    "20% off": "0.8 discount ",
    "20%": "20 percent ",
    "百分之二十": "20 percent ",
    "百分百": "100 percent ",
    "三成": "30 percent ",
    "买2件": "2 count 件",
    "3双": "3 count 双",
    "只剩最后一件": "1 count 件",
    "two pairs": "2 count pair",
    "5 pcs": "5 count piece",
    "第二件半价": "2 number | 0.5 discount ",
    "买三送一": "3 number | 1 number ",
    "7天": "7 duration day",
    "3日内": "3 duration day",
    "24小时": "24 duration hour",
    "两年": "2 duration year",
    "一年半": "1.5 duration year",
    "半年": "0.5 duration year",
    "两个半小时": "2.5 duration hour",
    "12个月": "12 duration month",
    "3-5个工作日": "3 duration business_day | 5 duration business_day",
    "三五天": "3 duration day | 5 duration day",
    "30 days": "30 duration day",
    "2-year": "2 duration year",
    "5 working days": "5 duration business_day",
    "500ml": "500 measure ml",
    "1.5L": "1500 measure ml",
    "2kg": "2000 measure g",
    "3千克": "3000 measure g",
    "两斤": "1000 measure g",
    "1.8米": "1800 measure mm",
    "一米八": "1800 measure mm",
    "1米65": "1650 measure mm",
    "13.3英寸": "13.3 measure inch",
    '6.7"': "6.7 measure inch",
    "5V": "5 measure V",
    "65w": "65 measure W",
    "5000mAh": "5000 measure mAh",
    "128G": "128 measure GB",
    "1TB": "1000 measure GB",
    "-5℃": "5 measure °C",
    "30*40cm": "300 measure mm | 400 measure mm",
    "11月30日": "1130 date month-day",
    "十一月三十号": "1130 date month-day",
    "2026年11月30日": "20261130 date date",
    "2026-11-30": "20261130 date date",
    "Nov 30": "1130 date month-day",
    "30 November 2026": "20261130 date date",
    "20:00": "1200 time minute",
    "晚上8点": "1200 time minute",
    "晚上八点半": "1230 time minute",
    "8:30pm": "1230 time minute",
    "下午3点一刻": "915 time minute",
    "iPhone 15": "15 number ",
    "小米14": "14 number ",
    "F6033-UD3": "6033 number | 3 number ",
    "5G手机": "5 number ",
    "A4纸": "4 number ",
    "3号链接": "3 number ",
    "10w+": "100000 number ",
    "买1，299元": "1 number | 299 money CNY",
    "1\u200b29元": "129 money CNY",
    "١٢元": "12 money CNY",
}

IDIOMS = (
    "一下 一起 一样 第一 一直 万一 三七开 一定 一般 一些 一点都不 一款好用的 哪一个好 统一 "
    "四季如春 "
    "五颜六色 千万别 十分好 百搭 三折叠屏 三明治 周三 星期一 乱七八糟 八角 零添加 this-one "
    "which-one the-red-one no-one"
)


@pytest.mark.parametrize("text", READ)
def test_reads_every_form(text: str) -> None:
    wanted = []
    for part in READ[text].split("|"):
        value, kind, unit = [*part.strip().split(" "), ""][:3]
        wanted.append((Decimal(value), kind, unit))
    assert [(a.value, a.kind, a.unit) for a in read_amounts(text)] == wanted


@pytest.mark.parametrize("text", IDIOMS.split())
def test_idioms_are_no_amounts(text: str) -> None:
    assert read_amounts(text.replace("-", " ")) == []


def test_says_where_an_amount_stands_in_the_text_as_it_came() -> None:
    text = "㎡！价格￥１２９，到手"
    (amount,) = read_amounts(text)
    assert text[amount.start : amount.end] == amount.text == "￥１２９"


@given(
    st.text(
        alphabet="0123456789１２٣.,¥$元块折%件天mlkg月日:-~到 aA号第一二百千万半点毛角买",
        max_size=24,
    )
)
def test_no_digit_is_missed(text: str) -> None:
    covered = {at for a in read_amounts(text) for at in range(a.start, a.end)}
    assert all(at in covered for at, char in enumerate(text) if char.isdigit())


@given(st.text(max_size=40))
def test_any_text_can_be_read(text: str) -> None:
    for amount in read_amounts(text):
        assert text[amount.start : amount.end] == amount.text


@given(
    st.integers(min_value=0, max_value=10**12),
    st.sampled_from(sorted(CURRENCIES)),
    st.sampled_from(["zh", "en"]),
)
def test_said_money_is_read_back(minor: int, currency: str, language: str) -> None:
    said = say_money(Money(minor=minor, currency=currency), "zh" if language == "zh" else "en")
    (amount,) = read_amounts(said)
    assert amount.kind == "money"
    assert amount.value.scaleb(minor_digits(currency)) == minor
    if minor_digits(currency) or currency in ("JPY", "KRW", "VND"):
        assert amount.unit == currency


@given(st.integers(min_value=0, max_value=10**13), st.sampled_from(["CNY", "USD", "JPY", "KWD"]))
def test_decimals_are_exact(minor: int, currency: str) -> None:
    value = Decimal(minor).scaleb(-minor_digits(currency))
    assert read_decimal(f"{value:f}", currency) == minor
    assert read_decimal(f"{value:,f}", currency) == minor


@pytest.mark.parametrize(
    ("text", "currency", "rule"),
    [
        ("-1", "CNY", "negative"),
        ("1.299", "CNY", "decimals"),
        ("1.000", "EUR", "decimals"),
        ("1.5", "JPY", "decimals"),
        ("1e5", "CNY", "digits"),
        ("", "CNY", "digits"),
        ("¥12", "CNY", "digits"),
        ("1,29", "CNY", "digits"),
        ("10000000000000", "CNY", "at most"),
    ],
)
def test_refused_decimals_name_the_rule(text: str, currency: str, rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        read_decimal(text, currency)


def test_zeros_are_allowed_where_a_currency_has_no_decimals() -> None:
    assert read_decimal("1500.00", "JPY") == 1500


@pytest.mark.parametrize(
    ("minor", "currency", "zh", "en"),
    [
        (12900, "CNY", "129元", "¥129"),
        (990, "CNY", "9.9元", "¥9.90"),
        (995, "CNY", "9.95元", "¥9.95"),
        (129900, "USD", "$1,299.00", "$1,299.00"),
        (1500, "JPY", "JP¥1,500", "JP¥1,500"),
        (1250, "CHF", "CHF 12.50", "CHF 12.50"),
    ],
)
def test_money_is_said_exactly(minor: int, currency: str, zh: str, en: str) -> None:
    money = Money(minor=minor, currency=currency)
    assert (say_money(money, "zh"), say_money(money, "en")) == (zh, en)


def test_percentages_lose_needless_zeros() -> None:
    assert [say_percent(p) for p in (20, Decimal("12.5"), Decimal("100.0"))] == [
        "20%", "12.5%", "100%",
    ]  # fmt: skip


def test_reading_is_quick_enough_for_a_long_comment() -> None:
    text = "满300减50，第二件半价，晚上8点开抢，原价1,299.00元，3-5个工作日送达" * 10
    assert len(re.findall("半价", text)) == 10
    assert len(read_amounts(text)) == 80
