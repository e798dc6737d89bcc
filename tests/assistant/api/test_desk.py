"""The host's desk over HTTP: a question whole, mutes, the list, lines, one's own words."""

from __future__ import annotations

from typing import Any

import httpx

from tests.assistant.api.bench import HOST, KEY, Bench, MakeBench
from tests.assistant.api.test_events import EVENTS, comment
from tests.assistant.api.test_feed import ROOM, _first, live, read


async def _waiting(client: httpx.AsyncClient) -> dict[str, Any]:
    """A question under review."""
    await client.put(f"{ROOM}/mode", json={"mode": "review"})
    await client.post(EVENTS, json=comment("1"))
    return await _first(client, "review")


async def test_one_question_with_who_asked_it(bench: Bench) -> None:
    async with live(bench) as client:
        question = await _waiting(client)
        found = (await client.get(f"{ROOM}/questions/{question['id']}")).json()
        assert found["viewers"] == ["viewer-1"]
        assert found["question"]["status"] == "review"
        assert (await client.get(f"{ROOM}/questions/q0")).status_code == 404


async def test_words_that_break_a_rule_are_refused_with_reasons(bench: Bench) -> None:
    async with live(bench) as client:
        path = f"{ROOM}/questions/{(await _waiting(client))['id']}"
        refused = await client.post(f"{path}/edit", json={"text": "全网最低价，国家级品质"})
        assert refused.status_code == 422
        errors = refused.json()["errors"]
        assert {one["value"] for one in errors} >= {"国家级"}
        assert all(one["field"] == "text" and one["rule"] for one in errors)
        named = [one["rule"].rpartition(" (")[2].partition(",")[0] for one in errors]
        still = await client.post(
            f"{path}/edit", json={"text": "全网最低价，国家级品质", "despite": named}
        )
        assert still.status_code == 422
        sent = await client.post(f"{path}/edit", json={"text": "现价59元，喜欢可以拍"})
        assert sent.json()["status"] == "answered"


async def test_a_rule_of_medium_severity_is_the_hosts_to_judge(bench: Bench) -> None:
    async with live(bench) as client:
        path = f"{ROOM}/questions/{(await _waiting(client))['id']}"
        line = {"text": "This mug is eco-friendly."}
        findings = (await client.post("/api/v1/compliance/check", json=line)).json()["findings"]
        assert {one["severity"] for one in findings} == {"medium"}
        assert (await client.post(f"{path}/answer", json=line)).status_code == 422
        despite = [one["rule"] for one in findings]
        sent = await client.post(f"{path}/answer", json=line | {"despite": despite})
        assert sent.status_code == 200
        (kept,) = bench.store.events.read(room="demo", types=["host.answer"])
        assert kept.data["despite"] == despite


async def test_a_price_that_no_record_has_is_told_and_marked(bench: Bench) -> None:
    async with live(bench) as client:
        path = f"{ROOM}/questions/{(await _waiting(client))['id']}"
        line = {"text": "今天只要49元，喜欢可以拍"}
        room = ROOM.rpartition("/")[2]
        checked = await client.post("/api/v1/compliance/check", json=line | {"room": room})
        (found,) = checked.json()["findings"]
        assert (found["rule"], found["source"]) == ("records.price", "product:mug")
        assert "59元" in found["reason"]
        assert (await client.post("/api/v1/compliance/check", json=line)).json()["passed"]
        refused = await client.post(f"{path}/answer", json=line)
        assert refused.status_code == 422
        assert "records.price" in refused.json()["errors"][0]["rule"]
        sent = await client.post(f"{path}/answer", json=line | {"despite": ["records.price"]})
        assert sent.json()["handled"]["despite"] == ["records.price"]
        (line_of,) = (await client.get(f"{ROOM}/report")).json()["asked_most"]
        assert line_of["despite"] == ["records.price"]


async def test_the_second_host_reads_who_was_first(bench: Bench) -> None:
    async with live(bench) as client:
        path = f"{ROOM}/questions/{(await _waiting(client))['id']}"
        await client.post(f"{path}/approve", params={"by": "小王"})
        late = await client.post(f"{path}/dismiss", params={"by": "Li"})
        assert late.status_code == 409
        assert "approve by 小王" in late.json()["detail"]
        found = (await client.get(path)).json()["question"]["handled"]
        assert (found["deed"], found["by"]) == ("approve", "小王")
        again = await client.post(f"{path}/approve", params={"by": "Li"})
        assert again.json()["handled"]["by"] == "小王"
        items = await read(bench, 2, host=True)
        assert ("deed", "小王") in [(kind, data.get("by")) for _, kind, data in items]
        ((_, kind, _),) = await read(bench, 1)
        assert kind == "answer"


async def test_the_list_with_prices_and_the_muted(bench: Bench) -> None:
    async with live(bench) as client:
        await client.put(f"{ROOM}/on-air", json={"product_id": "lamp"})
        lamp, mug = (await client.get(f"{ROOM}/items")).json()
        assert (lamp["number"], mug["number"]) == (None, 1)
        assert mug["shown"]["variants"][0]["price"] == {"minor": 5900, "currency": "CNY"}
        assert lamp["product"]["variants"][0]["availability"]["available"] is False
        await client.post(f"{ROOM}/mute", json={"viewer": "troll"})
        assert (await client.get(f"{ROOM}/mute")).json() == {"viewers": ["troll"]}


async def test_lines_to_say(bench: Bench) -> None:
    async with live(bench) as client:
        said = (await client.post(f"{ROOM}/lines", json={"kind": "highlights"})).json()
        assert "59元" in said["lines"][0]["text"]
        to = {"kind": "transition", "product_id": "lamp", "language": "en"}
        said = (await client.post(f"{ROOM}/lines", json=to)).json()
        assert said["lines"][0]["text"] == "That was Mug. Next is Lamp."
        refused = await client.post(f"{ROOM}/lines", json={"kind": "transition"})
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["field"] == "product_id"
        assert (await client.post(f"{ROOM}/lines", json={"kind": "crowd"})).json()["lines"] == []


async def test_what_hosts_see_needs_their_key(make_bench: MakeBench) -> None:
    bench = make_bench(host_key=KEY)
    transport = httpx.ASGITransport(bench.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
        for path in (f"{ROOM}/mute", f"{ROOM}/questions/q1"):
            assert (await client.get(path)).status_code == 401
        assert (await client.post(f"{ROOM}/lines", json={"kind": "crowd"})).status_code == 401
        assert (await client.get(f"{ROOM}/mute", headers=HOST)).status_code == 200


async def test_metrics_count_what_rooms_do(bench: Bench) -> None:
    async with live(bench) as client:
        await _waiting(client)
        text = (await client.get("/metrics")).text
        assert 'liveshop_room_questions_total{room="demo"} 1.0' in text
        assert 'liveshop_room_in_review{room="demo"} 1.0' in text
