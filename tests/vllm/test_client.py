"""The LLM client against a real vLLM server."""

from __future__ import annotations

import asyncio

import pytest

from assistant.errors import EngineTooSlow, EngineUnavailable
from assistant.llm.client import LlmClient, Message
from tests.vllm.server import VllmServer

pytestmark = pytest.mark.vllm
STORY: tuple[Message, ...] = (
    ("system", "You tell stories."),
    ("user", "Tell a very long story about a mug, a lamp and a kettle who travel the world."),
)
FACTS = " ".join(f"Item {n} is a mug of {n * 10} ml in colour number {n}." for n in range(14))


def client_of(vllm: VllmServer, first_s: float = 60, next_s: float = 30) -> LlmClient:
    return LlmClient(vllm.base_url, vllm.model, "none", first_s, next_s, 3000, 8)


async def test_it_streams(vllm: VllmServer) -> None:
    async with client_of(vllm) as client:
        assert await client.ready()
        pieces = [piece async for piece in client.stream(STORY, max_tokens=64)]
    assert len(pieces) > 10
    assert len("".join(pieces)) > 40


async def test_many_at_once(vllm: VllmServer) -> None:
    async def one(client: LlmClient) -> str:
        return "".join([piece async for piece in client.stream(STORY, max_tokens=12)])

    async with client_of(vllm) as client:
        replies = await asyncio.gather(*(one(client) for _ in range(8)))
    assert all(replies)


async def test_closing_a_stream_frees_the_engine(vllm: VllmServer) -> None:
    async with client_of(vllm) as client:
        stream = client.stream(STORY)
        await anext(stream)
        await asyncio.to_thread(vllm.wait_for_running, 1)
        await stream.aclose()
        await asyncio.to_thread(vllm.wait_for_running, 0, 5)
        assert vllm.metric("num_requests_running") == 0


async def test_a_late_first_token_is_given_up(vllm: VllmServer) -> None:
    async with client_of(vllm, first_s=0.005) as client:
        with pytest.raises(EngineTooSlow, match="no first token"):
            async for _ in client.stream(STORY):
                pass
    await asyncio.to_thread(vllm.wait_for_running, 0, 5)


async def test_a_common_beginning_comes_from_the_prefix_cache(vllm: VllmServer) -> None:
    async with client_of(vllm) as client:
        for question in ("Which is the biggest?", "Which is the smallest?"):
            before = vllm.metric("prefix_cache_hits_total")
            asked: tuple[Message, ...] = (("system", FACTS), ("user", question))
            async for _ in client.stream(asked, max_tokens=4):
                pass
        await asyncio.sleep(0.5)
    assert vllm.metric("prefix_cache_hits_total") - before >= 128


async def test_an_unknown_model_is_named(vllm: VllmServer) -> None:
    async with LlmClient(vllm.base_url, "another", "none", 20, 20, 64, 1) as client:
        assert not await client.ready()
        with pytest.raises(EngineUnavailable, match="HTTP 404 for model 'another'"):
            await anext(client.stream(STORY))


async def test_a_prompt_that_is_too_long_is_refused(vllm: VllmServer) -> None:
    async with client_of(vllm) as client:
        with pytest.raises(EngineUnavailable, match="HTTP 400"):
            await anext(client.stream((("user", FACTS * 40),)))


async def test_a_server_killed_in_mid_stream(vllm: VllmServer) -> None:
    async with client_of(vllm) as client:
        stream = client.stream(STORY)
        await anext(stream)
        await asyncio.to_thread(vllm.kill)
        with pytest.raises(EngineUnavailable, match="broke off"):
            async for _ in stream:
                pass
        assert not await client.ready()
