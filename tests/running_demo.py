"""`liveshop demo` in a process of its own, with a model server faked at the wire."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.fake_engine import FakeEngine

START_S = 120.0


@dataclass
class Demo:
    """A running `liveshop demo`."""

    process: subprocess.Popen[bytes]
    http: httpx.Client
    engine: FakeEngine
    environment: dict[str, str]

    def run(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """Another command in the same environment."""
        changed = {f"LIVESHOP_{name.upper()}": value for name, value in settings.items()}
        return subprocess.run(
            [sys.executable, "-m", "assistant.cli", *arguments],
            env=self.environment | changed,
            capture_output=True,
            text=True,
            timeout=120,
        )


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def wait_until_ready(http: httpx.Client) -> dict[str, Any]:
    """What /readyz says once every part is well."""
    end = time.monotonic() + START_S
    said: dict[str, Any] = {}
    while time.monotonic() < end:
        try:
            said = http.get("/readyz").json()
        except httpx.TransportError:
            said = {}
        if said.get("status") == "ready":
            return said
        time.sleep(0.2)
    raise TimeoutError(f"not ready after {START_S:g} s: {said}")


@contextmanager
def running_demo(home: Path, host_key: str | None = None) -> Iterator[Demo]:
    """The demo with its state under `home`, ready; its client is a host's."""
    port = free_port()
    clean = {k: v for k, v in os.environ.items() if not k.startswith("LIVESHOP_")}
    with FakeEngine("喜欢的话可以先放进购物车。") as engine:
        environment = clean | {
            "LIVESHOP_HOME": str(home),
            "LIVESHOP_PORT": str(port),
            "LIVESHOP_EXPLORATION": "0",
            "LIVESHOP_LLM_BASE_URL": engine.base_url,
            "LIVESHOP_LLM_MODEL": engine.model,
        }
        headers = {}
        if host_key:
            environment["LIVESHOP_HOST_KEY"] = host_key
            headers["Authorization"] = f"Bearer {host_key}"
        command = [sys.executable, "-m", "assistant.cli", "demo"]
        with (
            (home / "stdout").open("w") as stdout,
            (home / "stderr").open("w") as stderr,
            subprocess.Popen(command, env=environment, stdout=stdout, stderr=stderr) as process,
            httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=20) as http,
        ):
            try:
                wait_until_ready(http)
                yield Demo(process, http, engine, environment)
            finally:
                process.kill()
