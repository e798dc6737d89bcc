"""A real Redis for the tests, where one is installed: its own port, nothing on disk."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

START_S = 10.0


class NoRedis(Exception):
    """Why no server can be started here."""


class RedisServer:
    """A server that can be stopped and started again on the same port, empty each time."""

    def __init__(self, command: str, port: int, home: str) -> None:
        self._command, self.port, self._home = command, port, home
        self.url = f"redis://127.0.0.1:{port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Raises NoRedis."""
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", self._home]
        self._process = subprocess.Popen(
            [self._command, *options, "--save", "", "--appendonly", "no", "--daemonize", "no"],
            stdout=subprocess.DEVNULL,
        )
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                    connection.sendall(b"PING\r\n")
                    if connection.recv(16).startswith(b"+PONG"):
                        return
            except OSError:
                time.sleep(0.05)
        raise NoRedis(f"{self._command} does not answer on port {self.port}")

    def stop(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None


@contextmanager
def running() -> Iterator[RedisServer]:
    """A server of the test's own. Raises NoRedis."""
    command = shutil.which("redis-server")
    if command is None:
        raise NoRedis("no Redis here: redis-server is not on PATH")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    with TemporaryDirectory(prefix="liveshop-redis-") as home:
        server = RedisServer(command, port, home)
        try:
            server.start()
            yield server
        finally:
            server.stop()
