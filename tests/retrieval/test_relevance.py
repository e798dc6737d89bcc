from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import numpy as np
import pytest

from retrieval.errors import ModelRefused, RerankFailed
from retrieval.relevance import CrossEncoder, HttpRerank, Resting, Scores


def test_scores_do_not_depend_on_the_texts_beside(tiny_ranker: Path) -> None:
    encoder = CrossEncoder(tiny_ranker)
    texts = ["mug", "lamp a b c a b c a b c", "杯", ""] * 6
    together = encoder.scores("a mug", texts)
    alone = np.array([encoder.scores("a mug", [text])[0] for text in texts])
    # Activations are quantized by the batch, hence not to the last digit.
    assert np.abs(together - alone).max() < 0.05
    assert encoder.scores("a mug", []).shape == (0,)


def test_a_long_query_leaves_room_for_the_text(tiny_ranker: Path) -> None:
    encoder = CrossEncoder(tiny_ranker, tokens=32)
    long = "a b c " * 400
    assert encoder.scores(long, ["mug"])[0] != encoder.scores(long, ["lamp"])[0]
    assert np.isfinite(encoder.scores("\ud800", ["\0 mug"])).all()


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_a_changed_file_is_refused(tiny_ranker: Path, tmp_path: Path, name: str) -> None:
    folder = shutil.copytree(tiny_ranker, tmp_path / "ranker")
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(ModelRefused, match=f"{name}: SHA-256"):
        CrossEncoder(folder)
    (folder / name).unlink()
    with pytest.raises(ModelRefused, match="cannot be read"):
        CrossEncoder(folder)


@pytest.mark.parametrize("card", ["", "[]", '{"form": "other/1", "name": "x"}', "\x00"])
def test_a_foreign_card_is_refused(tiny_ranker: Path, tmp_path: Path, card: str) -> None:
    folder = shutil.copytree(tiny_ranker, tmp_path / "ranker")
    (folder / "card.json").write_text(card)
    with pytest.raises(ModelRefused, match="card"):
        CrossEncoder(folder)


@contextmanager
def server(status: int, answer: object) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None: ...

    listening = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=listening.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.server_port}/v1"
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()


def test_a_server_reranks() -> None:
    rows = [{"index": 1, "relevance_score": 0.9}, {"index": 0, "relevance_score": 0.5}]
    with server(200, {"results": rows}) as url:
        client = HttpRerank(url, "reranker")
        scores = client.scores("q", ["a", "b"])
        client.close()
    assert scores[0] == pytest.approx(0, abs=1e-6)
    assert scores[1] == pytest.approx(np.log(9), rel=1e-3)


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (500, {}),
        (200, {"results": [{"index": 0, "relevance_score": 1}]}),
        (200, {"results": [{"index": 0}, {"index": 1}]}),
        (200, []),
    ],
)
def test_another_answer_is_an_error(status: int, answer: object) -> None:
    with server(status, answer) as url:
        client = HttpRerank(url, "reranker")
        with pytest.raises(RerankFailed, match="rerank"):
            client.scores("q", ["a", "b"])
        client.close()


def test_a_failing_one_rests() -> None:
    class Failing:
        name, asked = "failing", 0

        def scores(self, query: str, texts: list[str]) -> Scores:
            self.asked += 1
            raise RerankFailed("down")

    inner = Failing()
    resting = Resting(inner, rest_s=60)  # type: ignore[arg-type]
    for _ in range(3):
        with pytest.raises(RerankFailed):
            resting.scores("q", ["a"])
    assert inner.asked == 1
