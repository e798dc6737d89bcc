"""The next item of a buyer, the whole catalogue as candidates, by the shipped features.

Files are MiniOneRec's: `valid` is counted, `test` is measured, each row with its own history as
the profile. Their published figures come from about eight times the rows.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np

from eval.figures import CouldNotMeasure, Metric, mean
from retrieval.behaviour import Behaviour
from retrieval.combiner import Combiner
from retrieval.features import NAMES, features
from retrieval.training.next_item import profile_of, read_items, read_rows, trails


def measure(
    data: Path, combiner: Combiner, domain: str = "Industrial_and_Scientific"
) -> dict[str, Metric]:
    """HR@10 and nDCG@10 of combiner, counted co-occurrence and popularity on the test rows."""
    folder = data / "minionerec_amazon"
    try:
        items = read_items(folder, domain)
        valid, test = (read_rows(folder / part, domain) for part in ("valid", "test"))
    except (OSError, ValueError, KeyError) as error:
        raise CouldNotMeasure(f"{folder}: no rows of {domain}: {error!r}") from error
    behaviour, ids = Behaviour(items, trails(valid).values()), [item.id for item in items]
    if not test or not all(row.item in behaviour.places for row in test):
        raise CouldNotMeasure(f"{folder}: no test rows, or one whose item is not in the item file")
    hits: dict[str, list[float]] = defaultdict(list)
    gains: dict[str, list[float]] = defaultdict(list)
    for row in test:
        rows = features(ids, behaviour, profile_of(row.history))
        counted = rows[:, NAMES.index("follows")] + 1e-4 * behaviour.popularity
        for name, scores in (
            ("next_item", combiner.scores(rows)),
            ("cooccurrence.next_item", counted),
            ("popularity.next_item", behaviour.popularity),
        ):
            mine = scores[behaviour.places[row.item]]
            rank = int((scores > mine).sum() + ((scores == mine).sum() - 1) // 2)
            hits[name].append(float(rank < 10))
            gains[name].append(1 / float(np.log2(rank + 2)) if rank < 10 else 0.0)
    return {f"{name}.hr_at_10": mean(values) for name, values in hits.items()} | {
        f"{name}.ndcg_at_10": mean(values) for name, values in gains.items()
    }
