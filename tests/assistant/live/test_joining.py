"""Turns that ask the same share an answer, while it is true and is nobody's own."""

from __future__ import annotations

import asyncio
from typing import Any

from assistant.events import ReplyEvent, ReplyFinished, ReplyStarted, TextReleased
from assistant.turn.question import Question
from tests.assistant.live.conftest import OpenStage, Stage
from tests.fake_engine import FakeEngine, Reply

PLAIN = "喜欢的话可以先放进购物车。"


async def ask(stage: Stage, text: str, **more: Any) -> list[ReplyEvent]:
    return [event async for event in stage.assistant.answer(Question(text, "demo", **more))]


def text(events: list[ReplyEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextReleased))


async def test_the_same_question_is_written_once(open_stage: OpenStage) -> None:
    with FakeEngine(PLAIN) as engine:
        async with open_stage(engine) as stage:
            first = await ask(stage, "这个多少钱")
            calls = len(engine.requests)
            second = await ask(stage, "這個多少錢呀？", viewer="v")
            assert text(second) == text(first)
            assert len(engine.requests) == calls
            assert isinstance(first[0], ReplyStarted)
            assert isinstance(second[0], ReplyStarted)
            assert second[0].reply_id != first[0].reply_id
            for told in (first, second):
                assert isinstance(told[-1], ReplyFinished)
                assert told[-1].timings_ms["understanding"] > 0
            logged = stage.store.events.read(viewer="v")
            assert [event.data["joined"] for event in logged] == [first[0].reply_id]
            english = await ask(stage, "how much is this?")
            assert "¥79" in text(english)


async def test_those_who_come_while_it_is_written_join(open_stage: OpenStage) -> None:
    with FakeEngine(Reply(PLAIN, next_token_s=0.02)) as engine:
        async with open_stage(engine) as stage:
            replies = await asyncio.gather(*(ask(stage, "这个多少钱") for _ in range(8)))
            assert len({text(reply) for reply in replies}) == 1
            assert len(engine.requests) <= 2


async def test_a_changed_price_ends_an_answer(open_stage: OpenStage) -> None:
    with FakeEngine(PLAIN) as engine:
        async with open_stage(engine) as stage:
            assert "79元" in text(await ask(stage, "这个多少钱"))
            stage.price("pangdun-500", 6900)
            told = text(await ask(stage, "这个多少钱"))
            assert "69元" in told
            assert "79元" not in told


async def test_the_room_and_the_panel_share(open_stage: OpenStage) -> None:
    with FakeEngine(PLAIN) as engine:
        async with open_stage(engine) as stage:
            told = await ask(stage, "这个多少钱")
            calls = len(engine.requests)
            await stage.say(("a", "多少钱"))
            assert (await stage.answers())[0].data["text"] == text(told)
            assert len(engine.requests) == calls


async def test_what_is_the_viewer_s_own_is_not_shared(open_stage: OpenStage) -> None:
    with FakeEngine(PLAIN) as engine:
        async with open_stage(engine) as stage:
            for question in ("我的快递到哪了", "我穿多大合适"):
                one = await ask(stage, question)
                two = await ask(stage, question)
                assert text(one)
                assert text(two)
            shared = [e for e in stage.store.events.read(room="demo") if "joined" in e.data]
            assert not shared
