"""The client of the language model: any OpenAI-compatible server, through LangChain."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Literal, Self
from urllib.parse import urlsplit

import httpx2
import openai
from langchain.messages import AIMessage, AIMessageChunk, AnyMessage, HumanMessage, SystemMessage
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from assistant.errors import EngineTooSlow, EngineUnavailable

TEMPERATURE = 0.0  # the same question gets the same answer
WAITING_PER_SLOT = 4
CONNECT_S = 2.0
READY_S = 2.0

Message = tuple[Literal["system", "user", "assistant"], str]
_KINDS: dict[str, type[SystemMessage] | type[HumanMessage] | type[AIMessage]] = {
    "system": SystemMessage,
    "user": HumanMessage,
    "assistant": AIMessage,
}


class _Completions:
    """The completions of an OpenAI client, as what JSON says and no more.

    To check each message against every type that the API knows, and to make a model of each
    token and take it apart again, took a third of the time that a request needs before it is
    sent (`liveshop bench service`, overhead).
    """

    def __init__(self, client: openai.AsyncOpenAI) -> None:
        self._client = client

    async def create(self, **body: Any) -> openai.AsyncStream[object]:
        """A stream of chunks as dicts; `body` is the request's JSON. Raises openai.OpenAIError."""
        return await self._client.post(
            "/chat/completions",
            body=body,
            cast_to=object,
            stream=True,
            stream_cls=openai.AsyncStream[object],
        )


class LlmClient:
    """Streams completions from the server at `base_url`, which ends in /v1.

    At most `concurrency` generations run at once and WAITING_PER_SLOT times as many wait. The
    wait for a place counts into `first_token_s`; `next_token_s` is the longest silence between
    texts. Close it, or use it as an async context manager, when the service ends.
    """

    def __init__(
        self,
        base_url: str,
        model: str,
        api_key: str,
        first_token_s: float,
        next_token_s: float,
        max_tokens: int,
        concurrency: int,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.model = model
        self._first_token_s = first_token_s
        self._next_token_s = next_token_s
        self._max_tokens = max_tokens
        self._places = asyncio.Semaphore(concurrency)
        self._most_waiting = concurrency * WAITING_PER_SLOT
        self._waiting = 0
        loopback = urlsplit(base_url).hostname in ("127.0.0.1", "::1", "localhost")
        self._http = httpx2.AsyncClient(
            timeout=httpx2.Timeout(None, connect=CONNECT_S),  # the deadlines are kept here
            # On loopback a fresh connection costs nothing and is never a stale one.
            limits=httpx2.Limits(
                max_keepalive_connections=0 if loopback else concurrency, keepalive_expiry=2.0
            ),
            trust_env=not loopback,
        )
        self._openai = openai.AsyncOpenAI(
            base_url=self.base_url, api_key=api_key, http_client=self._http, max_retries=0
        )
        self._chat = ChatOpenAI(
            model=model,
            base_url=self.base_url,
            api_key=SecretStr(api_key),
            temperature=TEMPERATURE,
            max_retries=0,
            stream_usage=False,
            stream_chunk_timeout=None,
            use_responses_api=False,
            async_client=_Completions(self._openai),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections to the server."""
        await self._http.aclose()

    async def ready(self) -> bool:
        """Whether the server answers and has the model, within READY_S seconds."""
        try:
            models = await self._openai.models.list(timeout=READY_S)
        except openai.OpenAIError:
            return False
        return any(model.id == self.model for model in models.data)

    async def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int | None = None,
        stop: Sequence[str] = (),
    ) -> AsyncGenerator[str]:
        """The reply's text in the pieces in which the server sends it.

        Closing the generator aborts the request at the server before it returns. Raises
        EngineTooSlow when a deadline passes, EngineUnavailable when the server cannot be reached,
        refuses, breaks off or sends nonsense, or when too many wait already. Nothing is tried
        twice.
        """
        texts: asyncio.Queue[str | None] = asyncio.Queue()
        asked = [_KINDS[role](content) for role, content in messages]
        limit = min(max_tokens or self._max_tokens, self._max_tokens)
        # In a task of its own, a cancelled request unwinds through every library to the socket.
        work = asyncio.create_task(self._generate(asked, limit, list(stop), texts.put_nowait))
        work.add_done_callback(lambda _: texts.put_nowait(None))
        try:
            while (text := await texts.get()) is not None:
                yield text
            await work
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)

    async def _generate(
        self, asked: Sequence[AnyMessage], limit: int, stop: list[str], give: Callable[[str], None]
    ) -> None:
        """Generate one reply, giving its texts as they come, within the deadlines."""
        deadline = time.monotonic() + self._first_token_s
        silent = f"no first token within {self._first_token_s:g} s"
        finished = False
        async with self._place(deadline):
            chunks = self._chat.astream(list(asked), max_tokens=limit, stop=stop or None)
            while True:
                chunk = await self._next(chunks, deadline, silent)
                if chunk is None:
                    break
                finished = finished or "finish_reason" in chunk.response_metadata
                if text := str(chunk.text):
                    give(text)
                    deadline = time.monotonic() + self._next_token_s
                    silent = f"silent for {self._next_token_s:g} s in the middle of a reply"
        if not finished:
            raise EngineUnavailable(f"{self.base_url} broke off in the middle of a reply")

    async def _next(
        self, chunks: AsyncIterator[AIMessageChunk], deadline: float, silent: str
    ) -> AIMessageChunk | None:
        """The next chunk, None after the last; every failure as one of this project's errors."""
        try:
            async with asyncio.timeout(max(0.0, deadline - time.monotonic())):
                return await anext(chunks, None)
        except (TimeoutError, openai.APITimeoutError) as error:
            raise EngineTooSlow(f"{self.base_url}: {silent}") from error
        except openai.APIStatusError as error:
            raise EngineUnavailable(
                f"{self.base_url} answered HTTP {error.status_code} for model {self.model!r}: "
                f"{error.message[:200]}"
            ) from error
        except (openai.APIConnectionError, httpx2.HTTPError) as error:
            raise EngineUnavailable(f"{self.base_url} cannot be reached or broke off") from error
        except Exception as error:  # a server may send anything at all
            raise EngineUnavailable(
                f"{self.base_url} sent what is no completion: {type(error).__name__}"
            ) from error

    @asynccontextmanager
    async def _place(self, deadline: float) -> AsyncIterator[None]:
        """One of the places for running generations, waited for until `deadline` (monotonic)."""
        if self._places.locked() and self._waiting >= self._most_waiting:
            raise EngineUnavailable(
                f"{self.base_url}: every place is taken and {self._waiting} turns wait already; "
                "raise LIVESHOP_LLM_CONCURRENCY where the server can do more"
            )
        self._waiting += 1
        try:
            async with asyncio.timeout(max(0.0, deadline - time.monotonic())):
                await self._places.acquire()
        except TimeoutError as error:
            raise EngineTooSlow(
                f"{self.base_url}: no free place within {self._first_token_s:g} s"
            ) from error
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._places.release()
