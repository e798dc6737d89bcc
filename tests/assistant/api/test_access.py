"""The table of access, walked: every route by every role, in its own room and in another."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from assistant.api import pages
from assistant.api.access import EVERYBODY, ROUTES
from assistant.store.keys import KeyRole
from retrieval.catalog import RoomContext, Text
from tests.assistant.api.bench import HOST, KEY, Bench, MakeBench

OUTSIDE = ("10.0.0.7", 4000)
OPERATIONS = [
    tuple(key.split(" ", 1)) for key in ROUTES if "/feed" not in key
]  # the feed goes on for ever: below
BODIES: dict[str, Any] = {
    "POST /v1/chat/completions": {
        "model": "room:demo",
        "messages": [{"role": "user", "content": "多少钱"}],
    },
    "POST /api/v1/rooms/{room}/chat": {"message": "多少钱"},
    "POST /api/v1/rooms/{room}/events": {
        "specversion": "1.0",
        "id": "1",
        "source": "s",
        "type": "reply.feedback",
        "data": {"reply_id": "r1", "value": "up"},
    },
    "PUT /api/v1/rooms/{room}/access": {},
    "POST /api/v1/rooms/{room}/viewer-tokens": {"viewer": "ann"},
}


@pytest.fixture(scope="module")
def bench(make_module_bench: MakeBench) -> Bench:
    bench = make_module_bench(host_key=KEY)
    bench.store.rooms.put(RoomContext(id="other", title=Text(zh="另一间")))
    return bench


@pytest.fixture
async def client(bench: Bench) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(bench.app, client=OUTSIDE, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.example") as client:
        yield client


def test_the_table_stands_in_the_docs() -> None:
    order = ("viewer", "connector", "host", "merchant", "metrics")
    written = (Path(__file__).parents[3] / "docs" / "security.md").read_text(encoding="utf-8")
    for key, access in ROUTES.items():
        roles = ", ".join(role for role in order if role in access.roles)
        said = "everybody" if access.roles == EVERYBODY else roles
        own = "; a viewer about themself" if access.own else ""
        assert f"| `{key}` | {said}{own} |" in written.splitlines(), key


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def headers_of(bench: Bench, role: str, room: str) -> dict[str, str]:
    """Somebody of `role`, for `room` alone."""
    if role == "anonymous":
        return {}
    if role == "viewer":
        return bearer(bench.service.tokens.sign("ann", room, "", 600)[0])
    if role == "host_key":
        return HOST
    kind: dict[str, KeyRole] = {"host": "host", "metrics": "metrics", "connector": "connector"}
    return bearer(bench.store.keys.create(kind.get(role, "merchant"), "", [room])[1])


def test_every_route_has_its_roles_and_every_row_a_route(bench: Bench) -> None:
    document = bench.app.openapi()["paths"]
    there = {f"{method.upper()} {path}" for path, found in document.items() for method in found}
    hidden = pages.router.routes  # our own pages are in no document
    there |= {f"GET {getattr(route, 'path_format', '')}" for route in hidden}
    assert there == set(ROUTES)


@pytest.mark.parametrize(
    "role", ["anonymous", "viewer", "host", "merchant", "connector", "metrics", "host_key"]
)
@pytest.mark.parametrize("asked", ["demo", "other"])
async def test_no_route_lets_in_whom_the_table_does_not(
    client: httpx.AsyncClient, bench: Bench, role: str, asked: str
) -> None:
    headers = headers_of(bench, role, "demo")
    kind = {"anonymous": "viewer", "host_key": "merchant"}.get(role, role)
    limited = role not in ("anonymous", "host_key")
    for method, path in OPERATIONS:
        key, access = f"{method} {path}", ROUTES[f"{method} {path}"]
        in_room = "{room}" in path
        url = path.replace("{room}", asked).replace("{id}", "none").replace("{viewer}", "bob")
        url = url.replace("{name}", "mug.svg").replace("{model}", f"room:{asked}")
        body = BODIES.get(key, {})
        if path == "/v1/chat/completions":
            in_room, body = True, {**body, "model": f"room:{asked}"}
        in_room = in_room or path == "/v1/models/{model}"
        may = kind in access.roles
        may = may and not (limited and access.shop)
        may = may and not (limited and in_room and asked != "demo")
        may = may or access.roles == EVERYBODY
        answer = await client.request(method, url, json=body, headers=headers)
        refused = answer.status_code in (401, 403)
        assert refused is not may, (key, role, asked, answer.status_code, answer.text)


@pytest.mark.parametrize("key", sorted(ROUTES))
async def test_an_ended_key_opens_nothing(
    client: httpx.AsyncClient, bench: Bench, key: str
) -> None:
    made, secret = bench.store.keys.create("merchant", "old")
    bench.store.keys.end(made.id)
    method, path = key.split(" ", 1)
    if ROUTES[key].roles != EVERYBODY:
        url = path.replace("{room}", "demo").replace("{model}", "room:demo")
        answer = await client.request(method, url, json=BODIES.get(key, {}), headers=bearer(secret))
        assert answer.status_code == 401, key


async def test_the_feed_asks_for_the_room_and_for_a_host(
    client: httpx.AsyncClient, bench: Bench
) -> None:
    mine = headers_of(bench, "viewer", "demo")
    other = await client.get("/api/v1/rooms/other/feed", headers=mine)
    assert other.status_code == 403
    queue = await client.get("/api/v1/rooms/demo/feed?host=true", headers=mine)
    assert queue.status_code == 403
    somebody = await client.get("/api/v1/rooms/demo/feed?viewer=bob", headers=mine)
    assert somebody.status_code == 403


async def test_a_closed_room_asks_for_a_token_everywhere(make_bench: MakeBench) -> None:
    bench = make_bench(host_key=KEY)
    transport = httpx.ASGITransport(bench.app, client=OUTSIDE)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.example") as client:
        closed = await client.put(
            "/api/v1/rooms/demo/access", json={"anonymous": False}, headers=HOST
        )
        assert closed.json() == {"anonymous": False, "origins": []}
        asked = {"message": "多少钱"}
        chat = await client.post("/api/v1/rooms/demo/chat", json=asked)
        assert chat.status_code == 401
        v1 = await client.post("/v1/chat/completions", json=BODIES["POST /v1/chat/completions"])
        assert v1.json()["error"]["type"] == "authentication_error"
        assert (await client.get("/v1/models")).json()["data"] == []
        assert (await client.get("/api/v1/rooms")).json() == []
        answer = await client.post(
            "/api/v1/rooms/demo/viewer-tokens", json={"viewer": "ann"}, headers=HOST
        )
        token = answer.json()["token"]
        chat = await client.post("/api/v1/rooms/demo/chat", json=asked, headers=bearer(token))
        assert chat.status_code == 200
    assert bench.assistant.questions[-1].viewer == "ann"


async def test_nobody_can_pretend_to_be_a_viewer_that_somebody_vouches_for(
    make_bench: MakeBench,
) -> None:
    bench = make_bench(host_key=KEY)
    token = bench.service.tokens.sign("ann", "demo", "", 600)[0]
    transport = httpx.ASGITransport(bench.app, client=OUTSIDE)
    asked = {"message": "多少钱", "viewer": "bob"}
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.example") as client:
        url = "/api/v1/rooms/demo/chat"
        assert (await client.post(url, json=asked, headers=bearer(token))).status_code == 403
        assert (await client.post(url, json=asked, headers=HOST)).status_code == 200
        assert (await client.post(url, json=asked)).status_code == 200
    vouched, claimed = (question.viewer for question in bench.assistant.questions)
    assert vouched == "bob"
    assert claimed is not None
    assert claimed.startswith("anonymous:")
    assert "bob" not in claimed


async def test_a_viewer_reads_and_erases_themself_alone(
    client: httpx.AsyncClient, bench: Bench
) -> None:
    mine = headers_of(bench, "viewer", "demo")
    assert (await client.get("/api/v1/viewers/ann", headers=mine)).status_code == 200
    off = await client.put(
        "/api/v1/viewers/ann/personalization", json={"enabled": False}, headers=mine
    )
    assert off.status_code == 200
    assert (await client.delete("/api/v1/viewers/ann", headers=mine)).status_code == 200
    assert (await client.delete("/api/v1/viewers/bob", headers=mine)).status_code == 403


async def test_viewers_send_what_they_do_and_take_nobody_elses_id(
    client: httpx.AsyncClient, bench: Bench
) -> None:
    view = {
        "specversion": "1.0",
        "id": "m-1",
        "source": "douyin/room-1",
        "type": "shop.view",
        "data": {"product_id": "mug"},
    }
    url = "/api/v1/rooms/demo/events"
    mine = headers_of(bench, "viewer", "demo")
    assert (await client.post(url, json=view)).status_code == 401
    assert (await client.post(url, json=view, headers=mine)).json()["accepted"] == 1
    bought = {**view, "type": "shop.purchase"}
    assert (await client.post(url, json=bought, headers=mine)).status_code == 403
    somebody = {**view, "id": "m-2", "subject": "bob"}
    assert (await client.post(url, json=somebody, headers=mine)).status_code == 403
    # The connector's own event of that id still counts.
    assert (await client.post(url, json=view, headers=HOST)).json()["accepted"] == 1
    kept = bench.store.events.read(types=("shop.view",))
    assert [(event.source, event.viewer) for event in kept] == [
        ("viewer/ann/douyin/room-1", "ann"),
        ("douyin/room-1", None),
    ]


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (None, 200),
        ("https://shop.example.org", 200),
        ("http://shop.example", 200),  # our own page, framed there
        ("https://evil.example", 403),
        ("null", 403),
    ],
)
async def test_a_token_is_for_pages_of_its_origin(
    client: httpx.AsyncClient, bench: Bench, origin: str | None, status: int
) -> None:
    token = bench.service.tokens.sign("ann", "demo", "https://shop.example.org", 600)[0]
    headers = bearer(token) | ({"Origin": origin} if origin else {})
    assert (await client.get("/api/v1/rooms/demo", headers=headers)).status_code == status


@pytest.mark.parametrize(
    "origin", ["shop.example", "https://shop.example/", "https://a.example:443", "*", "null"]
)
async def test_an_origin_is_written_as_browsers_do(client: httpx.AsyncClient, origin: str) -> None:
    url, body = "/api/v1/rooms/demo/access", {"origins": [origin]}
    assert (await client.put(url, json=body, headers=HOST)).status_code == 422
