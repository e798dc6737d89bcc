"""How fast is the language model? Run as liveshop bench engine.

Measures the embedded engine, or the server at --base-url, through the service's own client and
prompts, at temperature 0. Cold prompts share no beginning with an earlier one; warm ones share
all but the viewer's question with the one before.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from assistant.errors import LiveshopError
from assistant.llm.client import LlmClient, Message
from assistant.llm.engine import Engine
from assistant.llm.weights import path_of
from assistant.settings import Settings, read_settings
from eval import figures
from eval.figures import CouldNotMeasure, Figures, percentile, reading
from prompts import render

QUESTIONS = (
    "这个保温多久？",
    "适合送人吗？",
    "有什么颜色推荐？",
    "和普通的有什么区别？",
    "能放洗碗机吗？",
    "小孩能用吗？",
    "值得买吗？",
    "怎么清洗？",
)
THINGS = ("保温杯", "电动牙刷", "羽绒服", "空气炸锅", "运动鞋", "蓝牙耳机", "行李箱", "台灯")
SENTENCE_ENDS = "。！？.!?"
AT_ONCE = 16
LONGEST_WAIT_S = 300.0


@dataclass(frozen=True)
class Answer:
    """One generation; times in seconds from the request. A piece is about a token."""

    first_token_s: float
    first_sentence_s: float
    total_s: float
    pieces: int


def main(argv: Sequence[str] | None = None) -> int:
    """Returns 0 when measured, 2 when that could not be done."""
    parser = figures.arguments("bench engine", __doc__ or "")
    parser.add_argument("--base-url", help="an OpenAI-compatible server; else the embedded engine")
    parser.add_argument("--model", help="model name at --base-url")
    parser.add_argument("--api-key", default="none", help="key for --base-url")
    parser.add_argument("--n", type=int, default=8, help="answers of each kind")
    parser.add_argument("--tokens", type=int, default=64, help="longest answer, tokens")
    options = parser.parse_args(argv)
    return figures.state(lambda: asyncio.run(_measure(options)), options)


async def run(client: LlmClient, n: int, tokens: int) -> Figures:
    """Measure the server behind `client`, which must allow 16 generations at once."""
    seed = random.SystemRandom().randrange(10**6)
    cold = [await _answer(client, _prompt(seed + i, i, shared=False), 4) for i in range(n)]
    await _answer(client, _prompt(seed, 0), 4)
    warm = [await _answer(client, _prompt(seed, i), tokens) for i in range(1, n + 1)]
    begin = time.monotonic()
    crowd = [_answer(client, _prompt(seed + i % 4, i), tokens) for i in range(AT_ONCE)]
    await asyncio.gather(*crowd)
    crowded_s = time.monotonic() - begin
    rates = [(a.pieces - 1) / (a.total_s - a.first_token_s) for a in warm if a.pieces > 1]
    if not rates:
        raise CouldNotMeasure("the server answered with less than two tokens each time")
    return Figures(
        task="engine",
        metrics={
            "cold.first_token_ms": percentile([a.first_token_s * 1e3 for a in cold], 50),
            "warm.first_token_ms": percentile([a.first_token_s * 1e3 for a in warm], 50),
            "first_sentence_ms": percentile([a.first_sentence_s * 1e3 for a in warm], 50),
            "tokens_per_s": percentile(rates, 50),
            f"answers_per_s_at_{AT_ONCE}": reading(AT_ONCE / crowded_s, AT_ONCE),
        },
        settings={"model": client.model, "longest_answer_tokens": tokens},
    )


async def _measure(options: argparse.Namespace) -> Figures:
    try:
        async with _client(options, read_settings()) as client:
            return await run(client, options.n, options.tokens)
    except LiveshopError as error:
        raise CouldNotMeasure(str(error)) from error


@asynccontextmanager
async def _client(options: argparse.Namespace, settings: Settings) -> AsyncIterator[LlmClient]:
    """A client of the server asked for, or of an engine that runs as long."""
    waits = (LONGEST_WAIT_S, LONGEST_WAIT_S, options.tokens, AT_ONCE)
    if options.base_url:
        model = options.model or ""
        async with LlmClient(options.base_url, model, options.api_key, *waits) as client:
            if not await client.ready():
                raise CouldNotMeasure(f"{options.base_url} does not answer with model {model!r}")
            yield client
        return
    engine = Engine(
        path_of(settings.engine_model, settings.cache),
        threads=settings.engine_threads,
        parallel=settings.llm_concurrency,
    )
    async with (
        engine,
        LlmClient(engine.base_url, engine.model, engine.api_key, *waits) as client,
    ):
        yield client


async def _answer(client: LlmClient, prompt: Sequence[Message], tokens: int) -> Answer:
    begin = time.monotonic()
    first = sentence = 0.0
    pieces = 0
    async for text in client.stream(prompt, max_tokens=tokens):
        now = time.monotonic() - begin
        pieces += 1
        first = first or now
        if not sentence and any(mark in text for mark in SENTENCE_ENDS):
            sentence = now
    total = time.monotonic() - begin
    return Answer(first or total, sentence or total, total, pieces)


def _prompt(seed: int, number: int, *, shared: bool = True) -> list[Message]:
    """A turn's prompt about a made-up product; one that is not `shared` begins like no other."""
    chance = random.Random(seed)  # noqa: S311  made-up stock figures need no secrecy
    evidence = (
        f"1. 暖屿{chance.choice(THINGS)}{seed}号；{chance.randint(30, 400)}元；有货；"
        f"材质 316不锈钢；容量 {chance.randint(300, 900)}毫升；颜色 黑、白、雾蓝；"
        f"保温 {chance.randint(6, 24)}小时；轻巧好带，杯盖可以当杯子用，适合上班和出游"
    )
    turn = render(
        "turn_zh",
        evidence=evidence,
        said="价格和库存见卡片。",
        task="补充一句有用的话，用资料里的材质、用途或特点，不重复已经说过的内容，不提价格。",
        question=QUESTIONS[number % len(QUESTIONS)],
    )
    system = render("system_zh")
    return [("system", system if shared else f"[{str(seed)[::-1]}] {system}"), ("user", turn)]
