"""One turn over HTTP: JSON, or the AI SDK's UI message stream.

The stream is version 1 of https://ai-sdk.dev/docs/ai-sdk-ui/stream-protocol. Its parts are
closed to unknown fields, so what is ours goes into `messageMetadata` and `data-*` parts.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from fastapi.sse import format_sse_event
from pydantic import BaseModel, ConfigDict, StringConstraints

from assistant.api.auth import Caller
from assistant.api.problems import documented, unexpected_problem
from assistant.api.service import OpenShop, TheService
from assistant.api.turns import EventStream, while_connected
from assistant.events import (
    Cited,
    Notice,
    NoticeCode,
    ProductCard,
    ProductShown,
    ReplyEvent,
    ReplyFinished,
    ReplyStarted,
    TextReleased,
)
from assistant.personal import masked
from retrieval.catalog import Key, Language

if TYPE_CHECKING:
    from assistant.turn.answer import Question
    from assistant.turn.conversation import Role

LONGEST_QUESTION = 2000
STREAM_VERSION = {"x-vercel-ai-ui-message-stream": "v1"}

router = APIRouter(tags=["chat"])
RoomId = Annotated[str, Path(min_length=1, max_length=128, description="id of the room")]
QuestionText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_QUESTION)
]


class ChatRequest(BaseModel):
    """One message of a viewer. `product_id` is the item that the viewer's page shows."""

    model_config = ConfigDict(extra="forbid")

    message: QuestionText
    conversation_id: Key | None = None
    locale: Language | None = None
    viewer: Key | None = None
    product_id: Key | None = None


class Citation(BaseModel):
    """A record that the text relies on, such as product:mug-01, and its version."""

    record: str
    version: int


class NoticeLine(BaseModel):
    """Something to be shown beside the text, such as that a machine wrote it."""

    code: NoticeCode
    text: str


class ReplyPart(BaseModel):
    """One or more whole sentences of a reply, and who worded them."""

    text: str
    source: Literal["records", "model"]


class ReplyExtras(BaseModel):
    """What a reply has beside its text. `timings_ms` names every stage; 0 for one not run.

    `ai_generated` labels every reply for machines; the notice ai_generated is the label to show.
    """

    ai_generated: Literal[True] = True
    reply_id: str
    conversation_id: str
    language: Language
    products: list[ProductCard]
    citations: list[Citation]
    notices: list[NoticeLine]
    finish_reason: str
    timings_ms: dict[str, float]


class ChatReply(ReplyExtras):
    """A whole reply; `parts` is its text again, by who worded it."""

    text: str
    parts: list[ReplyPart]


def question(
    text: str,
    room: str,
    *,
    conversation_id: str | None = None,
    locale: Language | None = None,
    viewer: str | None = None,
    product_id: str | None = None,
    history: tuple[tuple[Role, str], ...] | None = None,
) -> Question:
    """A question to the assistant, without what is personal in it.

    The import waits: the turn's stages take seconds to load.
    """
    from assistant.turn.answer import Question

    return Question(
        text=masked(text),
        spoken=text,
        room=room,
        conversation_id=conversation_id,
        locale=locale,
        viewer=viewer,
        product_id=product_id,
        history=history and tuple((role, masked(said)) for role, said in history),
    )


@router.post(
    "/api/v1/rooms/{room}/chat",
    summary="Ask one question",
    response_model=ChatReply,
    responses=documented(404, 409, 413, 422, 503)
    | {
        200: {
            "description": "The reply: whole as JSON, or streamed when Accept asks for events",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        }
    },
)
async def chat(
    room: RoomId,
    body: ChatRequest,
    request: Request,
    who: Caller,
    service: TheService,
    shop: OpenShop,
) -> Any:
    """Answer one message in a room, in the viewer's language.

    With `Accept: text/event-stream` the answer is the AI SDK's UI message stream: `start`,
    `text-start`, `text-delta`, `text-end`, `data-product`, `data-citation`, `data-notice`,
    `finish`, `[DONE]`. A room whose mode is `off` answers 409; a full service answers 503 with
    `Retry-After` at once. Hanging up stops the turn.
    """
    fields = body.model_dump(exclude={"message", "viewer"})
    asked = question(room=room, text=body.message, viewer=who.of(body.viewer), **fields)
    if "text/event-stream" in request.headers.get("accept", ""):
        first, rest = await service.turns.begin(shop.assistant, asked)
        return EventStream(ui_message_stream(first, rest), rest, STREAM_VERSION)

    async def whole() -> ChatReply:
        first, rest = await service.turns.begin(shop.assistant, asked)
        return await gathered(first, rest)

    reply: ChatReply | Response = await while_connected(request, whole())
    return reply


async def gathered(first: ReplyStarted, rest: AsyncGenerator[ReplyEvent, None]) -> ChatReply:
    """The events of one turn as one value."""
    reply = ChatReply(
        reply_id=first.reply_id,
        conversation_id=first.conversation_id,
        text="",
        parts=[],
        language=first.language,
        products=[],
        citations=[],
        notices=[],
        finish_reason="stop",
        timings_ms={},
    )
    async with aclosing(rest):
        async for event in rest:
            match event:
                case TextReleased():
                    reply.text += event.text
                    reply.parts.append(ReplyPart(text=event.text, source=event.source))
                case ProductShown():
                    reply.products.append(event.card)
                case Cited():
                    reply.citations.append(Citation(record=event.record, version=event.version))
                case Notice():
                    reply.notices.append(NoticeLine(code=event.code, text=event.text))
                case ReplyFinished():
                    reply.finish_reason = event.reason
                    reply.timings_ms = event.timings_ms
    return reply


async def ui_message_stream(
    first: ReplyStarted, rest: AsyncGenerator[ReplyEvent, None]
) -> AsyncGenerator[bytes, None]:
    """The events of one turn as a UI message stream."""
    metadata: dict[str, Any] = first.model_dump(include={"conversation_id", "room", "language"})
    metadata["ai_generated"] = True
    yield _part(type="start", messageId=first.reply_id, messageMetadata=metadata)
    text_id = ""
    try:
        async with aclosing(rest):
            async for event in rest:
                if isinstance(event, TextReleased) and not text_id:
                    text_id = f"{first.reply_id}-text"
                    yield _part(type="text-start", id=text_id)
                match event:
                    case TextReleased():
                        yield _part(type="text-delta", id=text_id, delta=event.text)
                    case ProductShown(card=card):
                        data = card.model_dump(mode="json")
                        yield _part(type="data-product", id=card.id, data=data)
                    case Cited():
                        data = event.model_dump(mode="json", exclude={"kind"})
                        yield _part(type="data-citation", id=event.record, data=data)
                    case Notice():
                        data = event.model_dump(mode="json", exclude={"kind"})
                        yield _part(type="data-notice", data=data)
                    case ReplyFinished():
                        if text_id:
                            yield _part(type="text-end", id=text_id)
                        metadata |= {
                            "finish_reason": event.reason,
                            "timings_ms": event.timings_ms,
                        }
                        yield _part(type="finish", messageMetadata=metadata)
    except Exception as error:  # noqa: BLE001  the status has been sent; the stream must say it
        problem = unexpected_problem(error)
        yield _part(type="error", errorText=f"{problem.detail}: {problem.correlation_id}")
    yield format_sse_event(data_str="[DONE]")


def _part(**fields: Any) -> bytes:
    return format_sse_event(data_str=json.dumps(fields, ensure_ascii=False))
