"""Writing records so that only a difference is a change, and each change counts a version."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, bindparam, select

from assistant.errors import Conflict
from assistant.store.rows import Changes, Values

CHUNK = 500


def chunks(ids: Iterable[str]) -> Iterable[list[str]]:
    """The distinct ids, in pieces that fit one statement of either database."""
    # U+0000 stands in no id; PostgreSQL refuses even to be asked for it.
    distinct = [key for key in dict.fromkeys(ids) if "\0" not in key]
    return (distinct[start : start + CHUNK] for start in range(0, len(distinct), CHUNK))


def fetch(
    connection: Connection, table: Table, column: ColumnElement[str], ids: Iterable[str]
) -> list[Row[Any]]:
    """The rows of `table` whose `column` is among `ids`."""
    return [
        row
        for chunk in chunks(ids)
        for row in connection.execute(select(table).where(column.in_(chunk)))
    ]


def once(kind: str, ids: Sequence[str]) -> None:
    """Raises Conflict where one batch names a record twice, or names one that cannot be kept."""
    seen: set[str] = set()
    for key in ids:
        if key in seen:
            raise Conflict(f"{kind} {key!r} stands twice in one batch: give it once")
        seen.add(key)


def differs(row: Row[Any], values: Values) -> bool:
    """Whether the stored row says anything other than `values`."""
    stored = row._mapping
    return any(stored[name] != value for name, value in values.items())


def put_rows(
    connection: Connection, kind: str, table: Table, records: Iterable[Values], now: datetime
) -> Changes:
    """Writes records that are one row each. Raises Conflict for an id that comes twice."""
    rows = list(records)
    once(kind, [values["id"] for values in rows])
    stored = {row.id: row for row in fetch(connection, table, table.c.id, (r["id"] for r in rows))}
    added = [values for values in rows if values["id"] not in stored]
    changed = [v for v in rows if v["id"] in stored and differs(stored[v["id"]], v)]
    insert(connection, table, [{**v, "version": 1, "updated_at": now} for v in added])
    update(
        connection,
        table,
        [{**v, "version": stored[v["id"]].version + 1, "updated_at": now} for v in changed],
    )
    moved = {values["id"] for values in [*added, *changed]}
    return Changes(
        tuple(values["id"] for values in added),
        tuple(values["id"] for values in changed),
        tuple(values["id"] for values in rows if values["id"] not in moved),
    )


def insert(connection: Connection, table: Table, rows: list[Values]) -> None:
    if rows:
        connection.execute(table.insert(), rows)


def update(connection: Connection, table: Table, rows: list[Values]) -> None:
    """Sets every column of `rows`, found by their `id`. All rows have the same columns."""
    if rows:
        names = [name for name in rows[0] if name != "id"]
        statement = (
            table.update()
            .where(table.c.id == bindparam("row_id"))
            .values({name: bindparam(f"new_{name}") for name in names})
        )
        connection.execute(
            statement,
            [
                {"row_id": values["id"], **{f"new_{name}": values[name] for name in names}}
                for values in rows
            ],
        )
