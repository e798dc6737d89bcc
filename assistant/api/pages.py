"""Our own pages as files: panel, console, overlay, demo room, and the script that embeds one.

A page is checked with the service each time it is opened. What it loads is one script and one
style sheet, joined from their files; it has the state of all files in its address (/ui/STATE/...)
and may be kept for ever. Nothing runs from within a page's
markup: the policies sent with it allow scripts from files of ours alone, and no strings as code.
"""

from __future__ import annotations

import gzip
import hashlib
import time
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Query, Request
from fastapi import Path as InPath
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from assistant.api import joining
from assistant.api.chat import RoomId
from assistant.api.service import TheService

router = APIRouter(include_in_schema=False)
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
KEPT = "public, max-age=31536000, immutable"
CHECKED = "no-cache"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' https: http:; frame-src 'self'; base-uri 'none'; form-action 'none'; "
    "object-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'; "
    "frame-ancestors "
)
HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"}
AS_A_PAGE = {"Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()"}
# A page of another origin loads these, and it may ask for that of whatever it loads.
FOR_OTHERS = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}


class File(NamedTuple):
    """A file as it is sent: its bytes, the same compressed, and what names this state of it."""

    body: bytes
    packed: bytes
    etag: str


def packed(body: bytes) -> File:
    """`body` with its compressed form and its entity tag."""
    return File(body, gzip.compress(body, 9, mtime=0), f'"{hashlib.sha256(body).hexdigest()[:16]}"')


@lru_cache(maxsize=256)
def _read(path: Path, state: str) -> File:
    """The file with what it imports, in this state of all files."""
    if path.suffix == ".js":
        return packed(joining.script(path).encode())
    if path.suffix == ".css":
        return packed(joining.style(path).encode())
    return packed(path.read_bytes())


@lru_cache(maxsize=8)
def _classic(path: Path, state: str) -> File:
    """A module as a script that leaves no names in the page."""
    return packed(f'(() => {{\n"use strict";\n{joining.script(path)}}})();\n'.encode())


@lru_cache(maxsize=8)
def _state(folder: Path, second: int) -> str:
    found = sorted(path for path in folder.rglob("*") if path.suffix in TYPES)
    files = [(str(path), path.stat().st_mtime_ns) for path in found]
    return hashlib.sha256(repr(files).encode()).hexdigest()[:12]


def state(folder: Path) -> str:
    """What names the state of all files that a page may load, looked at once a second."""
    return _state(folder, int(time.monotonic()))


def send(request: Request, file: File, suffix: str, headers: dict[str, str]) -> Response:
    """The file, compressed for who takes that; 304 for who has it already."""
    headers = {**HEADERS, **headers, "ETag": file.etag, "Vary": "Accept-Encoding"}
    if file.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    body = file.body
    if "gzip" in request.headers.get("accept-encoding", ""):
        body, headers["Content-Encoding"] = file.packed, "gzip"
    return Response(body, media_type=TYPES[suffix], headers=headers)


def page(request: Request, service: TheService, name: str, holders: Iterable[str] = ()) -> Response:
    """The page ui/NAME/index.html, for frames in our own pages and in those of the origins
    `holders` (https://www.w3.org/TR/CSP3/#directive-frame-ancestors). 404 where there is none.
    """
    path = service.ui / name / "index.html"
    if not path.is_file():
        raise HTTPException(404)
    now = state(service.ui)
    body = _read(path, now).body.replace(b'"/ui/', f'"/ui/{now}/'.encode())
    body = body.replace(b'lang="zh"', f'lang="{service.settings.locale}"'.encode(), 1)
    headers = {
        "Cache-Control": CHECKED,
        "Content-Security-Policy": POLICY + " ".join(("'self'", *holders)),
    }
    return send(request, packed(body), ".html", {**headers, **AS_A_PAGE, **FOR_OTHERS})


@router.get("/panel")
async def panel(
    request: Request, service: TheService, room: Annotated[str, Query(max_length=128)] = "demo"
) -> Response:
    """The side panel; its address says the room, the locale and the theme. The shop's settings
    and the room's access say which pages may embed it.
    """
    holders = (*service.settings.embed_origins, *(await service.doors.of(room)).origins)
    return page(request, service, "panel", dict.fromkeys(holders))


@router.get("/demo")
def demo_room(request: Request, service: TheService) -> Response:
    """A made-up stream page with the panel beside it."""
    return page(request, service, "demo_room")


@router.get("/console")
def console(request: Request, service: TheService) -> Response:
    """The host's console; it asks for the host key itself. `room` in its address says which."""
    return page(request, service, "console")


@router.get("/overlay/{room}")
def overlay(room: RoomId, request: Request, service: TheService) -> Response:
    """A transparent page for a stream's picture: the answer of the moment and its card."""
    return page(request, service, "overlay")


@router.get("/live-assistant.js")
def live_assistant(request: Request, service: TheService) -> Response:
    """The script that defines <live-assistant> in any page; no module, so that it knows whence it
    came.
    """
    path = service.ui / "launcher" / "live-assistant.js"
    if not path.is_file():
        raise HTTPException(404)
    file = _classic(path, state(service.ui))
    return send(request, file, ".js", {"Cache-Control": "public, max-age=300", **FOR_OTHERS})


@router.get("/ui/{version}/{name:path}")
def asset(
    version: Annotated[str, InPath(pattern=r"^[0-9a-f]{12}$")],
    name: Annotated[str, InPath(pattern=r"^[a-z_]+(/[a-z_-]+)*\.(css|js|svg)$", max_length=100)],
    request: Request,
    service: TheService,
) -> Response:
    """What a page loads. Under the address of another state it is not to be kept."""
    path = service.ui / name
    if not path.is_file():
        raise HTTPException(404)
    now = state(service.ui)
    kept = {"Cache-Control": KEPT if version == now else CHECKED}
    return send(request, _read(path, now), path.suffix, {**kept, **FOR_OTHERS})
