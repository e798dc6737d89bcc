"""What every response carries, and which pages may read it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.assistant.api.bench import HOST, KEY, MakeBench

ROOM = "/api/v1/rooms/demo/on-air"
SHOP, ANY = "https://shop.example.org", "https://everywhere.example"


@pytest.fixture
async def client(make_bench: MakeBench) -> AsyncIterator[httpx.AsyncClient]:
    bench = make_bench(host_key=KEY, cors_origins=ANY)
    transport = httpx.ASGITransport(bench.app, client=("10.0.0.7", 4000))
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.example") as client:
        door = {"origins": [SHOP]}
        assert (await client.put("/api/v1/rooms/demo/access", json=door, headers=HOST)).is_success
        yield client


@pytest.mark.parametrize(
    "path", [ROOM, "/api/v1/nothing", "/v1/models", "/healthz", "/openapi.json", "/docs", "/demo"]
)
async def test_nothing_is_sniffed_framed_or_kept(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] in ("no-referrer", "same-origin")
    assert "frame-ancestors" in answer.headers["content-security-policy"]
    assert "set-cookie" not in answer.headers
    if path.startswith(("/api/", "/v1/")):
        assert answer.headers["cache-control"] == "no-store"
        policy = answer.headers["content-security-policy"]
        assert policy == "default-src 'none'; frame-ancestors 'none'"


@pytest.mark.parametrize(
    ("path", "origin", "reads"),
    [
        (ROOM, SHOP, True),
        (ROOM, ANY, True),
        ("/v1/models", SHOP, True),
        ("/api/v1/rooms/other/on-air", SHOP, False),
        ("/api/v1/rooms/other/on-air", ANY, True),
        (ROOM, "https://shop.example.org.evil.example", False),
        (ROOM, "http://shop.example.org", False),
        (ROOM, "https://SHOP.example.org", False),
        (ROOM, "https://sub.shop.example.org", False),
        (ROOM, "null", False),
    ],
)
async def test_pages_of_exact_origins_read(
    client: httpx.AsyncClient, path: str, origin: str, reads: bool
) -> None:
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    before = await client.options(path, headers=asked)
    assert before.status_code == 204
    answer = await client.get(path, headers={"Origin": origin})
    for one in (before, answer):
        assert one.headers.get("access-control-allow-origin") == (origin if reads else None)
        assert "access-control-allow-credentials" not in one.headers
        assert "Origin" in one.headers["vary"]
    assert ("access-control-allow-methods" in before.headers) is reads


async def test_a_compressed_body_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post(
        "/api/v1/rooms/demo/chat", content=b"\x1f\x8b", headers={"Content-Encoding": "gzip"}
    )
    assert answer.status_code == 415


async def test_a_feed_by_url_comes_from_outside_or_not_at_all(client: httpx.AsyncClient) -> None:
    answer = await client.post(
        "/api/v1/catalog/import", params={"url": "http://127.0.0.1/"}, headers=HOST
    )
    assert answer.status_code == 422
    assert "public internet" in answer.json()["detail"]


@pytest.mark.parametrize("body", [b"[" * 500_000, b'{"a":' * 150_000, b'"' + b"\\u0000" * 100_000])
async def test_a_deep_or_broken_body_is_refused(client: httpx.AsyncClient, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await client.post("/api/v1/rooms/demo/chat", content=body, headers=headers)
    assert answer.status_code == 422
