"""Several model servers: the next is asked where one sends no tokens, and it is let rest."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from assistant.errors import EngineUnavailable
from assistant.llm.client import LlmClient
from assistant.llm.tier import FAILURES, LONGEST_REST_S, REST_S, Breaker, Tier
from tests.fake_engine import FakeEngine, Reply

ASKED = [("user", "推荐一款")]


class Heard(list[tuple[str, str, int]]):
    def __call__(self, model: str, outcome: str, seconds: float | None, texts: int) -> None:
        assert (seconds is None) == (texts == 0)
        self.append((model, outcome, texts))


@asynccontextmanager
async def tier(*engines: FakeEngine) -> AsyncIterator[tuple[Tier, Heard]]:
    heard = Heard()
    clients = [LlmClient(e.base_url, e.model, "none", 0.5, 0.5, 50, 4) for e in engines]
    async with Tier(clients, heard) as opened:
        yield opened, heard


async def text_of(opened: Tier) -> str:
    return "".join([text async for text in opened.stream(ASKED)])  # type: ignore[arg-type]


def test_a_breaker_opens_rests_and_tries_once() -> None:
    now = 0.0
    breaker = Breaker(lambda: now)
    for _ in range(FAILURES - 1):
        breaker.failed()
    assert breaker.may_try()
    breaker.failed()
    assert breaker.open
    assert not breaker.may_try()
    now = REST_S
    assert [breaker.may_try() for _ in range(3)] == [True, False, False]
    breaker.failed()
    now += REST_S
    assert not breaker.may_try()
    now += REST_S
    assert breaker.may_try()
    now += LONGEST_REST_S
    assert breaker.may_try(), "a trial that never reported keeps nobody out"
    breaker.worked()
    assert not breaker.open
    breaker.failed()
    assert breaker.may_try()


async def test_the_next_server_answers_where_one_hangs_and_the_first_is_let_rest() -> None:
    with FakeEngine("甲", "a") as first, FakeEngine("乙", "b") as second:
        async with tier(first, second) as (opened, heard):
            assert await text_of(opened) == "甲"
            assert await opened.ready() == (True, f"a at {first.base_url}, b at {second.base_url}")
            first.default = Reply("甲", first_token_s=60)
            for _ in range(FAILURES):
                assert await text_of(opened) == "乙"
            asked = len(first.requests)
            assert await text_of(opened) == "乙"
            assert len(first.requests) == asked
            ready, said = await opened.ready()
            assert ready
            assert f"a at {first.base_url} sends no tokens" in said
        assert heard[0] == ("a", "ok", 1)
        assert heard[1:3] == [("a", "EngineTooSlow", 0), ("b", "ok", 1)]


async def test_a_reply_that_breaks_off_is_not_gone_on_with_by_another() -> None:
    with FakeEngine(Reply("甲乙丙丁" * 9, next_token_s=60), "a") as first, FakeEngine() as second:
        async with tier(first, second) as (opened, heard):
            with pytest.raises(EngineUnavailable):
                await text_of(opened)
            assert not second.requests
            assert heard[0][2] > 0


async def test_without_a_server_it_says_so() -> None:
    with FakeEngine() as only:
        pass
    async with tier(only) as (opened, _):
        for _ in range(FAILURES + 1):
            with pytest.raises(EngineUnavailable):
                await text_of(opened)
        assert not (await opened.ready())[0]
