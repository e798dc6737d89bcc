"""Our own pages as they are sent: policies, states, and who may hold the panel in a frame."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

import ui
from assistant.origins import RoomAccess
from tests.assistant.api.bench import Bench, MakeBench

FOLDER = Path(ui.__file__).parent
# What docs/embed.md states of each page.
BUDGETS = {"/panel": 60, "/console": 60, "/overlay/demo": 20, "/demo": 30}
KB, REQUESTS = 1024, 6


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    made = make_bench(embed_origins=("https://shop.example", "http://localhost:3000"))
    made.service.ui = FOLDER
    return made


@pytest.fixture
async def client(bench: Bench) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(bench.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        yield client


@pytest.fixture(params=list(BUDGETS))
def page(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def test_a_page_runs_our_scripts_alone(client: httpx.AsyncClient, page: str) -> None:
    answer = await client.get(page)
    policy = dict(
        part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["base-uri"] == policy["object-src"] == "'none'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert not re.search(r"<script(?![^>]* src=)|<style| style=| on\w+=", answer.text)


async def test_only_the_panel_stands_in_others_frames(client: httpx.AsyncClient, page: str) -> None:
    policy = (await client.get(page)).headers["content-security-policy"]
    ancestors = policy.partition("frame-ancestors ")[2]
    others = "'self' https://shop.example http://localhost:3000"
    assert ancestors == (others if page == "/panel" else "'self'")


async def test_a_room_says_who_may_embed_it(bench: Bench, client: httpx.AsyncClient) -> None:
    bench.store.access.put("demo", RoomAccess(origins=("https://stream.example",)))
    policy = (await client.get("/panel?room=demo")).headers["content-security-policy"]
    assert policy.endswith(" http://localhost:3000 https://stream.example")
    policy = (await client.get("/panel?room=other")).headers["content-security-policy"]
    assert "stream.example" not in policy


async def test_what_a_page_loads_is_there_and_kept(client: httpx.AsyncClient, page: str) -> None:
    links = re.findall(r'"(/ui/[^"]+)"', (await client.get(page)).text)
    assert links
    for link in links:
        answer = await client.get(link)
        assert answer.status_code == 200, link
        assert "immutable" in answer.headers["cache-control"]
    other = re.sub(r"/ui/\w+/", "/ui/000000000000/", links[0])
    assert (await client.get(other)).headers["cache-control"] == "no-cache"


async def test_a_page_loads_one_script_and_one_style_sheet(
    client: httpx.AsyncClient, page: str
) -> None:
    html = (await client.get(page)).text
    assert len(re.findall(r'<script[^>]* src="/ui/', html)) == 1
    assert len(re.findall('rel="stylesheet"', html)) == 1


async def test_what_a_client_has_is_not_sent_again(client: httpx.AsyncClient) -> None:
    first = await client.get("/panel")
    again = await client.get("/panel", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""


async def test_a_page_speaks_the_shops_language(bench: Bench, client: httpx.AsyncClient) -> None:
    assert '<html lang="zh"' in (await client.get("/panel")).text
    bench.service.settings.locale = "en"
    assert '<html lang="en"' in (await client.get("/panel")).text


@pytest.mark.parametrize("name", ["%2e%2e/settings.py", "chat.py", "panel/none.js", "..%2fx.css"])
async def test_nothing_else_is_sent(client: httpx.AsyncClient, name: str) -> None:
    link = re.findall(r'"(/ui/\w+/)', (await client.get("/panel")).text)[0]
    assert (await client.get(link + name)).status_code in (404, 422)


async def test_the_script_for_other_pages_may_be_loaded_by_them(client: httpx.AsyncClient) -> None:
    answer = await client.get("/live-assistant.js")
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["access-control-allow-origin"] == "*"


async def test_the_script_for_other_pages_stays_within_its_budget(
    client: httpx.AsyncClient,
) -> None:
    script = await client.get("/live-assistant.js")
    assert int(script.headers["content-length"]) <= 6 * KB


async def test_a_page_stays_within_its_budget(client: httpx.AsyncClient, page: str) -> None:
    """Compressed, as it is sent: the page and all that it loads of ours, its icons among them."""
    html = await client.get(page)
    links = {
        *re.findall(r'"(/ui/[^"]+|/live-[^"]+)"', html.text),
        "/ui/000000000000/shared/icons.svg",
    }
    sent = [html, *[await client.get(link) for link in links]]
    assert {answer.headers["content-encoding"] for answer in sent} == {"gzip"}
    assert len(sent) <= REQUESTS
    assert sum(int(answer.headers["content-length"]) for answer in sent) <= BUDGETS[page] * KB


def test_every_file_of_a_page_has_a_type_that_is_sent() -> None:
    from assistant.api.pages import TYPES

    folders = [path for path in FOLDER.iterdir() if path.is_dir() and path.name[0] not in "._"]
    files = [file for folder in folders for file in folder.rglob("*") if file.is_file()]
    assert files
    assert {file.suffix for file in files} <= set(TYPES)
