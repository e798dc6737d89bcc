"""The tables of written questions beside this module, tab-separated."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files


def rows(name: str, columns: int) -> Iterator[list[str]]:
    """The rows of a table. Raises ValueError for a row with other or empty columns."""
    text = (files("retrieval.training") / name).read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), start=1):
        row = line.split("\t")
        if len(row) != columns or not all(row):
            raise ValueError(f"{name}, line {number}: {columns} columns, none of them empty")
        yield row
