"""A host's own words against the records: what they do not bear out is told."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from assistant.live.own_words import unsupported
from assistant.live.validity import Basis
from assistant.store import Store
from assistant.turn.evidence import Evidence
from retrieval.catalog import Language
from tests.assistant.live.conftest import Indexed


@pytest.fixture(scope="module")
def evidence(indexed: Indexed) -> Evidence:
    """The mug of 79 yuan (list price 109) before the earbuds of 169, whose black is sold out."""
    with Store(f"sqlite:///{indexed.file}") as store:
        basis = Basis(store.catalog, store.rooms.get("demo"), ZoneInfo("Asia/Shanghai"))
        return basis.evidence(("pangdun-500", "air-2"))


@pytest.mark.parametrize(
    "line",
    [
        "79元，喜欢可以拍",
        "这款现在79块，原价109。",
        "家人们今天这个价真的划算，喜欢的扣1",
        "聆拓 Air 2现在169元，胖墩保温杯 500ml 79元",
        "有货的，48小时内发出",
        "It is ¥79.00 today. Tell me your size!",
        "两个一共158元",
        "现在79元，满88元包邮，放心拍",
    ],
)
def test_what_records_bear_out_is_left_alone(evidence: Evidence, line: str) -> None:
    language: Language = "zh" if max(line) > "\u3400" else "en"
    assert unsupported(line, evidence, language) == []


@pytest.mark.parametrize(
    ("line", "rule", "said", "fact"),
    [
        ("姐妹们看好了！今天只要59元。现在就拍", "records.price", "今天只要59元。", "79元"),
        ("这款卖完了", "records.stock", "这款卖完了", "有货"),
        ("It is only ¥69.90 now.", "records.price", "It is only ¥69.90 now.", "¥79"),
        ("Sorry, sold out.", "records.stock", "Sorry, sold out.", "in stock"),
    ],
)
def test_another_price_or_stock_is_told(
    evidence: Evidence, line: str, rule: str, said: str, fact: str
) -> None:
    (found,) = unsupported(line, evidence, "zh" if max(line) > "\u3400" else "en")
    assert (found.rule, line[found.start : found.end]) == (rule, said)
    assert fact in found.fact
    assert found.record == "product:pangdun-500"


def test_each_sentence_is_of_the_product_named_last(evidence: Evidence) -> None:
    line = "聆拓 Air 2也在。现在99元。胖墩保温杯 500ml还是79元。"
    (found,) = unsupported(line, evidence, "zh")
    assert (line[found.start : found.end], found.record) == ("现在99元。", "product:air-2")


def test_of_no_product_nothing_is_known(evidence: Evidence) -> None:
    nothing = Evidence((), evidence.offers, evidence.policies, evidence.at, evidence.zone)
    assert unsupported("今天只要59元", nothing, "zh") == []
