"""One turn over real HTTP: JSON, the UI message stream, hanging up, being full."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.assistant.api.bench import Bench

CHAT = "/api/v1/rooms/demo/chat"
EVENTS = {"Accept": "text/event-stream"}


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=10) as client:
        yield client


def parts(text: str) -> list[Any]:
    """The payloads of an event stream; "[DONE]" stays text."""
    payloads = [event.removeprefix("data: ") for event in text.strip().split("\n\n")]
    return [payload if payload == "[DONE]" else json.loads(payload) for payload in payloads]


def test_a_turn_as_json(client: httpx.Client, bench: Bench) -> None:
    sent = {"message": " 多少钱 ", "conversation_id": "c7", "viewer": "v1", "product_id": "mug"}
    reply = client.post(CHAT, json=sent).raise_for_status().json()
    assert reply["text"] == "现价59.00元。很适合送人。"
    assert reply["parts"] == [
        {"text": "现价59.00元。", "source": "records"},
        {"text": "很适合送人。", "source": "model"},
    ]
    assert reply["language"] == "zh"
    assert reply["conversation_id"] == "c7"
    assert [card["id"] for card in reply["products"]] == ["mug"]
    assert reply["products"][0]["price"] == {"minor": 5900, "currency": "CNY"}
    assert reply["citations"] == [{"record": "product:mug", "version": 1}]
    assert reply["notices"][0]["code"] == "ai_generated"
    assert reply["ai_generated"] is True
    assert reply["timings_ms"]["total"] == 1.0
    asked = bench.assistant.questions[0]
    assert (asked.text, asked.viewer, asked.product_id) == ("多少钱", "v1", "mug")
    assert asked.history is None


def test_a_turn_as_ui_message_stream_by_curl(address: str) -> None:
    command = ["curl", "-sN", "-D", "-", f"{address}{CHAT}", "-H", "Accept: text/event-stream"]
    command += ["-H", "Content-Type: application/json", "-d", '{"message": "多少钱"}']
    answer = subprocess.run(command, capture_output=True, check=True, timeout=10).stdout.decode()
    head, body = answer.split("\r\n\r\n", 1)
    assert "x-vercel-ai-ui-message-stream: v1" in head
    assert "content-type: text/event-stream" in head
    sent = parts(body)
    assert sent[-1] == "[DONE]"
    assert [part["type"] for part in sent[:-1]] == [
        "start",
        "data-notice",
        "text-start",
        "text-delta",
        "data-citation",
        "data-product",
        "text-delta",
        "text-end",
        "finish",
    ]
    assert sent[0]["messageMetadata"]["ai_generated"] is True
    texts = [part["delta"] for part in sent[:-1] if part["type"] == "text-delta"]
    assert "".join(texts) == "现价59.00元。很适合送人。"
    assert len({part["id"] for part in sent[:-1] if part["type"].startswith("text")}) == 1
    product = next(part for part in sent[:-1] if part["type"] == "data-product")
    assert product["data"]["price"]["minor"] == 5900
    assert sent[-2]["messageMetadata"]["timings_ms"]["total"] == 1.0
    allowed = {"type", "id", "messageId", "messageMetadata", "delta", "data"}
    assert {name for part in sent[:-1] for name in part} <= allowed


def test_a_price_change_is_in_the_next_answer(client: httpx.Client) -> None:
    changed = client.patch(
        "/api/v1/variants/mug-v", json={"price": {"minor": 4900, "currency": "CNY"}}
    )
    assert changed.json()["price"]["minor"] == 4900
    reply = client.post(CHAT, json={"message": "多少钱"}).json()
    assert reply["text"].startswith("现价49.00元。")


@pytest.mark.parametrize("headers", [EVENTS, {}])
def test_an_unknown_room_is_404_before_anything_is_streamed(
    client: httpx.Client, headers: dict[str, str]
) -> None:
    answer = client.post(CHAT.replace("demo", "none"), json={"message": "hi"}, headers=headers)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert "'none'" in answer.json()["detail"]


@pytest.mark.parametrize("headers", [EVENTS, {}])
def test_a_room_that_is_off_is_409(client: httpx.Client, headers: dict[str, str]) -> None:
    client.put("/api/v1/rooms/demo/mode", json={"mode": "off"}).raise_for_status()
    assert client.post(CHAT, json={"message": "hi"}, headers=headers).status_code == 409


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"message": "   "}, "message"),
        ({"message": "x" * 2001}, "message"),
        ({}, "message"),
        ({"message": "hi", "locale": "fr"}, "locale"),
        ({"message": "hi", "surprise": 1}, "surprise"),
        ({"message": 5}, "message"),
    ],
)
def test_bad_input_names_field_value_and_rule(
    client: httpx.Client, body: dict[str, Any], field: str
) -> None:
    answer = client.post(CHAT, json=body)
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["status"] == 422
    assert problem["errors"][0]["field"] == field
    assert problem["errors"][0]["rule"]
    assert len(problem["errors"][0]["value"]) <= 80


@pytest.mark.parametrize("headers", [EVENTS, {}])
def test_hanging_up_stops_the_turn(address: str, bench: Bench, headers: dict[str, str]) -> None:
    bench.assistant.hang = True
    with (
        pytest.raises(httpx.ReadTimeout),
        httpx.stream(
            "POST", address + CHAT, json={"message": "hi"}, headers=headers, timeout=0.5
        ) as answer,
    ):
        answer.read()
    assert bench.assistant.closed.wait(3)
    bench.assistant.hang = False
    with httpx.Client(base_url=address) as client:
        client.post(CHAT, json={"message": "hi"}).raise_for_status()
    assert bench.service.turns.running == 0


@pytest.mark.parametrize("headers", [EVENTS, {}])
def test_a_full_service_says_so_at_once(
    client: httpx.Client, bench: Bench, headers: dict[str, str]
) -> None:
    bench.service.turns.most = 0
    answer = client.post(CHAT, json={"message": "hi"}, headers=headers)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) >= 1


def test_a_mistake_of_ours_tells_the_client_nothing_but_its_id(
    client: httpx.Client, bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.assistant.fail = True
    answer = client.post(CHAT, json={"message": "hi"})
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "secret" not in answer.text
    assert answer.json()["correlation_id"] in caplog.text
    assert "secret of the house" in caplog.text


def test_a_mistake_in_mid_stream_is_an_error_part(client: httpx.Client, bench: Bench) -> None:
    bench.assistant.fail = True
    answer = client.post(CHAT, json={"message": "hi"}, headers=EVENTS)
    sent = parts(answer.text)
    assert sent[-2]["type"] == "error"
    assert "secret" not in answer.text
    assert sent[-1] == "[DONE]"


def test_while_the_shop_is_being_opened_chat_asks_to_come_back(
    client: httpx.Client, bench: Bench
) -> None:
    bench.service.shop = None
    answer = client.post(CHAT, json={"message": "hi"})
    assert answer.status_code == 503
    assert "retry-after" in answer.headers
