"""The catalogue over HTTP: reading, patching, importing, searching."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.assistant.api.bench import Bench


@pytest.fixture
async def client(bench: Bench) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(bench.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        yield client


def cny(minor: int) -> dict[str, Any]:
    return {"minor": minor, "currency": "CNY"}


def row(product_id: str, price: str = "10.00") -> dict[str, Any]:
    """A product as the native feed has it."""
    title = {"zh": f"商品{product_id}"}
    return {"id": product_id, "title": title, "price": price, "currency": "CNY", "stock": 9}


def feed(*rows: Any) -> bytes:
    return "\n".join(r if isinstance(r, str) else json.dumps(r) for r in rows).encode()


async def test_a_product_and_a_variant_are_read(client: httpx.AsyncClient) -> None:
    product = (await client.get("/api/v1/products/mug")).json()
    assert product["title"] == {"zh": "马克杯", "en": "Mug"}
    variant = (await client.get("/api/v1/variants/mug-v")).json()
    assert variant == product["variants"][0]
    for path in ("/api/v1/products/none", "/api/v1/variants/none"):
        assert (await client.get(path)).status_code == 404


async def test_price_and_stock_change_without_the_index(
    client: httpx.AsyncClient, bench: Bench
) -> None:
    url = "/api/v1/variants/mug-v"
    changed = (await client.patch(url, json={"price": cny(4900), "list_price": cny(5900)})).json()
    assert (changed["price"], changed["list_price"]) == (cny(4900), cny(5900))
    changed = (await client.patch(url, json={"stock": 2, "list_price": None})).json()
    assert changed["list_price"] is None
    assert changed["availability"]["status"] == "low_stock"
    changed = (await client.patch(url, json={"stock": None})).json()
    assert changed["availability"]["status"] == "unknown"
    assert bench.index_changes == []


async def test_of_two_hosts_who_change_the_same_the_second_is_told(
    client: httpx.AsyncClient,
) -> None:
    url = "/api/v1/variants/mug-v"
    seen = (await client.get(url)).json()["version"]
    first = await client.patch(url, json={"price": cny(4500), "version": seen})
    second = await client.patch(url, json={"price": cny(4000), "version": seen})
    assert (first.status_code, second.status_code) == (200, 409)
    assert f"version {first.json()['version']}" in second.json()["detail"]
    assert (await client.get(url)).json()["price"] == cny(4500)
    again = await client.patch(url, json={"price": cny(4000), "version": first.json()["version"]})
    assert again.json()["price"] == cny(4000)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"stock": -1}, 422),
        ({"stock": 1.5}, 422),
        ({"price": None}, 422),
        ({"price": {"minor": 49.9, "currency": "CNY"}}, 422),
        ({"price": {"minor": 4900, "currency": "yuan"}}, 422),
        ({"price": {"minor": 4900, "currency": "USD"}}, 409),
        ({"colour": "red"}, 422),
        ({"version": 1}, 422),
        ({"stock": 7, "version": -1}, 422),
        ({"stock": 7, "version": 99}, 409),
    ],
)
async def test_a_bad_patch_changes_nothing(
    client: httpx.AsyncClient, body: dict[str, Any], status: int
) -> None:
    before = (await client.get("/api/v1/variants/mug-v")).json()
    answer = await client.patch("/api/v1/variants/mug-v", json=body)
    assert answer.status_code == status
    assert answer.json()["detail"]
    assert (await client.get("/api/v1/variants/mug-v")).json() == before


async def test_a_products_texts_change_and_the_index_follows(
    client: httpx.AsyncClient, bench: Bench
) -> None:
    answer = await client.patch("/api/v1/products/mug", json={"title": {"zh": "大马克杯"}})
    assert answer.json()["title"] == {"zh": "大马克杯", "en": ""}
    assert answer.json()["version"] == 2
    assert bench.index_changes == ["mug"]
    refused = await client.patch("/api/v1/products/mug", json={"title": {}})
    assert refused.status_code == 422
    refused = await client.patch("/api/v1/products/mug", json={"variants": []})
    assert refused.json()["errors"][0]["field"] == "variants"


async def test_offers_and_policies_are_put_and_listed(client: httpx.AsyncClient) -> None:
    offer = {
        "id": "half",
        "kind": "nth_item",
        "title": {"zh": "第二件半价"},
        "nth": 2,
        "percent": 50,
    }
    put = await client.put("/api/v1/offers", json=offer)
    assert put.status_code == 200, put.text
    assert [one["id"] for one in put.json()] == ["half"]
    assert (await client.get("/api/v1/offers")).json() == put.json()
    policy = {
        "id": "ship",
        "kind": "shipping",
        "title": {"zh": "发货"},
        "text": {"zh": "48小时内发货"},
    }
    put = await client.put("/api/v1/policies", json=[policy])
    assert (await client.get("/api/v1/policies")).json() == put.json()
    broken = await client.put("/api/v1/policies", json=[policy | {"kind": "magic"}])
    assert broken.json()["errors"][0]["field"] == "[0].kind"


async def test_an_import_takes_the_good_rows_and_names_the_bad(
    client: httpx.AsyncClient, bench: Bench
) -> None:
    body = feed(row("a"), row("b", "-5"), "{broken", row("mug2"))
    answer = await client.post("/api/v1/catalog/import?format=jsonl", content=body)
    assert answer.status_code == 200, answer.text
    report = answer.json()
    assert (report["added"], report["changed"], report["refused_total"]) == (2, 0, 2)
    assert [refused["line"] for refused in report["refused"]] == [2, 3]
    assert all(refused["rule"] for refused in report["refused"])
    assert bench.index_changes == ["a", "mug2"]
    again = await client.post(
        "/api/v1/catalog/import", content=feed(row("a"), row("mug2", "11.00"))
    )
    assert (again.json()["unchanged"], again.json()["changed"]) == (1, 1)
    assert (await client.get("/api/v1/products/a")).status_code == 200


async def test_a_body_that_is_no_feed_is_422(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/catalog/import", content=b"\xff\xfe\x00nonsense")
    assert answer.status_code == 422
    answer = await client.post("/api/v1/catalog/import?format=parquet", content=b"x")
    assert answer.json()["errors"][0]["field"] == "format"


async def test_an_upload_is_streamed_in_pieces(client: httpx.AsyncClient) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for number in range(200):
            yield json.dumps(row(f"p{number:03}")).encode()
            yield b"\n"

    answer = await client.post("/api/v1/catalog/import", content=pieces())
    assert answer.json()["added"] == 200


async def test_search_keeps_hard_limits(client: httpx.AsyncClient) -> None:
    async def found(**params: Any) -> list[str]:
        answer = await client.get("/api/v1/catalog/search", params=params)
        return [hit["product"]["id"] for hit in answer.json()["products"]]

    assert await found(q="杯") == ["mug"]
    assert await found(q="台灯") == ["lamp"]
    assert await found(q="台灯", in_stock=True) == []
    assert await found(q="杯", price_max=5899, currency="CNY") == []
    assert await found(q="杯", price_max=5900, currency="CNY") == ["mug"]
    timed = await client.get("/api/v1/catalog/search", params={"q": "杯"})
    assert float(timed.headers["Server-Timing"].removeprefix("search;dur=")) > 0
    wrong = await client.get("/api/v1/catalog/search", params={"q": "x", "price_max": "cheap"})
    assert wrong.json()["errors"][0]["field"] == "price_max"


async def test_pictures(client: httpx.AsyncClient) -> None:
    picture = await client.get("/pictures/mug.svg")
    assert picture.headers["content-type"] == "image/svg+xml"
    assert "sandbox" in picture.headers["content-security-policy"]
    assert (await client.get("/pictures/none.svg")).status_code == 404
    for name in ("..%2Fshop0.db", "shop0.db", "%2e%2e"):
        assert (await client.get(f"/pictures/{name}")).status_code in (404, 422)
