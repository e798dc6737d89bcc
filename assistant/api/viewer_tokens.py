"""A room's door: whom it lets in, and tokens for viewers that the shop vouches for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from assistant.api.chat import RoomId
from assistant.api.problems import documented, refuse
from assistant.api.service import OpenShop, TheService
from assistant.origins import RoomAccess, origin_of
from retrieval.catalog import Key

router = APIRouter(prefix="/api/v1/rooms", tags=["rooms"])
LONGEST_TTL_S = 3600
Origin = Annotated[
    str,
    Field(max_length=200, examples=["https://shop.example"]),
    AfterValidator(origin_of),
]


class Door(BaseModel):
    """`anonymous`: viewers need no token. `origins`: pages that may call and embed the room."""

    model_config = ConfigDict(extra="forbid")

    anonymous: bool = True
    origins: Annotated[list[Origin], Field(max_length=20)] = []


class TokenRequest(BaseModel):
    """For whom, for how many seconds, and for pages of which origin."""

    model_config = ConfigDict(extra="forbid")

    viewer: Key
    ttl_s: Annotated[int, Field(ge=60, le=LONGEST_TTL_S)] = 900
    origin: Origin | None = None


class ViewerToken(BaseModel):
    """A token to send as `Authorization: Bearer`, until `expires_at`."""

    token: str
    viewer: str
    room: str
    expires_at: datetime


@router.post(
    "/{room}/viewer-tokens",
    status_code=201,
    summary="A token for a viewer",
    responses=documented(404, 413, 422, 503),
)
async def viewer_token(
    room: RoomId, body: TokenRequest, service: TheService, shop: OpenShop
) -> ViewerToken:
    """For the shop's server: who holds the token is this viewer, in this room and nowhere else."""
    await run_in_threadpool(shop.store.rooms.get, room)
    if body.viewer.startswith("anonymous:"):
        raise refuse("viewer", body.viewer, "names beginning with anonymous: are not given out")
    token, ends = service.tokens.sign(body.viewer, room, body.origin or "", body.ttl_s)
    ends_at = datetime.fromtimestamp(ends, UTC)
    return ViewerToken(token=token, viewer=body.viewer, room=room, expires_at=ends_at)


@router.get("/{room}/access", summary="Whom a room lets in", responses=documented(404, 422, 503))
async def get_access(room: RoomId, service: TheService, shop: OpenShop) -> Door:
    """Whether viewers need a token, and which pages may call and embed the room."""
    await run_in_threadpool(shop.store.rooms.get, room)
    return Door.model_validate((await service.doors.of(room)).model_dump())


@router.put(
    "/{room}/access",
    summary="Say whom a room lets in",
    responses=documented(404, 413, 422, 503),
)
async def put_access(room: RoomId, body: Door, service: TheService, shop: OpenShop) -> Door:
    """Replaces it; holds at once. LIVESHOP_CORS_ORIGINS adds pages that may use every room."""
    await run_in_threadpool(shop.store.rooms.get, room)
    access = RoomAccess(anonymous=body.anonymous, origins=tuple(body.origins))
    await run_in_threadpool(shop.store.access.put, room, access)
    service.doors.changed()
    return body
