"""From a question to candidates: dense and BM25 search, fused, inside the live limits."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from retrieval.catalog import Constraints, Records, Value
from retrieval.crossing import crossed
from retrieval.embeddings import Embedder
from retrieval.errors import EmbeddingFailed, IndexUnreadable
from retrieval.index import VectorIndex
from retrieval.lexical import LexicalIndex
from retrieval.needs import needed
from retrieval.stuffing import DEMOTED

_log = logging.getLogger(__name__)
_K = 60  # of reciprocal rank fusion, as in its paper
_DEPTH = 50  # places of each list that take part in fusion
_KEPT = 512  # vectors of the latest queries
_TEXTS = 20_000  # vectors of short texts compared with queries: 30 MB
_MEETING = 10  # places of the goods that meet a need
_MEETING_COUNTS = 2
_WIDE = 100  # places of each list that are held against limits before the whole shop is
Found = Sequence[tuple[str, float]]
Vector = NDArray[np.float32]


class Candidate(Value):
    """A product that may answer; ranks count from 1 and are None where a search missed it."""

    product_id: str
    score: float
    dense_rank: int | None = None
    lexical_rank: int | None = None


class Retriever:
    """Hybrid search over the shop as it is now. Calls block: make them in a thread."""

    def __init__(
        self, embedder: Embedder, index: VectorIndex, lexical: LexicalIndex, records: Records
    ) -> None:
        self._embedder, self._index = embedder, index
        self._lexical, self._records = lexical, records
        self._vectors: OrderedDict[str, Future[Vector]] = OrderedDict()
        self._texts: dict[str, Vector] = {}
        self._noting = threading.Lock()
        self._threads = ThreadPoolExecutor(8, thread_name_prefix="embed-query")

    def ahead(self, query: str) -> None:
        """Begin to embed `query`, which will be retrieved for soon. Returns at once."""
        if query.strip():
            self._embedded(query)

    def retrieve(self, query: str, constraints: Constraints, limit: int = 20) -> list[Candidate]:
        """The `limit` best candidates for `query` that keep every constraint, best first.

        Lists are fused by reciprocal ranks (Cormack, Clarke, Büttcher 2009); equal scores come
        by id, and products with stuffed texts after their like. An empty query gives the
        eligible products by id, and nothing where nothing is constrained. Limits are judged on
        the _WIDE best of each list first, and on the whole shop where too few of those keep
        them. Without usable vectors the words alone decide.
        """
        if not query.strip():
            ids = sorted(self._records.eligible(constraints) or ())[:limit]
            return [Candidate(product_id=key, score=0.0) for key in ids]
        if constraints.empty:
            return self._fused(self._lists(query, max(limit, _DEPTH), None), limit)
        # Judging the nearest few is far cheaper than judging the whole shop.
        lists = self._lists(query, _WIDE, None)
        near = frozenset(key for found in lists for key, _ in found)
        kept = self._records.eligible(constraints, near)
        if kept is None:  # they limit nothing after all
            kept = near
        if len(kept) >= limit:
            within = [[pair for pair in found if pair[0] in kept][:_DEPTH] for found in lists]
            return self._fused(within, limit)
        eligible = self._records.eligible(constraints)
        return self._fused(self._lists(query, max(limit, _DEPTH), eligible), limit)

    def near(self, query: str, texts: Sequence[str]) -> list[float]:
        """The cosine of each text with `query`; [] where nothing can be embedded."""
        try:
            own = self._embedded(query).result()
            missing = [text for text in dict.fromkeys(texts) if text not in self._texts]
            made = dict(zip(missing, self._embedder.passages(missing), strict=True))
        except EmbeddingFailed as error:
            _log.warning("comparing by words alone: %s", error)
            return []
        vectors = [made[text] if text in made else self._texts[text] for text in texts]
        if len(self._texts) > _TEXTS:
            self._texts = {}
        self._texts |= made
        return [float(own @ vector) for vector in vectors]

    def _lists(self, query: str, depth: int, ids: frozenset[str] | None) -> list[Found]:
        """The `depth` best products among `ids` (all where None), by vector and by word.

        The third list is by the kinds of goods that the query names, in the other language. What
        meets a need that is said as a situation comes last and counts for two lists, in place of
        what the words of the situation find, which is but chance.
        """
        if ids is not None and not ids:
            return []
        vector = self._embedded(query)  # made in another thread, beside the search by words
        goods = needed(query)
        meeting = self._lexical.search(goods, _MEETING, ids) if goods else []
        other = "" if goods else crossed(query)
        across = self._lexical.search(other, depth, ids) if other else []
        words = [] if goods else self._lexical.search(query, depth, ids)
        try:
            dense: Found = self._index.search(vector.result(), depth, ids)
        except (EmbeddingFailed, IndexUnreadable) as error:
            _log.warning("searching by words alone: %s", error)
            dense = []
        return [dense, words, across, *([meeting] * _MEETING_COUNTS)]

    def _embedded(self, query: str) -> Future[Vector]:
        """The vector of a query, made once for those who ask the same."""
        with self._noting:
            vector = self._vectors.pop(query, None)
            if vector is None or (vector.done() and vector.exception()):
                vector = self._threads.submit(self._embed, query)
            self._vectors[query] = vector
            if len(self._vectors) > _KEPT:
                self._vectors.popitem(last=False)
            return vector

    def _embed(self, query: str) -> Vector:
        (vector,) = self._embedder.queries([query])
        return np.asarray(vector, np.float32)

    def _fused(self, lists: Sequence[Found], limit: int) -> list[Candidate]:
        """The `limit` best of the lists together."""
        every = [_places(found) for found in lists]
        scores = {
            key: sum(1 / (_K + ranks[key]) for ranks in every if key in ranks)
            * (DEMOTED if self._lexical.stuffed(key) else 1)
            for key in dict.fromkeys(key for ranks in every for key in ranks)
        }
        best = sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))[:limit]
        return [
            Candidate(
                product_id=key,
                score=score,
                dense_rank=every[0].get(key),
                lexical_rank=every[1].get(key),
            )
            for key, score in best
        ]


def _places(found: Sequence[tuple[str, float]]) -> dict[str, int]:
    return {key: place for place, (key, _) in enumerate(found, start=1)}
