"""How well texts answer a query: our own cross-encoder, or any server that reranks."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import httpx
import numpy as np
import onnxruntime  # type: ignore[import-untyped]
from numpy.typing import NDArray
from tokenizers import Tokenizer

from retrieval.errors import ModelRefused, RerankFailed

Scores = NDArray[np.float32]
FORM = "liveshop-ranker/1"
FILES = ("model.onnx", "tokenizer.json")
_LARGEST = 200_000_000  # bytes of a file that is read at all
_TOGETHER = 10


class Relevance(Protocol):
    """Scores texts against a query. Calls block and may come from several threads at once."""

    @property
    def name(self) -> str: ...

    def scores(self, query: str, texts: Sequence[str]) -> Scores:
        """One number a text, higher for better, in order. Raises RerankFailed."""

    def ahead(self, texts: Sequence[str]) -> None:
        """Does for texts that will be scored what needs no query, if anything."""


class CrossEncoder:
    """A fine-tuned cross-encoder, INT8 ONNX: what `retrieval.training.export` writes.

    `folder` holds `model.onnx`, `tokenizer.json` and `card.json`, which names the SHA-256 of
    both. A pair is cut to `tokens`, the text rather than the query. Raises ModelRefused for a
    file that is missing, changed or of another form, before any of it is executed.
    """

    def __init__(self, folder: Path, *, tokens: int = 64, threads: int = 2) -> None:
        card, (model, tokenizer) = verified(folder, FORM, FILES)
        self.name = str(card["name"])
        self._whole = Tokenizer.from_buffer(tokenizer)
        self._tokenizer = Tokenizer.from_buffer(tokenizer)
        self._tokenizer.enable_truncation(tokens, strategy="only_second")
        self._longest_query = tokens // 2
        self._session = session(model, threads)

    def scores(self, query: str, texts: Sequence[str]) -> Scores:
        """Logits: 0 stands for even odds that a text is relevant."""
        if not texts:
            return np.empty(0, np.float32)
        asked = self._cut(query)
        pairs = self._tokenizer.encode_batch([(asked, _clean(text[:2000])) for text in texts])
        found = np.empty(len(texts), np.float32)
        # Texts of like length go together: padding costs as much as words.
        order = sorted(range(len(texts)), key=lambda place: len(pairs[place].ids))
        for start in range(0, len(order), _TOGETHER):
            places = order[start : start + _TOGETHER]
            ids = np.full((len(places), len(pairs[places[-1]].ids)), 1, np.int64)
            mask = np.zeros_like(ids)
            for row, place in enumerate(places):
                ids[row, : len(pairs[place].ids)] = pairs[place].ids
                mask[row, : len(pairs[place].ids)] = 1
            (logits,) = self._session.run(None, {"input_ids": ids, "attention_mask": mask})
            found[places] = logits.reshape(-1)
        return found

    def ahead(self, texts: Sequence[str]) -> None:
        """Nothing: the query comes first."""

    def _cut(self, query: str) -> str:
        """The query, cut so that a text has room beside it."""
        plain = _clean(query[:1000])
        encoded = self._whole.encode(plain, add_special_tokens=False)
        if len(encoded.ids) <= self._longest_query:
            return plain
        return plain[: encoded.offsets[self._longest_query][0]] or plain[: self._longest_query]


def _clean(text: str) -> str:
    """Without lone surrogates, which no tokenizer takes."""
    return text.encode("utf-8", "replace").decode()


def session(model: bytes, threads: int) -> Any:
    """An ONNX session on `threads` cores."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # Threads that wait by spinning would take the cores from the engine.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def card_of(folder: Path) -> dict[str, Any]:
    """The card of a ranker's folder. Raises ModelRefused where there is none."""
    try:
        card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelRefused(f"{folder / 'card.json'}: no card of a ranker: {error}") from error
    if not isinstance(card, dict):
        raise ModelRefused(f"{folder / 'card.json'}: no card of a ranker: not an object")
    return card


def verified(folder: Path, form: str, files: Sequence[str]) -> tuple[dict[str, Any], list[bytes]]:
    """The card of a ranker's folder and the bytes of its `files`, all as the card says they are."""
    card = card_of(folder)
    if card.get("form") != form or not card.get("name"):
        raise ModelRefused(f"{folder / 'card.json'}: form is not {form!r}, or there is no name")
    contents = []
    for name in files:
        path, pinned = folder / name, (card.get("sha256") or {}).get(name)
        try:
            size = path.stat().st_size
            content = path.read_bytes() if size <= _LARGEST else b""
        except OSError as error:
            raise ModelRefused(f"{path}: cannot be read: {error}") from error
        found = hashlib.sha256(content).hexdigest()
        if not content or found != pinned:
            raise ModelRefused(f"{path}: SHA-256 {found}, the card names {pinned}")
        contents.append(content)
    return card, contents


class HttpRerank:
    """Any server with a `/v1/rerank` in the form of Jina, Cohere and vLLM.

    `url` ends in /v1. A call takes `deadline_s` seconds at most, trickling answers included.
    """

    def __init__(self, url: str, model: str, *, api_key: str = "", deadline_s: float = 2.0) -> None:
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._client = httpx.Client(timeout=deadline_s, headers=headers, trust_env=False)
        self._url, self._model, self._deadline_s = url.rstrip("/") + "/rerank", model, deadline_s
        self.name = f"http/{model}"

    def ahead(self, texts: Sequence[str]) -> None:
        """Nothing: the server is asked with a query."""

    def scores(self, query: str, texts: Sequence[str]) -> Scores:
        """The server's `relevance_score`s as log odds where they are between 0 and 1."""
        if not texts:
            return np.empty(0, np.float32)
        answer = self._ask({"model": self._model, "query": query, "documents": list(texts)})
        try:
            results = json.loads(answer)["results"]
            found = {int(row["index"]): float(row["relevance_score"]) for row in results}
            scores = np.array([found[place] for place in range(len(texts))], np.float32)
        except (ValueError, KeyError, TypeError) as error:
            raise RerankFailed(f"{self._url}: not a rerank answer: {error!r}") from error
        if not np.isfinite(scores).all():
            raise RerankFailed(f"{self._url}: a score is not a finite number")
        if ((scores >= 0) & (scores <= 1)).all():
            inside = np.clip(scores, 1e-6, 1 - 1e-6)
            scores = np.log(inside / (1 - inside)).astype(np.float32)
        return scores

    def close(self) -> None:
        """Gives the connections back."""
        self._client.close()

    def _ask(self, body: dict[str, Any]) -> bytes:
        ends = time.monotonic() + self._deadline_s
        answer = bytearray()
        try:
            with self._client.stream("POST", self._url, json=body) as response:
                for piece in response.iter_bytes():
                    answer += piece
                    if time.monotonic() > ends or len(answer) > 1_000_000:
                        raise RerankFailed(f"{self._url}: no answer in {self._deadline_s:g} s")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise RerankFailed(f"{self._url}: {error or type(error).__name__}") from error
        if response.status_code != 200:
            said = bytes(answer[:200]).decode("utf-8", "replace")
            raise RerankFailed(f"{self._url}: status {response.status_code}: {said}")
        return bytes(answer)


class Resting:
    """A Relevance that leaves a failing one alone for `rest_s` seconds after each failure.

    Without it, a dead server would cost every question its deadline.
    """

    def __init__(self, inner: Relevance, rest_s: float = 10.0) -> None:
        self._inner, self._rest_s = inner, rest_s
        self._again_at, self._lock = 0.0, threading.Lock()
        self.name = inner.name

    def ahead(self, texts: Sequence[str]) -> None:
        """As the inner one."""
        self._inner.ahead(texts)

    def scores(self, query: str, texts: Sequence[str]) -> Scores:
        """As the inner one; raises RerankFailed at once while it rests."""
        with self._lock:
            if time.monotonic() < self._again_at:
                raise RerankFailed(f"{self.name}: failed a moment ago, not asked again yet")
        try:
            return self._inner.scores(query, texts)
        except RerankFailed:
            with self._lock:
                self._again_at = time.monotonic() + self._rest_s
            raise
