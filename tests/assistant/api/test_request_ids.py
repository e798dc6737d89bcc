"""Each request has an id: in its answer, in its log, in what is said of a mistake."""

from __future__ import annotations

import logging

import httpx
import pytest

from tests.assistant.api.bench import Bench, MakeBench

CHAT = "/api/v1/rooms/demo/chat"


def client_of(bench: Bench) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(bench.app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://shop.example")


async def test_an_id_is_kept_or_given(
    make_bench: MakeBench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="assistant.api.request_ids")
    async with client_of(make_bench()) as client:
        asked = {"message": "多少钱", "viewer": "ann"}
        kept = await client.post(CHAT, json=asked, headers={"X-Request-Id": "edge-4711.a"})
        assert kept.headers["x-request-id"] == "edge-4711.a"
        given = await client.get("/api/v1/viewers/ann", headers={"X-Request-Id": "no good\x7f"})
        assert len(given.headers["x-request-id"]) == 12
        await client.get("/healthz")
    lines = [one.fields for one in caplog.records]  # type: ignore[attr-defined]
    assert [(one["route"], one["room"], one["status"]) for one in lines] == [
        ("/api/v1/rooms/{room}/chat", "demo", 200),
        ("/api/v1/viewers/{viewer}", "", 403 if given.status_code == 403 else 200),
    ]
    assert "ann" not in str(lines)


async def test_a_mistake_names_the_request(make_bench: MakeBench) -> None:
    bench = make_bench()
    bench.assistant.fail = True
    async with client_of(bench) as client:
        failed = await client.post(CHAT, json={"message": "多少钱"})
        assert failed.status_code == 500
        assert failed.json()["correlation_id"] == failed.headers["x-request-id"]


async def test_who_is_stopping_begins_nothing(make_bench: MakeBench) -> None:
    bench = make_bench()
    async with client_of(bench) as client:
        assert (await client.get("/readyz")).status_code == 200
        bench.service.drain()
        assert (await client.get("/readyz")).status_code == 503
        refused = await client.post(CHAT, json={"message": "多少钱"})
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        feed = await client.get("/api/v1/rooms/demo/feed")
        assert feed.text == ": liveshop\n\n"
