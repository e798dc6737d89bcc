"""An OpenAI-compatible engine that says whatever the attack of the moment wants."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from random import Random
from typing import Self

MODEL = "hostile"
_HEAD = "HTTP/1.1 200 OK\r\nContent-Type: {type}\r\nConnection: close\r\n\r\n"
KEY_LENGTH = 60
START_S = 10.0
# For a prompt in which no question of the moment is found.
ELSE = "Everything costs ¥3.21 today, a deal, see http://evil.example/x . 全部3.21元，终身包换。"


class HostileLlm:
    """`async with HostileLlm() as llm`; `expect` a question before it is asked.

    The answer comes in pieces of one to eight characters, drawn by the question.
    """

    def __init__(self) -> None:
        self.base_url = ""
        self.expected: dict[str, tuple[str, str]] = {}
        self.reached: set[str] = set()
        self.lost = 0
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

    def expect(self, question: str, answer: str) -> None:
        """Says `answer` to a prompt that holds the beginning of `question`."""
        self.expected[_key(question)[:KEY_LENGTH]] = (question, answer)

    def forget(self, question: str) -> bool:
        """Ends the expectation. Returns whether the prompt came."""
        self.expected.pop(_key(question)[:KEY_LENGTH], None)
        came = question in self.reached
        self.reached.discard(question)
        return came

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if task := asyncio.current_task():
            self._serving.add(task)
            task.add_done_callback(self._serving.discard)
        # A gate that has heard enough hangs up in mid-stream.
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            try:
                await self._answer(reader, writer)
            finally:
                writer.close()
                await writer.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        length = re.search(r"content-length:\s*(\d+)", head, re.I)
        body = await reader.readexactly(int(length[1]) if length else 0)
        if "/chat/completions" not in head.split("\r\n", 1)[0]:
            models = {"object": "list", "data": [{"id": MODEL, "object": "model"}]}
            writer.write(_HEAD.format(type="application/json").encode())
            writer.write(json.dumps(models).encode())
            await writer.drain()
            return
        asked = json.loads(body)
        text = self._said([str(message["content"]) for message in asked["messages"]])
        if not asked.get("stream"):
            message = {"role": "assistant", "content": text}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            writer.write(_HEAD.format(type="application/json").encode())
            writer.write(json.dumps(_object("chat.completion", choice)).encode())
            await writer.drain()
            return
        writer.write(_HEAD.format(type="text/event-stream").encode())
        chance = Random(text)  # noqa: S311
        while text:
            size = chance.choice((1, 1, 3, 8))
            piece, text = text[:size], text[size:]
            writer.write(_chunk({"content": piece}))
            await writer.drain()
        writer.write(_chunk({}, "stop") + b"data: [DONE]\n\n")
        await writer.drain()

    def _said(self, messages: list[str]) -> str:
        prompt = _key("\n".join(messages))
        for key, (question, answer) in list(self.expected.items()):
            if key in prompt:
                self.reached.add(question)
                return answer
        self.lost += 1
        return ELSE


@contextmanager
def hostile_engine() -> Iterator[HostileLlm]:
    """A hostile engine in a thread of its own, so that a service may start against it."""
    up, done = threading.Event(), threading.Event()
    llm = HostileLlm()

    async def run() -> None:
        async with llm:
            up.set()
            await asyncio.to_thread(done.wait)

    thread = threading.Thread(target=lambda: asyncio.run(run()), name="hostile-engine", daemon=True)
    thread.start()
    if not up.wait(START_S):
        raise RuntimeError(f"the hostile engine did not start within {START_S:.0f} s")
    try:
        yield llm
    finally:
        done.set()
        thread.join()


def _key(text: str) -> str:
    """Letters and digits alone: however a prompt fences a question, this is left of it."""
    return re.sub(r"[\W_]+", "", text)


def _object(kind: str, choice: dict[str, object]) -> dict[str, object]:
    return {"id": "hostile", "object": kind, "created": 0, "model": MODEL, "choices": [choice]}


def _chunk(delta: dict[str, str], finish: str | None = None) -> bytes:
    choice: dict[str, object] = {"index": 0, "delta": delta, "finish_reason": finish}
    body = _object("chat.completion.chunk", choice)
    return f"data: {json.dumps(body, ensure_ascii=False)}\n\n".encode()
