"""Signed webhooks: the secret, the time and the body all count."""

from __future__ import annotations

import json
import time

import httpx
import pytest

from assistant.api.webhook import signature
from tests.assistant.api.bench import KEY, MakeBench
from tests.assistant.api.test_events import EVENTS, comment

SECRET = "a-long-webhook-secret"


@pytest.mark.parametrize(
    ("secret", "signed_with", "age_s", "tamper", "status"),
    [
        (SECRET, SECRET, 0, False, 202),
        (SECRET, SECRET, 200, False, 202),
        (SECRET, SECRET, 400, False, 401),
        (SECRET, SECRET, -400, False, 401),
        (SECRET, "another", 0, False, 401),
        (SECRET, SECRET, 0, True, 401),
        (None, SECRET, 0, False, 403),
    ],
)
async def test_a_webhook_needs_secret_time_and_body(
    make_bench: MakeBench,
    secret: str | None,
    signed_with: str,
    age_s: int,
    tamper: bool,
    status: int,
) -> None:
    bench = make_bench(host_key=KEY, webhook_secret=secret)
    body = json.dumps([comment("1"), comment("2")]).encode()
    sent = str(int(time.time()) - age_s)
    headers = {
        "Content-Type": "application/cloudevents-batch+json",
        "Webhook-Timestamp": sent,
        "Webhook-Signature": signature(signed_with, sent, body),
    }
    transport = httpx.ASGITransport(bench.app, client=("10.0.0.7", 4000))
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.example") as client:
        answer = await client.post(
            EVENTS,
            content=body.replace(b"viewer-1", b"viewer-2") if tamper else body,
            headers=headers,
        )
    assert answer.status_code == status
    assert len(bench.store.events.read(room="demo")) == (2 if status == 202 else 0)
