"""What the service benchmark is made of: the fake engine's clock and the service's own share."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator

import httpx
import pytest

from eval.bench_questions import Questions
from eval.fake_llm import FakeLlm, Generation
from eval.service_bench import Bench, own_ms
from eval.turn_timing import Turn, ask
from retrieval.catalog import Attribute, Money, Product, Text, Variant, stock


def _products() -> list[Product]:
    variant = Variant(id="v", price=Money(minor=990, currency="CNY"), availability=stock(3))
    colour = Attribute(name=Text(zh="颜色", en="colour"), value=Text(zh="红", en="red"))
    return [
        Product(
            id=str(at),
            title=Text(zh=f"杯子{at}", en=f"cup {at}"),
            category=Text(zh="杯子", en="cups"),
            attributes=(colour,),
            variants=(variant,),
        )
        for at in range(20)
    ]


async def test_the_fake_engine_keeps_its_speed_and_notes_its_sentences() -> None:
    engine = FakeLlm(("好。", "再见。"), tokens_per_s=100, first_token_s=0.1)
    async with engine as llm, httpx.AsyncClient() as client:
        begin = time.monotonic()
        answer = await client.post(f"{llm.base_url}/chat/completions", json={"stream": True})
        models = await client.get(f"{llm.base_url}/models")
    lines = [line for line in answer.text.splitlines() if line.startswith("data: {")]
    texts = [json.loads(x[6:])["choices"][0]["delta"].get("content", "") for x in lines]
    assert "".join(texts) == "好。再见。"
    assert models.json()["data"][0]["id"] == "fake"
    first, second = llm.generations[0].complete.values()
    assert begin <= llm.generations[0].received
    assert 0.1 <= first - begin < 0.5
    assert 0.02 <= second - first < 0.2


def test_the_own_share_leaves_the_engine_out() -> None:
    turn = Turn(sent=10.0, texts=(("现在9.9元。", 10.01), ("好。", 12.03), ("再见。", 13.02)))
    generation = Generation(received=10.05, complete={"好。": 12.0, "再见。": 13.0})
    assert own_ms(turn, generation) == pytest.approx(50 + 30)
    assert turn.first_ms == pytest.approx(10)


def test_questions_are_in_both_languages_and_mostly_unlike() -> None:
    questions = Questions(_products())
    facts = [questions.fact() for _ in range(40)]
    assert any("cup" in text for text in facts)
    assert any("杯子" in text for text in facts)
    assert not any("{" in text for text in facts + [questions.model() for _ in range(20)])
    assert len(set(facts)) > 30


class _Wire:
    """A service at the wire: it answers `status` and `texts`, whatever it is asked."""

    status = 200
    texts: tuple[str, ...] = ("第一句。", "第二句。")

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._answer(reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        size = next(x for x in head.lower().split(b"\r\n") if x.startswith(b"content-length"))
        await reader.readexactly(int(size.split(b":")[1]))
        writer.write(f"HTTP/1.1 {self.status} OK\r\nConnection: close\r\n\r\n".encode())
        parts = [{"type": "start"}, *({"type": "text-delta", "delta": t} for t in self.texts)]
        for part in parts:
            writer.write(f"data: {json.dumps(part)}\n\n".encode())
            await writer.drain()
            await asyncio.sleep(0.03)
        writer.write(b"data: [DONE]\n\n")
        await writer.drain()


@pytest.fixture
async def wire() -> AsyncIterator[tuple[_Wire, httpx.AsyncClient]]:
    told = _Wire()
    server = await asyncio.start_server(told.answer, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, httpx.AsyncClient(base_url=url) as client:
        yield told, client
        await asyncio.sleep(0.1)


async def test_a_turn_is_timed_text_by_text(wire: tuple[_Wire, httpx.AsyncClient]) -> None:
    turn = await ask(wire[1], "room", "多少钱")
    assert [text for text, _ in turn.texts] == ["第一句。", "第二句。"]
    assert 25 <= turn.first_ms < 500
    assert turn.texts[1][1] - turn.texts[0][1] >= 0.02
    assert len((await ask(wire[1], "room", "多少钱", only_first=True)).texts) == 1


async def test_a_reply_without_text_is_an_error(wire: tuple[_Wire, httpx.AsyncClient]) -> None:
    wire[0].texts = ()
    with pytest.raises(httpx.HTTPError, match="without text"):
        await ask(wire[1], "room", "多少钱")
    wire[0].status = 503
    with pytest.raises(httpx.HTTPStatusError):
        await ask(wire[1], "room", "多少钱")


def test_quantiles_have_the_names_of_the_table() -> None:
    bench = Bench(Questions(_products()), 1)
    assert (bench.metrics, bench.errors) == ({}, 0)
