"""Each request has an id: in its answer, in its log, in what is said of a mistake."""

from __future__ import annotations

import logging

import httpx
import pytest

from tests.assistant.api.bench import Bench, MakeBench

CHAT = "/api/v1/rooms/demo/chat"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


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
        told = await client.get("/healthz", headers={"X-Request-Id": "13812345678"})
        assert told.headers["x-request-id"] != "13812345678"  # it would stand in the log
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


async def test_a_request_is_a_span_of_the_callers_trace(make_bench: MakeBench) -> None:
    memory = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter")
    bench, kept = make_bench(), memory.InMemorySpanExporter()
    bench.service.tracing.export(kept)
    async with client_of(bench) as client:
        headers = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01", "X-Request-Id": "edge-4711"}
        asked = {"message": "多少钱", "viewer": "ann"}
        await client.post("/api/v1/rooms/demo/chat", json=asked, headers=headers)
    bench.service.tracing.close()
    (span,) = kept.get_finished_spans()
    assert f"{span.context.trace_id:032x}" == TRACE
    said = dict(span.attributes)
    assert (said["http.route"], said["http.response.status_code"], said["liveshop.request"]) == (
        "/api/v1/rooms/{room}/chat", 200, "edge-4711",
    )  # fmt: skip
    assert "ann" not in str(said)
    assert "多少钱" not in str(said)
