"""A service for a measurement: it says why it did not start, and waits for what it is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from eval.figures import CouldNotMeasure
from eval.service import Service, running_service


class _Parts(BaseHTTPRequestHandler):
    """A service whose index is done at the third look, and whose import refuses one row."""

    looks = 0

    def do_GET(self) -> None:
        type(self).looks += 1
        index = "ok" if self.looks > 2 else "degraded"
        states = {"records": {"state": "ok"}, "index": {"state": index}}
        self._answer(503 if self.looks == 1 else 200, {"parts": states})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(200, {"refused_total": 1, "refused": [{"line": 7}]})

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(422, {"detail": "no such room"})

    def _answer(self, status: int, body: object) -> None:
        sent = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def service() -> Iterator[Service]:
    class Parts(_Parts):
        pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Parts)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    with closing(Service(f"http://127.0.0.1:{server.server_port}/")) as asked:
        yield asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_it_waits_until_the_parts_are_ok(service: Service) -> None:
    assert service.parts() == {}
    service.wait("records", "index", seconds=10)
    assert service.parts()["index"] == "ok"


def test_a_part_that_never_comes_is_named(service: Service) -> None:
    with pytest.raises(CouldNotMeasure, match="engine not ok after"):
        service.wait("engine", seconds=0.5)


def test_a_refused_row_or_change_stops_the_measurement(service: Service) -> None:
    with pytest.raises(CouldNotMeasure, match='"line": 7'):
        service.import_feed(b"{}")
    with pytest.raises(CouldNotMeasure, match=r"PUT /api/v1/rooms: 422 .*no such room"):
        service.put("/api/v1/rooms", {})


def test_a_service_that_does_not_start_leaves_its_last_words() -> None:
    wrong = {"LIVESHOP_EMBEDDINGS": "http"}
    with (
        pytest.raises(CouldNotMeasure, match="LIVESHOP_EMBEDDINGS_URL"),
        running_service(wrong, engine=False),
    ):
        pass
