"""A room's events from a file, played again at the speed one likes.

One JSON object a line: `at`, seconds from the beginning, and the `type`, `subject` and `data` of
an event. A time in `data` written as "+600" is that many seconds after its line is played.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from assistant.errors import LiveshopError

BATCH = 50
TIMES = ("starts_at", "ends_at")


class Line(NamedTuple):
    """One event of a replay, `at` seconds after its beginning."""

    at: float
    type: str
    subject: str | None
    data: Mapping[str, Any]


class ReplayRefused(LiveshopError):
    """A replay file has a line that is none."""


Send = Callable[[list[dict[str, Any]]], Awaitable[None]]


def read_replay(path: Path) -> list[Line]:
    """The lines of a replay, by time. Raises ReplayRefused naming the line and the rule."""
    found = []
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not text.strip():
            continue
        try:
            line = json.loads(text)
            at, data = float(line["at"]), line.get("data", {})
            if at < 0 or not isinstance(data, dict):
                raise ValueError("at: 0 or more; data: an object")
            found.append(Line(at, str(line["type"]), line.get("subject"), data))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ReplayRefused(
                f"{path}, line {number}: needs `at` in seconds, `type` and `data`: {error!r}"
            ) from error
    return sorted(found, key=lambda line: line.at)


async def play(lines: Sequence[Line], source: str, send: Send, speed: float = 1.0) -> int:
    """Send the events when they are due, `speed` times as fast; how many were sent.

    `source` is that of the events: played again under the same one they count once. Raises what
    `send` raises.
    """
    loop = asyncio.get_running_loop()
    begun, place = loop.time(), 0
    while place < len(lines):
        await asyncio.sleep(max(0.0, begun + lines[place].at / speed - loop.time()))
        due = (loop.time() - begun) * speed
        batch: list[dict[str, Any]] = []
        while place < len(lines) and lines[place].at <= due and len(batch) < BATCH:
            batch.append(_event(lines[place], source, place))
            place += 1
        if batch:
            await send(batch)
    return place


def _event(line: Line, source: str, place: int) -> dict[str, Any]:
    now = datetime.now(UTC)
    data = dict(line.data)
    for name in TIMES:
        if isinstance(data.get(name), str) and data[name].startswith("+"):
            data[name] = (now + timedelta(seconds=float(data[name]))).isoformat()
    event = {
        "specversion": "1.0",
        "id": str(place),
        "source": source,
        "type": line.type,
        "time": now.isoformat(),
        "data": data,
    }
    return event | ({"subject": line.subject} if line.subject else {})
