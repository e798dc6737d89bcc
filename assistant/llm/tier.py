"""Several model servers as one: the first that is well is asked, the next where it fails.

A server is judged by the tokens it sends, not by what it says of its health: one that hangs still
answers. Circuit breaker as in M. Nygard, "Release It!" (2007).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack, aclosing
from typing import Protocol, Self

from assistant.errors import EngineUnavailable
from assistant.llm.client import LlmClient, Message
from assistant.tracing import Tracing

FAILURES = 3
REST_S = 5.0
LONGEST_REST_S = 60.0
Clock = Callable[[], float]


class Breaker:
    """Open after FAILURES failures in a row: nothing is asked for a while, which doubles each
    time that the one trial at its end fails too."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._failures, self._rest = 0, REST_S
        self._until: float | None = None
        self._trial_at: float | None = None

    @property
    def open(self) -> bool:
        """Whether the last that is known is that it does not work."""
        return self._until is not None

    def may_try(self) -> bool:
        """Whether it may be asked now; while open, once at the end of each rest."""
        if self._until is None:
            return True
        now = self._clock()
        # A trial that never reports, such as one cancelled, does not keep it open for ever.
        under_trial = self._trial_at is not None and now - self._trial_at < LONGEST_REST_S
        if now < self._until or under_trial:
            return False
        self._trial_at = now
        return True

    def worked(self) -> None:
        """A token has come."""
        self._failures, self._rest = 0, REST_S
        self._until = self._trial_at = None

    def failed(self) -> None:
        """No token came, or a reply broke off."""
        self._failures += 1
        self._trial_at = None
        if self._until is not None:
            self._rest = min(2 * self._rest, LONGEST_REST_S)
        if self._until is not None or self._failures >= FAILURES:
            self._until = self._clock() + self._rest


class Told(Protocol):
    """Hears how each request of a model ended: `seconds` to its first text, None for none."""

    def __call__(self, model: str, outcome: str, seconds: float | None, texts: int) -> None: ...


class Tier:
    """The servers in the order in which they are preferred; an async context that closes them."""

    def __init__(
        self,
        clients: Sequence[LlmClient],
        told: Told,
        clock: Clock = time.monotonic,
        tracing: Tracing | None = None,
    ) -> None:
        self._servers = [(client, Breaker(clock)) for client in clients]
        self._told = told
        self._tracing = tracing or Tracing()
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        for client, _ in self._servers:
            await self._stack.enter_async_context(client)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def ready(self) -> tuple[bool, str]:
        """Whether any server answers, has its model and sends tokens; and which do not."""
        there = await asyncio.gather(*(client.ready() for client, _ in self._servers))
        said, well = [], False
        for (client, breaker), is_there in zip(self._servers, there, strict=True):
            well = well or (is_there and not breaker.open)
            state = "sends no tokens" if breaker.open else "" if is_there else "does not answer"
            said.append(f"{client.model} at {client.base_url}" + (f" {state}" if state else ""))
        return well, ", ".join(said)

    async def stream(
        self, messages: Sequence[Message], *, max_tokens: int | None = None
    ) -> AsyncGenerator[str]:
        """As LlmClient.stream, from the first server that gives a text.

        Raises EngineUnavailable where none does, and where one breaks off in mid-reply: what was
        said cannot be taken back, so that no other goes on with it.
        """
        last: EngineUnavailable | None = None
        for client, breaker in self._servers:
            if not breaker.may_try():
                continue
            try:
                async with aclosing(self._asked(client, breaker, messages, max_tokens)) as texts:
                    async for text in texts:
                        yield text
                return
            except _Silent as silent:
                last = silent.cause
        raise last or EngineUnavailable("no model server sends tokens now")

    async def _asked(
        self,
        client: LlmClient,
        breaker: Breaker,
        messages: Sequence[Message],
        max_tokens: int | None,
    ) -> AsyncGenerator[str]:
        """One server's texts. Raises _Silent where it failed before the first."""
        begun, first, count, outcome = time.monotonic(), None, 0, "cancelled"
        traced = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "openai",
            "gen_ai.request.model": client.model,
            "server.address": client.base_url,
        }
        with self._tracing.span(f"chat {client.model}", traced, kind="CLIENT") as span:
            stream = client.stream(messages, max_tokens=max_tokens)
            try:
                async for text in stream:
                    if first is None:
                        first = time.monotonic() - begun
                        span.set("gen_ai.response.time_to_first_chunk", first)
                        breaker.worked()
                    count += 1
                    yield text
                breaker.worked()
                outcome = "ok"
            except EngineUnavailable as error:
                outcome = type(error).__name__
                breaker.failed()
                span.fail(outcome)
                if count:
                    raise
                raise _Silent(error) from error
            finally:
                await stream.aclose()
                # Pieces: what the server sent at once, about a token each.
                span.set("liveshop.pieces", count)
                self._told(client.model, outcome, first, count)


class _Silent(Exception):
    """A server failed before its first text."""

    def __init__(self, cause: EngineUnavailable) -> None:
        self.cause = cause
        super().__init__(str(cause))
