"""A room's feed over server-sent events, with ids to resume from."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Header, Query
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event

from assistant.api.access import require_host
from assistant.api.auth import Caller
from assistant.api.chat import RoomId
from assistant.api.problems import documented, refuse
from assistant.api.service import OpenShop, Shop, TheService
from assistant.api.turns import STREAM_HEADERS
from assistant.errors import Busy
from retrieval.catalog import Key

if TYPE_CHECKING:
    from assistant.live.feed import Fed

router = APIRouter(prefix="/api/v1/rooms", tags=["rooms"])


@router.get(
    "/{room}/feed",
    summary="Follow a room",
    response_class=StreamingResponse,
    responses=documented(404, 422, 503)
    | {
        200: {
            "description": "What happens in the room, as server-sent events",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        }
    },
)
async def feed(
    room: RoomId,
    service: TheService,
    shop: OpenShop,
    who: Caller,
    viewer: Annotated[
        Key | None, Query(description="items then say whether they are yours")
    ] = None,
    after: Annotated[int | None, Query(ge=0, description="id to resume from")] = None,
    recent: Annotated[
        int, Query(ge=0, le=50, description="how many of the last answers to begin with")
    ] = 0,
    host: Annotated[bool, Query(description="with a host's key: the queue and the pulse too")] = (
        False
    ),
    last_event_id: Annotated[str | None, Header(description="id to resume from")] = None,
) -> StreamingResponse:
    """Events `answer`, `joined`, `correction`, `on_air`, `product`, `pin` and `stream`, each with
    an id. A client that comes back with `Last-Event-ID` misses none and sees none twice; without
    it the feed begins with the `recent` last answers, or with what happens next.

    A host's key with `host=true` adds `alert` and `deed`, what another host did with a question,
    and `room`, `queue` and `pulse`, which have no id.
    """
    if host:
        require_host(who, service)
    if last_event_id is not None:
        if not last_event_id.isdecimal() or len(last_event_id) > 18:
            raise refuse("Last-Event-ID", last_event_id, "is no id of this feed: a whole number")
        after = int(last_event_id)
    await run_in_threadpool(shop.store.rooms.get, room)
    if shop.live.readers >= service.settings.feed_readers:
        raise Busy(f"{shop.live.readers} readers follow the rooms; come again", retry_after=10)
    stream = shop.live.follow(room, after, who.of(viewer), host=host, recent=recent)
    return StreamingResponse(
        _encoded(shop, stream), media_type="text/event-stream", headers=STREAM_HEADERS
    )


async def _encoded(shop: Shop, stream: AsyncGenerator[Fed | None]) -> AsyncGenerator[bytes, None]:
    shop.live.readers += 1
    try:
        yield b": liveshop\n\n"
        async with aclosing(stream):
            async for fed in stream:
                if fed is None:
                    yield b": still here\n\n"
                    continue
                yield format_sse_event(
                    data_str=json.dumps(fed.data, ensure_ascii=False),
                    event=fed.kind,
                    id=str(fed.seq) if fed.seq else None,
                )
    finally:
        shop.live.readers -= 1
