"""Processes that hear one another through a real Redis, and go on without it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from assistant.api.rates import SharedRates
from assistant.errors import Conflict, RoomMoved
from assistant.live.redis_bus import RedisBus
from tests.assistant.live import redis_server
from tests.assistant.live.redis_server import RedisServer

PATIENCE_S = 10


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    try:
        with redis_server.running() as server:
            yield server
    except redis_server.NoRedis as reason:
        pytest.skip(str(reason))


@asynccontextmanager
async def two(redis: RedisServer) -> AsyncIterator[tuple[RedisBus, RedisBus]]:
    async with RedisBus(redis.url) as one, RedisBus(redis.url) as other:
        await until(lambda: one.up and other.up)
        yield one, other


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not true():  # noqa: ASYNC110  what it waits for has no event
            await asyncio.sleep(0.01)


async def test_a_topic_wakes_listeners_in_every_process(redis: RedisServer) -> None:
    async with two(redis) as (one, other):
        with (
            one.listening("feed:a") as here,
            other.listening("feed:a", "x") as there,
            other.listening("feed:b") as elsewhere,
        ):
            one.publish("feed:a")
            assert here.is_set()
            async with asyncio.timeout(PATIENCE_S):
                await there.wait()
            assert not elsewhere.is_set()


async def test_what_one_says_the_others_hear_and_not_itself(redis: RedisServer) -> None:
    heard: list[tuple[str, list[str]]] = []
    async with two(redis) as (one, other):
        one.hear("products", lambda words: heard.append(("one", words)))
        other.hear("products", lambda words: heard.append(("other", words)))
        one.say("products", ["mug", "杯子"])
        other.say("products", ["pot"])
        await until(lambda: len(heard) == 2)
    assert sorted(heard) == [("one", ["pot"]), ("other", ["mug", "杯子"])]


async def test_a_call_is_carried_out_elsewhere_and_its_error_comes_back(redis: RedisServer) -> None:
    async def carried(room: str, what: str, given: dict[str, Any]) -> Any:
        if what == "act":
            raise Conflict("it is settled")
        return [room, what, given]

    async with two(redis) as (one, other):
        with pytest.raises(RoomMoved):
            await one.call(other.me, "demo", "queue", {})
        other.serve(carried)
        assert await one.call(other.me, "demo", "queue", {"n": 1}) == ["demo", "queue", {"n": 1}]
        with pytest.raises(Conflict, match="it is settled"):
            await one.call(other.me, "demo", "act", {})
        with pytest.raises(RoomMoved, match="cannot be reached"):
            await one.call("nobody", "demo", "queue", {})


async def test_a_quota_is_one_for_all_processes(redis: RedisServer) -> None:
    async with two(redis) as (one, other):
        here, there = SharedRates(one.run), SharedRates(other.run)
        charges = [await rates.charge("viewer", "ann", 3) for rates in (here, there, here, there)]
        assert [charge.left for charge in charges] == [2, 1, 0, 0]
        assert [charge.wait_s > 0 for charge in charges] == [False, False, False, True]
        assert 15 < charges[3].wait_s <= 20
        assert (await there.charge("viewer", "bob", 3)).left == 2
    alone = SharedRates(one.run)
    assert [(await alone.charge("viewer", "ann", 2)).left for _ in range(2)] == [1, 0]


async def test_without_the_server_listeners_look_again_and_then_hear_again() -> None:
    try:
        with redis_server.running() as server:
            async with two(server) as (one, other):
                server.stop()
                await until(lambda: not (one.up or other.up))
                with other.listening("feed:a") as there:
                    async with asyncio.timeout(PATIENCE_S):
                        await there.wait()
                heard: list[list[str]] = []
                other.hear("products", heard.append)
                one.say("products", ["said while it was down"])
                server.start()
                await until(lambda: heard)
                assert heard == [["said while it was down"]]
    except redis_server.NoRedis as reason:
        pytest.skip(str(reason))
