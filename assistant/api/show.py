"""The demo shop's show, for its page: played on request, and told as it stands."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel

from assistant.api.problems import documented
from assistant.api.service import OpenShop, TheService
from assistant.live.show import Show

router = APIRouter(prefix="/demo", tags=["operations"])
SAID = frozenset({"live.comment", "live.transcript"})


class Said(BaseModel):
    """Something said in the show, `at` seconds after it began. `by` is null for the host."""

    at: float
    by: str | None
    text: str


class Showing(BaseModel):
    """Where the show is, in seconds, null while none runs; how long it is; all that is said."""

    at: float | None
    seconds: float
    lines: list[Said]


@router.get("/show", summary="How the demo's show stands", responses=documented(503))
async def show(service: TheService) -> Showing:
    """What is said in the show, and where it is now."""
    return await _showing(service.show)


@router.post(
    "/show",
    status_code=202,
    summary="Play the demo's show",
    responses=documented(401, 403, 404, 503),
)
async def play_show(service: TheService, shop: OpenShop) -> Showing:
    """Play the show of five minutes into room demo, unless it is being played. 404 without it."""
    await run_in_threadpool(shop.store.rooms.get, service.show.room)
    await service.show.begin(shop.live)
    return await _showing(service.show)


async def _showing(show: Show) -> Showing:
    lines = await show.lines()
    said = [
        Said(at=line.at, by=line.subject, text=str(line.data.get("text", "")))
        for line in lines
        if line.type in SAID
    ]
    return Showing(at=show.at, seconds=lines[-1].at, lines=said)
