"""Bilibili at the wire: signed calls, packets, and a WebSocket server on loopback."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import zlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from assistant.api.events import CloudEvent
from assistant.live.bilibili import (
    AUTH,
    AUTH_REPLY,
    HEAD,
    HEARTBEAT,
    MESSAGE,
    App,
    BadPacket,
    BilibiliRefused,
    event_of,
    follow,
    packet,
    packets,
)

pytest.importorskip("websockets")


def told(command: str, **data: Any) -> dict[str, Any]:
    common = {"room_id": 7, "open_id": "v1", "timestamp": 1_700_000_000, "msg_id": "m1"}
    return {"cmd": f"LIVE_OPEN_PLATFORM_{command}", "data": common | data}


def message(command: Mapping[str, Any]) -> bytes:
    return packet(MESSAGE, json.dumps(command).encode())


@pytest.mark.parametrize(
    ("command", "kind", "data"),
    [
        (told("DM", msg="这个多少钱"), "live.comment", {"text": "这个多少钱"}),
        (told("SUPER_CHAT", message="有货吗"), "live.comment", {"text": "有货吗"}),
        (
            told("SEND_GIFT", gift_name="小心心", gift_num=2),
            "live.gift",
            {"name": "小心心", "count": 2},
        ),
        (told("LIKE", like_count=3), "live.like", {"count": 3}),
        (told("LIVE_ROOM_ENTER"), "live.enter", {}),
        (told("LIVE_END"), "live.stream.ended", {}),
    ],
)
def test_messages_become_good_events(
    command: dict[str, Any], kind: str, data: dict[str, Any]
) -> None:
    event = event_of(command)
    assert event is not None
    assert CloudEvent.model_validate(event).type == kind
    assert (event["data"], event["subject"], event["source"]) == (data, "v1", "bilibili/7")


@pytest.mark.parametrize(
    "command",
    [
        {},
        {"cmd": "SOMETHING_NEW", "data": {"msg_id": "1"}},
        told("DM", msg="  "),
        told("DM", msg="[花]", dm_type=1),
        {"cmd": "LIVE_OPEN_PLATFORM_DM", "data": []},
    ],
)
def test_what_is_of_no_use_is_left_out(command: dict[str, Any]) -> None:
    assert event_of(command) is None


def test_a_message_without_an_id_is_the_same_event_each_time() -> None:
    first, again, other = (
        event_of(told("LIKE", like_count=n, msg_id="", timestamp="soon")) for n in (1, 1, 2)
    )
    assert first is not None
    assert again is not None
    assert other is not None
    assert first["id"] == again["id"] != other["id"]
    assert CloudEvent.model_validate(first).data == {"count": 1}


def test_a_compressed_packet_holds_several() -> None:
    inner = packet(MESSAGE, b"{}") + packet(MESSAGE, b"[]")
    body = zlib.compress(inner)
    whole = HEAD.pack(HEAD.size + len(body), HEAD.size, 2, MESSAGE, 0) + body
    assert list(packets(whole)) == [(MESSAGE, b"{}"), (MESSAGE, b"[]")]


@pytest.mark.parametrize(
    "data",
    [
        b"abc",
        HEAD.pack(99, 16, 0, MESSAGE, 0),
        HEAD.pack(16, 0, 0, MESSAGE, 0),
        HEAD.pack(16, 16, 3, MESSAGE, 0),
        HEAD.pack(17, 16, 2, MESSAGE, 0) + b"x",
    ],
)
def test_what_is_no_packet_is_refused(data: bytes) -> None:
    with pytest.raises(BadPacket, match="packet"):
        list(packets(data))


def test_a_bomb_is_not_unpacked() -> None:
    body = zlib.compress(b"\0" * (1 << 24))
    with pytest.raises(BadPacket, match="more than"):
        list(packets(HEAD.pack(HEAD.size + len(body), HEAD.size, 2, MESSAGE, 0) + body))


@dataclass
class Platform:
    """The platform's HTTP calls and its WebSocket; `calls` are the paths called, in order."""

    code: int = 0
    auth: int = 0
    breaks: bool = False
    calls: list[str] = field(default_factory=list)
    heard: list[int] = field(default_factory=list)
    beat: asyncio.Event = field(default_factory=asyncio.Event)
    app: App = field(default_factory=lambda: App("k", "s", 1, "c"))
    link: str = ""

    async def http(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lines = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
        headers = {name.lower(): value for name, value in lines.items()}
        body = await reader.readexactly(int(headers["content-length"]))
        signed = sorted(name for name in headers if name.startswith("x-bili-"))
        said = "\n".join(f"{name}:{headers[name]}" for name in signed)
        wanted = hmac.new(b"s", said.encode(), hashlib.sha256).hexdigest()
        assert headers["authorization"] == wanted
        assert headers["x-bili-content-md5"] == hashlib.md5(body).hexdigest()
        self.calls.append(head.split(" ")[1])
        refused = 7003 if self.breaks and self.calls[-1].endswith("end") else self.code
        data = {
            "game_info": {"game_id": "g"},
            "websocket_info": {"auth_body": '{"key": 1}', "wss_link": [self.link]},
        }
        answer = json.dumps({"code": refused, "message": "no", "data": data}).encode()
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
            b"Content-Length: %d\r\n\r\n" % len(answer) + answer
        )
        await writer.drain()
        writer.close()

    async def socket(self, line: Any) -> None:
        async for frame in line:
            for operation, _ in packets(frame):
                self.heard.append(operation)
                if operation == HEARTBEAT:
                    self.beat.set()
                if operation == AUTH:
                    if self.breaks and self.calls.count("/v2/app/start") == 1:
                        await line.send(packet(AUTH_REPLY))
                        await line.send(b"no packet")
                        return
                    await line.send(packet(AUTH_REPLY, json.dumps({"code": self.auth}).encode()))
                    await line.send(message(told("DM", msg="一")) + message(told("LIKE")))
                    await line.send(message(told("DM", msg="二", msg_id="m2")))


@asynccontextmanager
async def served(code: int = 0, auth: int = 0, *, breaks: bool = False) -> AsyncIterator[Platform]:
    from websockets.asyncio.server import serve

    platform = Platform(code, auth, breaks)
    http = await asyncio.start_server(platform.http, "127.0.0.1", 0)
    async with http, serve(platform.socket, "127.0.0.1", 0) as sockets:
        platform.link = f"ws://127.0.0.1:{next(iter(sockets.sockets)).getsockname()[1]}"
        address = f"http://127.0.0.1:{http.sockets[0].getsockname()[1]}"
        platform.app = App("k", "s", 1, "c", address)
        yield platform


async def test_a_room_is_followed_and_its_session_ended() -> None:
    sent: list[list[dict[str, Any]]] = []
    whole = asyncio.Event()

    async def send(batch: list[dict[str, Any]]) -> None:
        sent.append(batch)
        if len(sent) == 2:
            whole.set()

    async with served() as platform:
        task = asyncio.create_task(follow(platform.app, send))
        async with asyncio.timeout(20):
            await whole.wait()
            await platform.beat.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert [[event["type"] for event in batch] for batch in sent] == [
            ["live.comment", "live.like"],
            ["live.comment"],
        ]
        assert platform.heard == [AUTH, HEARTBEAT]
        assert platform.calls == ["/v2/app/start", "/v2/app/end"]


async def test_a_broken_line_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.live.bilibili.AGAIN_AFTER_S", 0.0)
    came = asyncio.Event()

    async def send(batch: list[dict[str, Any]]) -> None:
        came.set()

    async with served(breaks=True) as platform:
        task = asyncio.create_task(follow(platform.app, send))
        async with asyncio.timeout(20):
            await came.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        called = [path.removeprefix("/v2/app/") for path in platform.calls]
        assert called == ["start", "end", "start", "end"]


@pytest.mark.parametrize(("code", "auth"), [(7001, 0), (0, -1)])
async def test_a_refusal_is_told(code: int, auth: int) -> None:
    async def send(batch: list[dict[str, Any]]) -> None:
        raise AssertionError(batch)

    async with served(code, auth) as platform:
        with pytest.raises(BilibiliRefused, match="code"):
            await follow(platform.app, send)
