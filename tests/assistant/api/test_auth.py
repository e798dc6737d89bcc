"""Who may change the shop, tried from every side."""

from __future__ import annotations

from collections.abc import Mapping

import httpx
import pytest
from starlette.datastructures import Headers

from assistant.api.auth import from_this_machine
from tests.assistant.api.bench import KEY, MakeBench

CHANGE = {"product_id": "lamp"}


@pytest.mark.parametrize(
    ("peer", "headers", "own"),
    [
        ("127.0.0.1", {"host": "127.0.0.1:8000"}, True),
        ("127.0.0.1", {"host": "localhost:8000"}, True),
        ("::1", {"host": "[::1]:8000"}, True),
        ("127.0.0.1", {"host": "localhost:8000", "origin": "http://localhost:8000"}, True),
        ("192.168.1.9", {"host": "127.0.0.1:8000"}, False),
        ("", {"host": "127.0.0.1:8000"}, False),
        ("127.0.0.1", {"host": "rebound.example:8000"}, False),
        ("127.0.0.1", {"host": "127.0.0.1.example:8000"}, False),
        ("127.0.0.1", {"host": "[broken"}, False),
        ("127.0.0.1", {}, False),
        ("127.0.0.1", {"host": "localhost:8000", "origin": "http://evil.example"}, False),
        ("127.0.0.1", {"host": "localhost:8000", "origin": "null"}, False),
        ("127.0.0.1", {"host": "localhost:8000", "x-forwarded-for": "10.0.0.1"}, False),
    ],
)
def test_only_requests_of_this_machine_count_as_its_own(
    peer: str, headers: dict[str, str], own: bool
) -> None:
    assert from_this_machine(peer, Headers(headers)) is own


async def put_on_air(
    make_bench: MakeBench, peer: str, headers: Mapping[bytes, bytes], **settings: object
) -> httpx.Response:
    transport = httpx.ASGITransport(make_bench(**settings).app, client=(peer, 4000))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        return await client.put("/api/v1/rooms/demo/on-air", json=CHANGE, headers=headers)


async def test_without_a_key_this_machine_may_change_things(make_bench: MakeBench) -> None:
    assert (await put_on_air(make_bench, "127.0.0.1", {})).status_code == 200


async def test_without_a_key_nobody_else_may(make_bench: MakeBench) -> None:
    answer = await put_on_air(make_bench, "10.0.0.7", {})
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"
    assert "LIVESHOP_HOST_KEY" in answer.json()["detail"]


@pytest.mark.parametrize(
    "header",
    ["", "Bearer wrong", f"Bearer {KEY}x", f"Basic {KEY}", "Bearer clé", f"Bearer {KEY[:-1]}"],
)
async def test_with_a_key_a_wrong_one_is_refused_even_from_here(
    make_bench: MakeBench, header: str
) -> None:
    headers = {b"Authorization": header.encode()} if header else {}
    answer = await put_on_air(make_bench, "127.0.0.1", headers, host_key=KEY)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_with_a_key_its_holder_may_from_anywhere(make_bench: MakeBench) -> None:
    answer = await put_on_air(
        make_bench, "10.0.0.7", {b"Authorization": f"Bearer {KEY}".encode()}, host_key=KEY
    )
    assert answer.json()["on_air"] == "lamp"


async def test_every_changing_route_asks_for_the_key(make_bench: MakeBench) -> None:
    app = make_bench(host_key=KEY).app
    open_to_all = {
        ("/v1/chat/completions", "post"),
        ("/api/v1/rooms/{room}/chat", "post"),
        ("/api/v1/rooms/{room}/events", "post"),  # by type of event: test_events
    }
    changing = {
        (path, method)
        for path, operations in app.openapi()["paths"].items()
        for method in operations
        if method != "get"
    }
    assert open_to_all < changing
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        for path, method in changing - open_to_all:
            url = path.replace("{room}", "demo").replace("{id}", "mug")
            answer = await client.request(method, url, content=b"x")
            assert answer.status_code == 401, (method, path)


async def test_chat_needs_no_key(make_bench: MakeBench) -> None:
    transport = httpx.ASGITransport(make_bench(host_key=KEY).app, client=("10.0.0.7", 4000))
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.example") as client:
        answer = await client.post("/api/v1/rooms/demo/chat", json={"message": "多少钱"})
    assert answer.status_code == 200
