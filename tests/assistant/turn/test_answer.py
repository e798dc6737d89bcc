"""Whole turns over the demo shop: real records, search and client; only the LLM is a script."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from assistant.errors import Conflict, NotFound
from assistant.events import (
    STAGES,
    Cited,
    Notice,
    ProductShown,
    ReplyEvent,
    ReplyFinished,
    ReplyStarted,
    TextReleased,
)
from assistant.store import Store
from assistant.turn import writing
from assistant.turn.answer import Assistant, Question
from retrieval.behaviour import Behaviour, Item
from retrieval.catalog import Money
from retrieval.exploring import Exploration
from tests.fake_engine import FakeEngine, Reply

Build = Callable[..., Assistant]


class Told:
    """The events of one reply, by kind."""

    def __init__(self, events: list[ReplyEvent]) -> None:
        self.events = events
        self.text = "".join(e.text for e in events if isinstance(e, TextReleased))
        self.from_model = [
            e.text for e in events if isinstance(e, TextReleased) and e.source == "model"
        ]
        self.cards = [e.card.id for e in events if isinstance(e, ProductShown)]
        self.cited = {e.record for e in events if isinstance(e, Cited)}
        self.notices = {e.code for e in events if isinstance(e, Notice)}

    @property
    def started(self) -> ReplyStarted:
        first = self.events[0]
        assert isinstance(first, ReplyStarted)
        return first

    @property
    def finished(self) -> ReplyFinished:
        last = self.events[-1]
        assert isinstance(last, ReplyFinished)
        return last


async def ask(assistant: Assistant, text: str, room: str = "demo", **more: Any) -> Told:
    return Told([event async for event in assistant.answer(Question(text, room, **more))])


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("暖壑 胖墩保温杯 500ml多少钱", "zh", "79元"),
        ("How much is the Nuanhe Pangdun Insulated Mug 500 ml?", "en", "¥79"),
    ],
)
async def test_a_price_is_said_from_the_record_before_the_model_speaks(
    assistant_of: Build, text: str, language: str, said: str
) -> None:
    with FakeEngine(Reply(fault="hang")) as engine:
        events = assistant_of(engine).answer(Question(text, "demo"))
        seen = []
        async for event in events:
            seen.append(event)
            if isinstance(event, TextReleased):
                break
        await events.aclose()
    told = Told(seen)
    assert said in told.text
    assert told.started.language == language
    assert "ai_generated" in told.notices


async def test_a_whole_reply_has_text_card_citation_and_timings(assistant_of: Build) -> None:
    with FakeEngine("双手捧着刚刚好。") as engine:
        told = await ask(assistant_of(engine), "这款多少钱？")
    assert told.cards == ["pangdun-500"]
    assert "product:pangdun-500" in told.cited
    assert told.from_model == ["双手捧着刚刚好。"]
    assert set(told.finished.timings_ms) == set(STAGES)
    assert told.finished.timings_ms["first_sentence"] <= told.finished.timings_ms["first_token"]
    assert told.finished.reason == "stop"


async def test_an_invented_price_is_replaced_from_the_record(assistant_of: Build) -> None:
    with FakeEngine("推荐暖壑 胖墩保温杯 500ml，只要9.9元。喜欢的话别错过。") as engine:
        told = await ask(assistant_of(engine), "推荐一个保温杯")
    assert "9.9" not in told.text
    assert told.from_model == ["喜欢的话别错过。"] or "79" in told.text


async def test_what_follows_a_dropped_name_among_several_is_dropped_too(
    assistant_of: Build,
) -> None:
    said = "推荐暖壑 胖墩保温杯 500ml，保证终身免费换新。它握着很顺手。"
    with FakeEngine(said) as engine:
        told = await ask(assistant_of(engine), "推荐一个保温杯")
    assert len(told.cards) > 1
    assert told.from_model == []


async def test_an_end_that_the_limit_tore_off_is_not_said(assistant_of: Build) -> None:
    with FakeEngine("握着很顺手。" + "放在包里也" * 40) as engine:
        told = await ask(assistant_of(engine), "推荐一个保温杯")
    assert told.from_model == ["握着很顺手。"]


async def test_who_got_no_advice_the_model_is_asked_once_more_for(assistant_of: Build) -> None:
    with FakeEngine("我们保证假一赔十！") as engine:
        engine.queue("我们保证终身免费换新！", "双手捧着刚刚好。", "不会再问。")
        told = await ask(assistant_of(engine), "推荐一个保温杯")
        first, second = engine.requests
    assert told.from_model == ["双手捧着刚刚好。"]
    assert second.messages[: len(first.messages)] == first.messages
    assert [m["role"] for m in second.messages[-2:]] == ["assistant", "user"]


async def test_a_second_draft_that_fails_is_not_missed(assistant_of: Build) -> None:
    with FakeEngine(Reply(fault="break")) as engine:
        engine.queue("我们保证终身免费换新！")
        told = await ask(assistant_of(engine), "推荐一个保温杯")
        assert len(engine.requests) == 2
    assert told.finished.reason == "stop"
    assert "engine_unavailable" not in told.notices


async def test_an_answer_for_many_takes_one_call(assistant_of: Build) -> None:
    with FakeEngine("我们保证假一赔十！") as engine:
        await ask(assistant_of(engine), "推荐一个保温杯", merged="q-1")
        assert len(engine.requests) == 1


async def test_a_promise_is_dropped_and_a_reply_is_never_empty(assistant_of: Build) -> None:
    with FakeEngine("我们保证假一赔十！") as engine:
        told = await ask(assistant_of(engine), "推荐一个保温杯")
    assert "假一赔十" not in told.text
    assert told.text
    assert told.cards


@pytest.mark.parametrize("reply", [Reply(status=500), Reply(fault="break"), Reply(fault="garbage")])
async def test_a_broken_engine_leaves_records_and_cards_marked_as_such(
    assistant_of: Build, reply: Reply
) -> None:
    with FakeEngine(reply) as engine:
        told = await ask(assistant_of(engine), "推荐一个保温杯")
    assert told.cards
    assert "元" in told.text
    assert "engine_unavailable" in told.notices
    assert told.finished.reason == "engine_unavailable"


async def test_who_knows_the_price_does_not_wait_for_a_word_more(
    assistant_of: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "AFTERTHOUGHT_S", 0.1)
    with FakeEngine(Reply(fault="hang")) as engine:
        told = await ask(assistant_of(engine), "这款多少钱？")
        assert len(engine.requests) == 1
    assert "79元" in told.text
    assert "79元" in told.text
    assert (told.finished.reason, told.notices) == ("stop", {"ai_generated"})


async def test_a_slow_engine_does_not_hold_the_reply(assistant_of: Build) -> None:
    with FakeEngine(Reply(fault="hang")) as engine:
        told = await ask(assistant_of(engine, first_token_s=0.2), "推荐一个保温杯")
    assert told.finished.reason == "engine_unavailable"
    assert told.text


async def test_closing_the_reply_cancels_the_generation(assistant_of: Build) -> None:
    with FakeEngine(Reply("手感不错。" + "好" * 500, next_token_s=0.05)) as engine:
        events = assistant_of(engine).answer(Question("推荐一个保温杯", "demo"))
        async for event in events:
            if isinstance(event, TextReleased) and event.source == "model":
                break
        await events.aclose()
        await asyncio.to_thread(engine.wait_until_idle)
        assert [request.cancelled for request in engine.requests] == [True]


async def test_a_price_changed_in_mid_stream_is_obeyed(
    assistant_of: Build, shop: tuple[Store, object, object]
) -> None:
    catalog = shop[0].catalog
    old = Money(minor=7900, currency="CNY")
    script = Reply("胖墩手感圆润。暖壑 胖墩保温杯 500ml现在79元。", next_token_s=0.02)
    try:
        with FakeEngine(script) as engine:
            texts = []
            async for event in assistant_of(engine).answer(Question("推荐胖墩保温杯", "demo")):
                if isinstance(event, TextReleased):
                    texts.append(event)
                    for variant in catalog.product("pangdun-500").variants:
                        catalog.patch_variant(variant.id, price=Money(minor=6900, currency="CNY"))
    finally:
        for variant in catalog.product("pangdun-500").variants:
            catalog.patch_variant(variant.id, price=old)
    assert all("79元" not in text.text for text in texts if text.source == "model")


@pytest.mark.parametrize("text", ["我的快递到哪了", "Where is my order?", "转人工"])
async def test_orders_and_who_wants_a_person_never_reach_the_model(
    assistant_of: Build, text: str
) -> None:
    with FakeEngine("您的订单明天到。") as engine:
        told = await ask(assistant_of(engine), text)
        assert not engine.requests
    assert "handed_off" in told.notices
    assert told.finished.reason == "handed_off"


async def test_a_policy_is_quoted_and_not_paraphrased(
    assistant_of: Build, shop: tuple[Store, object, object]
) -> None:
    with FakeEngine("随便退！") as engine:
        told = await ask(assistant_of(engine), "可以退货吗", room="quiet")
        assert not engine.requests
    texts = [policy.text.zh for policy in shop[0].catalog.policies() if policy.kind == "returns"]
    assert told.text in texts


async def test_later_turns_know_what_was_talked_about(assistant_of: Build) -> None:
    with FakeEngine("嗯。") as engine:
        assistant = assistant_of(engine)
        first = await ask(assistant, "推荐两款保温杯", room="quiet")
        again = {"conversation_id": first.started.conversation_id, "room": "quiet"}
        second = await ask(assistant, "第二个多少钱", **again)
    assert second.cards[0] == first.cards[1]


async def test_a_search_is_narrowed(
    assistant_of: Build, shop: tuple[Store, object, object]
) -> None:
    with FakeEngine("嗯。") as engine:
        assistant = assistant_of(engine)
        first = await ask(assistant, "推荐个零食", room="quiet")
        again = {"conversation_id": first.started.conversation_id, "room": "quiet"}
        spicy = await ask(assistant, "有辣的吗", **again)
        cheap = await ask(assistant, "20以内的", **again)
    assert "konjac-strips" in spicy.cards
    found = shop[0].catalog.products(tuple(cheap.cards)).values()
    assert all(p.default_variant.price.minor <= 2000 for p in found)
    assert {p.category.zh for p in found} <= {"零食茶饮"}


async def test_a_client_s_own_history_serves_as_memory(assistant_of: Build) -> None:
    history = (
        ("user", "暖壑 胖墩保温杯 750ml多少钱"),
        ("assistant", "暖壑 胖墩保温杯 750ml现在72元。"),
    )
    with FakeEngine("嗯。") as engine:
        told = await ask(assistant_of(engine), "它有货吗", room="quiet", history=history)
    assert told.cards[0] == "pangdun-750"


async def test_a_number_of_the_room_s_list_is_known_and_a_missing_one_is_said(
    assistant_of: Build, shop: tuple[Store, object, object]
) -> None:
    items = {item.number: item.product_id for item in shop[0].rooms.get("demo").items}
    with FakeEngine("嗯。") as engine:
        third = await ask(assistant_of(engine), "3号链接多少钱")
        missing = await ask(assistant_of(engine), "99号链接多少钱")
    assert third.cards[0] == items[3]
    assert "没有这个编号" in missing.text
    assert not missing.cards


async def test_hard_limits_of_the_question_are_kept(
    assistant_of: Build, shop: tuple[Store, object, object]
) -> None:
    with FakeEngine("都挺好。") as engine:
        told = await ask(assistant_of(engine), "50元以内有什么零食推荐")
    found = shop[0].catalog.products(tuple(told.cards))
    assert found
    assert all(p.default_variant.price.minor <= 5000 for p in found.values())


@pytest.mark.parametrize("text", ["推荐1元以内的东西", "Recommend something under 1 yuan"])
async def test_where_nothing_keeps_the_limits_nothing_is_shown(
    assistant_of: Build, text: str
) -> None:
    with FakeEngine("嗯。") as engine:
        told = await ask(assistant_of(engine), text)
    assert told.cards == []
    assert told.text


async def test_rooms_that_are_off_or_unknown_refuse(
    assistant_of: Build, shop: tuple[Store, object, object]
) -> None:
    rooms = shop[0].rooms
    with FakeEngine() as engine:
        with pytest.raises(NotFound, match="nowhere"):
            await ask(assistant_of(engine), "hi", room="nowhere")
        rooms.set_mode("quiet", "off")
        try:
            with pytest.raises(Conflict, match="off"):
                await ask(assistant_of(engine), "hi", room="quiet")
        finally:
            rooms.set_mode("quiet", "auto")


async def test_what_was_shown_is_logged_once(
    assistant_of: Build, shop: tuple[Store, object, object]
) -> None:
    with FakeEngine("嗯。") as engine:
        told = await ask(assistant_of(engine), "这款多少钱", viewer="v-1")
    logged = [e for e in shop[0].events.read(viewer="v-1") if e.id == told.started.reply_id]
    assert len(logged) == 1
    assert logged[0].data["text"] == told.text
    shown = logged[0].data["shown"]
    assert [s["product_id"] for s in shown] == told.cards
    assert [(s["position"], s["propensity"], s["chance"]) for s in shown] == [
        (place, 1, 1) for place in range(len(told.cards))
    ]


async def test_some_replies_try_what_few_have_turned_to(
    assistant_of: Build, shop: tuple[Store, object, object]
) -> None:
    records = shop[0].catalog
    nobody = Behaviour([Item(key, key) for key in records.ids()])
    rare = tried = 0
    with FakeEngine("嗯。") as engine:
        for share in (0.0, 1.0):
            assistant = replace(
                assistant_of(engine), exploration=Exploration(share, lambda: nobody)
            )
            told = await ask(assistant, "推荐一款200元以内的杯子")
            (logged,) = [e for e in shop[0].events.read() if e.id == told.started.reply_id]
            shown = logged.data["shown"]
            assert [s["product_id"] for s in shown] == told.cards
            for product in records.products(tuple(told.cards)).values():
                assert product.default_variant.price.minor <= 20_000
            tried += any(s["explored"] for s in shown)
            rare += share == 0 and any(s["propensity"] < 1 for s in shown)
    assert (tried, rare) == (1, 0)
