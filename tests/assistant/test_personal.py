"""Personal data and secrets: masked in both languages; what shops say stays as it is."""

from __future__ import annotations

import gzip
import json
import logging
import os
from itertools import islice
from pathlib import Path

import pytest

from assistant.personal import MASK, MaskedLines, masked, masked_in
from eval.safety_secrets import secrets


def test_five_hundred_secrets_are_in_no_log_line(caplog: pytest.LogCaptureFixture) -> None:
    form = MaskedLines("%(levelname)s %(name)s: %(message)s")
    through = 0
    for _, text, secret in secrets(500):
        assert MASK in masked(text), text
        try:
            raise ValueError(text)
        except ValueError as error:
            record = logging.LogRecord("x", 40, "f", 1, "of %s", (text,), (ValueError, error, None))
        line = form.format(record)
        through += secret in line
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
