"""A tiny ranker from one feed, in minutes on two cores: the whole way, not the quality."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from retrieval.catalog import Language, Product
from retrieval.training import base_encoder, written
from retrieval.training.dataset import Group, split
from retrieval.training.export import export
from retrieval.training.goods import goods_groups, goods_of
from retrieval.training.train import Recipe, cross_encoder, precision_at_1, train

_LANGUAGES: tuple[Language, ...] = ("zh", "en")


class Result(NamedTuple):
    """P@1 on questions that trained nothing, before and after, and how many those were."""

    before: float
    after: float
    questions: int
    folder: Path


def train_small(products: Iterable[Product], to: Path, seed: int = 13) -> Result:
    """Build a base of two layers, train it on questions about `products`, export it for serving.

    Started again on the same folder, it goes on from the last checkpoint.
    """
    chance = random.Random(seed)  # noqa: S311 - sampling, not secrets
    listed = list(products)
    snippets = [
        [f"{a.name.say(language)}: {a.value.say(language)}" for a in product.attributes]
        for product in listed
        for language in _LANGUAGES
    ]
    goods = [goods_of(title) for product in listed for title in product.title.every()]
    attributes = split(written.attribute_groups(snippets, chance))
    kinds = split(group for _ in range(4) for group in goods_groups(goods, chance))
    held: list[Group] = [*attributes.validation, *kinds.validation]
    base = to / "base"
    if not (base / "model.safetensors").is_file():
        texts = [*(one.title for one in goods), *(text for product in snippets for text in product)]
        base_encoder.build(base, texts, rows=16_000, layers=(0, 1))
    recipe = Recipe(draws={"attributes": 3, "goods": 2}, rate=3e-4, seed=seed, every=25)
    before = precision_at_1(cross_encoder(base, recipe.tokens), held)
    train(
        base,
        to,
        {"attributes": attributes.train, "goods": kinds.train},
        {"held_out": held},
        recipe,
    )
    after = precision_at_1(cross_encoder(to / "model", recipe.tokens), held)
    export(to / "model", to / "ranker", {"name": f"small-{to.name}", "questions": []})
    return Result(before, after, len(held), to / "ranker")
