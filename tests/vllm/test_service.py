"""The whole service with a real vLLM server behind it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from assistant.store import Store
from eval.service import Service, running_service
from retrieval.catalog import (
    Attribute,
    Money,
    Product,
    RoomContext,
    RoomItem,
    Text,
    Variant,
    stock,
)
from tests.vllm.server import VllmServer

pytestmark = pytest.mark.vllm
CHAT = "/api/v1/rooms/demo/chat"
EVENTS = {"Accept": "text/event-stream"}
# Records answer these in part, the model the rest. One a test: the same again would be joined.
ASKED = {"message": "What material is the mug?", "locale": "en"}
PRICED = {"message": "How much is the mug and what material is it?", "locale": "en"}
CHINESE = {"message": "马克杯多少钱，是什么材质？", "locale": "zh"}
LONG = {"message": "Can you recommend a mug for someone who loves coffee?", "locale": "en"}
OTHERS = 8  # generations beside the one under test, which make it last


@pytest.fixture(scope="module")
def service(vllm_server: VllmServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service in a process of its own, with one mug, whose model is vLLM's."""
    home = tmp_path_factory.mktemp("service")
    with Store(f"sqlite:///{home / 'liveshop.db'}") as store:
        store.migrate()
        store.catalog.put_products([mug()])
        store.rooms.put(
            RoomContext(
                id="demo",
                title=Text(zh="示范直播间", en="Demo room"),
                on_air="mug",
                items=(RoomItem(number=1, product_id="mug"),),
            )
        )
    settings = {
        "LIVESHOP_LLM_BASE_URL": vllm_server.base_url,
        "LIVESHOP_LLM_MODEL": vllm_server.model,
        "LIVESHOP_LLM_FIRST_TOKEN_S": "60",
        "LIVESHOP_LLM_NEXT_TOKEN_S": "30",
        "LIVESHOP_LLM_MAX_TOKENS": "512",
    }
    vllm_server.ensure()
    with running_service(settings, home) as running:
        yield running


@pytest.fixture
def client(service: Service, vllm: VllmServer) -> Iterator[httpx.Client]:
    """A client of the service, once it has found vLLM."""
    service.wait("engine", seconds=60)
    with httpx.Client(base_url=service.url, timeout=120, trust_env=False) as made:
        yield made


def mug() -> Product:
    return Product(
        id="mug",
        title=Text(zh="马克杯", en="Stoneware Mug"),
        description=Text(
            zh="手感温润的陶杯，适合咖啡和茶。",
            en="A warm stoneware mug for coffee and tea, glazed by hand in a small pottery.",
        ),
        attributes=(
            Attribute(name=Text(zh="材质", en="Material"), value=Text(zh="陶", en="Stoneware")),
        ),
        variants=(
            Variant(
                id="mug-v",
                price=Money(minor=5900, currency="CNY"),
                availability=stock(30),
            ),
        ),
    )


def parts(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    """The payloads of an event stream, as they come."""
    for line in lines:
        if line.startswith("data: {"):
            yield json.loads(line.removeprefix("data: "))


def test_a_turn_as_json(client: httpx.Client, vllm: VllmServer) -> None:
    before = vllm.metric("generation_tokens_total")
    reply = client.post(CHAT, json=ASKED).raise_for_status().json()
    assert reply["text"]
    assert [card["id"] for card in reply["products"]] == ["mug"]
    assert "engine_unavailable" not in [notice["code"] for notice in reply["notices"]]
    assert reply["timings_ms"]["first_token"] > 0
    time.sleep(0.5)
    assert vllm.metric("generation_tokens_total") > before


def test_a_price_is_said_before_the_model_speaks(client: httpx.Client) -> None:
    with client.stream("POST", CHAT, json=CHINESE, headers=EVENTS) as answer:
        sent = list(parts(answer.iter_lines()))
    timings = sent[-1]["messageMetadata"]["timings_ms"]
    assert 0 < timings["first_sentence"] < timings["first_token"]


def test_the_openai_route_streams(client: httpx.Client) -> None:
    asked = {"model": "room:demo", "messages": [{"role": "user", "content": ASKED["message"]}]}
    with client.stream("POST", "/v1/chat/completions", json=asked | {"stream": True}) as answer:
        chunks = list(parts(answer.iter_lines()))
    text = "".join(c["choices"][0]["delta"].get("content") or "" for c in chunks if c["choices"])
    assert text


def test_hanging_up_frees_the_engine(client: httpx.Client, vllm: VllmServer) -> None:
    with vllm.busy(OTHERS):
        with client.stream("POST", CHAT, json=LONG, headers=EVENTS) as answer:
            stream = parts(answer.iter_lines())  # dropping it would hang up too early
            assert next(stream)["type"] == "start"
            vllm.wait_for_running(OTHERS + 1)
        vllm.wait_for_running(OTHERS, 5)


def test_a_server_killed_in_mid_reply(client: httpx.Client, vllm: VllmServer) -> None:
    with ExitStack() as stack:
        stack.enter_context(vllm.busy(OTHERS))
        answer = stack.enter_context(client.stream("POST", CHAT, json=PRICED, headers=EVENTS))
        stream = parts(answer.iter_lines())
        assert next(stream)["type"] == "start"
        vllm.wait_for_running(OTHERS + 1)
        vllm.kill()
        rest = list(stream)
    types = [part["type"] for part in rest]
    assert types[-1] == "finish"
    assert "data-product" in types
    assert "59" in "".join(part["delta"] for part in rest if part["type"] == "text-delta")
    codes = [part["data"]["code"] for part in rest if part["type"] == "data-notice"]
    assert "engine_unavailable" in codes
    again = client.post(CHAT, json=PRICED).raise_for_status().json()
    assert "59" in again["text"]
    assert "engine_unavailable" in [notice["code"] for notice in again["notices"]]
