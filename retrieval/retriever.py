"""From a question to candidates: dense and BM25 search, fused, inside the live limits."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from retrieval.catalog import Constraints, Records, Value
from retrieval.embeddings import Embedder
from retrieval.errors import EmbeddingFailed, IndexUnreadable
from retrieval.index import VectorIndex
from retrieval.lexical import LexicalIndex

_log = logging.getLogger(__name__)
_K = 60  # of reciprocal rank fusion, as in its paper
_DEPTH = 50  # places of each list that take part in fusion


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

    def retrieve(self, query: str, constraints: Constraints, limit: int = 20) -> list[Candidate]:
        """The `limit` best candidates for `query` that keep every constraint, best first.

        Lists are fused by reciprocal ranks (Cormack, Clarke, Büttcher 2009); equal scores come
        by id. An empty query gives the eligible products by id, and nothing where nothing is
        constrained. Without usable vectors the words alone decide.
        """
        eligible = self._records.eligible(constraints)
        if not query.strip():
            ids = sorted(eligible or ())[:limit]
            return [Candidate(product_id=key, score=0.0) for key in ids]
        if eligible is not None and not eligible:
            return []
        depth = max(limit, _DEPTH)
        dense = _places(self._dense(query, depth, eligible))
        lexical = _places(self._lexical.search(query, depth, eligible))
        candidates = [
            Candidate(
                product_id=key,
                score=sum(1 / (_K + ranks[key]) for ranks in (dense, lexical) if key in ranks),
                dense_rank=dense.get(key),
                lexical_rank=lexical.get(key),
            )
            for key in dense.keys() | lexical.keys()
        ]
        candidates.sort(key=lambda candidate: (-candidate.score, candidate.product_id))
        return candidates[:limit]

    def _dense(
        self, query: str, depth: int, eligible: frozenset[str] | None
    ) -> Sequence[tuple[str, float]]:
        try:
            return self._index.search(self._embedder.queries([query])[0], depth, eligible)
        except (EmbeddingFailed, IndexUnreadable) as error:
            _log.warning("searching by words alone: %s", error)
            return []


def _places(found: Sequence[tuple[str, float]]) -> dict[str, int]:
    return {key: place for place, (key, _) in enumerate(found, start=1)}
