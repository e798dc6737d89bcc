"""A line checked over HTTP: what is found, where, and why."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.assistant.api.bench import HOST, KEY, MakeBench, product


@pytest.fixture
async def client(make_bench: MakeBench) -> AsyncIterator[httpx.AsyncClient]:
    bench = make_bench(host_key=KEY)
    bench.store.catalog.put_products(
        [product("mask", "补水面膜", "Hydrating mask", 9900)],
    )
    transport = httpx.ASGITransport(bench.app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://127.0.0.1", headers=HOST
    ) as client:
        yield client


async def checked(client: httpx.AsyncClient, **line: str) -> dict[str, object]:
    answer = await client.post("/api/v1/compliance/check", json=line)
    assert answer.status_code == 200, answer.text
    body: dict[str, object] = answer.json()
    return body


async def test_a_lawful_line_passes(client: httpx.AsyncClient) -> None:
    assert await checked(client, text="这款杯子500毫升，最后一件。") == {
        "passed": True,
        "findings": [],
    }


@pytest.mark.parametrize(("language", "says"), [("zh", "绝对化用语"), ("en", "Superlatives")])
async def test_a_finding_says_where_and_why(
    client: httpx.AsyncClient, language: str, says: str
) -> None:
    line = "家人们😀，这是最 好的面霜！"
    body = await checked(client, text=line, language=language)
    assert body["passed"] is False
    assert isinstance(body["findings"], list)
    found = body["findings"][0]
    assert found["rule"] == "cn.ad.9-3.most"
    assert found["source"] == "中华人民共和国广告法 第九条第（三）项"
    assert found["date"] == "2021-04-29"
    assert says in found["reason"]
    assert found["severity"] == "high"
    assert line[found["start"] : found["end"]] == found["matched"] == "最 好的"


async def test_reasons_follow_the_lines_own_language(client: httpx.AsyncClient) -> None:
    for line, word in (("It cures cancer.", "disease"), ("它能治疗癌症。", "疾病")):
        body = await checked(client, text=line)
        assert isinstance(body["findings"], list)
        assert word in body["findings"][0]["reason"]


async def test_an_unknown_room_is_a_problem(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/compliance/check", json={"text": "好", "room": "none"})
    assert answer.status_code == 404


async def test_only_hosts_may_ask(client: httpx.AsyncClient) -> None:
    answer = await client.post(
        "/api/v1/compliance/check", json={"text": "好"}, headers={"Authorization": ""}
    )
    assert answer.status_code == 401
