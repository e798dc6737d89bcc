"""Which candidates are worth recommending, in which order, and why."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple, Protocol

import numpy as np

from retrieval.behaviour import Behaviour
from retrieval.catalog import Product, Profile, Records, RoomContext, Text, Value
from retrieval.combiner import Combiner
from retrieval.errors import RerankFailed
from retrieval.features import NAMES, Facts, features, interest
from retrieval.passages import passage
from retrieval.reasons import Prices, Reasons, prices_at
from retrieval.relevance import Relevance, Scores
from retrieval.retriever import Candidate
from retrieval.twins import twins_last

_log = logging.getLogger(__name__)
_AS_FOUND = 8  # who keeps the order of retrieval need not look further down
_JUDGED = 20  # candidates that a learned order chooses from
_TURNED_TO = 10  # products of a viewer whose prices are looked at


class Ranked(Value):
    """A product worth recommending; each of `reasons` is true by the records read for it.

    `features` are its row of `retrieval.features`, zeros left out, for who learns from the order;
    `ranker` says what made the order, and `arm` for which side of an experiment.
    """

    product_id: str
    score: float
    reasons: tuple[Text, ...] = ()
    features: Mapping[str, float] = {}
    ranker: str = "first_stage"
    arm: str = ""


class Weighing(NamedTuple):
    """A combiner and what it is called.

    `judge` is the relevance model whose logits it was learned beside, "" for none, and None for
    weights that take any and do not order a question without one. `arm` is a side of an experiment.
    """

    combiner: Combiner
    version: str = "shipped"
    judge: str | None = None
    arm: str = ""

    @property
    def number(self) -> int:
        """The number of a version that was learned, 0 for what ships."""
        return int(self.version.removeprefix("v")) if self.version.startswith("v") else 0


class Ranker(Protocol):
    """Orders candidates. Calls block: make them in a thread."""

    @property
    def pool(self) -> int:
        """How many candidates are worth handing over for a question."""

    def rank(
        self,
        query: str,
        candidates: Sequence[Candidate],
        products: Mapping[str, Product],
        room: RoomContext,
        profile: Profile | None,
    ) -> list[Ranked]:
        """Best first; candidates that `products` lacks are left out. `profile` may be None."""


class LearnedRanker:
    """The learned order: features of each candidate, weighed by a small learned combiner.

    Without a query no model is called. With one, where the relevance model fails or there is
    none, the order is that of retrieval, unless the combiner was learned without a model:
    another's behaviour does not know the question. What cannot be bought comes after what can; of
    near-twins only the best stands among the first. `long_tail`, 0 to 1, trades the order for
    showing what was shown less (`toward_the_tail`). `weighed` says by which combiner a viewer's
    list is ordered, None for nobody in particular.
    """

    def __init__(
        self,
        records: Records,
        relevance: Relevance | None,
        combiner: Combiner,
        behaviour: Callable[[], Behaviour],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        weighed: Callable[[str | None], Weighing] | None = None,
        long_tail: float = 0.0,
    ) -> None:
        self._records, self._relevance = records, relevance
        self._behaviour, self._now, self._long_tail = behaviour, now, long_tail
        self.weighed = weighed or (lambda viewer: Weighing(combiner))
        self.judge = "" if relevance is None else relevance.name
        self._reasons = Reasons(records)

    @property
    def pool(self) -> int:
        """See Ranker."""
        return _AS_FOUND if self._relevance is None else _JUDGED

    def rank(
        self,
        query: str,
        candidates: Sequence[Candidate],
        products: Mapping[str, Product],
        room: RoomContext,
        profile: Profile | None,
    ) -> list[Ranked]:
        """See Ranker."""
        there = [c for c in candidates if c.product_id in products]
        listed = [products[c.product_id] for c in there]
        weighing, asks = self.weighed(profile.viewer if profile else None), bool(query.strip())
        relevance = self._judged(query, listed) if asks else None
        without = self._relevance is None and weighing.judge == ""
        learned = not asks or without or relevance is not None
        behaviour, prices = self._behaviour(), prices_at(self._now(), listed, self._records)
        rows = features(
            [product.id for product in listed],
            behaviour,
            profile,
            room.on_air,
            _facts(there, listed, relevance, prices),
            self._usual_price(profile, listed),
        )
        if learned:
            scores = weighing.combiner.scores(rows)
        else:
            scores = np.array([c.score for c in there], np.float32)
        if self._long_tail:
            shown = [behaviour.shown.get(product.id, 0) for product in listed]
            scores = toward_the_tail(scores, shown, self._long_tail)
        order = sorted(
            range(len(listed)),
            key=lambda place: (not listed[place].available, -scores[place], listed[place].id),
        )
        if learned:
            order = twins_last(order, listed)
        reasons = self._reasons.of(listed, room, profile, prices)
        told, by = rows.tolist(), "first_stage"
        if learned:
            by = f"{weighing.version}/{self.judge}" if relevance is not None else weighing.version
        return [
            Ranked(
                product_id=listed[place].id,
                score=float(scores[place]),
                reasons=reasons[listed[place].id],
                features={n: v for n, v in zip(NAMES, told[place], strict=True) if v},
                ranker=by,
                arm=weighing.arm,
            )
            for place in order
        ]

    def ahead(self, products: Sequence[Product]) -> None:
        """Reads products that may be ranked, so that the first question need not wait for it."""
        if self._relevance is not None:
            self._relevance.ahead([passage(product) for product in products])

    def near(self, profile: Profile | None, on_air: str | None, most: int) -> list[str]:
        """Up to `most` ids of the catalogue that behaviour puts first, without a question."""
        behaviour = self._behaviour()
        ids = list(behaviour.places)
        combiner = self.weighed(profile.viewer if profile else None).combiner
        scores = combiner.scores(features(ids, behaviour, profile, on_air))
        order = sorted(range(len(ids)), key=lambda place: (-scores[place], ids[place]))
        return [ids[place] for place in order[:most]]

    def _judged(self, query: str, listed: Sequence[Product]) -> Scores | None:
        """Logits of `listed`; None where no model judges them."""
        if self._relevance is None or not listed:
            return None
        try:
            return self._relevance.scores(query, [passage(product) for product in listed])
        except RerankFailed as error:
            _log.warning("ranking by the first stage: %s", error)
            return None

    def _usual_price(self, profile: Profile | None, listed: Sequence[Product]) -> float | None:
        """The middle price, minor units, of what the viewer turned to in the shop's currency."""
        weights = interest(profile)
        if not weights or not listed:
            return None
        heaviest = sorted(weights, key=lambda key: (-weights[key], key))[:_TURNED_TO]
        chosen = self._records.products(tuple(heaviest)).values()
        prices = sorted(
            product.default_variant.price.minor
            for product in chosen
            if _currency(product) == _currency(listed[0])
        )
        return float(prices[len(prices) // 2]) if prices else None


def _facts(
    there: Sequence[Candidate],
    listed: Sequence[Product],
    relevance: Scores | None,
    prices: Prices,
) -> Facts:
    priced = [prices.of[product.id] for product in listed]
    return Facts(
        relevance=relevance,
        first_stage=np.array([c.score for c in there], np.float32),
        prices=np.array([price.price.minor for price in priced], np.float32),
        in_stock=np.array([p.available for p in listed], np.float32),
        offer=np.array([bool(price.offers) for price in priced], np.float32),
    )


def _currency(product: Product) -> str:
    return product.variants[0].price.currency


def toward_the_tail(scores: Scores, shown: Sequence[int], share: float) -> Scores:
    """`scores` mixed with how seldom each was `shown`, which has the part `share`, 0 to 1.

    Both are spread over 0 to 1 within the list first (as in Abdollahpouri, Burke and Mobasher
    2019, with counts of cards instead of two groups of items).
    """
    seldom = -np.log1p(np.asarray(shown, np.float32))
    mixed = (1 - share) * _spread(np.asarray(scores, np.float32)) + share * _spread(seldom)
    return np.asarray(mixed, np.float32)


def _spread(values: Scores) -> Scores:
    """`values` from 0 for the least to 1 for the most; zeros where all are the same."""
    if not len(values) or np.ptp(values) == 0:
        return np.zeros_like(values)
    return np.asarray((values - values.min()) / np.ptp(values), np.float32)
