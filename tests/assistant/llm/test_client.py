"""The LLM client against a server that misbehaves at the wire."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator

import pytest

from assistant.errors import EngineTooSlow, EngineUnavailable
from assistant.llm.client import WAITING_PER_SLOT, LlmClient, Message
from tests.fake_engine import FakeEngine, Reply

ASKED: tuple[Message, ...] = (("system", "Be brief."), ("user", "How big is the mug?"))


@pytest.fixture
def engine() -> Iterator[FakeEngine]:
    with FakeEngine("The mug holds 350 ml.") as running:
        yield running


def client_of(
    engine: FakeEngine, *, first_s: float = 5.0, next_s: float = 5.0, concurrency: int = 2
) -> LlmClient:
    return LlmClient(engine.base_url, engine.model, "key", first_s, next_s, 160, concurrency)


@pytest.fixture
async def client(engine: FakeEngine) -> AsyncIterator[LlmClient]:
    async with client_of(engine) as made:
        yield made


async def read(client: LlmClient) -> str:
    return "".join([text async for text in client.stream(ASKED)])


async def test_the_text_comes_in_pieces(engine: FakeEngine, client: LlmClient) -> None:
    pieces = [text async for text in client.stream(ASKED)]
    assert "".join(pieces) == "The mug holds 350 ml."
    assert len(pieces) > 3


async def test_what_is_sent(engine: FakeEngine, client: LlmClient) -> None:
    history: tuple[Message, ...] = (
        ("system", "s"),
        ("user", "u"),
        ("assistant", "a"),
        ("user", "q"),
    )
    async for _ in client.stream(history, max_tokens=7, stop=["VIEWER:"]):
        pass
    body = engine.requests[0].body
    assert [(m["role"], m["content"]) for m in body["messages"]] == list(history)
    assert body["model"] == engine.model
    assert body["temperature"] == 0
    assert body["max_completion_tokens"] == 7
    assert body["stop"] == ["VIEWER:"]
    assert engine.requests[0].headers["authorization"] == "Bearer key"


async def test_closing_aborts_the_request(engine: FakeEngine, client: LlmClient) -> None:
    engine.queue(Reply("one two three four five six", next_token_s=0.05))
    tasks = asyncio.all_tasks()
    stream = client.stream(ASKED)
    assert await anext(stream) == "one"
    await stream.aclose()
    assert asyncio.all_tasks() == tasks
    await asyncio.to_thread(engine.wait_until_idle, 1)
    assert engine.requests[0].cancelled
    assert engine.requests[0].tokens_sent < 6


async def test_a_cancelled_turn_aborts_the_request(engine: FakeEngine, client: LlmClient) -> None:
    engine.queue(Reply(first_token_s=30))
    turn = asyncio.create_task(read(client))
    await asyncio.to_thread(engine.wait_for_requests, 1)
    turn.cancel()
    with pytest.raises(asyncio.CancelledError):
        await turn
    await asyncio.to_thread(engine.wait_until_idle, 1)
    assert engine.requests[0].cancelled


async def test_a_late_first_token(engine: FakeEngine) -> None:
    engine.queue(Reply(first_token_s=30))
    async with client_of(engine, first_s=0.2) as client:
        with pytest.raises(EngineTooSlow, match=r"no first token within 0\.2 s"):
            await read(client)
    engine.wait_until_idle(1)
    assert engine.requests[0].cancelled


async def test_silence_in_the_middle(engine: FakeEngine) -> None:
    engine.queue(Reply("one two three", fault="hang", fault_after=2))
    async with client_of(engine, next_s=0.2) as client:
        stream = client.stream(ASKED)
        assert [await anext(stream), await anext(stream)] == ["one", " two"]
        with pytest.raises(EngineTooSlow, match=r"silent for 0\.2 s"):
            await anext(stream)


async def test_a_slow_reader_is_not_a_slow_engine(engine: FakeEngine) -> None:
    engine.queue(Reply("one two", next_token_s=0.05))
    async with client_of(engine, next_s=0.3) as client:
        pieces = []
        async for text in client.stream(ASKED):
            pieces.append(text)
            await asyncio.sleep(0.5)
    assert pieces == ["one", " two"]


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (Reply(status=500), "HTTP 500"),
        (Reply(status=401), "HTTP 401"),
        (Reply(status=404), "HTTP 404 for model 'fake-model'"),
        (Reply(status=429), "HTTP 429"),
        (Reply("one two", fault="break", fault_after=0), "broke off"),
        (Reply("one two", fault="break", fault_after=1), "broke off"),
        (Reply("one two", fault="garbage", fault_after=1), "no completion"),
    ],
)
async def test_failures_are_of_one_kind(
    engine: FakeEngine, client: LlmClient, reply: Reply, message: str
) -> None:
    engine.queue(reply)
    with pytest.raises(EngineUnavailable, match=message):
        await read(client)
    assert len(engine.requests) == 1
    assert await read(client) == "The mug holds 350 ml."


async def test_a_dead_server_and_its_return(engine: FakeEngine, client: LlmClient) -> None:
    engine.down()
    assert not await client.ready()
    with pytest.raises(EngineUnavailable, match="cannot be reached"):
        await read(client)
    engine.up()
    assert await client.ready()
    assert await read(client) == "The mug holds 350 ml."


async def test_ready_asks_for_the_model(engine: FakeEngine) -> None:
    async with LlmClient(engine.base_url, "another", "key", 1, 1, 160, 1) as client:
        assert not await client.ready()


async def test_no_more_at_once_than_allowed(engine: FakeEngine, client: LlmClient) -> None:
    engine.default = Reply("one two", next_token_s=0.05)
    replies = await asyncio.gather(*(read(client) for _ in range(8)))
    assert replies == ["one two"] * 8
    assert engine.peak_running == 2


async def test_the_queue_has_an_end(engine: FakeEngine) -> None:
    engine.default = Reply(first_token_s=30)
    async with client_of(engine, concurrency=1) as client:
        turns = [asyncio.create_task(read(client)) for _ in range(1 + WAITING_PER_SLOT)]
        await asyncio.sleep(0.05)
        begin = time.monotonic()
        with pytest.raises(EngineUnavailable, match="every place is taken"):
            await read(client)
        assert time.monotonic() - begin < 0.5
        for turn in turns:
            turn.cancel()
        await asyncio.gather(*turns, return_exceptions=True)
        engine.default = "free again"
        assert await read(client) == "free again"


async def test_waiting_for_a_place_has_the_same_deadline(engine: FakeEngine) -> None:
    engine.queue(Reply(" ".join("abcdefgh"), next_token_s=0.2))
    async with client_of(engine, first_s=0.3, concurrency=1) as client:
        first = asyncio.create_task(read(client))
        await asyncio.sleep(0.1)
        with pytest.raises(EngineTooSlow, match="no free place"):
            await read(client)
        assert await first == " ".join("abcdefgh")


async def test_proxies_are_not_for_loopback(
    engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    async with client_of(engine) as client:
        assert await read(client) == "The mug holds 350 ml."
