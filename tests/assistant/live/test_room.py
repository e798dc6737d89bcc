"""Whole rooms: comments in, merged answers out, whatever happens meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from assistant.errors import Conflict, NotFound
from assistant.turn.question import Question
from tests.assistant.live.conftest import OpenStage
from tests.fake_engine import FakeEngine

PLAIN = "喜欢的话可以先放进购物车。"


async def test_many_ask_and_one_answer_is_written(open_stage: OpenStage) -> None:
    with FakeEngine(PLAIN) as engine:
        async with open_stage(engine) as stage:
            await stage.say(
                ("a", "这个多少钱"), ("b", "這個多少錢？"), ("c", "哈哈哈"), ("d", "多少钱啊"),
                ("a", "这个多少钱"),
            )  # fmt: skip
            answer = (await stage.answers())[0]
            assert answer.data["askers"] == 3
            assert "79元" in answer.data["text"]
            assert [card["id"] for card in answer.data["products"]] == ["pangdun-500"]
            question = await stage.settled("answered")
            assert (question.askers, question.times) == (3, 4)
            assert stage.store.live.askers(question.id) == ["a", "b", "d"]
            assert len(stage.feed("answer")) == 1
            assert len(engine.requests) <= 1


async def test_each_language_gets_its_own_answer(open_stage: OpenStage) -> None:
    with FakeEngine(PLAIN) as engine:
        async with open_stage(engine, room_llm_per_minute=0) as stage:
            await stage.say(("a", "包邮吗"), ("b", "is shipping free?"))
            answers = await stage.answers(2)
            assert {item.data["language"] for item in answers} == {"zh", "en"}
            assert all(item.data["askers"] == 1 for item in answers)
            assert not engine.requests


async def test_newcomers_join_an_answer_while_it_is_true(open_stage: OpenStage) -> None:
    with FakeEngine(PLAIN) as engine:
        async with open_stage(engine) as stage:
            await stage.say(("a", "这个多少钱"))
            await stage.answers()
            await stage.say(("b", "多少钱呀"))
            joined = (await stage.until(lambda: stage.feed("joined")))[0]
            assert joined.data["askers"] == 2
            assert "79元" in joined.data["answers"]["zh"]
            assert len(stage.feed("answer")) == 1
            stage.price("pangdun-500", 6900)
            await stage.say(("c", "多少钱"))
            again = (await stage.answers(2))[1]
            assert "69元" in again.data["text"]
            assert "79元" not in again.data["text"]


async def test_those_told_an_old_price_are_corrected_once(open_stage: OpenStage) -> None:
    with FakeEngine(PLAIN) as engine:
        async with open_stage(engine) as stage:
            await stage.say(("a", "这个多少钱"))
            answer = (await stage.answers())[0]
            variant = "pangdun-500-white"
            await stage.happen(
                "live.product.updated",
                variant_id=variant,
                price={"minor": 6900, "currency": "CNY"},
            )
            item = (await stage.until(lambda: stage.feed("correction")))[0]
            assert item.data["before"] == {variant: {"price_minor": 7900, "available": True}}
            assert item.data["now"][variant]["price_minor"] == 6900
            assert "69元" in item.data["text"]["zh"]
            assert "¥69" in item.data["text"]["en"]
            assert item.data["answers"] == [answer.seq]
            assert len(stage.feed("correction")) == 1


async def test_a_comment_is_about_what_was_on_air_when_it_came(open_stage: OpenStage) -> None:
    with FakeEngine(PLAIN) as engine:
        async with open_stage(engine, room_answers_at_once=1) as stage:
            batch = [
                stage.event("live.comment", "a", text="这个多少钱"),
                stage.event("live.product.on_air", product_id="air-2"),
                stage.event("live.comment", "b", text="这个多少钱"),
            ]
            assert await stage.rooms.take("demo", batch) == [True] * 3
            answers = await stage.answers(2)
            shown = {item.data["products"][0]["id"] for item in answers}
            assert shown == {"pangdun-500", "air-2"}


async def test_first_comments_are_about_what_was_on_air_before(open_stage: OpenStage) -> None:
    with FakeEngine(PLAIN) as engine:
        async with open_stage(engine, room_llm_per_minute=0) as stage:
            await stage.rooms.stop()
            stage.store.intake.take(
                [
                    stage.event("live.comment", "a", text="这个多少钱"),
                    stage.event("live.product.on_air", product_id="air-2"),
                ]
            )
        async with open_stage(engine, room_llm_per_minute=0) as stage:
            answer = (await stage.answers())[0]
            assert answer.data["products"][0]["id"] == "pangdun-500"
            state = await stage.rooms.room("demo").ready()
            assert state.on_air == "air-2"


async def test_what_the_host_spoke_of_is_known_and_what_he_claims_is_not(
    open_stage: OpenStage,
) -> None:
    with FakeEngine(PLAIN) as engine:
        async with open_stage(engine) as stage:
            await stage.happen("live.transcript", text="聆拓 Air 2 今天只要九块九！")
            await stage.say(("a", "刚才说的那个多少钱"))
            answer = (await stage.answers())[0]
            assert answer.data["products"][0]["id"] == "air-2"
            assert "169元" in answer.data["text"]
            assert "9.9" not in answer.data["text"]
            question = Question("刚才说的那个多少钱", "demo")
            reply = [event async for event in stage.assistant.answer(question)]
            assert "169元" in "".join(getattr(event, "text", "") for event in reply)


async def test_the_host_is_heard_to_turn_to_the_next_item(open_stage: OpenStage) -> None:
    with FakeEngine(PLAIN) as engine:
        async with open_stage(engine) as stage:
            await stage.happen("live.transcript", text="好，接下来我们看4号链接")
            await stage.until(lambda: stage.store.rooms.get("demo").on_air == "air-2")
            await stage.until(lambda: stage.feed("on_air"))


async def test_review_waits_for_the_host(open_stage: OpenStage) -> None:
    with FakeEngine(PLAIN) as engine:
        async with open_stage(engine) as stage:
            stage.store.rooms.set_mode("demo", "review")
            await stage.say(("a", "这个多少钱"), ("b", "包邮吗"))
            await stage.until(lambda: len(stage.store.live.questions("demo", ("review",))) == 2)
            assert not stage.feed("answer")
            price, ship = sorted(await stage.desk.queue(), key=lambda q: q.text, reverse=True)
            assert "79元" in price.drafts["zh"].text
            done = await stage.desk.act("approve", price.id, key="key-1")
            assert done.status == "answered"
            await stage.desk.act("approve", price.id, key="key-1")
            await stage.desk.act("approve", price.id, key="key-2")
            assert len(stage.feed("answer")) == 1
            await stage.desk.act("edit", ship.id, "今天全场包邮哦")
            edited = stage.feed("answer")[1]
            assert (edited.data["by"], edited.data["text"]) == ("host", "今天全场包邮哦")
            with pytest.raises(Conflict, match="settled"):
                await stage.desk.act("hand-off", ship.id)
            with pytest.raises(NotFound):
                await stage.desk.act("dismiss", "q999999")
            logged = stage.store.events.read(room="demo", types=["host.approve", "host.edit"])
            assert [event.type for event in logged].count("host.edit") == 1


async def test_a_draft_whose_records_changed_is_not_sent(open_stage: OpenStage) -> None:
    with FakeEngine(PLAIN) as engine:
        async with open_stage(engine) as stage:
            stage.store.rooms.set_mode("demo", "review")
            await stage.say(("a", "这个多少钱"))
            question = await stage.settled("review")
            stage.price("pangdun-500", 5900)
            with pytest.raises(Conflict, match="changed"):
                await stage.desk.act("approve", question.id)
            await stage.until(
                lambda: any(
                    "59元" in record for record in stage.store.live.questions("demo", ("review",))
                )
            )
            await stage.desk.act("approve", question.id)
            assert "59元" in stage.feed("answer")[0].data["text"]


async def test_off_collects_and_says_nothing(open_stage: OpenStage) -> None:
    with FakeEngine(PLAIN) as engine:
        async with open_stage(engine) as stage:
            stage.store.rooms.set_mode("demo", "off")
            await stage.say(("a", "这个多少钱"))
            question = await stage.settled("waiting")
            answered = await stage.desk.act("answer", question.id, "79元哦")
            assert answered.answers["zh"].by == "host"
            assert len(stage.feed("answer")) == 1
            assert not engine.requests


async def test_a_room_goes_on_where_it_stood(open_stage: OpenStage) -> None:
    with FakeEngine(PLAIN) as engine:
        async with open_stage(engine) as stage:
            await stage.say(("a", "这个多少钱"))
            await stage.answers()
        async with open_stage(engine) as stage:
            await stage.say(("b", "多少钱"))
            joined = (await stage.until(lambda: stage.feed("joined")))[0]
            assert joined.data["askers"] == 2
            stage.price("pangdun-500", 6900)
            assert await stage.until(lambda: stage.feed("correction"))
            assert len(stage.feed("answer")) == 1


async def test_a_complaint_and_a_chat_turn_handed_off_wait_for_a_person(
    open_stage: OpenStage,
) -> None:
    with FakeEngine(PLAIN) as engine:
        async with open_stage(engine) as stage:
            question = Question("我的快递到哪了", "demo", viewer="v")
            async for _ in stage.assistant.answer(question):
                pass
            handed = await stage.settled("handed_off")
            assert (handed.origin, handed.text) == ("chat", "我的快递到哪了")
            assert "人工" in handed.context
            await stage.desk.act("answer", handed.id, "已经发出了，明天到。")
            assert stage.feed("answer")[0].data["by"] == "host"


async def test_what_waits_for_a_person_is_not_forgotten(open_stage: OpenStage) -> None:
    with FakeEngine(PLAIN) as engine:
        async with open_stage(engine) as stage:
            await stage.say(("a", "质量太差了，我要投诉"), ("b", "这个多少钱"))
            await stage.settled("handed_off")
            await stage.answers()
            state = await stage.rooms.room("demo").ready()
            state.forget(datetime.now(UTC) + timedelta(hours=1))
            assert [one.status for one in await stage.desk.queue()] == ["handed_off"]
            assert len(state.entries) == 1


async def test_a_muted_viewer_is_not_heard(open_stage: OpenStage) -> None:
    with FakeEngine(PLAIN) as engine:
        async with open_stage(engine) as stage:
            await stage.desk.mark("mute", {"viewer": "troll", "muted": True}, "m1")
            await stage.say(("troll", "这个多少钱"), ("a", "包邮吗"))
            assert (await stage.answers())[0].data["question"] == "包邮吗"
            assert (await stage.desk.pulse()).counts.muted == 1


async def test_one_viewer_cannot_fill_the_queue(open_stage: OpenStage) -> None:
    with FakeEngine(PLAIN) as engine:
        async with open_stage(engine, room_viewer_per_minute=2, room_llm_per_minute=0) as stage:
            await stage.say(*[("a", f"{n}号链接多少钱") for n in range(1, 6)], ("b", "包邮吗"))
            await stage.answers(3)
            assert (await stage.desk.pulse()).counts.rate_limited == 3


async def test_under_flood_the_least_valuable_go_and_are_counted(open_stage: OpenStage) -> None:
    with FakeEngine(PLAIN) as engine:
        async with open_stage(engine, room_queue=2, room_answers_per_minute=1) as stage:
            stage.store.rooms.set_mode("demo", "off")
            await stage.say(
                *[(f"v{n}", "1号链接多少钱") for n in range(9)],
                ("x", "3号链接多少钱"), ("y", "4号链接多少钱"), ("y2", "4号链接多少钱"),
            )  # fmt: skip
            await stage.until(lambda: stage.store.live.questions("demo", ("shed",)))
            pulse = await stage.desk.pulse()
            assert (pulse.counts.shed, pulse.counts.shed_askers) == (1, 1)
            assert "3号链接多少钱" in stage.store.live.questions("demo", ("shed",))[0]
