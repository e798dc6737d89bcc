"""A real vLLM server, started and killed as a test needs it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx

REPOSITORY = Path(__file__).parents[2]
PYTHON = REPOSITORY / ".venv-vllm" / "bin" / "python"
START_S = 600.0


class VllmServer:
    """vLLM on the CPU with SmolLM2, on a loopback port. `ensure` starts it where it is not up."""

    model = "smollm2-135m-instruct"

    def __init__(self, folder: Path, log: Path) -> None:
        self.folder = folder
        self.log = log
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self._port}"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def base_url(self) -> str:
        return f"{self.address}/v1"

    def ensure(self) -> None:
        """Return once the server answers; RuntimeError with the end of its log if it cannot."""
        if self._process and self._process.poll() is None:
            return
        command = [str(PYTHON), "-m", "vllm.entrypoints.openai.api_server"]
        command += ["--model", str(self.folder), "--served-model-name", self.model]
        command += ["--host", "127.0.0.1", "--port", str(self._port), "--dtype", "bfloat16"]
        command += ["--max-model-len", "4096", "--max-num-seqs", "16", "--enforce-eager"]
        settings = {"VLLM_CPU_KVCACHE_SPACE": "1", "HF_HUB_OFFLINE": "1", "DO_NOT_TRACK": "1"}
        settings |= {"VLLM_NO_USAGE_STATS": "1"}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                env=os.environ | settings,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        end = time.monotonic() + START_S
        while time.monotonic() < end and self._process.poll() is None:
            try:
                if httpx.get(f"{self.address}/health", trust_env=False).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.5)
        self.kill()
        raise RuntimeError("vLLM did not start:\n" + self.log.read_text()[-4000:])

    def kill(self) -> None:
        """SIGKILL the server and every process of its own."""
        if self._process:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """End the server in order, or kill it after 20 s."""
        if self._process and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()

    @contextmanager
    def busy(self, generations: int) -> Iterator[None]:
        """Keep that many long generations running, so that another one takes seconds."""
        body = {"model": self.model, "prompt": "Once", "max_tokens": 3000, "ignore_eos": True}
        with ExitStack() as stack:
            client = stack.enter_context(httpx.Client(timeout=60, trust_env=False))
            for _ in range(generations):
                url = f"{self.base_url}/completions"
                stack.enter_context(client.stream("POST", url, json=body | {"stream": True}))
            self.wait_for_running(generations)
            yield

    def metric(self, name: str) -> float:
        """The sum of vLLM's own metric `name` over its labels."""
        text = httpx.get(f"{self.address}/metrics", trust_env=False).text
        lines = (line for line in text.splitlines() if line.startswith(f"vllm:{name}{{"))
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines)

    def wait_for_running(self, number: int, within_s: float = 20.0) -> None:
        """Return when exactly `number` requests run and none waits; else TimeoutError."""
        end = time.monotonic() + within_s
        running = -1.0
        while time.monotonic() < end:
            running = self.metric("num_requests_running")
            if running == number and self.metric("num_requests_waiting") == 0:
                return
            time.sleep(0.05)
        raise TimeoutError(f"{running:g} requests run after {within_s} s, not {number}")
