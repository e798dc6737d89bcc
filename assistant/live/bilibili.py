"""A Bilibili room's comments, gifts, likes and visits as events of a room here.

Over the open platform (https://open-live.bilibili.com/document/): a signed call begins, one keeps
alive and one ends the session; its WebSocket carries packets with a head of 16 bytes.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import struct
import time
import zlib
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from secrets import token_hex
from typing import TYPE_CHECKING, Any

import httpx

from assistant.errors import LiveshopError

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

log = logging.getLogger(__name__)
PLATFORM = "https://live-open.biliapi.com"
HEAD = struct.Struct(">IHHII")
"""Length of the packet, of its head, version of its body, operation, sequence."""
HEARTBEAT, MESSAGE, AUTH, AUTH_REPLY = 2, 5, 7, 8
JSON, DEFLATED = frozenset({0, 1}), 2
LONGEST = 1 << 20
MOST_INFLATED = 1 << 23
WAIT_S = 10.0
CONNECTION_ALIVE_S, SESSION_ALIVE_S = 30.0, 20.0
AGAIN_AFTER_S = 5.0
KINDS = {
    "LIVE_OPEN_PLATFORM_DM": "live.comment",
    "LIVE_OPEN_PLATFORM_SUPER_CHAT": "live.comment",
    "LIVE_OPEN_PLATFORM_SEND_GIFT": "live.gift",
    "LIVE_OPEN_PLATFORM_LIKE": "live.like",
    "LIVE_OPEN_PLATFORM_LIVE_ROOM_ENTER": "live.enter",
    "LIVE_OPEN_PLATFORM_LIVE_START": "live.stream.started",
    "LIVE_OPEN_PLATFORM_LIVE_END": "live.stream.ended",
}

Send = Callable[[list[dict[str, Any]]], Awaitable[None]]


class BilibiliRefused(LiveshopError):
    """The platform refused a call, or the line's authentication."""


class BadPacket(LiveshopError):
    """What came over the line is not of the platform's protocol."""


@dataclass(frozen=True, slots=True)
class App:
    """What the platform gave: an app's key, secret and id, and the code of the room's owner."""

    key: str
    secret: str
    app_id: int
    code: str
    platform: str = PLATFORM


def packet(operation: int, body: bytes = b"") -> bytes:
    """One packet to send."""
    return HEAD.pack(HEAD.size + len(body), HEAD.size, 1, operation, 1) + body


def packets(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The operation and body of each packet, compressed ones unpacked. Raises BadPacket."""
    place = 0
    while place < len(data):
        if len(data) - place < HEAD.size:
            raise BadPacket(f"packet: {len(data) - place} bytes, shorter than its head")
        length, head, version, operation, _ = HEAD.unpack_from(data, place)
        if not HEAD.size <= head <= length <= len(data) - place:
            raise BadPacket(f"packet: length {length} and head {head} do not fit the frame")
        body = data[place + head : place + length]
        place += length
        if version == DEFLATED:
            yield from packets(_inflated(body))
        elif version in JSON:
            yield operation, body
        else:
            raise BadPacket(f"packet: version {version} of a body, not 0, 1 or 2")


def _inflated(body: bytes) -> bytes:
    unpacking = zlib.decompressobj()
    try:
        whole = unpacking.decompress(body, MOST_INFLATED)
    except zlib.error as error:
        raise BadPacket(f"packet: {error}") from error
    if unpacking.unconsumed_tail:
        raise BadPacket(f"packet: more than {MOST_INFLATED} bytes unpacked")
    if not unpacking.eof:
        raise BadPacket(f"packet: {len(body)} compressed bytes end too early")
    return whole


def event_of(command: Mapping[str, Any]) -> dict[str, Any] | None:
    """The event that a message of the platform tells of; None for one that is of no use here."""
    data = command.get("data")
    kind = KINDS.get(str(command.get("cmd")))
    if kind is None or not isinstance(data, dict):
        return None
    event: dict[str, Any] = {
        "specversion": "1.0",
        "id": str(data.get("msg_id") or _digest(command)),
        "source": f"bilibili/{data.get('room_id', '')}",
        "type": kind,
        "time": _moment(data.get("timestamp")).isoformat(),
        "data": {},
    }
    if viewer := data.get("open_id"):
        event["subject"] = str(viewer)
    if kind == "live.comment":
        text = str(data.get("msg") or data.get("message") or "").strip()
        if not text or data.get("dm_type") == 1:
            return None  # a picture
        event["data"] = {"text": text}
    elif kind == "live.gift":
        event["data"] = {"name": data.get("gift_name"), "count": data.get("gift_num")}
    elif kind == "live.like":
        event["data"] = {"count": data.get("like_count")}
    return event


def _digest(command: Mapping[str, Any]) -> str:
    """Stands for a message whose id the platform does not promise: a like, a visit, a start."""
    return hashlib.sha256(json.dumps(command, sort_keys=True).encode()).hexdigest()[:32]


def _moment(seconds: Any) -> datetime:
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return datetime.now(UTC)


async def follow(app: App, send: Send) -> None:
    """Hands each frame's events to `send`, until cancelled; comes back where the line breaks.

    Raises BilibiliRefused where the platform refuses the app, and what `send` raises.
    """
    from websockets.exceptions import WebSocketException

    broken = (BadPacket, OSError, TimeoutError, WebSocketException, httpx.HTTPError)
    async with httpx.AsyncClient(base_url=app.platform, timeout=WAIT_S, trust_env=False) as client:
        while True:
            try:
                await _session(client, app, send)
            except broken as error:
                log.warning("bilibili: %r; again in %g s", error, AGAIN_AFTER_S)
            await asyncio.sleep(AGAIN_AFTER_S)


async def _session(client: httpx.AsyncClient, app: App, send: Send) -> None:
    """From its start to its end, which the platform is told whatever happened between."""
    session = await _called(client, app, "start", {"code": app.code, "app_id": app.app_id})
    try:
        game = str(session["game_info"]["game_id"] or "")
        link = str(session["websocket_info"]["wss_link"][0])
        auth = str(session["websocket_info"]["auth_body"])
    except (KeyError, IndexError, TypeError) as error:
        raise BilibiliRefused(f"start: no game_id, wss_link or auth_body: {error!r}") from error
    try:
        await _listened(client, app, game, (link, auth), send)
    finally:
        if game:
            await asyncio.shield(_ended(client, app, game))


async def _ended(client: httpx.AsyncClient, app: App, game: str) -> None:
    try:
        await _called(client, app, "end", {"app_id": app.app_id, "game_id": game})
    except (BilibiliRefused, httpx.HTTPError) as error:
        log.warning("bilibili: end: %r", error)


async def _listened(
    client: httpx.AsyncClient, app: App, game: str, line: tuple[str, str], send: Send
) -> None:
    from websockets.asyncio.client import connect

    link, auth = line
    async with connect(link, max_size=LONGEST, open_timeout=WAIT_S) as socket:
        await socket.send(packet(AUTH, auth.encode()))
        async with asyncio.timeout(WAIT_S):
            operation, body = next(packets(_bytes(await socket.recv())), (0, b""))
        if operation != AUTH_REPLY or _read(body or b"{}").get("code", 0) != 0:
            raise BilibiliRefused(f"authentication: {body[:200]!r}, no code 0")
        alive = asyncio.create_task(_stay_alive(client, app, game, socket))
        try:
            async for frame in socket:
                events = [
                    event
                    for operation, body in packets(_bytes(frame))
                    if operation == MESSAGE and (event := event_of(_read(body)))
                ]
                if events:
                    await send(events)
        finally:
            alive.cancel()
            await asyncio.gather(alive, return_exceptions=True)


def _read(body: bytes) -> dict[str, Any]:
    try:
        read = json.loads(body)
    except ValueError as error:
        raise BadPacket(f"message: {error}") from error
    if not isinstance(read, dict):
        raise BadPacket(f"message: {body[:80]!r} is no JSON object")
    return read


def _bytes(frame: str | bytes) -> bytes:
    return frame.encode() if isinstance(frame, str) else frame


async def _stay_alive(
    client: httpx.AsyncClient, app: App, game: str, socket: ClientConnection
) -> None:
    spoke = time.monotonic()
    await socket.send(packet(HEARTBEAT))
    while True:
        await asyncio.sleep(min(CONNECTION_ALIVE_S, SESSION_ALIVE_S))
        try:
            if game:
                await _called(client, app, "heartbeat", {"game_id": game})
        except (BilibiliRefused, httpx.HTTPError) as error:
            log.warning("bilibili: %s", error)
            await socket.close()
            return
        if time.monotonic() - spoke >= CONNECTION_ALIVE_S - SESSION_ALIVE_S / 2:
            spoke = time.monotonic()
            await socket.send(packet(HEARTBEAT))


async def _called(
    client: httpx.AsyncClient, app: App, what: str, body: Mapping[str, Any]
) -> dict[str, Any]:
    """A signed call's data.

    Raises BilibiliRefused with the platform's code and message, and httpx.HTTPError where the
    platform is not reached or fails.
    """
    content = json.dumps(body).encode()
    signed = {
        "x-bili-accesskeyid": app.key,
        "x-bili-content-md5": hashlib.md5(content, usedforsecurity=False).hexdigest(),
        "x-bili-signature-method": "HMAC-SHA256",
        "x-bili-signature-nonce": token_hex(8),
        "x-bili-signature-version": "1.0",
        "x-bili-timestamp": str(int(time.time())),
    }
    said = "\n".join(f"{name}:{value}" for name, value in signed.items())
    signature = hmac.new(app.secret.encode(), said.encode(), hashlib.sha256).hexdigest()
    headers = signed | {"Authorization": signature, "Content-Type": "application/json"}
    answer = await client.post(f"/v2/app/{what}", content=content, headers=headers)
    if answer.is_server_error:
        answer.raise_for_status()
    try:
        told = _read(answer.content)
    except BadPacket as error:
        raise BilibiliRefused(f"{app.platform}/v2/app/{what}: {error}") from error
    if answer.is_error or told.get("code") != 0:
        code, message = told.get("code"), told.get("message")
        raise BilibiliRefused(f"{app.platform}/v2/app/{what}: code {code}, {message}")
    data: dict[str, Any] = told.get("data") or {}
    return data
