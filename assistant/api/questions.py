"""The merged queue over HTTP, and what a host does with it."""

from __future__ import annotations

from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Body, Header, Query
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field

from assistant.api.chat import RoomId
from assistant.api.own_words import Despite, Words, may_be_said
from assistant.api.problems import documented
from assistant.api.rooms import known_product
from assistant.api.service import OpenShop
from assistant.live.pulse import RoomPulse, RoomReport
from assistant.live.questions import MergedQuestion, Status
from retrieval.catalog import Key, Language

router = APIRouter(prefix="/api/v1/rooms", tags=["rooms"])
QuestionId = Annotated[str, Field(min_length=1, max_length=64)]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=128,
        description="the same key does a thing once, however often it is sent",
    ),
]
By = Annotated[str, Query(max_length=40, description="who does it, as the other hosts are told")]
DEED = documented(404, 409, 413, 422, 503)


class Queue(BaseModel):
    """Merged questions, and how many of the room's have each status."""

    questions: list[MergedQuestion]
    counts: dict[Status, int]


class OwnWords(BaseModel):
    """An answer in the host's words; `language` is that of the question unless it is given.

    Words that break a rule are refused with 422, each finding under `errors`. Rules of medium
    severity that are named in `despite` are left to the host's judgement; the log keeps them.
    """

    model_config = ConfigDict(extra="forbid")

    text: Words
    language: Language | None = None
    despite: Despite = ()


class Note(BaseModel):
    """What the person who takes over should know."""

    model_config = ConfigDict(extra="forbid")

    note: Annotated[str, Field(max_length=1000)] = ""


class Pin(BaseModel):
    """A product to show first in the feed, or, not `pinned`, no longer."""

    model_config = ConfigDict(extra="forbid")

    product_id: Key
    pinned: bool = True


class Mute(BaseModel):
    """A viewer whose comments are not answered, or, not `muted`, again are."""

    model_config = ConfigDict(extra="forbid")

    viewer: Key
    muted: bool = True


@router.get(
    "/{room}/questions",
    summary="The merged queue",
    responses=documented(404, 422, 503),
)
async def questions(
    room: RoomId,
    shop: OpenShop,
    status: Annotated[list[Status] | None, Query(max_length=7)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Queue:
    """What waits, is under review or with a person, the most valuable first; with `status` the
    questions that have it, the last asked first."""
    await run_in_threadpool(shop.store.rooms.get, room)
    counts = await run_in_threadpool(shop.store.live.counts, room)
    if status is None:
        found = (await shop.live.desk(room).queue())[:limit]
    else:
        found = await run_in_threadpool(shop.live.questions, room, status, limit)
    return Queue.model_validate({"questions": found, "counts": counts})


@router.post(
    "/{room}/questions/{id}/approve",
    summary="Send a draft",
    responses=DEED,
)
async def approve(
    room: RoomId, id: QuestionId, shop: OpenShop, key: IdempotencyKey = None, by: By = ""
) -> MergedQuestion:
    """Put the drafts of a question into the feed. 409 where their records have changed: a new
    draft is written then."""
    return await shop.live.desk(room).act("approve", id, by=by, key=key)


@router.post(
    "/{room}/questions/{id}/edit",
    summary="Send a draft in other words",
    responses=DEED,
)
async def edit(
    room: RoomId,
    id: QuestionId,
    body: OwnWords,
    shop: OpenShop,
    key: IdempotencyKey = None,
    by: By = "",
) -> MergedQuestion:
    """Put the host's words into the feed in place of the draft, with the draft's cards."""
    desk = shop.live.desk(room)
    await may_be_said(shop, await desk.question(id), body.text, body.language, body.despite)
    return await desk.act(
        "edit", id, body.text, body.language, despite=body.despite, by=by, key=key
    )


@router.post(
    "/{room}/questions/{id}/answer",
    summary="Answer by hand",
    responses=DEED,
)
async def answer(
    room: RoomId,
    id: QuestionId,
    body: OwnWords,
    shop: OpenShop,
    key: IdempotencyKey = None,
    by: By = "",
) -> MergedQuestion:
    """Put the host's own answer into the feed, for everybody who asked."""
    desk = shop.live.desk(room)
    await may_be_said(shop, await desk.question(id), body.text, body.language, body.despite)
    return await desk.act(
        "answer", id, body.text, body.language, despite=body.despite, by=by, key=key
    )


@router.post(
    "/{room}/questions/{id}/dismiss",
    summary="Leave a question unanswered",
    responses=DEED,
)
async def dismiss(
    room: RoomId, id: QuestionId, shop: OpenShop, key: IdempotencyKey = None, by: By = ""
) -> MergedQuestion:
    """Take a question out of the queue; newcomers who ask the same do not bring it back."""
    return await shop.live.desk(room).act("dismiss", id, by=by, key=key)


@router.post(
    "/{room}/questions/{id}/hand-off",
    summary="Hand a question to a person",
    responses=DEED,
)
async def hand_off(
    room: RoomId,
    id: QuestionId,
    shop: OpenShop,
    body: Annotated[Note | None, Body()] = None,
    key: IdempotencyKey = None,
    by: By = "",
) -> MergedQuestion:
    """Keep the question for a person, with a note; it stays in the queue, and nothing answers."""
    note = body.note if body else ""
    return await shop.live.desk(room).act("hand-off", id, note=note, by=by, key=key)


@router.post(
    "/{room}/pin",
    status_code=204,
    summary="Pin a product",
    responses=documented(404, 413, 422, 503),
)
async def pin(room: RoomId, body: Pin, shop: OpenShop, key: IdempotencyKey = None) -> None:
    """Show a product first, or no longer; the feed tells it."""
    await run_in_threadpool(known_product, shop, body.product_id)
    await shop.live.desk(room).mark("pin", body.model_dump(), key or uuid4().hex)


@router.post(
    "/{room}/mute",
    status_code=204,
    summary="Mute a viewer",
    responses=documented(404, 413, 422, 503),
)
async def mute(room: RoomId, body: Mute, shop: OpenShop, key: IdempotencyKey = None) -> None:
    """From the next comment read on, the viewer's comments are kept and not answered."""
    await shop.live.desk(room).mark("mute", body.model_dump(), key or uuid4().hex)


@router.get(
    "/{room}/pulse",
    summary="The room's pulse",
    responses=documented(404, 422, 503),
)
async def pulse(room: RoomId, shop: OpenShop) -> RoomPulse:
    """Comments and questions by the minute, themes, mood, what is asked for in vain, counts."""
    return await shop.live.desk(room).pulse()


@router.get(
    "/{room}/report",
    summary="What became of the stream",
    responses=documented(404, 422, 503),
)
async def report(room: RoomId, shop: OpenShop) -> RoomReport:
    """The pulse, what most viewers asked and how it was answered, and what stayed unanswered."""
    return await shop.live.desk(room).report()
