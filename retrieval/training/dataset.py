"""What the ranker learns from: public rows that may train, as a query and graded texts."""

from __future__ import annotations

import csv
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from retrieval.training.snippets import question_hash, words_of


class Group(NamedTuple):
    """One query with texts and how relevant each is, from 0 to 1; `source` names the data."""

    source: str
    query: str
    texts: tuple[str, ...]
    grades: tuple[float, ...]


class Split(NamedTuple):
    """Groups by the share their question falls into: a question is in one of them only."""

    train: list[Group]
    validation: list[Group]
    unseen: list[Group]


SOURCES = {
    "semipqa": "amazon_pqa/semiPQA/attribute_ranking/dev.csv",
    "epqa": "amazon_pqa/ePQA/dev.csv",
    "hetpqa": "amazon_pqa/hetPQA/evidence_ranking/dev.csv",
    "hetpqa_answers": "amazon_pqa/hetPQA/answer_generation/train.csv",
    "esci": "esci_small/ecguide_QPRP.json",
}
TESTED = "amazon_pqa/semiPQA/attribute_ranking/testseen.csv"
_GRADES = {"epqa": {"2": 1.0, "1": 0.4, "0": 0.0}}
_JUDGED = re.compile(r'query:\s*"?(.*?)"?\.?\s+product:\s*"?(.*?)"?\s*\n0\. ', re.S | re.I)
_OPTION = re.compile(r"^\d\. (.*)$", re.M)
_RELATION = {"satisfies all": 1.0, "functional substitute": 0.6, "combination": 0.1}


def split(groups: Iterable[Group]) -> Split:
    """Eight tenths of the questions to train on, one to stop by, one that nothing looks at."""
    parts = Split([], [], [])
    for group in groups:
        share = int(question_hash(group.query), 16) % 10
        parts[share + 1 if share < 2 else 0].append(group)
    return parts


def graded_rows(source: str, path: Path) -> list[Group]:
    """A table of questions and candidates with labels (the *PQA evidence rankings)."""
    by_question: dict[tuple[str, str], list[tuple[str, float]]] = defaultdict(list)
    grades = _GRADES.get(source, {"1": 1.0, "2": 1.0, "0": 0.0})
    for row in _table(path):
        pair = (words_of(row["candidate"]), grades.get(row["label"], 0.0))
        by_question[row["qid"], row["question"]].append(pair)
    return [
        Group(source, question, tuple(text for text, _ in pairs), tuple(g for _, g in pairs))
        for (_, question), pairs in by_question.items()
        if any(grade > 0 for _, grade in pairs)
    ]


def answered(source: str, path: Path, chance: random.Random, others: int = 7) -> list[Group]:
    """Questions with the one evidence that answers them, among evidence for other products."""
    rows = list(_table(path))
    groups = []
    for row in rows:
        wrong = [o for o in chance.sample(rows, others) if o["ASIN"] != row["ASIN"]]
        texts = [words_of(r["candidate"]) for r in (row, *wrong)]
        groups.append(Group(source, row["question"], tuple(texts), (1.0, *(0.0 for _ in wrong))))
    return groups


def judged(source: str, path: Path, chance: random.Random, others: int = 3) -> list[Group]:
    """Queries with a title judged in four grades, among titles of other queries.

    The file's questions that offer four titles are left out: what they call right is not.
    """
    rows = []
    for row in json.loads(path.read_text()):
        asked, said = _JUDGED.search(row["input_field"]), _OPTION.findall(row["input_field"])
        place = row["output_field"]
        if asked and asked[1] and isinstance(place, int) and place < len(said):
            grade = next((g for words, g in _RELATION.items() if words in said[place]), 0.0)
            rows.append((asked[1], asked[2], grade))
    groups = []
    for query, title, grade in rows:
        wrong = [other for asked, other, _ in chance.sample(rows, others) if asked != query]
        groups.append(Group(source, query, (title, *wrong), (grade, *(0.0 for _ in wrong))))
    return groups


def public_groups(data: Path, seed: int) -> dict[str, list[Group]]:
    """Every group of the public rows under `data` that may train, by source.

    Questions that the test file asks too are left out.
    """
    chance = random.Random(seed)  # noqa: S311 - sampling, not secrets
    groups = {
        name: graded_rows(name, data / SOURCES[name]) for name in ("semipqa", "epqa", "hetpqa")
    }
    groups["hetpqa_answers"] = answered("hetpqa_answers", data / SOURCES["hetpqa_answers"], chance)
    groups["esci"] = judged("esci", data / SOURCES["esci"], chance)
    tested = {question_hash(row["question"]) for row in _table(data / TESTED)}
    return {
        name: [group for group in rows if question_hash(group.query) not in tested]
        for name, rows in groups.items()
    }


def drawn(group: Group, size: int, chance: random.Random) -> Group:
    """`size` texts of a group: one relevant text, then others that are less so, at random."""
    best = max(group.grades)
    right = [place for place, grade in enumerate(group.grades) if grade == best]
    first = chance.choice(right)
    rest = [place for place, grade in enumerate(group.grades) if grade < best]
    places = [first, *chance.sample(rest, min(size - 1, len(rest)))]
    return group._replace(
        texts=tuple(group.texts[place] for place in places),
        grades=tuple(group.grades[place] for place in places),
    )


def _table(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        first = file.readline()
        file.seek(0)
        yield from csv.DictReader(file, delimiter="\t" if "\t" in first else ",")


def queries(groups: Sequence[Group]) -> list[str]:
    """The distinct questions of `groups`, in order."""
    return list(dict.fromkeys(group.query for group in groups))
