"""Limits: counted for each, told in headers, refused with the time to wait."""

from __future__ import annotations

import httpx
import pytest

from assistant.api.rates import Rates, headers
from tests.assistant.api.bench import HOST, KEY, Bench, MakeBench

CHAT = "/api/v1/rooms/demo/chat"
ASKED = {"message": "多少钱"}


def client_of(bench: Bench, address: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(bench.app, client=(address, 4000))
    return httpx.AsyncClient(transport=transport, base_url="http://shop.example")


def test_a_quota_comes_back_evenly() -> None:
    now = 1000.0
    rates = Rates(lambda: now)
    assert [rates.take("viewer", "a", 3).left for _ in range(3)] == [2, 1, 0]
    refused = rates.take("viewer", "a", 3)
    assert (refused.left, round(refused.wait_s, 3), refused.reset_s) == (0, 20.0, 60)
    assert rates.take("viewer", "b", 3).left == 2
    now += 20
    assert rates.take("viewer", "a", 3).wait_s == 0
    assert rates.take("viewer", "a", 3).wait_s > 0
    told = headers([rates.take("viewer", "c", 3)])
    assert told == {"RateLimit-Policy": '"viewer";q=3;w=60', "RateLimit": '"viewer";r=2;t=20'}


async def test_an_address_has_its_limit_and_others_theirs(make_bench: MakeBench) -> None:
    bench = make_bench(host_key=KEY, rate_address=2)
    async with client_of(bench, "10.0.0.7") as client:
        for left in (1, 0):
            answer = await client.post(CHAT, json=ASKED)
            assert answer.status_code == 200
            assert f'"address";r={left}' in answer.headers["ratelimit"]
        refused = await client.post(CHAT, json=ASKED)
        assert refused.status_code == 429
        assert 1 <= int(refused.headers["retry-after"]) <= 30
        assert refused.headers["content-type"] == "application/problem+json"
        body = {"model": "room:demo", "messages": [{"role": "user", "content": "多少钱"}]}
        openai = await client.post("/v1/chat/completions", json=body)
        assert openai.json()["error"]["type"] == "rate_limit_error"
        assert (await client.get("/healthz")).status_code == 200
        assert (await client.post(CHAT, json=ASKED, headers=HOST)).status_code == 200
    async with client_of(bench, "10.0.0.8") as client:
        assert (await client.post(CHAT, json=ASKED)).status_code == 200


async def test_viewers_rooms_and_keys_have_theirs(make_bench: MakeBench) -> None:
    bench = make_bench(host_key=KEY, rate_viewer=1, rate_room=2, rate_key=1)
    tokens = [bench.service.tokens.sign(name, "demo", "", 60)[0] for name in ("a", "b", "c")]
    async with client_of(bench, "10.0.0.7") as client:

        async def status(secret: str) -> int:
            headers = {"Authorization": f"Bearer {secret}"}
            return (await client.get("/api/v1/rooms/demo", headers=headers)).status_code

        assert [await status(tokens[0]), await status(tokens[0])] == [200, 429]
        assert [await status(tokens[1]), await status(tokens[2])] == [200, 429]  # the room's
        assert [await status(KEY), await status(KEY)] == [200, 429]


async def test_guessing_keys_is_limited(make_bench: MakeBench) -> None:
    bench = make_bench(host_key=KEY, rate_address=3)
    async with client_of(bench, "10.0.0.7") as client:
        headers = {"Authorization": "Bearer lsk_000000000000_x"}
        got = [(await client.get("/api/v1/rooms", headers=headers)).status_code for _ in range(4)]
    assert got == [401, 401, 401, 429]


@pytest.mark.parametrize(("proxies", "statuses"), [("", [200, 429]), ("10.0.0.1", [200, 200])])
async def test_a_proxy_is_believed_where_it_is_ours(
    make_bench: MakeBench, proxies: str, statuses: list[int]
) -> None:
    bench = make_bench(host_key=KEY, rate_address=1, proxies=proxies)
    got = []
    async with client_of(bench, "10.0.0.1") as client:
        for viewer in ("1.2.3.4", "1.2.3.5"):
            headers = {"X-Forwarded-For": f"9.9.9.9, {viewer}"}
            got.append((await client.get("/api/v1/rooms", headers=headers)).status_code)
    assert got == statuses


async def test_this_machine_has_no_limit(make_bench: MakeBench) -> None:
    bench = make_bench(rate_address=1, rate_key=1)
    transport = httpx.ASGITransport(bench.app, client=("127.0.0.1", 4000))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        got = [await client.get("/api/v1/rooms") for _ in range(5)]
    assert {answer.status_code for answer in got} == {200}
    assert "ratelimit" not in got[0].headers
