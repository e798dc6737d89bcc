"""Bringing the search indexes to what the records say; only what differs is embedded."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple, Protocol

from assistant.store.catalog import CatalogStore
from assistant.store.index_lock import owning as owning
from retrieval.catalog import Product
from retrieval.embeddings import Embedder
from retrieval.errors import IndexUnreadable
from retrieval.index import VectorIndex
from retrieval.passages import passage, text_hash

EMBEDDED_AT_ONCE = 64
BATCHES_BEGUN = 2
PAGE = 500


class Filled(Protocol):
    """An index in memory: it is told of every product, and of each that is gone."""

    def put(self, product: Product) -> None: ...

    def remove(self, product_id: str) -> None: ...


class Synced(NamedTuple):
    """How many products were compared, embedded and taken out of the vector index."""

    products: int
    embedded: int
    removed: int


Progress = Callable[[Synced], None]


def sync(
    catalog: CatalogStore,
    embedder: Embedder,
    index: VectorIndex,
    lexical: Filled,
    names: Filled,
    progress: Progress | None = None,
    only: Collection[str] | None = None,
) -> Synced:
    """Brings all three indexes to the records: every product, or `only` those ids.

    A product whose text hash the vector index already holds is not embedded again; an index
    that cannot be read is emptied and filled. Raises EmbeddingFailed, Busy, and IndexUnreadable
    where emptying does not help.
    """
    held = _held(index, only)
    seen: set[str] = set()
    pending: list[tuple[Product, str]] = []
    embedded = 0
    # A batch is embedded and written while the next is read: the work of both fills the cores.
    with ThreadPoolExecutor(1, thread_name_prefix="index-batch") as behind:
        begun: deque[Future[int]] = deque()
        for page in _pages(catalog, only):
            for product in page:
                seen.add(product.id)
                names.put(product)
                lexical.put(product)
                fingerprint = text_hash(product)
                if held.get(product.id) != fingerprint:
                    pending.append((product, fingerprint))
                if len(pending) == EMBEDDED_AT_ONCE:
                    begun.append(behind.submit(_embed, embedder, index, pending))
                    pending = []
                while len(begun) > BATCHES_BEGUN:
                    embedded += begun.popleft().result()
            if progress:
                progress(Synced(len(seen), embedded, 0))
        if pending:
            begun.append(behind.submit(_embed, embedder, index, pending))
        embedded += sum(each.result() for each in begun)
    gone = (set(held) if only is None else set(only)) - seen
    for product_id in gone:
        names.remove(product_id)
        lexical.remove(product_id)
    removed = sorted(gone & set(held))
    index.delete(removed)
    synced = Synced(len(seen), embedded, len(removed))
    if progress:
        progress(synced)
    return synced


def rebuild(
    catalog: CatalogStore,
    embedder: Embedder,
    index: VectorIndex,
    lexical: Filled,
    names: Filled,
    progress: Progress | None = None,
) -> Synced:
    """Empties the vector index and embeds every product again. Raises as `sync` does."""
    index.reset()
    return sync(catalog, embedder, index, lexical, names, progress)


def open_index(place: Path | str, embedder: Embedder) -> VectorIndex:
    """The vector index at `place`, a folder or a URL; an empty one where it cannot be used.

    One that is unreadable, or was built by another embedding model, is emptied: `sync` fills it.
    """
    try:
        return VectorIndex(place, embedder.name)
    except IndexUnreadable:
        return VectorIndex.fresh(place, embedder.name)


def _held(index: VectorIndex, only: Collection[str] | None) -> dict[str, str]:
    try:
        return index.versions(only)
    except IndexUnreadable:
        index.reset()
        return {}


def _pages(catalog: CatalogStore, only: Collection[str] | None) -> Iterable[Sequence[Product]]:
    if only is None:
        return catalog.pages()
    ids = tuple(only)
    pages = (ids[at : at + PAGE] for at in range(0, len(ids), PAGE))
    return (list(catalog.products(page).values()) for page in pages)


def _embed(embedder: Embedder, index: VectorIndex, batch: Sequence[tuple[Product, str]]) -> int:
    """Embeds and writes a batch; returns its size."""
    products = [product for product, _ in batch]
    index.put(
        [product.id for product in products],
        embedder.passages([passage(product) for product in products]),
        [fingerprint for _, fingerprint in batch],
        [product.category.zh or product.category.en for product in products],
    )
    return len(batch)
