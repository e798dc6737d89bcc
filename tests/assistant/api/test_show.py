"""The demo's show: begun once, told as it stands, broken off with the service."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.live.show import Show
from tests.assistant.api.bench import Bench, MakeBench
from tests.assistant.api.test_feed import live, read


@pytest.fixture
def bench(make_bench: MakeBench, tmp_path: Path) -> Bench:
    file = tmp_path / "show.jsonl"
    lines = [
        {"at": 0, "type": "live.product.on_air", "data": {"product_id": "lamp"}},
        {"at": 0, "type": "live.comment", "subject": "v1", "data": {"text": "这个多少钱"}},
        {"at": 60, "type": "live.stream.ended"},
    ]
    file.write_text("\n".join(map(json.dumps, lines)))
    made = make_bench()
    made.service.show = Show(file, "demo")
    return made


async def test_a_show_is_played_once_at_a_time(bench: Bench) -> None:
    async with live(bench) as client:
        before = (await client.get("/demo/show")).json()
        assert (before["at"], before["seconds"]) == (None, 60)
        assert before["lines"] == [{"at": 0, "by": "v1", "text": "这个多少钱"}]
        for _ in range(2):
            assert (await client.post("/demo/show")).status_code == 202
        kinds = [kind for _, kind, _ in await read(bench, 2)]
        assert kinds == ["on_air", "answer"]
        assert bench.store.rooms.get("demo").on_air == "lamp"
        assert (await client.get("/demo/show")).json()["at"] < 60
        await bench.service.show.stop()
        assert (await client.get("/demo/show")).json()["at"] is None


async def test_only_hosts_begin_it(make_bench: MakeBench) -> None:
    made = make_bench(host_key="a-long-host-key")
    async with live(made) as client:
        assert (await client.post("/demo/show")).status_code == 401
        assert (await client.get("/demo/show")).status_code == 200
