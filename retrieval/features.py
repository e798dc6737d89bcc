"""What is known of each candidate, as numbers: one function for training and for serving."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.behaviour import Behaviour
from retrieval.catalog import Profile

Matrix = NDArray[np.float32]
# A profile's kinds of events and what each says of interest, as graded in training.
KINDS = {"viewed": 0.25, "clicked": 0.5, "carted": 0.75, "bought": 1.0}
DECAY = 0.7
NAMES = (
    "relevance",
    "first_stage",
    "follows",
    "follows_share",
    "resembles",
    "same_brand",
    "same_category",
    "popular",
    "seen",
    "bought",
    "on_air",
    "beside_on_air",
    "price_fit",
    "in_stock",
    "offer",
    "new",
)
# What common sense demands: more of these never lowers a candidate.
RISING = frozenset(NAMES) - {"seen", "bought", "new"}
PERSONAL = frozenset(
    {
        "follows",
        "follows_share",
        "resembles",
        "same_brand",
        "same_category",
        "seen",
        "bought",
        "price_fit",
    }
)


@dataclass(frozen=True)
class Facts:
    """What a moment says of candidates besides behaviour: vectors (n,), n candidates, or None.

    `relevance` are logits, `first_stage` fused ranks, `prices` minor units now in one currency
    each, the others 0 or 1. None stands for not known, and counts as zero for everyone.
    """

    relevance: Matrix | None = None
    first_stage: Matrix | None = None
    prices: Matrix | None = None
    in_stock: Matrix | None = None
    offer: Matrix | None = None


def decayed(trail: Sequence[str]) -> dict[str, float]:
    """Product id -> weight of `trail`, oldest first: DECAY for each step that came after."""
    found: dict[str, float] = {}
    for age, key in enumerate(reversed(trail)):
        found[key] = found.get(key, 0.0) + DECAY**age
    return found


def interest(profile: Profile | None) -> dict[str, float]:
    """Product id -> how much the viewer turned to it lately, over all kinds of events."""
    found: dict[str, float] = {}
    for kind, worth in KINDS.items():
        weights: Mapping[str, float] = getattr(profile, kind) if profile else {}
        for key, weight in weights.items():
            found[key] = found.get(key, 0.0) + worth * weight
    return found


def features(
    candidates: Sequence[str],
    behaviour: Behaviour,
    profile: Profile | None = None,
    on_air: str | None = None,
    facts: Facts | None = None,
    usual_price: float | None = None,
) -> Matrix:
    """A row a candidate, a column a name of NAMES.

    `usual_price` is the middle of what the viewer turned to, minor units. A viewer without a
    profile has zeros in every PERSONAL column; a candidate that `behaviour` does not list, one
    in every column of behaviour, and counts as new.
    """
    facts = facts or Facts()
    n = len(candidates)
    columns: dict[str, Matrix] = {}
    places = np.array([behaviour.places.get(key, -1) for key in candidates], np.int64)
    known = places >= 0

    def of(vector: Matrix) -> Matrix:
        return spread(vector[places[known]])

    def spread(values: Matrix) -> Matrix:
        """`values` of the candidates that are known, zeros for the others."""
        picked = np.zeros(n, np.float32)
        picked[known] = values
        return picked

    weights = interest(profile)
    if weights:
        heaviest = max(weights.values())
        near = {key: weight / heaviest for key, weight in weights.items()}
        total = sum(sorted(near.values(), reverse=True)[:10])
        counts, shares = behaviour.follows(near)
        columns["follows"], columns["follows_share"] = np.log1p(of(counts)), of(shares)
        columns["resembles"] = spread(behaviour.resembles(near, places[known]))
        columns["same_brand"] = of(behaviour.same_brand(near)) / total
        columns["same_category"] = of(behaviour.same_category(near)) / total
        bought = profile.bought if profile else {}
        columns["seen"] = np.array([key in near and key not in bought for key in candidates])
        columns["bought"] = np.array([min(1.0, bought.get(key, 0.0)) for key in candidates])
    popular = of(behaviour.popularity)
    columns["popular"] = np.log1p(popular)
    columns["new"] = (popular < 1).astype(np.float32)
    if on_air is not None:
        columns["on_air"] = np.array([float(key == on_air) for key in candidates])
        columns["beside_on_air"] = spread(behaviour.resembles({on_air: 1.0}, places[known]))
    if usual_price and facts.prices is not None:
        apart = np.abs(np.log((facts.prices + 1) / (usual_price + 1)))
        columns["price_fit"] = np.maximum(0.0, 1 - apart)
    for name in ("relevance", "first_stage", "in_stock", "offer"):
        given = getattr(facts, name)
        if given is not None:
            columns[name] = given
    nothing = np.zeros(n, np.float32)
    stacked = [np.asarray(columns.get(name, nothing), np.float32) for name in NAMES]
    return np.stack(stacked, axis=1) if n else np.empty((0, len(NAMES)), np.float32)
