"""Rows of a CSV or TSV file by column name, each with the line on which it starts."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from retrieval.errors import RetrievalError
from retrieval.feeds.rows import ByteSource, FieldRefused, text_lines

# A cell costs far more memory than the two bytes it may take in a feed.
MOST_CELLS = 20_000
Cells = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class TableRow:
    """The filled cells of one row by column, a repeated column with all its values;
    `columns` are all that the header names.
    """

    line: int
    position: int
    cells: Cells
    fault: FieldRefused | None = None
    columns: tuple[str, ...] = ()


class _Lines:
    """Lines for csv.reader, which remembers the first fault among those of the row."""

    def __init__(self, source: ByteSource, separator: str) -> None:
        self._lines = text_lines(source)
        self._separator = separator
        self.number = 0
        self.fault: FieldRefused | None = None

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.number = line.number
        self.fault = self.fault or line.fault
        if line.text.count(self._separator) < MOST_CELLS:
            return line.text + "\n"
        rule = f"a line holds at most {MOST_CELLS:,} cells"
        self.fault = self.fault or FieldRefused("row", "", rule)
        return "\n"


def table(source: ByteSource, column: Callable[[str], str]) -> Iterator[TableRow]:
    """Every row below the header; `column` puts a header cell into its usual form.

    Cells are separated by tabs where the header has one, else by commas; a cell in quotes may
    hold line breaks. Raises RetrievalError where there is no header.
    """
    head = source.peek(4096).split(b"\n", 1)[0]
    separator = "\t" if b"\t" in head else ","
    lines = _Lines(source, separator)
    reader = csv.reader(lines, delimiter=separator)
    header: list[str] | None = None
    columns: tuple[str, ...] = ()
    while True:
        start, lines.fault = lines.number + 1, None
        try:
            row = next(reader)
            fault = lines.fault
        except StopIteration:
            break
        except csv.Error as broken:
            row, fault = [], FieldRefused("row", "", f"not a row of a table: {broken}")
        if header is None:
            if fault is not None:
                raise RetrievalError(f"line {start}: the header cannot be read: {fault}")
            header = [column(cell) for cell in row]
            columns = tuple(header)
            continue
        if fault is None and len(row) > len(header):
            rule = f"{len(row)} cells, but the header names {len(header)} columns"
            fault = FieldRefused("row", row[-1], rule)
        cells: Cells = {}
        for name, cell in zip(header, row, strict=False):
            if cell.strip():
                cells.setdefault(name, []).append(cell)
        if cells or fault:
            yield TableRow(start, source.position, cells, fault, columns)
    if header is None:
        raise RetrievalError("the table is empty: the first line has to name its columns")
