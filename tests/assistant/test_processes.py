"""Two service processes over real PostgreSQL, Redis and Chroma servers."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tests.fake_engine import Reply
from tests.shared_servers import MISSING, Cluster, Process, cluster, until

pytestmark = pytest.mark.slow
ROOM = "/api/v1/rooms/demo"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    try:
        with cluster(tmp_path_factory.mktemp("cluster")) as running:
            running.start(2)
            yield running
    except MISSING as reason:
        pytest.skip(str(reason))


def comment(viewer: str, text: str) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": viewer,
        "source": "test",
        "type": "live.comment",
        "subject": viewer,
        "time": datetime.now(UTC).isoformat(),
        "data": {"text": text},
    }


def post(process: Process, *comments: dict[str, Any]) -> httpx.Response:
    headers = {"Content-Type": "application/cloudevents-batch+json"}
    body = json.dumps(comments, ensure_ascii=False)
    return process.http.post(f"{ROOM}/events", content=body, headers=headers)


def read_feed(process: Process, after: int, wanted: str) -> tuple[int, dict[str, Any]]:
    """Follow the feed to the first item of this kind: its id and data."""
    with process.http.stream("GET", f"{ROOM}/feed", params={"after": after}) as stream:
        kind, seq = "", 0
        for line in stream.iter_lines():
            name, _, value = line.partition(": ")
            if name == "event":
                kind = value
            elif name == "id":
                seq = int(value)
            elif name == "data":
                data = json.loads(value)
                if kind == wanted:
                    return seq, data
    raise AssertionError("the feed ended")


def test_both_are_ready_and_one_has_the_room(shop: Cluster) -> None:
    for process in shop.processes:
        ready = process.http.get("/readyz").json()
        assert {name: part["state"] for name, part in ready["parts"].items()} == dict.fromkeys(
            ("records", "index", "engine", "page", "bus"), "ok"
        )
    assert shop.store.owners.living() == 2
    held = [p for p in shop.processes if 'room="demo"' in p.http.get("/metrics").text]
    assert held == [shop.owner()]


def test_what_is_asked_at_one_is_answered_in_the_feed_of_the_other(shop: Cluster) -> None:
    owner, other = shop.owner(), shop.other()
    assert post(other, comment("v1", "这个多少钱")).status_code == 202
    seq, answer = read_feed(other, 0, "answer")
    assert "79元" in answer["text"]
    assert read_feed(owner, 0, "answer") == (seq, answer)


def test_hosts_act_at_either(shop: Cluster) -> None:
    other = shop.other()
    other.http.put(f"{ROOM}/mode", json={"mode": "review"}).raise_for_status()
    post(other, comment("v2", "包邮吗")).raise_for_status()

    def waiting() -> list[dict[str, Any]]:
        queue = other.http.get(f"{ROOM}/questions").json()["questions"]
        return [one for one in queue if one["status"] == "review"]

    question = until(waiting)[0]
    key = {"Idempotency-Key": "approve-1"}
    for process in (other, *shop.processes):
        done = process.http.post(f"{ROOM}/questions/{question['id']}/approve", headers=key)
        assert done.json()["status"] == "answered"
    assert other.http.post(f"{ROOM}/questions/q0/dismiss").status_code == 404
    settled = other.http.post(f"{ROOM}/questions/{question['id']}/dismiss")
    assert settled.status_code == 409
    assert other.http.get(f"{ROOM}/pulse").json()["counts"]["answered"] >= 2
    other.http.post(f"{ROOM}/mute", json={"viewer": "troll"}).raise_for_status()
    assert "troll" in shop.store.live.mutes("demo")
    other.http.put(f"{ROOM}/mode", json={"mode": "auto"}).raise_for_status()


def test_a_price_changed_at_one_is_corrected_in_the_feed_of_the_other(shop: Cluster) -> None:
    owner, other = shop.owner(), shop.other()
    last = shop.store.live.last_fed("demo")
    variant = shop.store.catalog.product("pangdun-500").default_variant.id
    change = {"price": {"minor": 6900, "currency": "CNY"}}
    other.http.patch(f"/api/v1/variants/{variant}", json=change).raise_for_status()
    assert "69元" in read_feed(owner, last, "correction")[1]["text"]["zh"]


def test_a_product_imported_at_one_is_found_by_the_other(shop: Cluster) -> None:
    row = {"id": "zz-1", "title": {"zh": "琉璃风铃"}, "price": "66", "currency": "CNY", "stock": 3}
    one, other = shop.processes[:2]
    body = json.dumps(row) + "\n"
    one.http.post(
        "/api/v1/catalog/import", content=body, headers={"Content-Type": "application/jsonl"}
    ).raise_for_status()

    def found() -> bool:
        hits = other.http.get("/api/v1/catalog/search", params={"q": "琉璃风铃"}).json()["products"]
        return any(hit["product"]["id"] == "zz-1" for hit in hits)

    assert until(found)


def test_sigterm_lets_replies_end_and_hands_the_room_over(shop: Cluster) -> None:
    stopping = shop.owner()
    shop.start(1)
    last = shop.store.live.last_fed("demo")
    shop.engine.queue(Reply("可以先放进购物车看看。" * 12, next_token_s=0.05))
    before = len(shop.engine.requests)
    body, headers = {"message": "推荐一款送女朋友的礼物"}, {"Accept": "text/event-stream"}
    with (
        ThreadPoolExecutor(1) as pool,
        stopping.http.stream("POST", f"{ROOM}/chat", json=body, headers=headers) as stream,
    ):
        feed = pool.submit(stopping.http.get, f"{ROOM}/feed", params={"after": last})
        lines = stream.iter_lines()
        until(lambda: len(shop.engine.requests) > before and next(lines))
        stopping.popen.terminate()
        rest = list(lines)
        assert any('"type": "finish"' in line or '"type":"finish"' in line for line in rest)
        assert [line for line in rest if line][-1] == "data: [DONE]"
        assert feed.result(10).status_code == 200
    assert stopping.popen.wait(20) == 0
    assert until(lambda: shop.owner() is not stopping, 5)
    post(shop.owner(), comment("v9", "有赠品吗")).raise_for_status()
    assert until(lambda: _of(shop, last, "v9"))
    assert "Traceback" not in stopping.said()


def test_kill_minus_9_loses_nothing_and_the_room_goes_on(shop: Cluster) -> None:
    owner, other = shop.owner(), shop.other()
    last, acknowledged = shop.store.live.last_fed("demo"), set()
    questions = ("这个多少钱", "包邮吗", "有货吗")
    for number in range(60):
        process = (owner, other)[number % 2]
        if number == 30:
            owner.popen.kill()
            killed = time.monotonic()
        viewer = f"kill-{number}"
        try:
            if post(process, comment(viewer, questions[number % 3])).status_code == 202:
                acknowledged.add(viewer)
        except httpx.TransportError:
            pass
    assert len(acknowledged) >= 40
    until(lambda: shop.owner() is other)
    taken = time.monotonic() - killed
    post(other, comment("after", "怎么退货")).raise_for_status()
    found = until(lambda: _of(shop, last, "after"))
    assert taken < 10, f"taken over after {taken:.1f} s"
    assert found

    def heard() -> bool:
        return acknowledged <= {viewer for _, viewer in shop.store.live.all_askers("demo")}

    assert until(heard)
    # No record changes meanwhile: nothing has a reason to be answered again.
    given = Counter(
        (item.data["question_id"], item.data["language"])
        for item in shop.store.live.feed("demo", last, 1000, kinds=("answer",))
    )
    assert max(given.values()) == 1


def _of(shop: Cluster, after: int, viewer: str) -> bool:
    """Whether a question of this viewer has been answered."""
    items = shop.store.live.feed("demo", after, 1000, kinds=("answer",))
    return bool(shop.store.live.asked(viewer, [item.data["question_id"] for item in items]))
