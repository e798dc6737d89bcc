"""Operations: alive, ready, metrics; and the pictures of the demo shop."""

from __future__ import annotations

import logging
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse, JSONResponse, Response
from pydantic import BaseModel

from assistant.api.metrics import CONTENT_TYPE
from assistant.api.problems import documented
from assistant.api.service import Service, State, TheService
from assistant.errors import LiveshopError, NotFound

log = logging.getLogger(__name__)
router = APIRouter()
PICTURE_HEADERS = {
    "Cache-Control": "public, max-age=86400",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "X-Content-Type-Options": "nosniff",
}


class Alive(BaseModel):
    status: Literal["alive"] = "alive"


class PartState(BaseModel):
    """The state of one part, and a few words on it."""

    state: State
    detail: str


class Readiness(BaseModel):
    """`ready`: all is well. `degraded`: answers come, from records where the engine is down."""

    status: Literal["ready", "degraded", "not_ready"]
    parts: dict[str, PartState]


@router.get("/healthz", tags=["operations"], summary="Is the process alive?")
async def healthz() -> Alive:
    """200 as long as the process answers at all."""
    return Alive()


@router.get(
    "/readyz",
    tags=["operations"],
    summary="Can it answer questions?",
    response_model=Readiness,
    responses={503: {"model": Readiness, "description": "Records or index are not usable"}},
)
async def readyz(service: TheService) -> Response:
    """Each part's state. 503 while records or index are not usable; a missing engine degrades."""
    if service.shop is not None:
        try:
            await run_in_threadpool(service.shop.store.ping)
        except (LiveshopError, OSError) as error:
            log.error("the records do not answer", exc_info=error)
            service.parts["records"].set("failed", "the database does not answer")
        else:
            service.parts["records"].set("ok")
    readiness = _readiness(service)
    return JSONResponse(readiness.model_dump(), 503 if readiness.status == "not_ready" else 200)


def _readiness(service: Service) -> Readiness:
    parts = {
        name: PartState(state=part.state, detail=part.detail)
        for name, part in service.parts.items()
    }
    status: Literal["ready", "degraded", "not_ready"] = "ready"
    if not service.usable:
        status = "not_ready"
    elif any(part.state != "ok" for part in parts.values()):
        status = "degraded"
    return Readiness(status=status, parts=parts)


@router.get(
    "/metrics",
    tags=["operations"],
    summary="Prometheus metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def metrics(service: TheService) -> Response:
    """Requests, durations of each stage, replies by how they ended, and the engine's state."""
    return Response(service.metrics.text(), media_type=CONTENT_TYPE)


@router.get(
    "/pictures/{name}",
    tags=["catalog"],
    summary="A picture of the demo shop",
    response_class=FileResponse,
    responses=documented(404, 422)
    | {200: {"content": {"image/*": {"schema": {"type": "string"}}}}},
)
def picture(
    name: Annotated[str, Path(max_length=100, pattern=r"^[A-Za-z0-9_-]+\.(jpg|png|svg|webp)$")],
    service: TheService,
) -> FileResponse:
    """The picture file. 404 where there is none."""
    file = service.pictures / name
    if not file.is_file():
        raise NotFound(f"picture {name!r}: there is none")
    return FileResponse(file, headers=PICTURE_HEADERS)
