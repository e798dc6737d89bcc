"""The records in one file, and back: every row, from one moment, in a form of neither database.

The file is gzip over JSON lines: a head, a line for each row in the order in which tables depend
on one another, and a foot with a SHA-256 of what stands between, without which nothing is
restored. A backup of SQLite restores into PostgreSQL and the other way round. Vectors are not in
it: they are rebuilt from the records.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Any, NamedTuple

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Table, func, select, text

from assistant.errors import BackupRefused
from assistant.store import access_schema as _access  # noqa: F401  registers its tables
from assistant.store import audit_schema as _audit  # noqa: F401
from assistant.store import ranker_schema as _rankers  # noqa: F401  registers its tables
from assistant.store.database import Database, Part
from assistant.store.schema import Flag, Time, metadata

FORMAT = "liveshop-backup"
AT_ONCE = 1000
# Who is at work now is no record.
PASSING = frozenset(("processes", "room_owners"))
# Tables whose numbers are never given out twice, even of rows that are gone.
COUNTED = ("events", "feed")


class Saved(NamedTuple):
    """How many rows a file holds, and the hash of them all."""

    rows: int
    sha256: str


def tables() -> list[Table]:
    """What is saved, each table after those that it refers to."""
    return [table for table in metadata.sorted_tables if table.name not in PASSING]


def backup(database: Database, file: Path) -> Saved:
    """Write every record to `file`, which only its owner may read. Raises Busy and OSError."""
    partial = file.with_name(file.name + ".partial")
    partial.touch(mode=0o600)
    count, digest = 0, hashlib.sha256()
    with database.read() as connection, gzip.open(partial, "wt", encoding="utf-8") as out:
        head = {"format": FORMAT, "version": 1, "revision": revision(connection)}
        head["counters"] = _counters(connection, sqlite=database.sqlite)
        _line(out, head)
        for table in tables():
            order = list(table.primary_key)
            rows = connection.execution_options(yield_per=AT_ONCE).execute(
                select(table).order_by(*order)
            )
            for row in rows:
                written = _line(out, [table.name, [_plain(value) for value in row]])
                digest.update(written.encode())
                count += 1
        _line(out, {"rows": count, "sha256": digest.hexdigest()})
    partial.replace(file)
    return Saved(count, digest.hexdigest())


def restore(database: Database, file: Path) -> Saved:
    """Bring the records of `file` into an empty database with its tables, all or nothing.

    Raises BackupRefused for a file that is cut short, changed or of another revision, and for a
    database that holds anything; Busy and OSError.
    """
    head, saved = _verified(file)
    parts = [part for part in Part if part != Part.MIGRATION]
    by_name = {table.name: table for table in tables()}
    with database.write(*parts) as connection:
        if head["revision"] != (here := revision(connection)):
            raise BackupRefused(
                f"{file} is of revision {head['revision']}, the database of {here}: restore it "
                "with the version of liveshop that wrote it, then start the new one"
            )
        for name, table in by_name.items():
            if connection.execute(select(table).limit(1)).first():
                raise BackupRefused(f"table {name!r} holds rows: restore into an empty database")
        current, pending = "", list[dict[str, Any]]()
        for line in _lines(file):
            if isinstance(line, dict):
                continue
            name, values = line
            if pending and (name != current or len(pending) == AT_ONCE):
                connection.execute(by_name[current].insert(), pending)
                pending = []
            current = name
            pending.append(_row(by_name[name], values))
        if pending:
            connection.execute(by_name[current].insert(), pending)
        _count_on(connection, head["counters"], sqlite=database.sqlite)
    return saved


def _verified(file: Path) -> tuple[dict[str, Any], Saved]:
    """The head of a file that is whole, and what it holds. Raises BackupRefused."""
    lines = _lines(file)
    head, foot = next(lines, None), None
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        raise BackupRefused(f"{file} is no backup of liveshop")
    count, digest = 0, hashlib.sha256()
    for line in lines:
        if isinstance(line, dict):
            foot = line
            break
        digest.update((_text(line) + "\n").encode())
        count += 1
    saved = Saved(count, digest.hexdigest())
    if foot != saved._asdict():
        raise BackupRefused(f"{file} is cut short or was changed: nothing was restored")
    return head, saved


def revision(connection: Connection) -> str | None:
    """The revision of the tables, None where there are none."""
    return MigrationContext.configure(connection).get_current_revision()


def _lines(file: Path) -> Iterator[Any]:
    try:
        with gzip.open(file, "rt", encoding="utf-8") as opened:
            for line in opened:
                yield json.loads(line)
    except (gzip.BadGzipFile, EOFError, ValueError) as error:
        raise BackupRefused(f"{file} is cut short or no backup: {error}") from error


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _line(out: IO[str], value: Any) -> str:
    written = _text(value) + "\n"
    out.write(written)
    return written


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    return int(value) if isinstance(value, bool) else value


def _row(table: Table, values: list[Any]) -> dict[str, Any]:
    row = dict(zip(table.columns.keys(), values, strict=True))
    for column in table.columns:
        value = row[column.name]
        if value is not None and isinstance(column.type, Time):
            row[column.name] = datetime.fromisoformat(value)
        elif value is not None and column.type is Flag:
            row[column.name] = bool(value)
    return row


def _counters(connection: Connection, *, sqlite: bool) -> dict[str, int]:
    """The last number that each counted table has given out."""
    if sqlite:
        rows = connection.execute(text("SELECT name, seq FROM sqlite_sequence"))
        given = {row.name: int(row.seq) for row in rows}
        return {name: given.get(name, 0) for name in COUNTED}
    found = {}
    for name in COUNTED:
        row = connection.execute(
            text(f"SELECT last_value, is_called FROM {name}_seq_seq")  # noqa: S608  ours
        ).one()
        found[name] = int(row.last_value) if row.is_called else 0
    return found


def _count_on(connection: Connection, counters: dict[str, int], *, sqlite: bool) -> None:
    """Let each counted table go on after the last number it had given out."""
    for name, last in counters.items():
        if sqlite:
            connection.execute(
                text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": name}
            )
            connection.execute(
                text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :seq)"),
                {"name": name, "seq": last},
            )
        elif last:
            connection.execute(select(func.setval(f"{name}_seq_seq", last, True)))
