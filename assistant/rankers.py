"""By which weights a viewer's list is ordered now: what serves, or what an experiment tries.

What serves is looked up in the records again once a second, so that a version that is published
or taken back is in use a second later in every process, and no request waits for it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from assistant.errors import LiveshopError
from assistant.settings import Settings
from assistant.store import Store
from assistant.store.rankers import SHIPPED, Experiment, RankerStore
from retrieval.behaviour import Behaviour
from retrieval.combiner import Combiner
from retrieval.embeddings import Embedder
from retrieval.errors import ModelRefused
from retrieval.exploring import drawn
from retrieval.late import opened
from retrieval.ranker import LearnedRanker, Weighing
from retrieval.relevance import HttpRerank, Relevance, Resting, card_of
from retrieval.weights import RANKER

_log = logging.getLogger(__name__)


class Rankers:
    """The weighing of each viewer's lists. Safe for several threads; reads SQL once a second.

    `judge` names the relevance model that serves, "" for none: a version that was learned beside
    another one is told of in the log and does not serve.
    """

    def __init__(
        self, store: RankerStore, shipped: Combiner, judge: str, look_s: float = 1.0
    ) -> None:
        self._store, self._judge, self._look_s = store, judge, look_s
        self._shipped = Weighing(shipped)
        self._looking = threading.Lock()
        self._known: dict[int, Weighing] = {SHIPPED: self._shipped}
        self._version = SHIPPED
        self._experiment: Experiment | None = None
        self._looked_at = float("-inf")

    @property
    def version(self) -> int:
        """The version that serves, 0 for what ships."""
        self._look()
        return self._version

    def __call__(self, viewer: str | None) -> Weighing:
        """How a viewer's list is weighed; nobody in particular is part of no experiment."""
        self._look()
        tried = self._experiment
        if viewer is None or tried is None:
            return self._of(self._version)
        arm = arm_of(tried, viewer)
        found = self._of(tried.version if arm == "b" else self._version)
        return found._replace(arm=f"{tried.name}:{arm}")

    def _look(self) -> None:
        if time.monotonic() - self._looked_at < self._look_s:
            return
        if not self._looking.acquire(blocking=False):
            return  # another thread looks; what is known serves meanwhile
        try:
            serving = self._store.serving()
            tried = serving.experiment
            for version in {serving.version, tried.version if tried else SHIPPED}:
                if version not in self._known:
                    self._known[version] = self._read(version)
            self._version, self._experiment = serving.version, tried
        except LiveshopError as error:
            _log.warning("what ranker serves could not be read, the same goes on: %s", error)
        finally:
            self._looked_at = time.monotonic()
            self._looking.release()

    def _of(self, version: int) -> Weighing:
        return self._known.get(version, self._shipped)

    def _read(self, version: int) -> Weighing:
        """The weights of a version; what ships where they cannot serve here."""
        try:
            found = self._store.version(version)
            combiner = Combiner({str(k): float(v) for k, v in found.weights.items()})
            judge = found.card.get("judge")
            if judge != self._judge:
                raise ModelRefused(f"it was learned beside {judge!r}, here is {self._judge!r}")
        except (ModelRefused, ValueError, TypeError, AttributeError) as error:
            _log.error("ranker version %s does not serve, what ships does: %s", version, error)
            return self._shipped
        return Weighing(combiner, f"v{version}", judge)


def arm_of(experiment: Experiment, viewer: str) -> str:
    """ "b" for the viewers that try its version, "a" for the others: for ever the same ones."""
    share = drawn(f"{experiment.name}\0{viewer}")
    return "b" if share < experiment.percent / 100 else "a"


def judge_of(settings: Settings) -> str:
    """The name of the relevance model that the settings ask for, "" for none. Loads no model."""
    if settings.ranker == "embedded":
        return str(card_of(settings.ranker_folder or RANKER).get("name"))
    return f"http/{settings.ranker_model}" if settings.ranker == "http" else ""


def weights_of(settings: Settings) -> Combiner:
    """The weights that serve where no version was published."""
    return Combiner.read((settings.ranker_folder or RANKER) / "combiner.json")


def opened_relevance(settings: Settings, embedder: Embedder | None = None) -> Relevance | None:
    """The relevance model that the settings ask for; it reads with `embedder` if it can.

    Raises ModelRefused for a folder that cannot be used.
    """
    if settings.ranker == "embedded":
        return opened(settings.ranker_folder or RANKER, embedder)
    if settings.ranker == "http":
        return Resting(HttpRerank(str(settings.ranker_url), settings.ranker_model or ""))
    return None


def opened_ranker(
    settings: Settings,
    store: Store,
    behaviour: Callable[[], Behaviour],
    embedder: Embedder | None = None,
) -> LearnedRanker:
    """The ranker that the settings ask for; raises as `opened_relevance`, and for its weights."""
    relevance, shipped = opened_relevance(settings, embedder), weights_of(settings)
    rankers = Rankers(store.rankers, shipped, judge_of(settings))
    return LearnedRanker(
        store.catalog,
        relevance,
        shipped,
        behaviour,
        weighed=rankers,
        long_tail=settings.long_tail,
    )
