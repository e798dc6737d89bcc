"""Times one request as the wire sees it: when it went out, and when each piece of text arrived."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass

import httpx


@dataclass(frozen=True, slots=True)
class Turn:
    """Moments in time.monotonic seconds. `texts` holds each released text with its arrival."""

    sent: float
    texts: tuple[tuple[str, float], ...]

    @property
    def first_ms(self) -> float:
        """From the question to the first text, in milliseconds."""
        return (self.texts[0][1] - self.sent) * 1000


class Sending:
    """Notes when a request goes out: what a client does before is none of the service's time.

    Give `extensions` to the request; `at` is in time.monotonic seconds.
    """

    def __init__(self) -> None:
        self.at = time.monotonic()
        self.extensions = {"trace": self._note}

    async def _note(self, event: str, _: object) -> None:
        if event == "http11.send_request_headers.started":
            self.at = time.monotonic()


async def ask(
    client: httpx.AsyncClient, room: str, message: str, *, only_first: bool = False
) -> Turn:
    """Asks over the event stream. With `only_first` it hangs up after the first text.

    Raises httpx.HTTPError when the service fails, or answers with no text at all.
    """
    texts: list[tuple[str, float]] = []
    sending = Sending()
    request = client.stream(
        "POST",
        f"/api/v1/rooms/{room}/chat",
        json={"message": message},
        headers={"Accept": "text/event-stream"},
        extensions=sending.extensions,
    )
    async with request as answer:
        answer.raise_for_status()
        async for line in answer.aiter_lines():
            if not line.startswith("data: {"):
                continue
            part = json.loads(line.removeprefix("data: "))
            if part["type"] == "text-delta":
                texts.append((part["delta"], time.monotonic()))
                if only_first:
                    break
    if not texts:
        raise httpx.DecodingError(f"a reply without text to {message!r}")
    return Turn(sending.at, tuple(texts))
