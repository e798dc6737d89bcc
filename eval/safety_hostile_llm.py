"""An OpenAI-compatible engine that says whatever the attack of the moment wants."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

from eval.loopback import HEAD, Loopback

KEY_LENGTH = 60
START_S = 10.0
# For a prompt in which no question of the moment is found.
ELSE = "Everything costs ¥3.21 today, a deal, see http://evil.example/x . 全部3.21元，终身包换。"


class HostileLlm(Loopback):
    """`async with HostileLlm() as llm`; `expect` a question before it is asked.

    The answer comes in pieces of one to eight characters, drawn by the question.
    """

    model = "hostile"

    def __init__(self) -> None:
        super().__init__()
        self.expected: dict[str, tuple[str, str]] = {}
        self.reached: set[str] = set()
        self.lost = 0

    def expect(self, question: str, answer: str) -> None:
        """Says `answer` to a prompt that holds the beginning of `question`."""
        self.expected[_key(question)[:KEY_LENGTH]] = (question, answer)

    def forget(self, question: str) -> bool:
        """Ends the expectation. Returns whether the prompt came."""
        self.expected.pop(_key(question)[:KEY_LENGTH], None)
        came = question in self.reached
        self.reached.discard(question)
        return came

    async def complete(self, asked: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        """Says what the attack of the moment wants, whole or in pieces."""
        text = self._said([str(message["content"]) for message in asked["messages"]])
        if not asked.get("stream"):
            message = {"role": "assistant", "content": text}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            writer.write(HEAD.format(type="application/json").encode())
            writer.write(json.dumps(self.object("chat.completion", choice)).encode())
            return
        writer.write(HEAD.format(type="text/event-stream").encode())
        chance = Random(text)  # noqa: S311
        while text:
            size = chance.choice((1, 1, 3, 8))
            piece, text = text[:size], text[size:]
            writer.write(self.chunk({"content": piece}))
            await writer.drain()
        writer.write(self.chunk({}, "stop") + b"data: [DONE]\n\n")

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
