"""The bus of several processes: Redis Streams.

Two kinds of stream. All processes read `liveshop:said`, each from where it stood: topics to wake
and words to all. Each has an inbox of its own, for calls to it and for the answers to its calls.
There are no consumer groups: what everybody must hear is not to be shared out, and which process
works on a room is decided by the records (`store.owners`), under whose epoch it writes. So Redis
holds nothing that could be lost: while it is down every listener here looks again each second.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Literal, Self, cast
from uuid import uuid4

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from assistant.errors import Busy, Conflict, LiveshopError, NotFound, RoomMoved
from assistant.live.bus import Carried, Heard, InProcessBus

log = logging.getLogger(__name__)
SAID = "liveshop:said"
INBOX = "liveshop:inbox:"
KEPT = 10_000
READ_AT_ONCE = 500
BLOCK_MS = 1000
ANSWER_S = 3.0
CONNECT_S = 2.0
RUN_S = 0.5
RETRY_S = 1.0
INBOX_LIFE_S = 60
MOST_UNSENT = 10_000
MOST_CALLS = 256
CAUSES: dict[str, type[LiveshopError]] = {
    one.__name__: one for one in (NotFound, Conflict, Busy, RoomMoved)
}


class RedisBus(InProcessBus):
    """Wakes listeners here and, through Redis, in the other processes. An async context.

    `told` hears of the server: ok, or degraded and why.
    """

    def __init__(
        self, url: str, told: Callable[[Literal["ok", "degraded"], str], None] = lambda *_: None
    ) -> None:
        """Opens nothing yet."""
        super().__init__()
        self.me: str = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
        self._redis = Redis.from_url(
            url,
            decode_responses=True,
            socket_connect_timeout=CONNECT_S,
            socket_timeout=BLOCK_MS / 1000 + CONNECT_S,
            retry=Retry(NoBackoff(), 0),
        )
        self._unsent: dict[tuple[str, str], None] = {}
        self._news = asyncio.Event()
        self._heard: dict[str, list[Heard]] = {}
        self._carried: Carried | None = None
        self._answers: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._carrying: set[asyncio.Task[None]] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._told = told
        # A cancellation can be lost inside the client: the tasks look here too.
        self._closing = False
        self.up = False

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(one()) for one in (self._read, self._send)]
        return self

    async def __aexit__(self, *_: object) -> None:
        self.up, self._closing = False, True
        with suppress(RedisError, OSError, TimeoutError):
            async with asyncio.timeout(CONNECT_S):
                await self._flush()
                await self._redis.delete(INBOX + self.me)
        for task in (*self._tasks, *self._carrying):
            task.cancel()
        await asyncio.gather(*self._tasks, *self._carrying, return_exceptions=True)
        await self._redis.aclose()

    # Out

    def publish(self, topic: str) -> None:
        super().publish(topic)
        self._put("wake", topic)

    def say(self, kind: str, words: list[str]) -> None:
        self._put(kind, json.dumps(words, ensure_ascii=False))

    def _put(self, kind: str, word: str) -> None:
        """Keep it to be sent; the same twice is sent once, and the oldest goes beyond a bound."""
        self._unsent[kind, word] = None
        if len(self._unsent) > MOST_UNSENT:
            del self._unsent[next(iter(self._unsent))]
        self._news.set()

    async def _send(self) -> None:
        while not self._closing:
            await self._news.wait()
            self._news.clear()
            try:
                await self._flush()
            except (RedisError, OSError) as error:
                self._down(error)
                await asyncio.sleep(RETRY_S)
                self._news.set()

    async def _flush(self) -> None:
        while self._unsent:
            batch = list(self._unsent)[:READ_AT_ONCE]
            async with self._redis.pipeline(transaction=False) as pipe:
                for kind, word in batch:
                    entry = {"from": self.me, "kind": kind, "word": word}
                    pipe.xadd(SAID, cast(Any, entry), maxlen=KEPT, approximate=True)
                await pipe.execute()
            for one in batch:
                self._unsent.pop(one, None)

    # In

    async def _read(self) -> None:
        inbox = INBOX + self.me
        after: dict[str, str] = {}
        while not self._closing:
            try:
                if not after:
                    last = await self._redis.xrevrange(SAID, count=1)
                    after = {SAID: str(last[0][0]) if last else "0-0", inbox: "0-0"}
                # The inbox of a process that dies goes by itself.
                await self._redis.expire(inbox, INBOX_LIFE_S)
                found: Any = await self._redis.xread(
                    cast(Any, after), count=READ_AT_ONCE, block=BLOCK_MS
                )
                self._is_up()
                for stream, entries in _by_stream(found):
                    for entry_id, entry in entries:
                        after[stream] = entry_id
                        if stream == SAID:
                            self._take_said(entry)
                        else:
                            await self._redis.xdel(inbox, entry_id)
                            self._take_own(entry)
            except (RedisError, OSError) as error:
                self._down(error)
                self.publish_all()
                await asyncio.sleep(RETRY_S)
            except (ValueError, KeyError, TypeError) as error:
                log.error("the bus read what it did not understand", exc_info=error)

    def _is_up(self) -> None:
        if not self.up:
            self.up = True
            self._told("ok", f"this process is {self.me}")
            self.publish_all()

    def _down(self, error: Exception) -> None:
        if self.up:
            log.error("the bus is down, processes hear one another late: %s", error)
        self.up = False
        self._told("degraded", f"Redis does not answer: {error}")

    def _take_said(self, entry: dict[str, str]) -> None:
        if entry["from"] == self.me:
            return
        if entry["kind"] == "wake":
            super().publish(entry["word"])
        for heard in self._heard.get(entry["kind"], ()):
            heard(json.loads(entry["word"]))

    def hear(self, kind: str, heard: Heard) -> None:
        self._heard.setdefault(kind, []).append(heard)

    # Calls

    def serve(self, carried: Carried) -> None:
        self._carried = carried

    def _take_own(self, entry: dict[str, str]) -> None:
        if entry["kind"] == "answer":
            waiting = self._answers.get(entry["id"])
            if waiting and not waiting.done():
                waiting.set_result(json.loads(entry["word"]))
        elif len(self._carrying) < MOST_CALLS:
            task = asyncio.create_task(self._carry_out(entry))
            self._carrying.add(task)
            task.add_done_callback(self._carrying.discard)

    async def _carry_out(self, entry: dict[str, str]) -> None:
        asked = json.loads(entry["word"])
        answer: dict[str, Any]
        try:
            if self._carried is None:
                raise RoomMoved("this process takes no calls yet")
            answer = {"value": await self._carried(asked["room"], asked["what"], asked["given"])}
        except (NotFound, Conflict, Busy) as error:
            answer = {"error": type(error).__name__, "message": str(error)}
        except Exception as error:
            log.error("a call for room %s failed", asked["room"], exc_info=error)
            answer = {"error": "Busy", "message": f"room {asked['room']!r} could not do it now"}
        with suppress(RedisError, OSError):
            await self._to(entry["from"], "answer", entry["id"], answer)

    async def _to(self, process: str, kind: str, call: str, word: dict[str, Any]) -> None:
        entry = {
            "from": self.me,
            "kind": kind,
            "id": call,
            "word": json.dumps(word, ensure_ascii=False),
        }
        await self._redis.xadd(INBOX + process, cast(Any, entry), maxlen=KEPT, approximate=True)
        await self._redis.expire(INBOX + process, INBOX_LIFE_S)

    async def call(self, process: str, room: str, what: str, given: dict[str, Any]) -> Any:
        call = uuid4().hex
        future = self._answers[call] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(ANSWER_S):
                word = {"room": room, "what": what, "given": given}
                await self._to(process, "call", call, word)
                answer = await future
        except (RedisError, OSError) as error:
            raise RoomMoved(f"room {room!r} cannot be reached: {error}") from error
        finally:
            del self._answers[call]
        if "error" in answer:
            raise CAUSES[answer["error"]](answer["message"])
        return answer["value"]

    async def run(self, script: str, key: str, *given: float) -> Any:
        """What a Lua script gives at the server. Raises Busy, at once while it is away."""
        if not self.up:
            raise Busy("Redis is away")
        try:
            async with asyncio.timeout(RUN_S):
                given_as_text = [repr(one) for one in given]
                return await cast(Any, self._redis.eval(script, 1, key, *given_as_text))
        except (RedisError, OSError) as error:
            raise Busy(f"Redis does not answer: {error}") from error


async def version_at(url: str) -> str:
    """The version of the server at `url`. Raises Busy where it does not answer."""
    async with Redis.from_url(
        url, socket_connect_timeout=CONNECT_S, socket_timeout=CONNECT_S
    ) as at:
        try:
            return str((await at.info("server"))["redis_version"])
        except (RedisError, OSError) as error:
            raise Busy(f"Redis does not answer: {error}") from error


def _by_stream(found: Any) -> list[tuple[str, list[tuple[str, dict[str, str]]]]]:
    """XREAD's reply in either protocol: pairs, or a mapping to lists of pages."""
    if isinstance(found, dict):
        return [(name, [e for page in pages for e in page]) for name, pages in found.items()]
    return [(name, entries) for name, entries in found or ()]
