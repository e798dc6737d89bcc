"""Events over HTTP: single and batch, once only, good ones beside bad ones."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from assistant.api.events import LARGEST_BATCH
from tests.assistant.api.bench import HOST, KEY, Bench, MakeBench

EVENTS = "/api/v1/rooms/demo/events"


def comment(event_id: str, **changes: Any) -> dict[str, Any]:
    """A comment as a connector sends it."""
    event = {
        "specversion": "1.0",
        "id": event_id,
        "source": "douyin/room-1",
        "type": "live.comment",
        "subject": "viewer-1",
        "time": "2026-06-18T12:00:00Z",
        "data": {"text": "多少钱"},
    }
    return event | changes


def feedback(event_id: str, **data: Any) -> dict[str, Any]:
    """A thumb of a viewer."""
    return comment(event_id, source="panel", type="reply.feedback", data=data)


@pytest.fixture
async def client(bench: Bench) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(bench.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        yield client


async def test_an_event_counts_once(client: httpx.AsyncClient, bench: Bench) -> None:
    first = await client.post(EVENTS, json=comment("1"))
    assert first.status_code == 202
    assert first.json() == {"accepted": 1, "duplicate": 0, "rejected": []}
    again = await client.post(EVENTS, json=comment("1", data={"text": "changed"}))
    assert again.json() == {"accepted": 0, "duplicate": 1, "rejected": []}
    kept = bench.store.events.read(room="demo")
    assert [(event.viewer, event.data) for event in kept] == [("viewer-1", {"text": "多少钱"})]


async def test_a_batch_keeps_the_good_and_names_the_bad(
    client: httpx.AsyncClient, bench: Bench
) -> None:
    batch = [
        comment("1"),
        comment("2", type="live.dance"),
        comment("1"),
        comment("3", time="yesterday"),
        comment("4", source="douyin/room-2"),
        {"id": 7},
    ]
    headers = {"Content-Type": "application/cloudevents-batch+json"}
    answer = await client.post(EVENTS, json=batch, headers=headers)
    receipt = answer.json()
    assert (receipt["accepted"], receipt["duplicate"]) == (2, 1)
    assert [(r["index"], r["id"]) for r in receipt["rejected"]] == [(1, "2"), (3, "3"), (5, None)]
    assert receipt["rejected"][0]["errors"][0]["field"] == "type"
    assert receipt["rejected"][0]["errors"][0]["value"] == "live.dance"
    assert len(bench.store.events.read(room="demo")) == 2


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"specversion": "0.3"}, "specversion"),
        ({"id": ""}, "id"),
        ({"source": None}, "source"),
        ({"type": "x"}, "type"),
        ({"time": "2026-06-18T12:00:00"}, "time"),
        ({"data": "text"}, "data"),
        ({"type": "reply.feedback", "data": {"reply_id": "r1"}}, "data.value"),
        ({"type": "reply.feedback", "data": {"reply_id": "r1", "value": "so-so"}}, "data.value"),
    ],
)
async def test_a_single_bad_event_is_422(
    client: httpx.AsyncClient, change: dict[str, Any], field: str
) -> None:
    answer = await client.post(EVENTS, json=comment("1", **change))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


async def test_a_batch_has_a_bound(client: httpx.AsyncClient) -> None:
    answer = await client.post(EVENTS, json=[{}] * (LARGEST_BATCH + 1))
    assert answer.status_code == 422
    assert (await client.post(EVENTS, json=[])).status_code == 422


async def test_a_body_too_large_is_413(client: httpx.AsyncClient) -> None:
    answer = await client.post(EVENTS, json=comment("1", data={"text": "x" * 2**20}))
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_room_that_is_not_there_is_404(client: httpx.AsyncClient) -> None:
    answer = await client.post(EVENTS.replace("demo", "none"), json=comment("1"))
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("make", "status"),
    [
        (lambda: feedback("1", reply_id="r1", value="up", comment="对"), 202),
        (lambda: [feedback("1", reply_id="r1", value="down")], 202),
        (lambda: comment("1"), 401),
        (lambda: [feedback("1", reply_id="r1", value="up"), comment("2")], 401),
    ],
)
async def test_viewers_send_feedback_and_nothing_else(
    make_bench: MakeBench, make: Callable[[], Any], status: int
) -> None:
    bench = make_bench(host_key=KEY)
    transport = httpx.ASGITransport(bench.app, client=("10.0.0.7", 4000))
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.example") as client:
        assert (await client.post(EVENTS, json=make())).status_code == status
        assert len(bench.store.events.read(room="demo")) == (1 if status == 202 else 0)
        assert (await client.post(EVENTS, json=make(), headers=HOST)).status_code == 202
