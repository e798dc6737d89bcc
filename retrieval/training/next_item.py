"""Buyers' sequences as training rows of the combiner, in MiniOneRec's form.

Each row's counts come from the other buyers alone: what a row is to learn is never in them.
"""

from __future__ import annotations

import ast
import csv
import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from retrieval.behaviour import Behaviour, Item
from retrieval.catalog import Profile
from retrieval.combiner import Combiner, fit
from retrieval.features import Matrix, decayed, features

_FOLDS, _ROWS, _WRONG = 5, 240, 800


class Row(NamedTuple):
    """One purchase and what the buyer had bought before, oldest first."""

    user: str
    history: tuple[str, ...]
    item: str


def profile_of(history: Sequence[str]) -> Profile:
    """A buyer's profile: each purchase decayed by those that came after it."""
    return Profile(viewer="buyer", bought=decayed(history))


def learn(
    behaviour: Behaviour,
    ids: Sequence[str],
    valid: Sequence[Row],
    held: Mapping[str, float] | None = None,
) -> Combiner:
    """Weights from the valid rows, beside those `held`; leaves `behaviour` counted anew."""
    chance = random.Random(0)  # noqa: S311 - sampling, not secrets
    by_user = trails(valid)
    users = sorted(by_user)
    chance.shuffle(users)
    lists: list[Matrix] = []
    for fold in range(_FOLDS):
        mine = set(users[fold::_FOLDS])
        behaviour.count(trail for user, trail in by_user.items() if user not in mine)
        rows = [row for row in valid if row.user in mine]
        for row in chance.sample(rows, min(_ROWS, len(rows))):
            found = features(ids, behaviour, profile_of(row.history))
            place = behaviour.places[row.item]
            # Drawn evenly: choosing likely ones would teach that likeness is a bad sign.
            wrong = chance.sample(range(len(ids)), min(_WRONG, len(ids)))
            lists.append(found[[place, *(other for other in wrong if other != place)]])
    size = min(len(found) for found in lists)
    return fit([found[:size] for found in lists], [0] * len(lists), held)


def trails(rows: Sequence[Row]) -> dict[str, list[str]]:
    """Each buyer's purchases in order, put together from rows that overlap."""
    found: dict[str, list[str]] = {}
    for row in rows:
        seen, more = found.get(row.user, []), [*row.history, row.item]
        same = next(
            n for n in range(min(len(seen), len(more)), -1, -1) if seen[len(seen) - n :] == more[:n]
        )
        found[row.user] = seen + more[same:]
    return found


def read_items(folder: Path, domain: str) -> list[Item]:
    """The catalogue: numbers as ids, titles as words, brands where they are known."""
    described = json.loads((folder / "index" / f"{domain}.item.json").read_text())
    found = [_item(key, value) for key, value in described.items()]
    return sorted(found, key=lambda item: int(item.id))


def _item(key: str, said: Mapping[str, str]) -> Item:
    title = said.get("title") or ""
    return Item(
        key, f"{title} {title} {(said.get('description') or '')[:300]}", said.get("brand") or ""
    )


def read_rows(folder: Path, domain: str) -> list[Row]:
    """The purchases of `domain` in a folder of CSV files."""
    found: list[Row] = []
    for path in sorted(folder.glob(f"{domain}*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                history = tuple(str(item) for item in ast.literal_eval(row["history_item_id"]))
                found.append(Row(row["user_id"], history, str(row["item_id"])))
    return found
