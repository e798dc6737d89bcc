"""Draft lines for the host: records in words, and nothing that breaks a rule."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from assistant.live.lines import Drafting
from assistant.live.validity import Basis
from assistant.store import Store
from retrieval.catalog import Attribute, Language, Text
from tests.assistant.live.conftest import COMPLIANCE, Indexed, OpenStage
from tests.fake_engine import FakeEngine

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def store(indexed: Indexed) -> Store:
    return Store(f"sqlite:///{indexed.file}")


def drafting(store: Store, language: Language) -> Drafting:
    basis = Basis(store.catalog, store.rooms.get("demo"), ZONE)
    return Drafting(basis, COMPLIANCE, language)


def test_highlights_say_what_records_say(store: Store) -> None:
    product = store.catalog.product("air-2")
    said = [line.text for line in drafting(store, "zh").highlights(product).lines]
    assert "169元" in said[0]
    assert "佩戴：半入耳。" in said
    assert any("LIVE20" in text for text in said)
    english = drafting(store, "en").highlights(product)
    assert "¥169" in english.lines[0].text
    assert english.lines[0].citations[0].record == "product:air-2"


def test_an_attribute_that_boasts_is_left_out(store: Store) -> None:
    product = store.catalog.product("air-2")
    boast = Attribute(name=Text(zh="音质"), value=Text(zh="全网最好，国家级"))
    boasting = product.model_copy(update={"attributes": (boast,)})
    found = drafting(store, "zh").highlights(boasting)
    assert found.left_out == 1
    assert all("国家级" not in line.text for line in found.lines)


def test_a_transition_names_the_next_item_and_its_price(store: Store) -> None:
    before, after = store.catalog.product("pangdun-500"), store.catalog.product("air-2")
    first, price = [x.text for x in drafting(store, "zh").transition(before, after).lines][:2]
    assert first.startswith(before.title.zh)
    assert "4号链接" in first
    assert "169元" in price


async def test_the_crowd_is_answered_from_records(open_stage: OpenStage) -> None:
    with FakeEngine("好的。") as engine:
        async with open_stage(engine) as stage:
            stage.store.rooms.set_mode("demo", "off")
            await stage.say(("a", "这个多少钱"), ("b", "多少钱"), ("c", "你觉得人生有意义吗"))
            await stage.settled("waiting")
            found = drafting(stage.store, "zh").crowd(await stage.desk.queue())
            assert [(line.askers, line.question) for line in found.lines] == [(2, "这个多少钱")]
            assert "79元" in found.lines[0].text
