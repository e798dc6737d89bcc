"""An OpenAI-compatible engine of stated speed, which notes when what happened at the wire."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from eval.loopback import HEAD, Loopback

_TOKEN = re.compile(r"\s*(?:[A-Za-z']+|[0-9]+|.)", re.DOTALL)


@dataclass(slots=True)
class Generation:
    """One request. Moments are time.monotonic seconds; `complete` has one for each sentence."""

    received: float
    complete: dict[str, float] = field(default_factory=dict)


class FakeLlm(Loopback):
    """Streams the same sentences to every request: `async with FakeLlm(...) as llm`.

    `first_token_s` may be changed while it runs.
    """

    model = "fake"

    def __init__(
        self, sentences: Sequence[str], tokens_per_s: float, first_token_s: float = 0.0
    ) -> None:
        super().__init__()
        self.sentences, self.tokens_per_s = tuple(sentences), tokens_per_s
        self.first_token_s = first_token_s
        self.generations: list[Generation] = []

    async def complete(self, asked: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        """Streams the sentences, a token at a time."""
        generation = Generation(received=time.monotonic())
        self.generations.append(generation)
        writer.write(HEAD.format(type="text/event-stream").encode())
        await writer.drain()
        due = time.monotonic() + self.first_token_s
        for sentence in self.sentences:
            for token in _TOKEN.findall(sentence):
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                due += 1 / self.tokens_per_s
                writer.write(self.chunk({"content": token}))
                await writer.drain()
            generation.complete[sentence] = time.monotonic()
        writer.write(self.chunk({}, "stop") + b"data: [DONE]\n\n")
