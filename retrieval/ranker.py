"""Which candidates are worth recommending, in which order, and why."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Protocol

import numpy as np

from retrieval.basket import running, unit_price
from retrieval.behaviour import Behaviour
from retrieval.catalog import Offer, Product, Profile, Records, RoomContext, Text, Value
from retrieval.combiner import Combiner
from retrieval.errors import RerankFailed
from retrieval.features import Facts, features, interest
from retrieval.passages import passage
from retrieval.relevance import Relevance, Scores
from retrieval.retriever import Candidate
from retrieval.terms import keys

_log = logging.getLogger(__name__)
_LOW = 5
_AS_FOUND = 8  # who keeps the order of retrieval need not look further down
_JUDGED = 20  # candidates that a learned order chooses from
_ENOUGH_SEEN = 3
_TWIN = 0.75  # share of title terms from which two products are near-twins


class Ranked(Value):
    """A product worth recommending; each of `reasons` is true by the records read for it."""

    product_id: str
    score: float
    reasons: tuple[Text, ...] = ()


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


class Reasons:
    """Short reasons made from records and never from a model."""

    def __init__(
        self, records: Records, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._records, self._now = records, now

    def of(
        self, products: Sequence[Product], room: RoomContext, profile: Profile | None
    ) -> dict[str, tuple[Text, ...]]:
        """Reasons by product id, the most telling first."""
        moment = self._now()
        offers = self._records.offers()
        usual = self._usual_prices(profile, offers, moment)
        return {
            product.id: tuple(
                _reasons(product, room, offers, usual.get(_currency(product)), moment)
            )
            for product in products
        }

    def _usual_prices(
        self, profile: Profile | None, offers: Sequence[Offer], moment: datetime
    ) -> dict[str, tuple[int, int]]:
        """Currency -> lowest and highest price, minor units, of what the viewer turned to."""
        if profile is None:
            return {}
        chosen = {*profile.clicked, *profile.carted, *profile.bought}
        prices: dict[str, list[int]] = {}
        for product in self._records.products(tuple(sorted(chosen))).values():
            priced = unit_price(product, product.default_variant, offers, moment)
            prices.setdefault(_currency(product), []).append(priced.price.minor)
        return {
            currency: (min(seen), max(seen))
            for currency, seen in prices.items()
            if len(seen) >= _ENOUGH_SEEN
        }


class FirstStageRanker:
    """The order of retrieval; what cannot be bought now comes after what can."""

    pool = _AS_FOUND

    def __init__(
        self, records: Records, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._reasons = Reasons(records, now)

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
        there.sort(key=lambda c: (not products[c.product_id].available, -c.score, c.product_id))
        reasons = self._reasons.of([products[c.product_id] for c in there], room, profile)
        return [
            Ranked(product_id=c.product_id, score=c.score, reasons=reasons[c.product_id])
            for c in there
        ]


class LearnedRanker:
    """The learned order: features of each candidate, weighed by a small learned combiner.

    Without a query no model is called. With one, where the relevance model fails or there is
    none, the order is that of FirstStageRanker: behaviour does not know the question. What
    cannot be bought comes after what can; of near-twins only the best stands among the first.
    """

    def __init__(
        self,
        records: Records,
        relevance: Relevance | None,
        combiner: Combiner,
        behaviour: Callable[[], Behaviour],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._records, self._relevance = records, relevance
        self._combiner, self._behaviour, self._now = combiner, behaviour, now
        self._reasons = Reasons(records, now)
        self._first_stage = FirstStageRanker(records, now)

    @property
    def pool(self) -> int:
        """See Ranker."""
        return self._first_stage.pool if self._relevance is None else _JUDGED

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
        relevance = None
        if query.strip() and there:
            if self._relevance is None:
                return self._first_stage.rank(query, candidates, products, room, profile)
            try:
                relevance = self._relevance.scores(query, [passage(p) for p in listed])
            except RerankFailed as error:
                _log.warning("ranking by the first stage: %s", error)
                return self._first_stage.rank(query, candidates, products, room, profile)
        rows = features(
            [product.id for product in listed],
            self._behaviour(),
            profile,
            room.on_air,
            self._facts(there, listed, relevance),
            self._usual_price(profile, listed),
        )
        scores = self._combiner.scores(rows)
        order = sorted(
            range(len(listed)),
            key=lambda place: (not listed[place].available, -scores[place], listed[place].id),
        )
        order = _twins_last(order, [keys(" ".join(p.title.every())) for p in listed], listed)
        reasons = self._reasons.of(listed, room, profile)
        return [
            Ranked(
                product_id=listed[place].id,
                score=float(scores[place]),
                reasons=reasons[listed[place].id],
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
        scores = self._combiner.scores(features(ids, behaviour, profile, on_air))
        order = sorted(range(len(ids)), key=lambda place: (-scores[place], ids[place]))
        return [ids[place] for place in order[:most]]

    def _facts(
        self, there: Sequence[Candidate], listed: Sequence[Product], relevance: Scores | None
    ) -> Facts:
        moment, offers = self._now(), self._records.offers()
        priced = [unit_price(p, p.default_variant, offers, moment) for p in listed]
        return Facts(
            relevance=relevance,
            first_stage=np.array([c.score for c in there], np.float32),
            prices=np.array([price.price.minor for price in priced], np.float32),
            in_stock=np.array([p.available for p in listed], np.float32),
            offer=np.array([bool(price.offers) for price in priced], np.float32),
        )

    def _usual_price(self, profile: Profile | None, listed: Sequence[Product]) -> float | None:
        """The middle price, minor units, of what the viewer turned to in the shop's currency."""
        weights = interest(profile)
        if not weights or not listed:
            return None
        chosen = self._records.products(tuple(sorted(weights))).values()
        prices = sorted(
            product.default_variant.price.minor
            for product in chosen
            if _currency(product) == _currency(listed[0])
        )
        return float(prices[len(prices) // 2]) if prices else None


def _twins_last(
    order: Sequence[int], titles: Sequence[frozenset[str]], products: Sequence[Product]
) -> list[int]:
    """`order` with each product that is nearly one before it moved to the end."""
    first: list[int] = []
    twins: list[int] = []
    for place in order:
        alike = any(
            products[place].available == products[other].available
            and len(titles[place] & titles[other]) >= _TWIN * len(titles[place] | titles[other])
            for other in first
        )
        (twins if alike else first).append(place)
    # What cannot be bought stays last.
    return sorted([*first, *twins], key=lambda place: not products[place].available)


def _reasons(
    product: Product,
    room: RoomContext,
    offers: Sequence[Offer],
    usual: tuple[int, int] | None,
    moment: datetime,
) -> Iterator[Text]:
    if room.on_air == product.id:
        yield Text(zh="主播正在讲解", en="On air now")
    variant = product.default_variant
    priced = unit_price(product, variant, offers, moment)
    # An offer in the unit price says more than one that needs a threshold or a second piece.
    others = [
        offer
        for offer in running(offers, product, variant, moment)
        if offer.kind in ("amount_off", "nth_item") and not (offer.code or offer.shop_wide)
    ]
    for offer in [*priced.offers, *others][:1]:
        zh, en = offer.title.say("zh"), offer.title.say("en")
        yield Text(zh=f"优惠进行中：{zh}", en=f"Offer running: {en}")
    left = _pieces_left(product)
    if left is not None and 0 < left <= _LOW:
        yield Text(zh=f"仅剩{left}件", en=f"Only {left} left")
    if usual is not None and usual[0] <= priced.price.minor <= usual[1]:
        yield Text(zh="在你常选的价位", en="In the price range you usually choose")


def _pieces_left(product: Product) -> int | None:
    """Pieces of all variants together; None where the shop keeps no count of one."""
    counts = [variant.availability.quantity for variant in product.variants]
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def _currency(product: Product) -> str:
    return product.variants[0].price.currency
