"""Real PostgreSQL, Redis and Chroma servers, and service processes that share them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx

from assistant.store import Store
from assistant.store.importing import import_feed
from retrieval.feeds import read_feed
from tests.assistant.live import redis_server
from tests.assistant.store import postgres
from tests.fake_engine import FakeEngine
from tests.running_demo import free_port, wait_until_ready

START_S = 60.0
PATIENCE_S = 30.0
MISSING = (postgres.NoPostgres, redis_server.NoRedis)


@dataclass
class Process:
    """One `liveshop serve`; its client is a host's."""

    popen: subprocess.Popen[bytes]
    http: httpx.Client
    home: Path

    def said(self) -> str:
        """What it has written to standard error."""
        return (self.home / "stderr").read_text()


@dataclass
class Cluster:
    """The servers, what is kept in them, and the processes that were started."""

    store: Store
    redis: redis_server.RedisServer
    engine: FakeEngine
    environment: dict[str, str]
    home: Path
    stack: ExitStack
    processes: list[Process] = field(default_factory=list)

    def start(self, number: int, **settings: str) -> list[Process]:
        """So many more processes, ready."""
        begun = [self._begun(settings) for _ in range(number)]
        for process in begun:
            wait_until_ready(process.http)
        return begun

    def _begun(self, settings: dict[str, str]) -> Process:
        home, port = self.home / f"process-{len(self.processes)}", free_port()
        home.mkdir()
        own = {"LIVESHOP_HOME": str(home), "LIVESHOP_PORT": str(port)}
        own |= {f"LIVESHOP_{name.upper()}": value for name, value in settings.items()}
        with (home / "stdout").open("w") as stdout, (home / "stderr").open("w") as stderr:
            popen = subprocess.Popen(
                [sys.executable, "-m", "assistant.cli", "serve"],
                env=self.environment | own,
                stdout=stdout,
                stderr=stderr,
            )
        http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20)
        self.stack.callback(http.close)
        self.stack.callback(popen.wait)
        self.stack.callback(popen.kill)
        process = Process(popen, http, home)
        self.processes.append(process)
        return process

    def owner(self, room: str = "demo") -> Process:
        """The process that works on the room."""
        owner = until(lambda: self.store.owners.owner_of(room))
        return next(p for p in self.processes if f":{p.popen.pid}:" in owner)

    def other(self, room: str = "demo") -> Process:
        """A living process that does not."""
        owner = self.owner(room)
        return next(p for p in self.processes if p is not owner and p.popen.poll() is None)


def until(true: Callable[[], Any], patience_s: float = PATIENCE_S) -> Any:
    """What `true` returns once it is something."""
    end = time.monotonic() + patience_s
    while not (found := true()):
        if time.monotonic() > end:
            raise TimeoutError(f"it did not come to pass within {patience_s:g} s")
        time.sleep(0.05)
    return found


@contextmanager
def cluster(home: Path) -> Iterator[Cluster]:
    """The servers with the demo shop in them. Raises one of MISSING."""
    with ExitStack() as stack:
        database = stack.enter_context(postgres.running())
        redis = stack.enter_context(redis_server.running())
        chroma = stack.enter_context(_chroma(home / "chroma"))
        engine = stack.enter_context(FakeEngine("喜欢的话可以先放进购物车。"))
        store = stack.enter_context(Store(database))
        store.migrate()
        import_feed(read_feed(Path(str(files("assistant") / "demo_shop" / "shop.jsonl"))), store)
        clean = {k: v for k, v in os.environ.items() if not k.startswith("LIVESHOP_")}
        environment = clean | {
            "LIVESHOP_DATABASE_URL": database,
            "LIVESHOP_REDIS_URL": redis.url,
            "LIVESHOP_CHROMA_URL": chroma,
            "LIVESHOP_TOKEN_SECRET": "s" * 32,
            "LIVESHOP_LLM_BASE_URL": engine.base_url,
            "LIVESHOP_LLM_MODEL": engine.model,
        }
        yield Cluster(store, redis, engine, environment, home, stack)


@contextmanager
def _chroma(folder: Path) -> Iterator[str]:
    """A Chroma server as `chroma run` starts it; yields its URL."""
    port = free_port()
    command = [str(Path(sys.executable).with_name("chroma")), "run", "--path", str(folder)]
    with subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            url = f"http://127.0.0.1:{port}"
            until(lambda: _answers(f"{url}/api/v2/heartbeat"), START_S)
            yield url
        finally:
            server.kill()


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).is_success
    except httpx.TransportError:
        return False
