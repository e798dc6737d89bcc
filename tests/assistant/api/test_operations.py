"""Alive, ready, metrics, the page that takes the other paths."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.responses import PlainTextResponse

from tests.assistant.api.bench import Bench


@pytest.fixture
async def client(bench: Bench) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(bench.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        yield client


async def test_alive_whatever_else(client: httpx.AsyncClient, bench: Bench) -> None:
    bench.service.shop = None
    assert (await client.get("/healthz")).json() == {"status": "alive"}


@pytest.mark.parametrize(
    ("part", "state", "status", "code"),
    [
        ("engine", "ok", "ready", 200),
        ("engine", "failed", "degraded", 200),
        ("engine", "starting", "degraded", 200),
        ("page", "failed", "degraded", 200),
        ("index", "degraded", "degraded", 200),
        ("index", "failed", "not_ready", 503),
    ],
)
async def test_ready_says_each_parts_state(
    client: httpx.AsyncClient, bench: Bench, part: str, state: str, status: str, code: int
) -> None:
    bench.service.parts[part].set(state, "as told")  # type: ignore[arg-type]
    answer = await client.get("/readyz")
    assert answer.status_code == code
    assert answer.json()["status"] == status
    assert answer.json()["parts"][part] == {"state": state, "detail": "as told"}


async def test_not_ready_when_the_records_do_not_answer(
    client: httpx.AsyncClient, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench.store.database, "read", _broken)
    answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["parts"]["records"]["state"] == "failed"


def _broken() -> None:
    raise OSError("the disk is gone")


async def test_metrics_count_requests_replies_and_stages(
    client: httpx.AsyncClient, bench: Bench
) -> None:
    await client.post("/api/v1/rooms/demo/chat", json={"message": "hi"})
    await client.get("/api/v1/products/none")
    bench.service.parts["engine"].set("failed")
    text = (await client.get("/metrics")).text
    assert 'liveshop_requests_total{route="/api/v1/rooms/{room}/chat",status="200"} 1.0' in text
    assert 'liveshop_requests_total{route="/api/v1/products/{id}",status="404"} 1.0' in text
    assert 'liveshop_replies_total{reason="stop"} 1.0' in text
    assert 'liveshop_stage_seconds_count{stage="grounding"} 1.0' in text
    assert "liveshop_engine_up 0.0" in text
    assert "liveshop_turns_running 0.0" in text


async def test_the_page_takes_only_paths_that_are_not_ours(
    client: httpx.AsyncClient, bench: Bench
) -> None:
    waiting = await client.get("/")
    assert waiting.status_code == 503
    assert "refresh" in waiting.text
    bench.pages.app = PlainTextResponse("the page")
    assert (await client.get("/")).text == "the page"
    assert (await client.get("/config")).text == "the page"
    for path in ("/api/v1/none", "/v1/none", "/pictures/a/b"):
        assert (await client.get(path)).status_code == 404
