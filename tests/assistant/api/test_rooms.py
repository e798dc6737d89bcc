"""Rooms over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.assistant.api.bench import Bench


@pytest.fixture
async def client(bench: Bench) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(bench.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        yield client


async def test_rooms_are_put_and_listed(client: httpx.AsyncClient) -> None:
    room = {"id": "night", "title": {"zh": "夜场"}, "items": [{"number": 3, "product_id": "lamp"}]}
    put = await client.put("/api/v1/rooms", json=room)
    assert put.json()[0]["items"] == [{"number": 3, "product_id": "lamp"}]
    listed = (await client.get("/api/v1/rooms")).json()
    assert [room["id"] for room in listed] == ["demo", "night"]
    again = await client.put("/api/v1/rooms", json=listed)
    assert again.json() == listed


async def test_what_is_on_air_changes_and_ends(client: httpx.AsyncClient) -> None:
    for product_id in ("lamp", None):
        await client.put("/api/v1/rooms/demo/on-air", json={"product_id": product_id})
        assert (await client.get("/api/v1/rooms/demo")).json()["on_air"] == product_id


async def test_items_are_replaced_whole(client: httpx.AsyncClient) -> None:
    items = [{"number": 8, "product_id": "lamp"}]
    answer = await client.put("/api/v1/rooms/demo/items", json={"items": items})
    assert answer.json()["items"] == items


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/api/v1/rooms/demo/on-air", {"product_id": "none"}, "on_air"),
        ("/api/v1/rooms/demo/on-air", {}, "product_id"),
        ("/api/v1/rooms/demo/mode", {"mode": "loud"}, "mode"),
        (
            "/api/v1/rooms/demo/items",
            {"items": [{"number": 0, "product_id": "mug"}]},
            "items[0].number",
        ),
        (
            "/api/v1/rooms/demo/items",
            {"items": [{"number": 1, "product_id": "mug"}, {"number": 1, "product_id": "lamp"}]},
            "items[1].number",
        ),
        (
            "/api/v1/rooms/demo/items",
            {"items": [{"number": 1, "product_id": "none"}]},
            "items[0].product_id",
        ),
    ],
)
async def test_bad_input_changes_nothing_and_names_the_field(
    client: httpx.AsyncClient, path: str, body: object, field: str
) -> None:
    before = (await client.get("/api/v1/rooms/demo")).json()
    answer = await client.put(path, json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field
    assert (await client.get("/api/v1/rooms/demo")).json() == before


@pytest.mark.parametrize("part", ["on-air", "mode", "items"])
async def test_an_unknown_room_is_404(client: httpx.AsyncClient, part: str) -> None:
    bodies = {"on-air": {"product_id": "mug"}, "mode": {"mode": "auto"}, "items": {"items": []}}
    answer = await client.put(f"/api/v1/rooms/none/{part}", json=bodies[part])
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_path_or_method_that_is_not_there(client: httpx.AsyncClient) -> None:
    missing = await client.get("/api/v1/nothing")
    assert missing.status_code == 404
    assert missing.json()["title"] == "Not Found"
    wrong = await client.delete("/api/v1/rooms")
    assert wrong.status_code == 405
    assert wrong.headers["content-type"] == "application/problem+json"
    assert "GET" in wrong.headers["allow"]
