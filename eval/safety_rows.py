"""Rows of the safety task: a reply and the records it was written from.

A row is {records, reply, field, label}, one JSON object a line; `field` is none for a correct
reply. `records` holds objects of the native feed, or names: SHOP:ID stands for a record of
records.jsonl beside the file and SHOP:* for every offer and policy of that shop. Optional are
`question`, `language`, `at` (ISO 8601, now without it) and `wrong`, the sentence that is false.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

from eval.figures import CouldNotMeasure

Language = Literal["zh", "en"]
Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """One row. `records` are objects of the native feed, the main product first."""

    records: tuple[Record, ...]
    reply: str
    field: str
    label: str
    language: Language
    question: str = ""
    at: datetime | None = None
    wrong: str = ""

    @property
    def correct(self) -> bool:
        """Whether every fact in it is true."""
        return self.field in ("", "none")


def read_replies(path: Path) -> Iterator[Reply]:
    """The rows of a file. Raises CouldNotMeasure naming file, line and rule."""
    known = _records(path.parent / "records.jsonl")
    for number, line in _lines(path):
        try:
            row = json.loads(line)
            yield _reply(row, known)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise CouldNotMeasure(f"{path}, line {number}: {error!r}") from error


def _reply(row: Mapping[str, Any], known: Mapping[str, tuple[Record, ...]]) -> Reply:
    records: list[Record] = []
    for each in row["records"]:
        records += known[each] if isinstance(each, str) else [each]
    text = row["reply"]
    chinese = any("\u4e00" <= sign <= "\u9fff" for sign in text)
    at = datetime.fromisoformat(row["at"]) if row.get("at") else None
    return Reply(
        tuple(records),
        text,
        row.get("field", "none") or "none",
        row.get("label", ""),
        row.get("language") or ("zh" if chinese else "en"),
        row.get("question", ""),
        at.replace(tzinfo=at.tzinfo or UTC) if at else None,
        row.get("wrong", ""),
    )


@cache
def _records(path: Path) -> dict[str, tuple[Record, ...]]:
    """The records of a file by name; every offer and policy of a shop under SHOP:*."""
    if not path.exists():
        return {}
    found: dict[str, tuple[Record, ...]] = {}
    for _, line in _lines(path):
        one = json.loads(line)
        shop, record = one["shop"], one["record"]
        found[f"{shop}:{record['id']}"] = (record,)
        if record.get("type", "product") != "product":
            found[f"{shop}:*"] = (*found.get(f"{shop}:*", ()), record)
    return found


def _lines(path: Path) -> Iterable[tuple[int, str]]:
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield number, line
