"""Personal data and secrets: masked in both languages; what shops say stays as it is."""

from __future__ import annotations

import gzip
import json
import logging
import os
import random
from itertools import islice
from pathlib import Path

import pytest

from assistant.personal import MASK, MaskedLines, masked, masked_in

RANDOM = random.Random(7)


def digits(n: int) -> str:
    return "".join(RANDOM.choice("0123456789") for _ in range(n))


def letters(n: int) -> str:
    return "".join(RANDOM.choice("abcdefghjkmnpqrstuvwxyzABCDEFGH23456789") for _ in range(n))


def seeded() -> list[tuple[str, str]]:
    """500 sentences, each with one thing that nobody may read afterwards."""
    found: list[tuple[str, str]] = []
    while len(found) < 500:
        mobile = f"1{RANDOM.choice('3456789')}{digits(9)}"
        spaced = f"{mobile[:3]} {mobile[3:7]} {mobile[7:]}"
        wide = mobile.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
        spelled = mobile.translate(str.maketrans("0123456789", "零一二三四五六七八九"))
        born = f"19{RANDOM.randint(60, 99)}{RANDOM.randint(1, 12):02}{RANDOM.randint(1, 28):02}"
        identity = f"{RANDOM.randint(110101, 659001)}{born}{digits(3)}X"
        card = f"62{digits(14)}"
        number = f"{RANDOM.randint(200, 989)}-{RANDOM.randint(200, 999)}-{digits(4)}"
        mail = f"{letters(6)}.{letters(3)}@{letters(5).lower()}.com"
        account = f"wx{letters(8)}"
        street = (
            f"杭州市西湖区文三路{RANDOM.randint(1, 999)}号{RANDOM.randint(1, 9)}栋{digits(3)}室"
        )
        english = f"{RANDOM.randint(10, 9999)} Maple Street"
        key = f"lsk_{''.join(RANDOM.choice('0123456789abcdef') for _ in range(12))}_{letters(43)}"
        token = f"eyJ{letters(30)}.eyJ{letters(60)}.{letters(43)}"
        found += [
            (f"我的电话是{mobile}，有货通知我", mobile),
            (f"打这个{spaced}吧", spaced),
            (f"电话{wide}谢谢", wide),
            (f"加我{spelled}", spelled),
            (f"+86-{mobile} call me", mobile),
            (f"身份证{identity}可以领优惠吗", identity),
            (f"卡号{card}退款退到这里", card),
            (f"Card {card[:4]} {card[4:8]} {card[8:12]} {card[12:]}, refund please", card[12:]),
            (f"my number is {number} thanks", number),
            (f"SSN {digits(3)}-{number[:2]}-{number[-4:]} ok?", f"-{number[:2]}-{number[-4:]}"),
            (f"write to {mail} please", mail),
            (f"加我微信：{account}，便宜卖", account),
            (f"QQ{digits(9)}可以吗", ""),
            (f"寄到{street}，收件人：王小明", street),
            (f"ship it to {english}, Apt 4B", english),
            ("我叫欧阳锋，在吗", "欧阳锋"),
            ("My name is Ann Chan and I want one", "Ann Chan"),
            (f"Authorization: Bearer {token}", token),
            (f"key {key}", key),
            (f"sk-{letters(32)} is my key", ""),
        ]
    return found[:500]


def test_five_hundred_secrets_are_in_no_log_line(caplog: pytest.LogCaptureFixture) -> None:
    form = MaskedLines("%(levelname)s %(name)s: %(message)s")
    through = 0
    for text, secret in seeded():
        assert MASK in masked(text), text
        try:
            raise ValueError(text)
        except ValueError as error:
            record = logging.LogRecord("x", 40, "f", 1, "of %s", (text,), (ValueError, error, None))
        line = form.format(record)
        through += bool(secret) and secret in line
    assert through == 0


@pytest.mark.parametrize(
    "text",
    [
        "3号链接多少钱",
        "这款99元两件，第二件半价",
        "满300减50，能用吗",
        "1399元和1899元的哪个好",
        "2026年6月18日20:00开播",
        "1.5L的水壶能装1500毫升吗",
        "尺码175/96A有吗",
        "货号ZK-160和H7",
        "现货12件，48小时内发货",
        "有没有10000mAh的充电宝",
        "买2送1还包邮吗",
        "哪个区能送到",
        "收货要几天",
        "小区门口有自提点吗",
        "加个微信支付可以吗",
        "扫码支付支持微信和支付宝吗",
        "How much is the 1.5 L kettle, 49.90 or 59.90?",
        "Is the 24-inch case under 55 x 40 x 23 cm?",
        "Does code LIVE20 stack with 10% off?",
        "Do you have size 8.5 in 2026 colours?",
        "My name is on the order",
        "现价129元，原价199元，省70元",
        "条码6901234567892",
    ],
)
def test_what_shops_say_stays_as_it_is(text: str) -> None:
    assert masked(text) == text


def test_real_shop_questions_stay_as_they_are() -> None:
    folder = Path(os.environ.get("LIVESHOP_TEST_DATA", "-"))
    file = folder / "multicpr_ecom_queries" / "train.query.txt.gz"
    if not file.is_file():
        pytest.skip("no multicpr_ecom_queries under LIVESHOP_TEST_DATA")
    with gzip.open(file, "rt", encoding="utf-8") as opened:
        asked = [line.rstrip("\n").split("\t")[-1] for line in islice(opened, 20_000)]
    touched = [text for text in asked if masked(text) != text]
    assert len(touched) <= len(asked) // 1000, touched[:20]


def test_a_json_value_is_masked_text_by_text() -> None:
    value = {"text": "打13812345678", "list": ["13812345678", 7], "n": {"m": None}}
    assert masked_in(value) == {"text": f"打{MASK}", "list": [MASK, 7], "n": {"m": None}}
    assert json.dumps(masked_in(value))
