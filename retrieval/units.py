"""What numbers count: currencies, measures, stretches of time and pieces, in both languages."""

from __future__ import annotations

import re
from decimal import Decimal

_NO_MINOR = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
NO_MINOR = frozenset(_NO_MINOR.split())
_THREE_MINOR = "BHD IQD JOD KWD LYD OMR TND"
THREE_MINOR = frozenset(_THREE_MINOR.split())
_ALL = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP "
    "BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP "
    "GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR "
    "KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK "
    "MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR "
    "SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS "
    "UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW"
)
CURRENCIES = frozenset(_ALL.split())
_WORDS = "ALL BAM COP CUP GEL LAK MAD MOP PEN SOS TOP TRY"
WORD_CODES = frozenset(_WORDS.split())
"""Codes that are English words too: they name money only before an amount with decimals."""

SYMBOLS = {
    "CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "JP¥", "KRW": "₩", "INR": "₹",
    "HKD": "HK$", "TWD": "NT$", "AUD": "A$", "CAD": "C$", "SGD": "S$", "THB": "฿", "VND": "₫",
}  # fmt: skip
_BEFORE = {symbol.lower(): code for code, symbol in SYMBOLS.items()} | {
    "us$": "USD", "cn¥": "CNY", "au$": "AUD", "ca$": "CAD", "sg$": "SGD", "rmb": "CNY",
    "人民币": "CNY", "美元": "USD", "usd$": "USD", "¥": "CNY",
}  # fmt: skip
_CODES = "|".join(sorted(CURRENCIES))
_LOWER_CODES = "cny|usd|eur|gbp|jpy|krw|hkd|twd|aud|cad|sgd"
MONEY_BEFORE = re.compile(
    rf"(?:(?<![A-Za-z])(?P<code>{_CODES}|(?i:{_LOWER_CODES}))[:\s]*"
    rf"|(?P<symbol>(?i:{'|'.join(sorted(map(re.escape, _BEFORE), key=len, reverse=True))})))\s*$"
)
_AFTER = {
    "元": "CNY", "块": "CNY", "块钱": "CNY", "圆": "CNY", "人民币": "CNY", "块人民币": "CNY",
    "元人民币": "CNY", "yuan": "CNY", "rmb": "CNY", "kuai": "CNY", "¥": "CNY", "大洋": "CNY",
    "美元": "USD", "美金": "USD", "美刀": "USD", "dollar": "USD", "dollars": "USD", "buck": "USD",
    "bucks": "USD", "us dollars": "USD", "$": "USD", "欧元": "EUR", "欧": "EUR", "euro": "EUR",
    "euros": "EUR", "€": "EUR", "英镑": "GBP", "镑": "GBP", "quid": "GBP", "£": "GBP",
    "日元": "JPY", "日圆": "JPY", "円": "JPY", "yen": "JPY", "韩元": "KRW", "won": "KRW",
    "hong kong dollars": "HKD", "hk dollars": "HKD",
    "taiwan dollars": "TWD", "australian dollars": "AUD", "canadian dollars": "CAD",
    "singapore dollars": "SGD", "pounds sterling": "GBP", "港币": "HKD",
    "港元": "HKD", "台币": "TWD", "新台币": "TWD", "卢布": "RUB", "泰铢": "THB",
}  # fmt: skip
_AFTER_WORDS = "|".join(sorted(map(re.escape, _AFTER), key=len, reverse=True))
MONEY_AFTER = re.compile(
    rf"(?P<more>[多来余几])?\s*(?P<unit>(?i:{_AFTER_WORDS}|{_LOWER_CODES})|{_CODES})"
    r"(?:(?<=[a-zA-Z])(?![a-zA-Z])|(?<![a-zA-Z])(?![气素旦]))"
)


def currency_before(match: re.Match[str]) -> str:
    """The ISO code that a match of MONEY_BEFORE names."""
    return match["code"].upper() if match["code"] else _BEFORE[match["symbol"].lower()]


def currency_after(match: re.Match[str]) -> str:
    """The ISO code that a match of MONEY_AFTER names."""
    unit = match["unit"].lower()
    return _AFTER.get(unit, unit.upper())


# Each line: normalised unit, how many of it one of these is, the ways of writing it. A unit in
# `exact` is only read in that letter case: 5g is a weight and 5G a network.
_MEASURES: tuple[tuple[str, str, str, str], ...] = (
    ("ml", "1", "毫升 milliliters milliliter millilitres millilitre ml cc", ""),
    ("ml", "1000", "升 公升 liters liter litres litre", "L l"),
    ("mg", "1", "毫克 mg milligrams", ""),
    ("g", "1", "克 grams gram", "g"),
    ("g", "1000", "千克 公斤 kilograms kilogram kilos kilo kgs kg", ""),
    ("g", "500", "斤", ""),
    ("g", "50", "两重", ""),
    ("g", "1000000", "吨", ""),
    ("mm", "1", "毫米 millimeters millimeter mm", ""),
    ("mm", "10", "厘米 公分 centimeters centimeter centimetres cm", ""),
    ("mm", "1000", "米 公尺 meters meter metres metre", "m"),
    ("mm", "1000000", "千米 公里 kilometers kilometer km", ""),
    ("inch", "1", 'inches inch 英寸 吋 寸 in. "', ""),
    ("ft", "1", "feet foot ft 英尺", ""),
    ("尺", "1", "尺", ""),
    ("m2", "1", "平方米 平米 平方 ㎡ m² m2 square meters", ""),
    ("oz", "1", "ounces ounce oz 盎司", ""),
    ("lb", "1", "pounds pound lbs lb 磅", ""),
    ("W", "1", "瓦特 瓦 watts watt", "W w"),
    ("W", "1000", "千瓦 kilowatts kW", ""),
    ("kWh", "1", "度电 千瓦时 kWh", ""),
    ("匹", "1", "匹", ""),
    ("V", "1", "伏特 伏 volts volt", "V v"),
    ("A", "1", "安培 amps amp", "A"),
    ("mAh", "1", "毫安时 毫安 mAh", ""),
    ("mAh", "1000", "安时", "Ah"),
    ("Hz", "1", "赫兹 Hz", ""),
    ("Hz", "1000", "kHz", ""),
    ("Hz", "1000000", "MHz", ""),
    ("Hz", "1000000000", "GHz", ""),
    ("GB", "1", "GB gigabytes gigabyte", ""),
    ("GB", "1000", "TB terabytes terabyte", ""),
    ("MB", "1", "MB megabytes", ""),
    ("MP", "1", "万像素 megapixels megapixel MP", ""),
    ("°C", "1", "°C ℃ 摄氏度 度", ""),
    ("°F", "1", "°F 华氏度", ""),
    ("Pa", "1", "帕 Pa", ""),
    ("Pa", "1000", "千帕 kPa", ""),
    ("dB", "1", "分贝 dB decibels", ""),
    ("kcal", "1", "千卡 大卡 kcal calories", ""),
    ("rpm", "1", "转每分 转/分 rpm", ""),
    ("lm", "1", "流明 lumens lumen lm", ""),
)
_DURATIONS: tuple[tuple[str, str], ...] = (
    ("business_day", "个工作日 工作日 business days business day working days working day"),
    ("second", "秒钟 秒 seconds second secs sec"),
    ("minute", "分钟 minutes minute mins min"),
    ("hour", "个小时 小时 个钟头 个钟 钟头 hours hour hrs hr h"),
    ("day", "天 昼夜 days day"),
    ("day", "日(?=内|之内|以内|左右|达|后|无理由)"),
    ("week", "个星期 星期 个礼拜 礼拜 周 weeks week wks"),
    ("month", "个月 月内 months month"),
    ("quarter", "个季度 季度"),
    ("year", "年 years year yrs yr"),
)
_PIECES: tuple[tuple[str, str], ...] = (
    ("piece", "pieces piece pcs pc items item units unit"),
    ("pair", "pairs pair"),
    ("pack", "packs pack packets packet"),
    ("set", "sets set"),
    ("bottle", "bottles bottle"),
    ("box", "boxes box"),
    ("bag", "bags bag"),
    ("can", "cans can"),
    ("people", "people persons person"),
    ("time", "times"),
)
PIECES_ZH = "件个双条盒台只瓶包袋支枝张把套本箱片颗粒份杯对组罐桶卷枚副顶根束盆提筒辆部串板听壶床幅"
KINDS_ZH = "款种色层档节代位人名次单家级挡口碗轮期步页"


def _either(words: str) -> str:
    parts = [word if "(?" in word else re.escape(word) for word in words.split(" ")]
    return "|".join(sorted(parts, key=len, reverse=True))


_TABLE: dict[str, tuple[str, str, Decimal]] = {}
for _unit, _factor, _words, _exact in _MEASURES:
    for _word in [*_words.replace("square meters", "square-meters").split(), *_exact.split()]:
        _key = _word if _word in _exact.split() else _word.lower()
        _TABLE[_key] = ("measure", _unit, Decimal(_factor))
for _unit, _words in _DURATIONS:
    for _word in re.sub(r"(business|working) ", r"\1-", _words).split():
        _TABLE[re.sub(r"\(.*", "", _word)] = ("duration", _unit, Decimal(1))
for _unit, _words in _PIECES:
    for _word in _words.split():
        _TABLE[_word] = ("count", _unit, Decimal(1))

_CASED = [word for row in _MEASURES for word in row[3].split()]
_LOOSE = [word for word in _TABLE if (word != "日" and (word not in _CASED)) or word == "h"]
_SPACED = _either(" ".join(_LOOSE)).replace(r"\-", r"[\s-]+")
UNIT_AFTER = re.compile(
    r"(?P<half>个?半)?[多来余]?\s?-?(?:"
    rf"(?P<cased>{_either(' '.join(_CASED))})(?![A-Za-z0-9])"
    r"|(?P<day>日(?=内|之内|以内|左右|达|后|无理由))"
    rf"|(?P<loose>(?i:{_SPACED}))(?:(?<=[A-Za-z])(?![A-Za-z])|(?<![A-Za-z])))"
)


def unit_after(match: re.Match[str]) -> tuple[str, str, Decimal]:
    """(kind, normalised unit, factor) of a match of UNIT_AFTER."""
    if match["day"]:
        return _TABLE["日"]
    if match["cased"]:
        return _TABLE[match["cased"]]
    return _TABLE[re.sub(r"[\s-]+", "-", match["loose"].lower())]
