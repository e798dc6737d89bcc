"""liveshop bench ranker: how long one ranking of twenty candidates takes on this machine."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from eval.figures import CouldNotMeasure, Figures, arguments, percentile, state
from eval.synthetic import products, questions
from retrieval.behaviour import Behaviour, Item
from retrieval.catalog import Constraints, Offer, Policy, Product, Profile, RoomContext
from retrieval.combiner import Combiner
from retrieval.errors import ModelRefused
from retrieval.features import decayed
from retrieval.late import opened
from retrieval.ranker import LearnedRanker
from retrieval.retriever import Candidate
from retrieval.weights import RANKER

_CANDIDATES, _CATALOGUE, _WARM = 20, 10_000, 5


class Listed:
    """Records in memory: what is timed is the ranker, not a database."""

    def __init__(self, listed: Mapping[str, Product]) -> None:
        self._listed = listed

    def products(self, ids: tuple[str, ...]) -> dict[str, Product]:
        return {key: self._listed[key] for key in ids if key in self._listed}

    def offers(self) -> tuple[Offer, ...]:
        return ()

    def policies(self) -> tuple[Policy, ...]:
        return ()

    def eligible(
        self, constraints: Constraints, among: frozenset[str] | None = None
    ) -> frozenset[str] | None:
        return None


def run(n: int, folder: Path) -> Figures:
    """`rerank20` scores 20 texts of 64 tokens that were read before, as a shop's are, and
    `rerank20_unread` 20 that were not; `profile_only` orders 20 by behaviour alone.

    `ranked` is the whole of a ranking with a question, features and reasons included.
    """
    listed = {product.id: product for product in products(_CATALOGUE)}
    ids = list(listed)
    items = [
        Item(p.id, " ".join(p.title.every()), p.brand.say("zh"), p.category.say("zh"))
        for p in listed.values()
    ]
    behaviour = Behaviour(items, [ids[at : at + 6] for at in range(0, 6000, 3)])
    try:
        encoder, combiner = opened(folder), Combiner.read(folder / "combiner.json")
    except ModelRefused as error:
        raise CouldNotMeasure(f"--ranker: {error}") from error
    ranker = LearnedRanker(Listed(listed), encoder, combiner, lambda: behaviour)
    profile = Profile(viewer="v", viewed=decayed(ids[40:60]), bought=decayed(ids[90:95]))
    room = RoomContext(id="room", on_air=ids[0])
    asked = list(questions(n + _WARM, seed=3))
    long = [
        "一款适合上班通勤的保温杯 500ml insulated bottle, steel liner, keeps tea warm " * 6
    ] * 20

    def candidates(turn: int) -> list[Candidate]:
        some = [ids[(turn * 37 + k * 101) % len(ids)] for k in range(_CANDIDATES)]
        return [Candidate(product_id=key, score=1 / (61 + k)) for k, key in enumerate(some)]

    def ranked(query: str, turn: int) -> None:
        ranker.rank(query, candidates(turn), listed, room, profile)

    metrics = {
        "rerank20": _timed(n, lambda turn: encoder.scores(asked[turn], long)),
        "rerank20_unread": _timed(
            n,
            lambda turn: encoder.scores(
                asked[turn], [f"{turn} {k} {text}" for k, text in enumerate(long)]
            ),
        ),
        "profile_only": _timed(n, lambda turn: ranked("", turn)),
        "ranked": _timed(n, lambda turn: ranked(asked[turn], turn)),
    }
    return Figures(
        "bench ranker",
        {f"{name}.p50_ms": percentile(took, 50) for name, took in metrics.items()}
        | {f"{name}.p99_ms": percentile(took, 99) for name, took in metrics.items()},
        {"ranker": encoder.name, "candidates": _CANDIDATES, "tokens": 64, "catalogue": _CATALOGUE},
    )


def _timed(n: int, work: Callable[[int], object]) -> list[float]:
    """Milliseconds of `n` runs, after some that warm up."""
    took: list[float] = []
    for turn in range(n + _WARM):
        begins = time.perf_counter()
        work(turn)
        took.append((time.perf_counter() - begins) * 1000)
    return took[_WARM:]


def main(argv: list[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = arguments("bench ranker", __doc__ or "")
    parser.add_argument("--n", type=int, default=100, help="rankings of each kind")
    parser.add_argument("--ranker", type=Path, default=RANKER, help="folder of a ranker")
    options = parser.parse_args(argv)
    return state(lambda: run(options.n, options.ranker), options)


if __name__ == "__main__":
    raise SystemExit(main())
