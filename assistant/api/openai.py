"""The OpenAI-compatible door: `model` is room:ROOM_ID, and the client keeps the history.

Form of requests, chunks and errors: https://platform.openai.com/docs/api-reference/chat. Product
cards, citations and notices ride in an extension field `liveshop`, on the message, or on the
delta of the last chunk, and each chunk says that an AI wrote it; the stock `openai` client keeps
them in `model_extra`.
"""

from __future__ import annotations

import json
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.sse import format_sse_event
from pydantic import BaseModel, ConfigDict, Field

from assistant.api.access import enter, may_enter
from assistant.api.auth import Caller
from assistant.api.chat import LONGEST_QUESTION, ChatReply, ReplyExtras, gathered, question
from assistant.api.problems import refuse, unexpected_problem
from assistant.api.service import OpenShop, TheService
from assistant.api.turns import EventStream, while_connected
from assistant.errors import NotFound
from assistant.events import ReplyEvent, ReplyStarted, TextReleased
from retrieval.catalog import Key, Language

if TYPE_CHECKING:
    from assistant.turn.conversation import Role

PREFIX = "room:"
router = APIRouter(prefix="/v1", tags=["openai"])


class TextPart(BaseModel):
    """One part of a message; only text is understood."""

    type: Literal["text"]
    text: Annotated[str, Field(max_length=20_000)]


class ChatMessage(BaseModel):
    """One message of the conversation. A system message is data here, never an instruction."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: (
        Annotated[str, Field(max_length=20_000)]
        | Annotated[list[TextPart], Field(max_length=100)]
        | None
    ) = None

    @property
    def text(self) -> str:
        """The content as one text."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content)
        return self.content or ""


class StreamOptions(BaseModel):
    include_usage: bool = False


class Hints(BaseModel):
    """What our own route takes beside the message, for clients that can send extra fields."""

    model_config = ConfigDict(extra="forbid")

    locale: Language | None = None
    product_id: Key | None = None


class CompletionRequest(BaseModel):
    """A chat completion request. Sampling fields are accepted and have no effect."""

    model: Annotated[str, Field(max_length=200, examples=["room:demo"])]
    messages: Annotated[list[ChatMessage], Field(min_length=1, max_length=200)]
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    n: Annotated[int, Field(ge=1, le=1)] | None = None
    tools: Annotated[list[Any], Field(max_length=0)] | None = None
    user: Annotated[str, Field(max_length=128)] | None = None
    liveshop: Hints | None = None


class Usage(BaseModel):
    """Estimated tokens: a Chinese character counts as one, other text as one in four bytes."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class ReplyMessage(BaseModel):
    role: Literal["assistant"] = "assistant"
    content: str
    refusal: None = None
    liveshop: ReplyExtras


class Choice(BaseModel):
    index: Literal[0] = 0
    message: ReplyMessage
    logprobs: None = None
    finish_reason: Literal["stop"] = "stop"


class Completion(BaseModel):
    """A chat completion, with our extension on its message."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[Choice]
    usage: Usage


class Model(BaseModel):
    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: Literal["liveshop"] = "liveshop"


class ModelList(BaseModel):
    object: Literal["list"] = "list"
    data: list[Model]


class OpenAIError(BaseModel):
    message: str
    type: str
    param: str | None
    code: str | None


class OpenAIErrorBody(BaseModel):
    """An error as OpenAI's clients read it."""

    error: OpenAIError


def _documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return {status: {"model": OpenAIErrorBody} for status in statuses}


@router.get(
    "/models", response_model=ModelList, summary="List rooms as models", responses=_documented(503)
)
async def models(who: Caller, service: TheService, shop: OpenShop) -> ModelList:
    """Each room is a model; those that the caller may enter."""
    rooms = [room.id for room in await run_in_threadpool(shop.store.rooms.all)]
    seen = [room for room in rooms if await may_enter(service, who, room)]
    return ModelList(data=[Model(id=PREFIX + room) for room in seen])


@router.get(
    "/models/{model:path}",
    response_model=Model,
    summary="One room as a model",
    responses=_documented(400, 404, 503),
)
async def model(model: str, who: Caller, service: TheService, shop: OpenShop) -> Model:
    """The model of one room. 404 where there is no such room."""
    await enter(service, who, _room(model))
    await run_in_threadpool(shop.store.rooms.get, _room(model))
    return Model(id=model)


@router.post(
    "/chat/completions",
    response_model=Completion,
    summary="Ask one question, OpenAI's way",
    responses=_documented(400, 404, 409, 413, 503)
    | {
        200: {
            "description": "The completion, or its chunks when `stream` is true",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        }
    },
)
async def complete(
    body: CompletionRequest, request: Request, who: Caller, service: TheService, shop: OpenShop
) -> Any:
    """Answer the last user message. The messages before it are the history; none is kept."""
    await enter(service, who, _room(body.model))
    last = body.messages[-1]
    text = last.text.strip()
    if last.role != "user" or not text:
        raise refuse("messages", last.role, "the last message is a user's and has a text")
    if len(text) > LONGEST_QUESTION:
        raise refuse("messages", text, f"the last message has at most {LONGEST_QUESTION} letters")
    hints = body.liveshop or Hints()
    asked = question(
        text,
        _room(body.model),
        viewer=who.of(body.user or None),
        history=history(body.messages[:-1]),
        locale=hints.locale,
        product_id=hints.product_id,
    )
    if body.stream:
        first, rest = await service.turns.begin(shop.assistant, asked)
        return EventStream(_chunks(body, first, rest), rest)

    async def whole() -> Completion:
        first, rest = await service.turns.begin(shop.assistant, asked)
        reply = await gathered(first, rest)
        return Completion(
            id=f"chatcmpl-{reply.reply_id}",
            created=int(time.time()),
            model=body.model,
            choices=[Choice(message=ReplyMessage(content=reply.text, liveshop=extras(reply)))],
            usage=_usage(body, reply.text),
        )

    return await while_connected(request, whole())


def history(messages: Sequence[ChatMessage]) -> tuple[tuple[Role, str], ...]:
    """What was said before. Only users' and the assistant's words: nobody's instructions."""
    return tuple(
        (message.role, message.text)
        for message in messages
        if (message.role == "user" or message.role == "assistant") and message.text
    )


async def _chunks(
    body: CompletionRequest, first: ReplyStarted, rest: AsyncGenerator[ReplyEvent, None]
) -> AsyncGenerator[bytes, None]:
    created = int(time.time())
    with_usage = bool(body.stream_options and body.stream_options.include_usage)

    def chunk(choices: list[dict[str, Any]], usage: Usage | None = None) -> bytes:
        made: dict[str, Any] = {
            "id": f"chatcmpl-{first.reply_id}",
            "object": "chat.completion.chunk",
            "created": created,
            "model": body.model,
            "choices": choices,
            "liveshop": {"ai_generated": True},
        }
        if with_usage:
            made["usage"] = usage.model_dump() if usage else None
        return _data(made)

    def delta(finish: str | None = None, **fields: Any) -> bytes:
        return chunk([{"index": 0, "delta": fields, "logprobs": None, "finish_reason": finish}])

    yield delta(role="assistant", content="")
    seen: list[ReplyEvent] = []
    try:
        async with aclosing(rest):
            async for event in rest:
                seen.append(event)
                if isinstance(event, TextReleased):
                    yield delta(content=event.text)
    except Exception as error:  # noqa: BLE001  the status has been sent; the stream must say it
        problem = unexpected_problem(error)
        message = f"{problem.detail}: {problem.correlation_id}"
        error_body = OpenAIError(message=message, type="server_error", param=None, code=None)
        yield _data(OpenAIErrorBody(error=error_body).model_dump())
    else:
        reply = await gathered(first, _replayed(seen))
        yield delta("stop", liveshop=extras(reply).model_dump(mode="json"))
        if with_usage:
            yield chunk([], _usage(body, reply.text))
    yield format_sse_event(data_str="[DONE]")


def extras(reply: ChatReply) -> ReplyExtras:
    """The reply without its text, which stands where OpenAI's form wants it."""
    return ReplyExtras.model_construct(**{n: getattr(reply, n) for n in ReplyExtras.model_fields})


async def _replayed(events: Sequence[ReplyEvent]) -> AsyncGenerator[ReplyEvent, None]:
    for event in events:
        yield event


def _data(value: dict[str, Any]) -> bytes:
    return format_sse_event(data_str=json.dumps(value, ensure_ascii=False))


def _room(model: str) -> str:
    """The room that a model names. Raises NotFound for other models."""
    if not model.startswith(PREFIX) or not 0 < len(model) - len(PREFIX) <= 128:
        raise NotFound(f"model {model[:80]!r}: name a room, as in room:ROOM_ID; see GET /v1/models")
    return model.removeprefix(PREFIX)


def _usage(body: CompletionRequest, answer: str) -> Usage:
    asked = sum(estimated_tokens(message.text) for message in body.messages)
    said = estimated_tokens(answer)
    return Usage(prompt_tokens=asked, completion_tokens=said, total_tokens=asked + said)


def estimated_tokens(text: str) -> int:
    """About how many tokens `text` has; the server does not know the engine's tokenizer."""
    ascii_letters = sum(character.isascii() for character in text)
    return len(text) - ascii_letters + (ascii_letters + 3) // 4
