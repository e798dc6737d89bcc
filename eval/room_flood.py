"""A flood of comments into one room of a running service, with its host at work meanwhile."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import httpx

from eval.room_mix import Comment

BATCH = 50
ROOM = "demo"
HOST_EVERY_S = 0.5
RSS_EVERY_S = 0.5
WAIT_S = 30.0


@dataclass
class Flood:
    """What was sent and acknowledged. Times are seconds; moments are of time.time()."""

    acked: dict[str, tuple[float, Comment]] = field(default_factory=dict)
    actions: list[str] = field(default_factory=list)
    ingest_s: list[float] = field(default_factory=list)
    host_s: list[float] = field(default_factory=list)
    rss_mb: list[tuple[float, float]] = field(default_factory=list)
    prices: list[tuple[float, float, int]] = field(default_factory=list)
    refused: int = 0
    errors: int = 0
    begun: float = 0.0
    ended: float = 0.0


class Sender:
    """Sends as a connector, a host and a merchant do."""

    def __init__(self, url: str, source: str, flood: Flood, seed: int = 7) -> None:
        self._client = httpx.AsyncClient(
            base_url=url, timeout=WAIT_S, limits=httpx.Limits(max_connections=64)
        )
        self._source, self.flood = source, flood
        self._random = Random(seed)  # noqa: S311
        self._numbers = count()

    async def close(self) -> None:
        await self._client.aclose()

    async def comments(self, due: Sequence[Comment]) -> None:
        """Send the comments when they are due, in batches of BATCH, as many at once as it takes."""
        begun, sending = time.monotonic(), set[asyncio.Task[None]]()
        self.flood.begun = time.time()
        for start in range(0, len(due), BATCH):
            batch = due[start : start + BATCH]
            await asyncio.sleep(max(0.0, begun + batch[-1].at - time.monotonic()))
            task = asyncio.create_task(self._send(batch))
            sending.add(task)
            task.add_done_callback(sending.discard)
        await asyncio.gather(*sending)
        self.flood.ended = time.time()

    async def _send(self, batch: Sequence[Comment]) -> None:
        """Send one batch until it is acknowledged; a batch refused with 503 is sent again."""
        now = datetime.now(UTC).isoformat()
        ids = [f"{self._source}-{next(self._numbers)}" for _ in batch]
        body = [
            {
                "specversion": "1.0",
                "id": event_id,
                "source": self._source,
                "type": "live.comment",
                "subject": comment.viewer,
                "time": now,
                "data": {"text": comment.text},
            }
            for event_id, comment in zip(ids, batch, strict=True)
        ]
        sent = time.time()
        while True:
            begun = time.monotonic()
            try:
                answer = await self._client.post(f"/api/v1/rooms/{ROOM}/events", json=body)
            except httpx.HTTPError:
                self.flood.errors += 1
                return
            if answer.status_code != 503:
                break
            self.flood.refused += 1
            await asyncio.sleep(float(answer.headers.get("retry-after", 1)))
        if answer.status_code != 202 or answer.json()["rejected"]:
            self.flood.errors += 1
            return
        self.flood.ingest_s.append(time.monotonic() - begun)
        self.flood.acked |= {
            event_id: (sent, comment) for event_id, comment in zip(ids, batch, strict=True)
        }

    async def hosting(self) -> None:
        """Work as a host until cancelled: look at the queue, then pin, dismiss or hand off."""
        for number in count():
            await asyncio.sleep(HOST_EVERY_S)
            with suppress(httpx.HTTPError):
                await self._deed(number)

    async def _deed(self, number: int) -> None:
        path, key = f"/api/v1/rooms/{ROOM}", f"{self._source}-deed-{number}"
        headers = {"Idempotency-Key": key}
        begun = time.monotonic()
        if number % 2:
            queue = await self._client.get(f"{path}/questions", params={"limit": 50})
            self.flood.host_s.append(time.monotonic() - begun)
            waiting = [q for q in queue.json()["questions"] if q["status"] == "handed_off"]
            if not waiting:
                return
            begun, one = time.monotonic(), self._random.choice(waiting)["id"]
            answer = await self._client.post(f"{path}/questions/{one}/dismiss", headers=headers)
        else:
            body = {"product_id": "pangdun-500", "pinned": number % 4 == 0}
            answer = await self._client.post(f"{path}/pin", json=body, headers=headers)
        if answer.is_success:
            self.flood.host_s.append(time.monotonic() - begun)
            self.flood.actions.append(key)
        elif answer.status_code != 409:
            self.flood.errors += 1

    async def pricing(self, variants: Sequence[str], changes: int, seconds: float) -> None:
        """Change the price of all `variants` together at random moments, each time to a new one.

        Notes when each change was asked for and when the last of it was acknowledged.
        """
        gaps = [self._random.expovariate(1.0) for _ in range(changes + 1)]
        for number in range(changes):
            await asyncio.sleep(gaps[number] / sum(gaps) * seconds)
            minor, asked = 5000 + 7 * (number + 1), time.time()
            batch = [
                {
                    "specversion": "1.0",
                    "id": f"{self._source}-price-{number}-{variant}",
                    "source": self._source,
                    "type": "live.product.updated",
                    "data": {
                        "variant_id": variant,
                        "price": {"minor": minor, "currency": "CNY"},
                    },
                }
                for variant in variants
            ]
            try:
                answer = await self._client.post(f"/api/v1/rooms/{ROOM}/events", json=batch)
            except httpx.HTTPError:
                self.flood.errors += 1
                continue
            if answer.status_code == 202 and not answer.json()["rejected"]:
                self.flood.prices.append((asked, time.time(), minor))
            else:
                self.flood.errors += 1

    async def watch_memory(self, pid: int) -> None:
        """Note the process's resident memory until cancelled."""
        while True:
            if (memory := rss_mb(pid)) is not None:
                self.flood.rss_mb.append((time.time(), memory))
            await asyncio.sleep(RSS_EVERY_S)


def rss_mb(pid: int) -> float | None:
    """Resident memory of a process in MB; None where the system does not say."""
    status = Path(f"/proc/{pid}/status")
    try:
        lines = status.read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    return next((int(x.split()[1]) * 1024 / 1e6 for x in lines if x.startswith("VmRSS:")), None)


async def one_call_each(
    due: Sequence[Comment], base_url: str, at_once: int, within_s: float
) -> tuple[int, int]:
    """The way others do it: one call a comment, in order; askers answered in time, and calls."""
    queue: asyncio.Queue[tuple[float, Comment]] = asyncio.Queue()
    answered = calls = 0

    async def work(client: httpx.AsyncClient) -> None:
        nonlocal answered, calls
        body: dict[str, Any] = {"model": "fake", "stream": True, "messages": []}
        while True:
            came, comment = await queue.get()
            calls += 1
            with suppress(httpx.HTTPError):
                await client.post("chat/completions", json=body)
                if comment.question and time.monotonic() - came <= within_s:
                    answered += 1

    async with httpx.AsyncClient(base_url=f"{base_url}/", timeout=60) as client:
        workers = [asyncio.create_task(work(client)) for _ in range(at_once)]
        begun = time.monotonic()
        for comment in due:
            await asyncio.sleep(max(0.0, begun + comment.at - time.monotonic()))
            queue.put_nowait((time.monotonic(), comment))
        # What waits after this can be answered in time by nobody.
        await asyncio.sleep(within_s)
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
    return answered, calls
