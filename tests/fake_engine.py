"""An OpenAI-compatible LLM server that does as it is told: the fake at the wire.

A real HTTP server on a free loopback port, in a thread of its own, so that blocking tests,
async tests and a service in another process can all use it:

    with FakeEngine("The mug holds 350 ml.") as engine:
        engine.queue("Hello.", Reply("Slow.", first_token_s=2), Reply(fault="break", fault_after=3))
        client = LlmClient(engine.base_url, engine.model, ...)

Replies queued are used first, one a request; then the default answers. `engine.requests` tells
what was asked, when, and whether the client hung up before the end.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, Self

Messages = list[dict[str, Any]]
Fault = Literal["none", "hang", "break", "garbage"]
TOKEN = re.compile(r"\s*(?:[A-Za-z]+|[0-9]+|.)|\s+", re.DOTALL)


@dataclass(frozen=True)
class Reply:
    """One scripted reply. Times are seconds.

    `status` other than 200 answers that status at once with an error body. A `fault` happens
    after `fault_after` tokens: "hang" sends nothing more until the client goes away, "break"
    resets the connection, "garbage" sends bytes that are not JSON and ends.
    """

    text: str = "好的。"
    first_token_s: float = 0.0
    next_token_s: float = 0.0
    status: int = 200
    fault: Fault = "none"
    fault_after: int = 0

    def tokens(self) -> list[str]:
        """The text in pieces about the size of a model's tokens."""
        return TOKEN.findall(self.text)


Answer = str | Reply | Callable[[Messages], "str | Reply"]


@dataclass
class Received:
    """One request: its JSON body, when it came (time.monotonic), and how it went."""

    body: dict[str, Any]
    headers: dict[str, str]
    at: float
    tokens_sent: int = 0
    finished: bool = False
    cancelled: bool = False
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def messages(self) -> Messages:
        messages: Messages = self.body["messages"]
        return messages

    @property
    def prompt(self) -> str:
        """All messages as one text, for looking for a word in it."""
        return "\n".join(str(message["content"]) for message in self.messages)


class _Broken(Exception):
    """The script says to reset the connection here."""


class FakeEngine:
    """The server; a context manager. `base_url` ends in /v1."""

    def __init__(self, default: Answer = Reply(), model: str = "fake-model") -> None:
        self.default = default
        self.model = model
        self.healthy = True
        self.requests: list[Received] = []
        self.running = 0
        self.peak_running = 0
        self._queue: deque[Answer] = deque()
        self._port = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._open: set[asyncio.Task[None]] = set()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._port}/v1"

    def queue(self, *answers: Answer) -> None:
        """Answers for the next requests, one each, before the default is used again."""
        self._queue.extend(answers)

    def wait_until_idle(self, timeout: float = 5.0) -> None:
        """Return when no request is being answered; TimeoutError after `timeout` seconds."""
        end = time.monotonic() + timeout
        for request in list(self.requests):
            if not request.ended.wait(max(0.0, end - time.monotonic())):
                raise TimeoutError(f"{self.running} requests still running after {timeout} s")

    def wait_for_requests(self, number: int, timeout: float = 5.0) -> None:
        """Return when `number` requests have come; TimeoutError after `timeout` seconds."""
        end = time.monotonic() + timeout
        while len(self.requests) < number:
            if time.monotonic() > end:
                raise TimeoutError(f"{len(self.requests)} requests came within {timeout} s")
            time.sleep(0.005)

    def __enter__(self) -> Self:
        self.up()
        return self

    def __exit__(self, *_: object) -> None:
        self.down()

    def up(self) -> None:
        """Listen; after `down`, again on the same port."""
        started = threading.Event()
        self._thread = threading.Thread(target=self._serve, args=(started,), name="fake-engine")
        self._thread.start()
        if not started.wait(10):
            raise RuntimeError("the fake engine did not start within 10 s")

    def down(self) -> None:
        """Drop every connection and stop listening, as a killed server does."""
        if self._loop is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()
            self._loop = self._thread = None

    def _serve(self, started: threading.Event) -> None:
        asyncio.run(self._run(started))

    async def _run(self, started: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        server = await asyncio.start_server(self._connection, "127.0.0.1", self._port)
        self._port = server.sockets[0].getsockname()[1]
        started.set()
        await self._stop.wait()
        server.close()
        for task in tuple(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        await asyncio.sleep(0)  # aborted transports close their sockets on the next turn

    async def _connection(self, reader: asyncio.StreamReader, out: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            while await self._one_request(reader, out):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError, _Broken):
            pass  # a cancelled handler would be reported as unhandled (CPython 3.11)
        finally:
            self._open.discard(task)
            out.transport.abort()

    async def _one_request(self, reader: asyncio.StreamReader, out: asyncio.StreamWriter) -> bool:
        """Answer one request on a kept-alive connection; False when the client has left."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        except asyncio.IncompleteReadError:
            return False
        method, path, _ = head[0].split(" ")
        pairs = (line.split(":", 1) for line in head[1:] if ":" in line)
        headers = {name.strip().lower(): value.strip() for name, value in pairs}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        if method == "POST" and path == "/v1/chat/completions":
            await self._completion(json.loads(body), headers, reader, out)
        elif path == "/v1/models":
            models = [{"id": self.model, "object": "model", "created": 0, "owned_by": "fake"}]
            _send(out, 200 if self.healthy else 503, {"object": "list", "data": models})
        elif path == "/health":
            _send(out, 200 if self.healthy else 503, {"status": "ok" if self.healthy else "no"})
        else:
            _send(out, 404, {"error": {"message": f"no route {path}", "code": 404}})
        await out.drain()
        return True

    async def _completion(
        self,
        body: dict[str, Any],
        headers: dict[str, str],
        reader: asyncio.StreamReader,
        out: asyncio.StreamWriter,
    ) -> None:
        request = Received(body, headers, time.monotonic())
        self.requests.append(request)
        answer = self._queue.popleft() if self._queue else self.default
        answer = answer(request.messages) if callable(answer) else answer
        reply = Reply(answer) if isinstance(answer, str) else answer
        self.running += 1
        self.peak_running = max(self.peak_running, self.running)
        work = asyncio.ensure_future(self._answer(reply, request, out))
        left = asyncio.ensure_future(_until_client_leaves(reader))
        try:
            await asyncio.wait((work, left), return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                request.cancelled = True
                raise ConnectionResetError
            work.result()
            request.finished = True
        finally:
            for task in (work, left):
                task.cancel()
            await asyncio.gather(work, left, return_exceptions=True)
            self.running -= 1
            request.ended.set()

    async def _answer(self, reply: Reply, request: Received, out: asyncio.StreamWriter) -> None:
        if reply.status != 200:
            _send(out, reply.status, {"error": {"message": "scripted", "code": reply.status}})
        elif request.body.get("stream"):
            await self._stream(reply, request, out)
        else:
            text = "".join([token async for token in self._tokens(reply, request, out)])
            message = {"role": "assistant", "content": text}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            _send(out, 200, self._object("chat.completion", [choice], _usage(request, reply)))

    async def _stream(self, reply: Reply, request: Received, out: asyncio.StreamWriter) -> None:
        out.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
            b"transfer-encoding: chunked\r\n\r\n"
        )

        def event(data: str) -> None:
            raw = f"data: {data}\n\n".encode()
            out.write(b"%x\r\n%b\r\n" % (len(raw), raw))

        def chunk(delta: dict[str, str], finish: str | None = None) -> None:
            choice = {"index": 0, "delta": delta, "finish_reason": finish}
            event(json.dumps(self._object("chat.completion.chunk", [choice])))

        chunk({"role": "assistant", "content": ""})
        async for token in self._tokens(reply, request, out):
            chunk({"content": token})
            await out.drain()
        if reply.fault == "garbage":
            event("{this is not JSON")
        chunk({}, "stop")
        if request.body.get("stream_options", {}).get("include_usage"):
            usage = _usage(request, reply)
            event(json.dumps(self._object("chat.completion.chunk", [], usage)))
        event("[DONE]")
        out.write(b"0\r\n\r\n")

    async def _tokens(
        self, reply: Reply, request: Received, out: asyncio.StreamWriter
    ) -> AsyncIterator[str]:
        """The reply's tokens at their times, up to its fault."""
        tokens = reply.tokens()
        limit = request.body.get("max_tokens") or request.body.get("max_completion_tokens")
        for number, token in enumerate(tokens[:limit]):
            if reply.fault != "none" and number >= reply.fault_after:
                break
            await asyncio.sleep(reply.next_token_s if number else reply.first_token_s)
            request.tokens_sent += 1
            yield token
        if reply.fault == "hang":
            await out.drain()
            await asyncio.Event().wait()
        if reply.fault == "break":
            await out.drain()
            await asyncio.sleep(0.02)  # what was written reaches the client before the reset
            raise _Broken

    def _object(
        self, kind: str, choices: list[dict[str, Any]], usage: dict[str, int] | None = None
    ) -> dict[str, Any]:
        made = {"id": "chatcmpl-fake", "object": kind, "created": 0, "model": self.model}
        return made | {"choices": choices} | ({"usage": usage} if usage else {})


def _send(out: asyncio.StreamWriter, status: int, body: dict[str, Any]) -> None:
    raw = json.dumps(body).encode()
    head = f"HTTP/1.1 {status} .\r\ncontent-type: application/json\r\n"
    out.write(f"{head}content-length: {len(raw)}\r\n\r\n".encode() + raw)


def _usage(request: Received, reply: Reply) -> dict[str, int]:
    asked, said = len(TOKEN.findall(request.prompt)), len(reply.tokens())
    return {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said}


async def _until_client_leaves(reader: asyncio.StreamReader) -> None:
    with contextlib.suppress(ConnectionError):
        await reader.read(1)


@contextlib.contextmanager
def fake_engine(*answers: Answer, default: Answer = Reply()) -> Iterator[FakeEngine]:
    """A running FakeEngine with `answers` queued."""
    with FakeEngine(default) as engine:
        engine.queue(*answers)
        yield engine
