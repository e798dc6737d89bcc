"""What is known of a viewer, erased or switched off, and recommendations without a question."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from assistant.events import LISTED
from assistant.outcomes import attributed
from tests.assistant.api.bench import HOST, KEY, Bench, MakeBench, product


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    bench = make_bench(host_key=KEY)
    bench.store.catalog.put_products(
        [
            product("cup", "钢杯", "Steel cup", 6900),
            product("cup-lid", "钢杯盖", "Steel cup lid", 900),
            product("gone", "钢杯套", "Steel cup sleeve", 900, 0),
        ]
    )
    return bench


@pytest.fixture
async def client(bench: Bench) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(bench.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        yield client


async def did(client: httpx.AsyncClient, number: int, kind: str, viewer: str, key: str) -> None:
    event = {
        "specversion": "1.0",
        "id": str(number),
        "source": "shop",
        "type": kind,
        "subject": viewer,
        "data": {"product_id": key},
    }
    answer = await client.post("/api/v1/rooms/demo/events", json=event, headers=HOST)
    assert answer.status_code == 202, answer.text


async def recommended(client: httpx.AsyncClient, **query: str | int) -> list[str]:
    answer = await client.get("/api/v1/rooms/demo/recommendations", params=query)
    assert answer.status_code == 200, answer.text
    return [one["product"]["id"] for one in answer.json()["products"]]


async def test_hard_limits_hold(client: httpx.AsyncClient) -> None:
    shown = await recommended(client, price_max=5900, currency="CNY", limit=50)
    assert "mug" in shown
    assert not {"lamp", "gone", "cup"} & set(shown)


async def test_an_event_counts_in_the_next_recommendation(client: httpx.AsyncClient) -> None:
    await did(client, 1, "shop.view", "ann", "mug")
    answer = await client.get("/api/v1/viewers/ann", headers=HOST)
    body = answer.json()
    assert body["profile"]["viewed"] == {"mug": 1.0}
    assert [event["type"] for event in body["events"]] == ["shop.view"]
    found = await client.get("/api/v1/rooms/demo/recommendations", params={"viewer": "ann"})
    assert found.json()["personalized"] is True


async def test_an_opt_out_leaves_no_trace_in_the_order(client: httpx.AsyncClient) -> None:
    nobody = await recommended(client)
    for number, key in enumerate(("mug", "cup", "cup-lid")):
        await did(client, number, "shop.purchase", "ann", key)
    off = await client.put(
        "/api/v1/viewers/ann/personalization", json={"enabled": False}, headers=HOST
    )
    assert off.json() == {"enabled": False}
    assert await recommended(client, viewer="ann") == nobody
    body = (await client.get("/api/v1/viewers/ann", headers=HOST)).json()
    assert (body["profile"], body["personalization"]) == (None, False)


async def test_erasing_keeps_the_opt_out_and_the_ids(client: httpx.AsyncClient) -> None:
    await did(client, 1, "shop.view", "ann", "mug")
    await client.put("/api/v1/viewers/ann/personalization", json={"enabled": False}, headers=HOST)
    gone = await client.delete("/api/v1/viewers/ann", headers=HOST)
    assert gone.json() == {"erased": 2}
    body = (await client.get("/api/v1/viewers/ann", headers=HOST)).json()
    assert body["personalization"] is False
    assert [event["type"] for event in body["events"]] == ["viewer.personalization"]
    await did(client, 1, "shop.view", "ann", "mug")  # the same (source, id): changes nothing
    assert len((await client.get("/api/v1/viewers/ann", headers=HOST)).json()["events"]) == 1


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_only_the_shop_reads_and_erases(client: httpx.AsyncClient, method: str) -> None:
    assert (await client.request(method, "/api/v1/viewers/ann")).status_code == 401


async def test_an_unknown_room_is_404(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/v1/rooms/none/recommendations")).status_code == 404


async def test_what_was_shown_is_noted_and_clicks_find_it(bench: Bench) -> None:
    transport = httpx.ASGITransport(bench.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        path = "/api/v1/rooms/demo/recommendations"
        query: dict[str, str | int] = {"viewer": "ann", "limit": 2}
        body = (await client.get(path, params=query, headers=HOST)).json()
        shown = [one["product"]["id"] for one in body["products"]]
        data = {"product_id": shown[0], "reply_id": body["reply_id"]}
        event = {
            "specversion": "1.0",
            "id": "1",
            "source": "shop",
            "type": "shop.click",
            "subject": "ann",
            "data": data,
        }
        await client.post("/api/v1/rooms/demo/events", json=event, headers=HOST)
    (noted,) = attributed(bench.store).showings
    assert (noted.reply_id, noted.viewer, noted.kind) == (body["reply_id"], "ann", LISTED)
    assert [(card.position, card.product_id) for card in noted.cards] == list(enumerate(shown))
    assert all(card.propensity == 1 and card.features["in_stock"] == 1 for card in noted.cards)
    assert noted.ranker == "shipped"
    assert noted.deeds == {shown[0]: {"shop.click"}}
