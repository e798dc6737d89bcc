"""A liveshop service of its own for a measurement: its own port and home, gone afterwards."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from eval.figures import CouldNotMeasure

ROOT = Path(__file__).parent.parent
KEPT = ("LIVESHOP_CACHE", "LIVESHOP_MODELS_FROM")
# A port that nobody listens on: every generation fails at once and records answer alone.
NO_ENGINE = {"LIVESHOP_LLM_BASE_URL": "http://127.0.0.1:9/v1", "LIVESHOP_LLM_MODEL": "none"}
START_S, ENGINE_S, IMPORT_S, STOP_S, POLL_S = 400.0, 600.0, 1800.0, 20.0, 0.2


class Service:
    """A running service. `pid` is None for one that somebody else started."""

    def __init__(self, url: str, pid: int | None = None) -> None:
        key = os.environ.get("LIVESHOP_HOST_KEY")
        headers = {"Authorization": f"Bearer {key}"} if key and pid is None else {}
        self.url, self.pid = url.rstrip("/"), pid
        self._client = httpx.Client(base_url=self.url, headers=headers, timeout=60)

    def close(self) -> None:
        """Lets go of the connections; the service runs on."""
        self._client.close()

    def parts(self) -> dict[str, str]:
        """The state of each part, as /readyz says; nothing while it is not ready."""
        try:
            answer = self._client.get("/readyz", timeout=10).raise_for_status()
            return {name: part["state"] for name, part in answer.json()["parts"].items()}
        except (httpx.HTTPError, ValueError, KeyError):
            return {}

    def wait(self, *parts: str, seconds: float) -> None:
        """Returns when every one of `parts` is ok. Raises CouldNotMeasure after `seconds`."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            states = self.parts()
            if states and all(states.get(part) == "ok" for part in parts):
                return
            if self.pid is not None and not _alive(self.pid):
                raise CouldNotMeasure("the service stopped while it was starting")
            time.sleep(POLL_S)
        raise CouldNotMeasure(f"{', '.join(parts)} not ok after {seconds:.0f} s: {self.parts()}")

    def import_feed(self, feed: bytes) -> float:
        """Imports a native feed and waits until it is indexed. Returns the seconds it took."""
        begin = time.monotonic()
        try:
            answer = self._client.post("/api/v1/catalog/import", content=feed, timeout=IMPORT_S)
        except httpx.HTTPError as error:
            raise CouldNotMeasure(f"the import failed: {error!r}") from error
        if answer.status_code != 200 or answer.json()["refused_total"]:
            raise CouldNotMeasure(f"the import answered {answer.status_code}: {answer.text[:400]}")
        self.wait("records", "index", seconds=IMPORT_S)
        return time.monotonic() - begin

    def put(self, path: str, body: object, method: str = "PUT") -> None:
        """Changes something over REST. Raises CouldNotMeasure when the service refuses it."""
        try:
            answer = self._client.request(method, path, json=body)
        except httpx.HTTPError as error:
            raise CouldNotMeasure(f"{method} {path} failed: {error!r}") from error
        if answer.is_error:
            raise CouldNotMeasure(f"{method} {path}: {answer.status_code} {answer.text[:400]}")

    def peak_rss_mb(self) -> float | None:
        """The most memory the process has held, in MB; None where the system does not say."""
        status = Path(f"/proc/{self.pid}/status")
        if not status.exists():
            return None
        for line in status.read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / 1e6
        return None


def _alive(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG) == (0, 0)
    except ChildProcessError:
        return False


@contextmanager
def running_service(
    settings: Mapping[str, str],
    home: Path | None = None,
    *,
    engine: bool = True,
    log_to: Path | None = None,
) -> Iterator[Service]:
    """A service with `settings` (LIVESHOP_ names) in a child process, ready to answer.

    Its home is `home`, else a folder that goes with it; model files come from the shared cache.
    With `engine` it is ready once its engine is; its log is added to `log_to` if that is given.
    Raises CouldNotMeasure when it does not start.
    """
    with tempfile.TemporaryDirectory(prefix="liveshop-eval-") as folder:
        place = home or Path(folder)
        port = _free_port()
        kept = {k: v for k, v in os.environ.items() if k in KEPT or not k.startswith("LIVESHOP_")}
        path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
        own = {"LIVESHOP_HOME": str(place), "LIVESHOP_PORT": str(port), "PYTHONPATH": path}
        own["LIVESHOP_EXPLORATION"] = "0"  # two runs show the same
        with (log_to or Path(folder) / "service.log").open("a+b") as log:
            child = subprocess.Popen(
                [sys.executable, "-m", "assistant.cli", "serve"],
                env={**kept, **own, **settings},
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            service = Service(f"http://127.0.0.1:{port}", child.pid)
            try:
                service.wait("records", "index", seconds=START_S)
                if engine:
                    service.wait("engine", seconds=ENGINE_S)
                yield service
            except CouldNotMeasure as error:
                log.seek(max(0, log.seek(0, os.SEEK_END) - 2000))
                said = log.read().decode("utf-8", "replace").strip()
                raise CouldNotMeasure(f"{error}; the service's last words:\n{said}") from error
            finally:
                service.close()
                _stop(child)


def _stop(child: subprocess.Popen[bytes]) -> None:
    """Ends the service, and whatever of its session is left."""
    child.terminate()
    try:
        child.wait(STOP_S)
    except subprocess.TimeoutExpired:
        child.kill()
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
