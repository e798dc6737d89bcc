"""The whole service in a process of its own, as `liveshop demo` starts it, over real HTTP."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from assistant.errors import SettingRefused
from assistant.serve import listening
from tests.fake_engine import Reply
from tests.running_demo import Demo, free_port, running_demo, wait_until_ready

CHAT = "/api/v1/rooms/demo/chat"


def test_a_taken_port_names_the_setting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingRefused, match=f"LIVESHOP_PORT has value {port}"):
            listening("127.0.0.1", port)


def test_an_address_that_is_not_ours_names_the_setting() -> None:
    with pytest.raises(SettingRefused, match=r"LIVESHOP_HOST has value '192\.0\.2\.1'"):
        listening("192.0.2.1", 0)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running_demo(tmp_path_factory.mktemp("home")) as running:
        yield running


def test_the_addresses_are_printed(demo: Demo) -> None:
    said = Path(demo.environment["LIVESHOP_HOME"], "stdout").read_text()
    url = f"http://127.0.0.1:{demo.environment['LIVESHOP_PORT']}"
    for address in (f"{url}/\n", f"{url}/docs\n", f"{url}/v1 "):
        assert address in said
    assert Path(demo.environment["LIVESHOP_HOME"], "stderr").read_text() == ""


def test_every_part_is_there(demo: Demo) -> None:
    parts = wait_until_ready(demo.http)["parts"]
    assert {name: part["state"] for name, part in parts.items()} == dict.fromkeys(
        ("records", "index", "engine", "page"), "ok"
    )
    page = demo.http.get("/")
    assert page.status_code == 200
    assert "gradio" in page.text
    assert "liveshop_engine_up 1.0" in demo.http.get("/metrics").text
    product = demo.http.get("/api/v1/rooms/demo/on-air").json()
    assert demo.http.get(product["media"][0]["url"]).status_code == 200


def test_a_question_is_answered_from_records_with_a_card(demo: Demo) -> None:
    card = demo.http.get("/api/v1/rooms/demo/on-air", params={"locale": "zh"}).json()
    reply = demo.http.post(CHAT, json={"message": f"{card['title']}多少钱？"}).json()
    assert reply["products"][0]["id"] == card["id"]
    assert str(reply["products"][0]["price"]["minor"] // 100) in reply["text"]
    assert reply["citations"]


def test_a_price_change_is_in_the_next_answer(demo: Demo) -> None:
    card = demo.http.get("/api/v1/rooms/demo/on-air").json()
    change = {"price": {"minor": 123400, "currency": card["price"]["currency"]}, "list_price": None}
    demo.http.patch(f"/api/v1/variants/{card['variant_id']}", json=change).raise_for_status()
    reply = demo.http.post(CHAT, json={"message": f"{card['title']}多少钱？"}).json()
    assert reply["products"][0]["version"] > card["version"]
    assert str(reply["products"][0]["price"]["minor"] // 100) in reply["text"].replace(",", "")


def test_hanging_up_stops_the_model(demo: Demo) -> None:
    before = len(demo.engine.requests)
    demo.engine.queue(Reply("可以看看。" * 200, next_token_s=0.2))
    body = {"message": "推荐一款送女朋友的礼物"}
    headers = {"Accept": "text/event-stream"}
    with demo.http.stream("POST", CHAT, json=body, headers=headers) as stream:
        for line in stream.iter_lines():
            if len(demo.engine.requests) > before and "text-delta" in line:
                break
    assert len(demo.engine.requests) == before + 1
    assert demo.engine.requests[-1].ended.wait(5)
    assert demo.engine.requests[-1].cancelled


def test_the_openai_door_answers(demo: Demo) -> None:
    said = demo.http.post(
        "/v1/chat/completions",
        json={"model": "room:demo", "messages": [{"role": "user", "content": "怎么发货？"}]},
    ).json()
    assert said["choices"][0]["message"]["content"]


def test_imports_go_through_the_service_that_owns_the_index(demo: Demo, tmp_path: Path) -> None:
    feed = tmp_path / "feed.jsonl"
    row = {"id": "zz-1", "title": {"zh": "琉璃风铃"}, "price": "66", "currency": "CNY", "stock": 3}
    feed.write_text(json.dumps(row) + "\n{broken\n", encoding="utf-8")
    done = demo.run("import", str(feed))
    assert done.stdout == "added 1, changed 0, unchanged 0, refused 1\n", done.stderr
    assert "line 2" in done.stderr
    wait_until_ready(demo.http)
    found = demo.http.get("/api/v1/catalog/search", params={"q": "风铃"}).json()
    assert found["products"][0]["product"]["id"] == "zz-1"
    rebuilt = demo.run("catalog", "rebuild-index")
    assert rebuilt.returncode == 2
    assert str(demo.process.pid) in rebuilt.stderr


def test_a_second_service_is_refused_in_one_line(demo: Demo) -> None:
    taken = demo.run("serve")
    assert taken.returncode == 2
    assert "LIVESHOP_PORT" in taken.stderr
    locked = demo.run("serve", port=str(free_port()))
    assert locked.returncode == 2
    assert f"process {demo.process.pid} owns the vector index" in locked.stderr
    assert "Traceback" not in locked.stderr


def test_it_stops_cleanly_and_leaves_nothing(demo: Demo) -> None:
    family = psutil.Process(demo.process.pid).children(recursive=True)
    demo.process.terminate()
    assert demo.process.wait(15) == 0
    assert not [child for child in family if child.is_running()]
    with pytest.raises(httpx.ConnectError):
        demo.http.get("/healthz")
    assert Path(demo.environment["LIVESHOP_HOME"], "stderr").read_text() == ""
