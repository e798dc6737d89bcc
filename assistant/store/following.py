"""Keeping the search indexes behind the records while the service runs."""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Callable, Collection, Iterator
from functools import partial
from typing import Literal

from assistant.errors import LiveshopError
from assistant.store.catalog import CatalogStore
from assistant.store.index_sync import Filled, Synced, sync
from retrieval.catalog import Product
from retrieval.embeddings import Embedder
from retrieval.errors import RetrievalError
from retrieval.index import VectorIndex
from retrieval.lexical import LexicalIndex

log = logging.getLogger(__name__)
FOLLOWED_AT_ONCE = 2000
RETRY_S = 5.0
FROZEN_AT_ONCE = 500
Say = Callable[[Literal["ok", "degraded"], str], None]


class Following:
    """One thread that embeds what has changed, in the order of the changes.

    `say` hears of every step. A failure is logged and tried again after RETRY_S seconds; search
    by words and by name works meanwhile. Close it before what it works with.
    """

    def __init__(
        self,
        catalog: CatalogStore,
        embedder: Embedder,
        index: VectorIndex,
        lexical: LexicalIndex,
        names: Filled,
        say: Say,
    ) -> None:
        self._catalog, self._embedder, self._index = catalog, embedder, index
        self._lexical, self._names, self._say = lexical, names, say
        self._changed: dict[str, None] = {}
        self._news = threading.Condition()
        self._closing = False
        self._unfrozen = 0
        self._thread = threading.Thread(target=self._work, name="index-following", daemon=True)

    def start(self) -> None:
        """Read every product's names, then let words and vectors follow.

        Blocks for the first only, since a question is understood by them. Raises Busy where the
        database does not answer.
        """
        for page in self._catalog.pages():
            for product in page:
                self._names.put(product)
            self._keeps(len(page))
        self._say("degraded", "reading the words of the records")
        self._thread.start()

    def changed(self, ids: Collection[str]) -> None:
        """Let the indexes follow these products. Returns at once; any thread may call it."""
        if not ids:
            return
        with self._news:
            self._changed.update(dict.fromkeys(ids))
            self._say("degraded", f"{len(self._changed)} changed products to follow")
            self._news.notify()

    def close(self) -> None:
        """Stop after the batch at hand; what is left is found again at the next start."""
        with self._news:
            self._closing = True
            self._news.notify()
        if self._thread.is_alive():
            self._thread.join()

    def _work(self) -> None:
        for step in (self._fill_words, self._follow_all):
            while not self._tried(step):
                if self._closing:
                    return
        while True:
            with self._news:
                if not self._changed:
                    self._say("ok", f"{self._index.count()} products")
                self._news.wait_for(lambda: self._changed or self._closing)
                if self._closing:
                    return
                # Taken out first: a change that comes while its product is embedded counts again.
                batch = list(self._changed)[:FOLLOWED_AT_ONCE]
                for product_id in batch:
                    del self._changed[product_id]
            if not self._tried(partial(self._follow, batch)):
                self.changed(batch)
            else:
                self._keeps(len(batch))

    def _keeps(self, count: int) -> None:
        """So many products more stay in memory: no collection of garbage is to walk them.

        Without it those of a start with 10,000 products take longer than all else.
        """
        self._unfrozen += count
        if self._unfrozen >= FROZEN_AT_ONCE:
            self._unfrozen = 0
            gc.freeze()

    def _tried(self, step: Callable[[], None]) -> bool:
        """Whether the step went well; after a failure, only once it is time to try again."""
        try:
            step()
        except _Closing:
            return False
        except (LiveshopError, RetrievalError, OSError) as error:
            log.error("the index could not follow the records", exc_info=error)
            self._say("degraded", "could not follow the records; the log says why")
            with self._news:
                self._news.wait_for(lambda: self._closing, RETRY_S)
            return False
        return True

    def _fill_words(self) -> None:
        self._lexical.fill(self._every_product())
        self._lexical.refresh()
        self._say("degraded", "comparing the index with the records")

    def _every_product(self) -> Iterator[Product]:
        for page in self._catalog.pages():
            if self._closing:
                raise _Closing
            yield from page
            self._keeps(len(page))

    def _follow_all(self) -> None:
        in_memory = NotHere()
        sync(self._catalog, self._embedder, self._index, in_memory, in_memory, progress=self._step)

    def _follow(self, batch: Collection[str]) -> None:
        parts = (self._catalog, self._embedder, self._index, self._lexical, self._names)
        sync(*parts, progress=self._step, only=batch)
        self._lexical.refresh()  # here, so that no search waits for it

    def _step(self, synced: Synced) -> None:
        if self._closing:
            raise _Closing
        self._say("degraded", f"{synced.products} products compared, {synced.embedded} embedded")


class _Closing(Exception):
    """The service stops."""


class NotHere:
    """Stands for an index in memory that a sync is to leave alone."""

    def put(self, product: Product) -> None:
        pass

    def remove(self, product_id: str) -> None:
        pass
