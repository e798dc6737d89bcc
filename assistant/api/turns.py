"""Turns in flight: bounded, counted, and stopped when the client leaves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, TypeVar

from fastapi import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from assistant.api.metrics import Metrics
from assistant.errors import Busy, LiveshopError
from assistant.events import ReplyEvent, ReplyFinished, ReplyStarted

if TYPE_CHECKING:
    from assistant.api.service import Answering
    from assistant.turn.answer import Question

T = TypeVar("T")
STREAM_HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}


class Turns:
    """The turns being answered, at most `most` at once."""

    def __init__(self, most: int, metrics: Metrics) -> None:
        self.most = most
        self.running = 0
        self.ended = False
        self._metrics = metrics

    async def begin(
        self, assistant: Answering, question: Question
    ) -> tuple[ReplyStarted, AsyncGenerator[ReplyEvent, None]]:
        """Begin a turn: its first event, and the rest to be read or closed.

        Raises Busy at once when `most` turns are running or the process is stopping, and what
        the assistant raises before its first event: NotFound for the room, Conflict when its mode
        is off.
        """
        if self.ended:
            raise Busy("this process is stopping; ask again", retry_after=1)
        if self.running >= self.most:
            raise Busy(f"{self.most} questions are being answered; ask again", retry_after=2)
        events = self._counted(assistant, question)
        first = await anext(events)
        if not isinstance(first, ReplyStarted):
            raise TypeError(f"a reply begins with ReplyStarted, not with {first.kind!r}")
        return first, events

    async def _counted(
        self, assistant: Answering, question: Question
    ) -> AsyncGenerator[ReplyEvent, None]:
        self.running += 1
        reason, timings = "cancelled", dict[str, float]()
        try:
            async with aclosing(assistant.answer(question)) as events:
                async for event in events:
                    if isinstance(event, ReplyFinished):
                        reason, timings = event.reason, event.timings_ms
                    yield event
        except LiveshopError:
            reason = "refused"
            raise
        except Exception:
            reason = "error"
            raise
        finally:
            self.running -= 1
            self._metrics.reply(reason, timings)


class EventStream(StreamingResponse):
    """A turn as server-sent events. Whichever way the response ends, the turn is closed.

    `encoded` reads `turn`; both are closed, since an encoder that was never read closes nothing.
    """

    media_type = "text/event-stream"

    def __init__(
        self,
        encoded: AsyncGenerator[bytes, None],
        turn: AsyncGenerator[ReplyEvent, None],
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(encoded, headers=STREAM_HEADERS | (headers or {}))
        self._encoded, self._turn = encoded, turn

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._encoded.aclose()
            await self._turn.aclose()


async def while_connected(request: Request, work: Coroutine[Any, Any, T]) -> T | Response:
    """What `work` returns; it is cancelled when the client leaves, and nobody reads the 499."""
    working = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_disconnected(request))
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else Response(status_code=499)
    finally:
        for task in (working, leaving):
            task.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
