"""How long does the service itself take? Run as liveshop bench service.

A service of its own holds a made-up catalogue. Its engine is a fake at the wire, of stated
speed, that notes when a request reached it and when each sentence was complete: what is left of
a turn's time is the service's. With --with-engine the same is measured while the embedded engine
runs four generations on the same machine.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager, suppress
from pathlib import Path

import httpx

from eval import figures, synthetic
from eval.bench_questions import POLICIES, Questions
from eval.fake_llm import FakeLlm, Generation
from eval.figures import CouldNotMeasure, Figures, Metric, percentile, reading
from eval.service import Service, running_service
from eval.turn_timing import Sending, Turn, ask
from retrieval.feeds.native_writer import write_native

ROOM = "bench"
GENERATIONS = 4
WARM_UP = 5
ANSWER_S = 120.0
QUICK_S, SLOW_S = 0.2, 5.0
# Plain sentences that no record contradicts, so that the gate lets them through as they are.
SENTENCES = ("喜欢的话可以先放进购物车。", "想了解哪一点都可以继续问我。")

Sample = Callable[[httpx.AsyncClient], Awaitable[list[float]]]


def main(argv: Sequence[str] | None = None) -> int:
    """Returns 0 when measured, 2 when that could not be done."""
    parser = figures.arguments("bench service", __doc__ or "")
    parser.add_argument("--products", type=int, default=10_000)
    parser.add_argument("--n", type=int, default=200, help="turns and searches of each kind")
    parser.add_argument("--tokens-per-s", type=float, default=50.0, help="speed of the fake engine")
    parser.add_argument(
        "--with-engine", action="store_true", help="also beside the embedded engine"
    )
    options = parser.parse_args(argv)
    return figures.state(lambda: asyncio.run(_measure(options)), options)


async def _measure(options: argparse.Namespace) -> Figures:
    with tempfile.TemporaryDirectory(prefix="liveshop-bench-") as folder:
        home, beside = Path(folder) / "home", Path(folder) / "beside"
        feed = Path(folder) / "feed.jsonl"
        catalogue = list(synthetic.products(options.products))
        feed.write_text("\n".join(map(write_native, catalogue)), encoding="utf-8")
        bench = Bench(Questions(catalogue), options.n)
        async with FakeLlm(SENTENCES, options.tokens_per_s) as llm:
            async with _serving(llm.settings, home) as service:
                await asyncio.to_thread(_put_room, service)
                took = await asyncio.to_thread(service.import_feed, feed.read_bytes())
                bench.metrics["import.products_per_s"] = reading(options.products / took)
                if memory := service.peak_rss_mb():
                    bench.metrics["import.rss_mb"] = reading(memory)
                await bench.overhead(service, llm, "")
                await bench.fact_sentence(service, "", llm)
                await bench.search(service, "")
            if options.with_engine:
                shutil.copytree(home, beside)
                async with (
                    _serving(llm.settings, home) as service,
                    _serving({}, beside, engine=True) as embedded,
                ):
                    await bench.model_question(embedded)
                    async with generating(embedded, bench.questions):
                        await bench.overhead(service, llm, "busy.")
                        await bench.fact_sentence(embedded, "busy.")
                        await bench.search(embedded, "busy.")
    names = ("products", "n", "tokens_per_s", "with_engine")
    settings = {name: getattr(options, name) for name in names}
    return Figures("bench service", bench.metrics, settings, bench.errors)


class Bench:
    """Asks one question at a time and keeps the figures, all in milliseconds."""

    def __init__(self, questions: Questions, n: int) -> None:
        self.questions, self.n = questions, n
        self.metrics: dict[str, Metric] = {}
        self.errors = 0

    async def overhead(self, service: Service, llm: FakeLlm, prefix: str) -> None:
        """The service's own part of turns that need the model."""
        llm.first_token_s = QUICK_S

        async def sample(client: httpx.AsyncClient) -> list[float]:
            before = len(llm.generations)
            turn = await ask(client, ROOM, self.questions.model("zh"))
            return [own_ms(turn, each) for each in llm.generations[before : before + 1]]

        await self._take(service, f"{prefix}overhead.", sample)

    async def fact_sentence(
        self, service: Service, prefix: str, llm: FakeLlm | None = None
    ) -> None:
        """From a question that records answer to its first sentence; a fake engine is slow."""
        if llm:
            llm.first_token_s = SLOW_S

        async def sample(client: httpx.AsyncClient) -> list[float]:
            return [(await ask(client, ROOM, self.questions.fact(), only_first=True)).first_ms]

        await self._take(service, f"{prefix}fact_sentence.", sample)

    async def model_question(self, service: Service) -> None:
        """From a question that needs the model to its first sentence, the engine else idle."""

        async def sample(client: httpx.AsyncClient) -> list[float]:
            return [(await ask(client, ROOM, self.questions.model())).first_ms]

        await self._take(service, "model_question.first_sentence_", sample, max(1, self.n // 5))

    async def search(self, service: Service, prefix: str) -> None:
        """Hybrid search, embedding included: as the service times it, and as REST answers it."""
        inside: list[float] = []

        async def sample(client: httpx.AsyncClient) -> list[float]:
            sending, asked = Sending(), {"q": self.questions.search()}
            found = await client.get(
                "/api/v1/catalog/search", params=asked, extensions=sending.extensions
            )
            found.raise_for_status()
            inside.append(float(found.headers["Server-Timing"].removeprefix("search;dur=")))
            return [(time.monotonic() - sending.at) * 1000]

        await self._take(service, f"{prefix}search.rest_", sample)
        self._state(f"{prefix}search.", inside[-self.n :])

    async def _take(
        self, service: Service, name: str, sample: Sample, times: int | None = None
    ) -> None:
        spent: list[float] = []
        async with httpx.AsyncClient(base_url=service.url, timeout=ANSWER_S) as client:
            for _ in range(WARM_UP):
                with suppress(httpx.HTTPError):
                    await sample(client)
            for _ in range(times or self.n):
                try:
                    spent += await sample(client)
                except httpx.HTTPError:
                    self.errors += 1
        if not spent:
            raise CouldNotMeasure(f"{name}: not one turn came to its end")
        self._state(name, spent)

    def _state(self, name: str, spent: Sequence[float]) -> None:
        for place in (50, 99):
            found = self.metrics[f"{name}p{place}_ms"] = percentile(spent, place)
            # Said at once: a fault later on must not cost what has been measured.
            sys.stderr.write(f"{name}p{place}_ms {found.value:.1f}\n")


def own_ms(turn: Turn, generation: Generation) -> float:
    """The service's share of a turn: question sent to engine reached, plus the longest time from
    an engine's complete sentence to its release. The wire's share is in it.
    """
    releases = [
        arrived - complete
        for sentence, complete in generation.complete.items()
        for text, arrived in turn.texts
        if sentence in text
    ]
    return (generation.received - turn.sent + max(releases, default=0.0)) * 1000


@asynccontextmanager
async def generating(service: Service, questions: Questions) -> AsyncIterator[None]:
    """Keeps GENERATIONS generations running on the service's engine."""

    async def keep_asking(client: httpx.AsyncClient) -> None:
        while True:
            with suppress(httpx.HTTPError):
                await ask(client, ROOM, questions.model())
            await asyncio.sleep(0)

    async with httpx.AsyncClient(base_url=service.url, timeout=ANSWER_S) as client:
        asking = [asyncio.create_task(keep_asking(client)) for _ in range(GENERATIONS)]
        try:
            await asyncio.sleep(2)
            yield
        finally:
            for task in asking:
                task.cancel()
            await asyncio.gather(*asking, return_exceptions=True)


@asynccontextmanager
async def _serving(
    settings: dict[str, str], home: Path, *, engine: bool = False
) -> AsyncIterator[Service]:
    """As running_service, from a thread: the fake engine shares this event loop."""
    with ExitStack() as stack:
        running = running_service(settings, home, engine=engine)
        service = await asyncio.to_thread(stack.enter_context, running)
        try:
            yield service
        finally:
            await asyncio.to_thread(stack.close)


def _put_room(service: Service) -> None:
    service.put("/api/v1/rooms", {"id": ROOM})
    service.put("/api/v1/policies", [policy.model_dump(mode="json") for policy in POLICIES])


if __name__ == "__main__":
    sys.exit(main())
