"""The vLLM server that these tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from assistant.settings import Settings
from tests.vllm.server import PYTHON, VllmServer


@pytest.fixture(scope="session")
def vllm_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VllmServer]:
    """The server, not yet started."""
    folder = Settings().cache / "vllm" / VllmServer.model
    if not PYTHON.exists() or not folder.is_dir():
        raise FileNotFoundError(f"{PYTHON} or {folder} is missing; run: make test-vllm")
    server = VllmServer(folder, tmp_path_factory.mktemp("vllm") / "vllm.log")
    yield server
    server.stop()


@pytest.fixture
def vllm(vllm_server: VllmServer) -> VllmServer:
    """A running vLLM with nothing to do; started again after a test that killed it."""
    vllm_server.ensure()
    vllm_server.wait_for_running(0)
    return vllm_server
