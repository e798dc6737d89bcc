"""The vector index: product ids, vectors and text hashes in Chroma; the only home of chromadb.

It never holds price or stock and can be rebuilt from the records at any time. Vectors are
made elsewhere; the collection remembers which model made them.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast
from urllib.parse import urlsplit

import chromadb
import httpx
import numpy as np
from chromadb.api import ClientAPI
from chromadb.api.shared_system_client import SharedSystemClient
from chromadb.config import Settings
from chromadb.errors import ChromaError, InternalError, NotFoundError
from numpy.typing import NDArray

from retrieval.errors import IndexUnreadable

P = ParamSpec("P")
R = TypeVar("R")

_PAGE = 30_000  # SQLite binds 32,766 variables at most; Chroma fails beyond
_WRITE = 1_000
_DEADLINE_S = 30.0
_FEW = 64  # up to here, reading the vectors and multiplying beats a filtered query
_REMEDY = "rebuild it from the records: liveshop catalog rebuild"


class VectorIndex:
    """Vectors of products under cosine distance, nearest first.

    `place` is a folder (embedded; one process at a time) or the http(s) URL of a Chroma
    server. Every call blocks; calls from several threads are safe. Raises IndexUnreadable when
    the store cannot be read, or when another embedding model filled it; `fresh` and a rebuild
    cure both.
    """

    def __init__(
        self, place: Path | str, embedder_name: str, *, collection: str = "products"
    ) -> None:
        self._model, self._name = embedder_name, collection
        self._noting = threading.Lock()
        self._client = _guarded(_connected, place)
        try:
            self._collection = _guarded(self._opened)
            self._held = set(self.versions())
        except IndexUnreadable:
            _close(self._client)
            raise

    @classmethod
    def fresh(
        cls, place: Path | str, embedder_name: str, *, collection: str = "products"
    ) -> VectorIndex:
        """An empty index at `place`, whatever stood there and whichever model filled it.

        An embedded store that cannot even be opened is moved aside, to `place`.unreadable.
        """
        try:
            client = _guarded(_connected, place)
        except IndexUnreadable:
            if not isinstance(place, Path) or not place.is_dir():
                raise
            aside = place.with_name(place.name + ".unreadable")
            shutil.rmtree(aside, ignore_errors=True)
            place.rename(aside)
            client = _guarded(_connected, place)
        with suppress(NotFoundError):
            _guarded(client.delete_collection, collection)
        _close(client)
        return cls(place, embedder_name, collection=collection)

    def versions(self, only: Collection[str] | None = None) -> dict[str, str]:
        """Product id -> text hash of everything held, or of what is held of `only`."""
        if only is not None:
            return {key: v for ids in _chunks(list(only), _PAGE) for key, v in self._rows(ids=ids)}
        held: dict[str, str] = {}
        while True:
            page = self._rows(limit=_PAGE, offset=len(held))
            held |= page
            if len(page) < _PAGE:
                return held

    def _rows(self, **which: Any) -> list[tuple[str, str]]:
        """Id and text hash of some of what is held."""
        page = _guarded(self._collection.get, include=["metadatas"], **which)
        rows = cast("list[Mapping[str, str]]", page["metadatas"])
        return [(key, row["text_hash"]) for key, row in zip(page["ids"], rows, strict=True)]

    def put(
        self,
        ids: Sequence[str],
        vectors: NDArray[np.float32],
        hashes: Sequence[str],
        categories: Sequence[str],
    ) -> None:
        """Write products, replacing those held. `vectors` is (len(ids), dimension)."""
        rows = [
            {"text_hash": text_hash, "category": category}
            for text_hash, category in zip(hashes, categories, strict=True)
        ]
        for start in range(0, len(ids), _WRITE):
            end = start + _WRITE
            _guarded(
                self._collection.upsert,
                ids=list(ids[start:end]),
                embeddings=vectors[start:end],
                metadatas=cast(Any, rows[start:end]),
            )
            with self._noting:
                self._held = self._held.union(ids[start:end])

    def delete(self, ids: Sequence[str]) -> None:
        """Forget products; ids not held are passed over."""
        with self._noting:
            self._held = self._held.difference(ids)
        for chunk in _chunks(ids, _WRITE):
            _guarded(self._collection.delete, ids=chunk)

    def search(
        self, vector: NDArray[np.float32], limit: int, ids: frozenset[str] | None = None
    ) -> list[tuple[str, float]]:
        """The `limit` nearest products among `ids` (all where None), with their cosine."""
        try:
            return self._searched(vector, limit, ids)
        except _IdNotFound:
            # Chroma fails a whole query for one id that it does not hold (any more).
            self._held = set(self.versions())
            return self._searched(vector, limit, ids)

    def count(self) -> int:
        """Number of products held."""
        return _guarded(self._collection.count)

    def reset(self) -> None:
        """Drop everything and start an empty index for this embedding model."""
        with suppress(NotFoundError):
            _guarded(self._client.delete_collection, self._name)
        self._collection = _guarded(self._created)
        self._held = set()

    def close(self) -> None:
        """Let go of the store; the index is of no use afterwards."""
        _close(self._client)

    def _searched(
        self, vector: NDArray[np.float32], limit: int, ids: frozenset[str] | None
    ) -> list[tuple[str, float]]:
        held = self._held
        if ids is None or (len(ids) >= len(held) and ids >= held):
            return self._nearest(vector, min(limit, len(held)))
        eligible = ids & held
        if len(eligible) <= _FEW:
            return self._compared(vector, sorted(eligible))[:limit]
        if 2 * len(eligible) > len(held):
            # Most are eligible: asking for some more and dropping the rest is quickest.
            wide = self._nearest(vector, min(2 * limit + 32, len(held)))
            kept = [pair for pair in wide if pair[0] in eligible]
            if len(kept) >= limit:
                return kept[:limit]
        found: list[tuple[str, float]] = []
        for chunk in _chunks(sorted(eligible), _PAGE):
            found += self._nearest(vector, min(limit, len(chunk)), chunk)
        return sorted(found, key=_best_first)[:limit]

    def _nearest(
        self, vector: NDArray[np.float32], limit: int, ids: list[str] | None = None
    ) -> list[tuple[str, float]]:
        if limit < 1:
            return []
        answer = _guarded(
            self._collection.query,
            query_embeddings=vector[np.newaxis],
            n_results=limit,
            ids=ids,
            include=["distances"],
        )
        distances = cast("list[list[float]]", answer["distances"])[0]
        pairs = zip(answer["ids"][0], distances, strict=True)
        return sorted(((key, 1.0 - distance) for key, distance in pairs), key=_best_first)

    def _compared(self, vector: NDArray[np.float32], ids: list[str]) -> list[tuple[str, float]]:
        if not ids:
            return []
        answer = _guarded(self._collection.get, ids=ids, include=["embeddings"])
        if not answer["ids"]:
            return []
        cosines = np.asarray(answer["embeddings"], np.float32) @ vector
        return sorted(zip(answer["ids"], map(float, cosines), strict=True), key=_best_first)

    def _opened(self) -> chromadb.Collection:
        try:
            collection = self._client.get_collection(self._name, embedding_function=None)
        except NotFoundError:
            return self._created()
        model = (collection.metadata or {}).get("model")
        if model != self._model:
            raise IndexUnreadable(
                f"the index was built with embeddings {model!r}, "
                f"now set: {self._model!r}; {_REMEDY}"
            )
        some = collection.get(limit=1, include=["embeddings"])
        if some["ids"]:  # a query is what finds a graph on disk that cannot be read
            collection.query(query_embeddings=some["embeddings"], n_results=1, include=[])
        return collection

    def _created(self) -> chromadb.Collection:
        return self._client.create_collection(
            self._name,
            configuration={"hnsw": {"space": "cosine"}},
            metadata={"model": self._model},
            embedding_function=None,
        )


class _IdNotFound(IndexUnreadable):
    """A query named an id that the store does not hold."""


def _connected(place: Path | str) -> ClientAPI:
    settings = Settings(anonymized_telemetry=False)
    if isinstance(place, Path):
        try:
            return chromadb.PersistentClient(path=str(place), settings=settings)
        except Exception:
            # Chroma keeps a client that failed to start and hands it out for this path again.
            SharedSystemClient._identifier_to_system.pop(str(place), None)
            raise
    parts = urlsplit(place)
    secure = parts.scheme == "https"
    client = chromadb.HttpClient(
        host=parts.hostname or "localhost",
        port=parts.port or (443 if secure else 8000),
        ssl=secure,
        settings=settings,
    )
    for session in _sessions(client):
        session.timeout = httpx.Timeout(_DEADLINE_S)
    return client


def _sessions(client: ClientAPI) -> list[httpx.Client]:
    """Chroma's own HTTP sessions, which it gives no deadline and never closes."""
    owners = (client, getattr(client, "_admin_client", None))
    sessions = [getattr(getattr(owner, "_server", None), "_session", None) for owner in owners]
    return [session for session in sessions if isinstance(session, httpx.Client)]


def _close(client: ClientAPI) -> None:
    sessions = _sessions(client)
    cast(Any, client).close()
    for session in sessions:
        session.close()


def _guarded(call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """What `call` returns; what Chroma raises becomes IndexUnreadable."""
    try:
        return call(*args, **kwargs)
    except NotFoundError:
        raise
    except InternalError as error:
        kind = _IdNotFound if "finding id" in str(error) else IndexUnreadable
        raise kind(f"the index cannot be read: {error}; {_REMEDY}") from error
    except (ChromaError, httpx.HTTPError, ValueError, OSError) as error:
        raise IndexUnreadable(f"the index cannot be read: {error}; {_REMEDY}") from error


def _chunks(ids: Sequence[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(ids), size):
        yield list(ids[start : start + size])


def _best_first(pair: tuple[str, float]) -> tuple[float, str]:
    return -pair[1], pair[0]
