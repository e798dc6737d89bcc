"""An OpenAI-compatible engine of stated speed, which notes when what happened at the wire."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

MODEL = "fake"
_TOKEN = re.compile(r"\s*(?:[A-Za-z']+|[0-9]+|.)", re.DOTALL)
_HEAD = "HTTP/1.1 200 OK\r\nContent-Type: {type}\r\nConnection: close\r\n\r\n"


@dataclass(slots=True)
class Generation:
    """One request. Moments are time.monotonic seconds; `complete` has one for each sentence."""

    received: float
    complete: dict[str, float] = field(default_factory=dict)


class FakeLlm:
    """Streams the same sentences to every request: `async with FakeLlm(...) as llm`.

    `first_token_s` may be changed while it runs. It lives in the caller's event loop.
    """

    def __init__(
        self, sentences: Sequence[str], tokens_per_s: float, first_token_s: float = 0.0
    ) -> None:
        self.sentences, self.tokens_per_s = tuple(sentences), tokens_per_s
        self.first_token_s = first_token_s
        self.generations: list[Generation] = []
        self.base_url = ""
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.base_url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server:
            self._server.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    @property
    def settings(self) -> dict[str, str]:
        """The LIVESHOP_ settings by which a service uses this engine."""
        return {"LIVESHOP_LLM_BASE_URL": self.base_url, "LIVESHOP_LLM_MODEL": MODEL}

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if task := asyncio.current_task():
            self._serving.add(task)
            task.add_done_callback(self._serving.discard)
        # A service that hangs up in mid-stream is part of the measurement; so is the end of it,
        # which the stream's own callback would print as an error.
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            try:
                await self._answer(reader, writer)
            finally:
                writer.close()
                await writer.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        length = re.search(r"content-length:\s*(\d+)", head, re.I)
        await reader.readexactly(int(length[1]) if length else 0)
        if "/chat/completions" in head.split("\r\n", 1)[0]:
            await self._generate(writer)
        else:
            models = {"object": "list", "data": [{"id": MODEL, "object": "model"}]}
            writer.write(_HEAD.format(type="application/json").encode())
            writer.write(json.dumps(models).encode())
        await writer.drain()

    async def _generate(self, writer: asyncio.StreamWriter) -> None:
        generation = Generation(received=time.monotonic())
        self.generations.append(generation)
        writer.write(_HEAD.format(type="text/event-stream").encode())
        await writer.drain()
        due = time.monotonic() + self.first_token_s
        for sentence in self.sentences:
            for token in _TOKEN.findall(sentence):
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                due += 1 / self.tokens_per_s
                writer.write(_chunk({"content": token}))
                await writer.drain()
            generation.complete[sentence] = time.monotonic()
        writer.write(_chunk({}, "stop") + b"data: [DONE]\n\n")


def _chunk(delta: dict[str, str], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    body = {"id": "fake", "object": "chat.completion.chunk", "created": 0, "model": MODEL}
    return f"data: {json.dumps(body | {'choices': [choice]}, ensure_ascii=False)}\n\n".encode()
