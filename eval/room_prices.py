"""Is a changed price obeyed at once? Viewers ask what an item costs while its price changes."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from random import Random

import httpx

from eval.figures import CouldNotMeasure, Metric, percentile, reading
from eval.figures import count as counted

ASKERS = 12
OBEYED_S = 1.0
PAUSES_S = (0.1, 1.5)
WAIT_S = 30.0
QUESTIONS = ("这个多少钱", "现在什么价", "how much is it", "价格是多少", "what's the price now")
_NUMBER = re.compile(r"(?<![\d.])\d+(?:\.\d{1,2})?(?!\d)")


@dataclass(frozen=True, slots=True)
class Change:
    """A price, in minor units, asked for and acknowledged. Moments are of time.monotonic()."""

    asked: float
    acked: float
    minor: int


@dataclass
class Told:
    """What viewers were told: for each answer, each sentence that names prices and its moment."""

    first: int
    changes: list[Change] = field(default_factory=list)
    answers: list[list[tuple[float, frozenset[int]]]] = field(default_factory=list)
    errors: int = 0

    def allowed(self, at: float) -> set[int]:
        """The prices that may be said at `at`: those in force at some moment of the last second."""
        begins = [0.0, *(change.asked for change in self.changes)]
        ends = [*(change.acked + OBEYED_S for change in self.changes), float("inf")]
        prices = [self.first, *(change.minor for change in self.changes)]
        return {
            minor
            for minor, begin, end in zip(prices, begins, ends, strict=True)
            if begin <= at <= end
        }

    def metrics(self) -> dict[str, Metric]:
        """The figures so far. Raises CouldNotMeasure where no change was ever obeyed."""
        naming = [answer for answer in self.answers if answer]
        stale = sum(
            any(not prices <= self.allowed(at) for at, prices in answer) for answer in naming
        )
        obeyed = [took for change in self.changes if (took := self._took(change)) is not None]
        if not obeyed:
            raise CouldNotMeasure("no answer named a price after a change of it")
        ms = [1000 * took for took in obeyed]
        return {
            "price_change.p50_ms": percentile(ms, 50),
            "price_change.p99_ms": percentile(ms, 99),
            "price_change.changes": reading(len(self.changes), len(self.changes)),
            "stale_answers": counted(stale, len(naming)),
        }

    def _took(self, change: Change) -> float | None:
        """Seconds from its acknowledgement to the first sentence that names the new price."""
        moments = [
            at
            for answer in self.answers
            for at, prices in answer
            if change.minor in prices and at >= change.asked
        ]
        return max(0.0, min(moments) - change.acked) if moments else None


async def asked_around_changes(
    url: str, room: str, product: str, variants: Sequence[str], first: int, changes: int
) -> Told:
    """Change the price of all `variants` of `product` `changes` times, at random moments.

    ASKERS viewers ask one question after another, so that answers are being written, joined and
    handed on at every change.
    """
    told, random, over = Told(first), Random(5), asyncio.Event()  # noqa: S311
    numbers = count()
    async with httpx.AsyncClient(base_url=url, timeout=WAIT_S) as client:

        async def ask() -> None:
            while not over.is_set():
                body = {
                    "message": random.choice(QUESTIONS),
                    "product_id": product,
                    "viewer": f"price-{next(numbers)}",
                }
                try:
                    told.answers.append(await _answer(client, room, body, told))
                except (httpx.HTTPError, ValueError):
                    told.errors += 1

        askers = [asyncio.create_task(ask()) for _ in range(ASKERS)]
        try:
            for number in range(changes):
                await asyncio.sleep(random.uniform(*PAUSES_S))
                await _change(client, room, variants, 5000 + 7 * (number + 1), told)
            await asyncio.sleep(2 * OBEYED_S)
        finally:
            over.set()
            await asyncio.gather(*askers, return_exceptions=True)
    return told


async def _change(
    client: httpx.AsyncClient, room: str, variants: Sequence[str], minor: int, told: Told
) -> None:
    batch = [
        {
            "specversion": "1.0",
            "id": f"change-{minor}-{variant}",
            "source": "prices",
            "type": "live.product.updated",
            "data": {"variant_id": variant, "price": {"minor": minor, "currency": "CNY"}},
        }
        for variant in variants
    ]
    asked = time.monotonic()
    # Noted before it is asked for: a sentence may obey before the acknowledgement arrives.
    told.changes.append(Change(asked, float("inf"), minor))
    with suppress(httpx.HTTPError):
        answer = await client.post(f"/api/v1/rooms/{room}/events", json=batch)
        if answer.status_code == 202 and not answer.json()["rejected"]:
            told.changes[-1] = Change(asked, time.monotonic(), minor)
            return
    raise CouldNotMeasure(f"the price could not be changed to {minor}")


async def _answer(
    client: httpx.AsyncClient, room: str, body: dict[str, str], told: Told
) -> list[tuple[float, frozenset[int]]]:
    """Each sentence of one answer that names a price of this run, and when it came."""
    found = []
    headers = {"Accept": "text/event-stream"}
    path = f"/api/v1/rooms/{room}/chat"
    async with client.stream("POST", path, json=body, headers=headers) as answer:
        answer.raise_for_status()
        async for line in answer.aiter_lines():
            if not line.startswith("data: {"):
                continue
            part = json.loads(line.removeprefix("data: "))
            if part["type"] == "error":
                raise ValueError(part["errorText"])
            if part["type"] == "text-delta" and (prices := named(part["delta"], told)):
                found.append((time.monotonic(), prices))
    return found


def named(text: str, told: Told) -> frozenset[int]:
    """The prices of this run, in minor units, that a sentence names."""
    said = {round(100 * float(number)) for number in _NUMBER.findall(text)}
    return frozenset(said & {told.first, *(change.minor for change in told.changes)})
