"""A bounded share of what is shown goes to products that few have turned to yet.

Without it a ranker that learns from clicks never learns of what it never showed. One card of a
reply at most is given away; it comes from the candidates of the same question, so that every
limit of the question holds for it too. How likely each card was to stand where it stands is known
exactly, which is what learning from the clicks needs (Joachims, Swaminathan and Schnabel 2017).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from retrieval.behaviour import Behaviour
from retrieval.catalog import Exposure, Product
from retrieval.ranker import Ranked
from retrieval.twins import alike


class Placed(NamedTuple):
    """A place of the order to show, and how likely that was; see Exposure."""

    place: int
    propensity: float = 1.0
    chance: float = 1.0
    explored: bool = False


def placed(
    n: int, shown: int, first: int, curious: Sequence[int], share: float, draw: float
) -> list[Placed]:
    """The `shown` of `n` ordered candidates to show, in order.

    With the chance `share` one of `curious`, places at or after `shown`, each as likely as the
    others, stands at a position from `first` on, each as likely, and those after it move down by
    one. `draw` is a number drawn evenly from 0 to 1, 1 left out.
    """
    most = min(shown, n)
    positions = range(min(first, most), most)
    ways = len(curious) * len(positions)
    if not ways or share <= 0:
        return [Placed(place) for place in range(most)]

    def stays(rank: int) -> float:
        return 1 - share * sum(at <= rank for at in positions) / len(positions)

    def ordered(rank: int, moved: bool) -> Placed:
        likely = 1 - stays(rank) if moved else stays(rank)
        return Placed(rank, likely, 1.0 if rank < most - 1 else 1 - share)

    if draw >= share:
        return [ordered(rank, moved=False) for rank in range(most)]
    way = min(int(draw / share * ways), ways - 1)
    at, new = positions[way % len(positions)], curious[way // len(positions)]
    return [
        *(ordered(rank, moved=False) for rank in range(at)),
        Placed(new, share / ways, share / len(curious), explored=True),
        *(ordered(rank, moved=True) for rank in range(at, most - 1)),
    ]


@dataclass(frozen=True)
class Exploration:
    """Chooses the cards from what a ranker ordered; `share` of replies at most explore, 0 to 1."""

    share: float = 0.0
    behaviour: Callable[[], Behaviour] | None = None

    def choose(
        self,
        ranked: Sequence[Ranked],
        products: Mapping[str, Product],
        shown: int,
        seed: str,
        first: int = 0,
    ) -> list[Exposure]:
        """The cards to show, in order; positions before `first` are never given away.

        What may explore can be bought, is outside the head of what viewers turn to, is of a
        category that is shown anyway, and is no near-twin of what is. `seed` makes the draw: the
        same gives the same.
        """
        curious: list[int] = []
        if self.share > 0 and self.behaviour is not None:
            curious = self._curious(ranked, products, shown, self.behaviour())
        found = placed(len(ranked), shown, first, curious, self.share, drawn(seed))
        return [
            Exposure(
                product_id=ranked[one.place].product_id,
                position=position,
                propensity=one.propensity,
                chance=one.chance,
                explored=one.explored,
                features=ranked[one.place].features,
            )
            for position, one in enumerate(found)
        ]

    def _curious(
        self,
        ranked: Sequence[Ranked],
        products: Mapping[str, Product],
        shown: int,
        behaviour: Behaviour,
    ) -> list[int]:
        there = [products[one.product_id] for one in ranked[:shown]]
        kinds = {category for product in there for category in product.category.every()}
        found = []
        for place in range(shown, len(ranked)):
            product = products[ranked[place].product_id]
            own = set(product.category.every())
            if (
                product.available
                and behaviour.in_tail(product.id)
                and (not kinds or own & kinds)
                and not any(alike(product, other) for other in there)
            ):
                found.append(place)
        return found


def drawn(seed: str) -> float:
    """A number from 0 to 1, 1 left out, that `seed` determines; evenly spread over seeds."""
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:6]) / 2**48
