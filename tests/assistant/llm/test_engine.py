"""The embedded engine with a real, small model."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import psutil
import pytest
import pytest_asyncio

from assistant.errors import EngineUnavailable
from assistant.llm.client import LlmClient, Message
from assistant.llm.engine import Engine
from assistant.llm.weights import path_of
from assistant.settings import Settings

pytestmark = pytest.mark.asyncio(loop_scope="module")
WARM = [[("system", "Be brief.")]]
ASKED: tuple[Message, ...] = (("system", "Be brief."), ("user", "Count from one to fifty."))
MODEL = "smollm2-135m-instruct-q4_1"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def engine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Engine]:
    log = tmp_path_factory.mktemp("engine") / "engine.log"
    async with Engine(path_of(MODEL, Settings().cache), parallel=2, warm=WARM, log=log) as running:
        yield running


def client_of(engine: Engine) -> LlmClient:
    return LlmClient(engine.base_url, engine.model, engine.api_key, 30, 30, 64, 4)


async def running_requests(engine: Engine) -> float:
    headers = {"authorization": f"Bearer {engine.api_key}"}
    async with httpx.AsyncClient(trust_env=False, headers=headers) as http:
        text = (await http.get(engine.base_url.removesuffix("/v1") + "/metrics")).text
    names = ("llamacpp:requests_processing ", "llamacpp:requests_deferred ")
    return sum(float(x.split()[1]) for x in text.splitlines() if x.startswith(names))


async def eventually_idle(engine: Engine) -> None:
    async with asyncio.timeout(10):
        while await running_requests(engine):  # noqa: ASYNC110  it is another process's state
            await asyncio.sleep(0.02)


async def test_it_answers(engine: Engine) -> None:
    assert engine.ready
    async with client_of(engine) as client:
        assert await client.ready()
        text = "".join([piece async for piece in client.stream(ASKED, max_tokens=8)])
    assert text.strip()


async def test_it_is_niced_and_on_loopback_only(engine: Engine) -> None:
    child = psutil.Process(engine.pid)
    assert child.nice() > 0
    listening = [c for c in child.net_connections("tcp") if c.status == psutil.CONN_LISTEN]
    assert [c.laddr.ip for c in listening] == ["127.0.0.1"]


async def test_it_asks_for_its_key(engine: Engine) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.post(f"{engine.base_url}/chat/completions", json={"messages": []})
    assert answer.status_code == 401


async def test_closing_a_stream_frees_its_slot(engine: Engine) -> None:
    async with client_of(engine) as client:
        stream = client.stream(ASKED, max_tokens=2000)
        await anext(stream)
        assert await running_requests(engine) == 1
        await stream.aclose()
        await eventually_idle(engine)


async def test_a_killed_child_comes_back_at_the_same_address(engine: Engine) -> None:
    assert engine.pid
    url, pid = engine.base_url, engine.pid
    async with client_of(engine) as client:
        stream = client.stream(ASKED, max_tokens=2000)
        await anext(stream)
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(EngineUnavailable):
            async for _ in stream:
                pass
        async with asyncio.timeout(60):
            while not engine.ready or engine.pid == pid:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        assert engine.base_url == url
        assert await client.ready()
    assert not psutil.pid_exists(pid)


async def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(EngineUnavailable, match="did not load"):
        async with Engine(broken, log=tmp_path / "engine.log"):
            pass


def child_of_a_killed_parent(model: Path) -> int:
    """Process id of the engine's child, whose parent has been killed."""
    script = (
        "import asyncio, pathlib, sys\n"
        "from assistant.llm.engine import Engine\n"
        "async def main():\n"
        "    async with Engine(pathlib.Path(sys.argv[1]), parallel=1) as engine:\n"
        "        print(engine.pid, flush=True)\n"
        "        await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(model)], stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        parent.kill()
    return child


async def test_the_child_goes_with_its_parent() -> None:
    child = await asyncio.to_thread(child_of_a_killed_parent, path_of(MODEL, Settings().cache))
    end = time.monotonic() + 5
    while psutil.pid_exists(child) and time.monotonic() < end:  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    assert not psutil.pid_exists(child)
