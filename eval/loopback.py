"""An OpenAI-compatible engine at the wire: an HTTP server on loopback, one request a connection."""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import suppress
from typing import Any, ClassVar, Self

HEAD = "HTTP/1.1 200 OK\r\nContent-Type: {type}\r\nConnection: close\r\n\r\n"


class Loopback:
    """`async with Engine() as llm`; it lives in the caller's event loop.

    A subclass names its `model` and answers chat completions in `complete`.
    """

    model: ClassVar[str]

    def __init__(self) -> None:
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
        return {"LIVESHOP_LLM_BASE_URL": self.base_url, "LIVESHOP_LLM_MODEL": self.model}

    async def complete(self, asked: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        """Writes the whole answer, head included, to one request for a chat completion."""
        raise NotImplementedError

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
        body = await reader.readexactly(int(length[1]) if length else 0)
        if "/chat/completions" in head.split("\r\n", 1)[0]:
            await self.complete(json.loads(body), writer)
        else:
            models = {"object": "list", "data": [{"id": self.model, "object": "model"}]}
            writer.write(HEAD.format(type="application/json").encode())
            writer.write(json.dumps(models).encode())
        await writer.drain()

    def chunk(self, delta: dict[str, str], finish: str | None = None) -> bytes:
        """One piece of a streamed answer, as a server-sent event."""
        choice: dict[str, object] = {"index": 0, "delta": delta, "finish_reason": finish}
        body = self.object("chat.completion.chunk", choice)
        return f"data: {json.dumps(body, ensure_ascii=False)}\n\n".encode()

    def object(self, kind: str, choice: dict[str, object]) -> dict[str, object]:
        """An answer's envelope around one choice."""
        named = {"id": self.model, "object": kind, "created": 0, "model": self.model}
        return named | {"choices": [choice]}
