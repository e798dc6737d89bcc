"""Rows of the public relevance sets, and which of them the ranker was trained on."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from eval.figures import CouldNotMeasure
from retrieval.training.snippets import question_hash, words_of


class Asked(NamedTuple):
    """One question with its texts, record snippets as words, and their grades."""

    question: str
    texts: list[str]
    grades: list[float]


class Pair(NamedTuple):
    """A query, a title, and how relevant it was judged."""

    query: str
    title: str
    grade: int


def questions(path: Path) -> list[Asked]:
    """A table of the *PQA evidence rankings, by question; label 2 counts twice label 1."""
    found: dict[tuple[str, str], Asked] = {}
    for row in _table(path):
        key = (row["qid"], row["question"])
        asked = found.setdefault(key, Asked(row["question"], [], []))
        asked.texts.append(words_of(row["candidate"]))
        asked.grades.append(float(row["label"]))
    return [asked for asked in found.values() if max(asked.grades) > 0]


def unseen(asked: list[Asked], trained: frozenset[str]) -> tuple[list[Asked], int]:
    """The questions that the ranker was not trained on, and how many were left out."""
    kept = [one for one in asked if question_hash(one.question) not in trained]
    return kept, len(asked) - len(kept)


def pairs(path: Path, title: str) -> list[Pair]:
    """JSON lines of query, `title` and label."""
    found = []
    try:
        with path.open(encoding="utf-8") as file:
            for line in file:
                row = json.loads(line)
                found.append(Pair(row["query"], row[title], int(row["label"])))
    except (OSError, ValueError, KeyError) as error:
        raise CouldNotMeasure(f"{path}: not query, {title}, label: {error!r}") from error
    return found


def distractors(data: Path, most: int) -> dict[str, list[str]]:
    """Titles with briefs of the public catalogues by language, `most` in all."""
    goods = _lines(data / "litemall_zh/goods.jsonl")
    chinese = [f"{line['name']} {line['brief'] or ''}" for line in goods]
    chinese += [str(line["title"]) for line in _lines(data / "qbqtc/dev.json")]
    english: list[str] = []
    for name in ("Industrial_and_Scientific", "Office_Products"):
        path = next((data / "minionerec_amazon/info").glob(f"{name}*"), None)
        if path is not None:
            rows = path.read_text(encoding="utf-8").splitlines()
            english += [row.split("\t")[1] for row in rows]
    return {"zh": chinese[:most], "en": english[:most]}


def _lines(path: Path) -> Iterator[dict[str, object]]:
    if path.is_file():
        for line in path.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)


def _table(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            head = file.readline()
            file.seek(0)
            return list(csv.DictReader(file, delimiter="\t" if "\t" in head else ","))
    except OSError as error:
        raise CouldNotMeasure(f"{path}: cannot be read: {error}") from error
