"""The feed and the merged queue over real HTTP, with the rooms at work behind it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from tests.assistant.api.bench import HOST, KEY, Bench, MakeBench
from tests.assistant.api.test_events import EVENTS, comment

ROOM = "/api/v1/rooms/demo"


@asynccontextmanager
async def live(bench: Bench) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the service, with its rooms running."""
    assert bench.service.shop
    for product in bench.store.catalog.page():
        bench.service.shop.live.parts.names.put(product)
    await bench.service.shop.live.start()
    transport = httpx.ASGITransport(bench.app)
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            yield client
    finally:
        await bench.service.shop.live.stop()


async def read(bench: Bench, count: int, **follow: Any) -> list[tuple[int, str, dict[str, Any]]]:
    """The next `count` items of the feed."""
    assert bench.service.shop
    found = []
    follow = {"after": 0, "viewer": None, "host": False} | follow
    stream = bench.service.shop.live.tail("demo").follow(**follow)
    async with asyncio.timeout(20):
        async for fed in stream:
            if fed:
                found.append((fed.seq, fed.kind, fed.data))
                if len(found) == count:
                    break
    await stream.aclose()
    return found


async def test_an_answer_comes_with_an_id_and_resumes(bench: Bench) -> None:
    async with live(bench) as client:
        await client.post(EVENTS, json=[comment("1"), comment("2", subject="viewer-2")])
        ((seq, kind, data),) = await read(bench, 1, viewer="viewer-2")
        assert kind == "answer"
        assert data["yours"] is True
        assert (data["askers"], data["products"][0]["id"]) == (2, "mug")
        assert "told" not in data
        await client.put(f"{ROOM}/on-air", json={"product_id": "lamp"})
        await client.post(f"{ROOM}/pin", json={"product_id": "mug"})
        rest = await read(bench, 2, after=seq, viewer="viewer-3")
        assert [kind for _, kind, _ in rest] == ["on_air", "pin"] or [
            kind for _, kind, _ in rest
        ] == ["pin", "on_air"]
        assert rest[0][0] > seq
        assert rest[0][2]["yours"] is False


async def test_the_queue_over_http(bench: Bench) -> None:
    async with live(bench) as client:
        await client.put(f"{ROOM}/mode", json={"mode": "review"})
        await client.post(EVENTS, json=comment("1"))
        question = await _first(client, "review")
        assert question["drafts"]["zh"]["text"].startswith("现价59.00元。")
        headers = {"Idempotency-Key": "once"}
        path = f"{ROOM}/questions/{question['id']}"
        for _ in range(2):
            sent = await client.post(f"{path}/approve", headers=headers)
            assert sent.status_code == 200
            assert sent.json()["status"] == "answered"
        assert len(bench.store.live.feed("demo", kinds=["answer"])) == 1
        refused = await client.post(f"{path}/dismiss")
        assert refused.status_code == 409
        assert (await client.post(f"{ROOM}/questions/q0/dismiss")).status_code == 404
        assert (await client.post(f"{path}/answer", json={"text": " "})).status_code == 422
        pulse = (await client.get(f"{ROOM}/pulse")).json()
        assert pulse["counts"]["answered"] == 1
        assert pulse["minutes"][-1]["questions"] == 1
        report = (await client.get(f"{ROOM}/report")).json()
        assert [line["askers"] for line in report["asked_most"]] == [1]
        assert report["asked_most"][0]["answer"].startswith("现价59.00元。")
        assert not report["unanswered"]


async def _first(client: httpx.AsyncClient, status: str) -> dict[str, Any]:
    """The first question of this status, once there is one."""
    for _ in range(1000):
        answer = await client.get(f"{ROOM}/questions", params={"status": status})
        found: list[dict[str, Any]] = answer.json()["questions"]
        if found:
            return found[0]
        await asyncio.sleep(0.02)
    raise TimeoutError(f"no question came to {status}")


async def test_a_host_who_leaves_leaves_no_task_behind(bench: Bench) -> None:
    async with live(bench) as client:
        await client.get(f"{ROOM}/pulse")
        await asyncio.sleep(0.1)
        assert bench.service.shop
        before = asyncio.all_tasks()
        stream = bench.service.shop.live.follow("demo", 0, None, host=True)
        kinds = {fed.kind for _ in range(3) if (fed := await anext(stream))}
        assert kinds == {"room", "queue", "pulse"}
        waiting = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0.05)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await stream.aclose()
        assert asyncio.all_tasks() - before == set()


async def test_events_change_prices_stock_and_what_is_on_air(bench: Bench) -> None:
    async with live(bench) as client:
        changes = [
            comment("1", type="live.product.on_air", data={"product_id": "lamp"}),
            comment("2", type="live.product.updated", data={"variant_id": "mug-v", "stock": 0}),
            comment(
                "3",
                type="live.product.updated",
                data={"variant_id": "mug-v", "price": {"minor": 4900, "currency": "CNY"}},
            ),
            comment(
                "4",
                type="live.offer.updated",
                data={
                    "id": "flash",
                    "kind": "flash_price",
                    "title": {"zh": "秒杀"},
                    "product_ids": ["mug"],
                    "amount": {"minor": 3900, "currency": "CNY"},
                },
            ),
            comment("5", type="live.product.on_air", data={"product_id": "none"}),
            comment("6", type="live.product.updated", data={"variant_id": "mug-v"}),
        ]
        receipt = (await client.post(EVENTS, json=changes)).json()
        assert receipt["accepted"] == 4
        assert [one["index"] for one in receipt["rejected"]] == [4, 5]
        assert "none" in receipt["rejected"][0]["errors"][0]["rule"]
        assert bench.store.rooms.get("demo").on_air == "lamp"
        variant = bench.store.catalog.variant("mug-v")[1]
        assert (variant.price.minor, variant.availability.quantity) == (4900, 0)
        assert [offer.id for offer in bench.store.catalog.offers()] == ["flash"]
        again = (await client.post(EVENTS, json=changes[:4])).json()
        assert again["duplicate"] == 4
        ended = comment("7", type="live.offer.updated", data={"id": "flash", "ended": True})
        assert (await client.post(EVENTS, json=ended)).status_code == 202
        assert not bench.store.catalog.offers()


async def test_the_feed_is_server_sent_events(address: str, bench: Bench) -> None:
    bench.store.live.feed("demo")
    async with (
        httpx.AsyncClient(base_url=address) as client,
        client.stream("GET", f"{ROOM}/feed", headers={"Last-Event-ID": "0"}) as stream,
    ):
        assert stream.headers["content-type"].startswith("text/event-stream")
        async for line in stream.aiter_lines():
            assert line == ": liveshop"
            break
    async with httpx.AsyncClient(base_url=address) as client:
        bad = await client.get(f"{ROOM}/feed", headers={"Last-Event-ID": "x"})
        assert bad.status_code == 422
        assert (await client.get("/api/v1/rooms/none/feed")).status_code == 404


async def test_a_host_s_feed_has_the_queue_and_the_pulse(make_bench: MakeBench) -> None:
    bench = make_bench(host_key=KEY)
    async with live(bench) as client:
        path = f"{ROOM}/feed?host=true"
        assert (await client.get(path)).status_code == 401
    with_key = make_bench(host_key=KEY)
    from tests.assistant.api.bench import serving

    with serving(with_key.app) as url:
        async with (
            httpx.AsyncClient(base_url=url) as client,
            client.stream("GET", path, headers=HOST) as stream,
        ):
            kinds = set()
            async for line in stream.aiter_lines():
                if line.startswith("event: "):
                    kinds.add(line.removeprefix("event: "))
                if line.startswith("data: ") and "pulse" in kinds:
                    assert "counts" in json.loads(line.removeprefix("data: "))
                    break
            assert kinds == {"room", "queue", "pulse"}


@pytest.mark.parametrize("path", ["questions", "pulse", "report", "feed?host=true"])
async def test_only_hosts_see_the_queue(make_bench: MakeBench, path: str) -> None:
    bench = make_bench(host_key=KEY)
    transport = httpx.ASGITransport(bench.app, client=("10.0.0.7", 4000))
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.example") as client:
        assert (await client.get(f"{ROOM}/{path}")).status_code == 401


async def test_who_comes_late_begins_with_the_last_answers(bench: Bench) -> None:
    async with live(bench) as client:
        for number, text in enumerate(["这个多少钱", "支持退货吗"]):
            await client.post(EVENTS, json=comment(str(number), data={"text": text}))
            await read(bench, number + 1)
        ((_, kind, data),) = await read(bench, 1, after=None, recent=1)
        assert (kind, data["question"]) == ("answer", "支持退货吗")


async def test_cards_are_those_of_this_moment(bench: Bench) -> None:
    async with live(bench) as client:
        asked = {"id": ["lamp", "mug", "none"], "variant": "mug-v", "locale": "en"}
        cards = (await client.get(f"{ROOM}/cards", params=asked)).json()
        assert [(card["id"], card["title"]) for card in cards] == [("lamp", "Lamp"), ("mug", "Mug")]
        assert cards[1]["number"] == 1
        assert (await client.get(f"{ROOM}/cards")).status_code == 422
