"""The engine: SQLite or PostgreSQL by URL, and the two kinds of transaction on it.

A read sees one moment of the whole database, a write is alone in its part of it: SQLite has
one writer at a time, PostgreSQL takes an advisory lock for each `Part`.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from enum import IntEnum
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DataError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from assistant.errors import Busy, Conflict, SettingRefused

BUSY_TIMEOUT_MS = 10_000
IDLE_TRANSACTION_MS = 10_000


class Part(IntEnum):
    """What a write keeps to itself. The numbers are keys of PostgreSQL advisory locks."""

    MIGRATION = 7_510_001
    CATALOG = 7_510_002
    ROOMS = 7_510_003
    EVENTS = 7_510_004
    LIVE = 7_510_005
    ACCESS = 7_510_006
    OWNERS = 7_510_007
    RANKERS = 7_510_008


class Database:
    """One pool of connections, for use by any number of threads."""

    def __init__(self, url: str) -> None:
        """Opens nothing yet. Raises SettingRefused for a URL that cannot work."""
        self.url = read_url(url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        self._engine = _sqlite(self.url) if self.sqlite else _postgresql(self.url)
        # SQLite's waiting writers poll, up to a tenth of a second apart: those of one process
        # queue here instead, and only those of other processes poll.
        self._writing: AbstractContextManager[object] = (
            threading.Lock() if self.sqlite else nullcontext()
        )

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one moment and changes nothing. Raises Busy."""
        options: dict[str, Any] = {}
        if not self.sqlite:
            options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with self._transaction(options) as connection:
            yield connection

    @contextmanager
    def write(self, *parts: Part) -> Iterator[Connection]:
        """A transaction that is durable once left, or leaves no trace. Raises Busy.

        `parts` are locked in the order of their numbers, so that no two writes can wait for
        each other.
        """
        with self._writing, self._transaction({"liveshop_write": True}) as connection:
            if not self.sqlite:
                for part in sorted(parts):
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": part})
            yield connection

    @contextmanager
    def _transaction(self, options: dict[str, Any]) -> Iterator[Connection]:
        try:
            with (
                self._engine.connect().execution_options(**options) as connection,
                connection.begin(),
            ):
                yield connection
        except DataError as error:
            raise Conflict(f"a text that the records cannot keep: {_reason(error)}") from error
        except (OperationalError, InterfaceError, PoolTimeout) as error:
            raise Busy(f"the records at {self!s} do not answer now: {_reason(error)}") from error

    def close(self) -> None:
        """Closes every connection. The object opens new ones when it is used again."""
        self._engine.dispose()

    def __str__(self) -> str:
        return self.url.render_as_string(hide_password=True)


def _reason(error: Exception) -> str:
    said = str(getattr(error, "orig", None) or error).strip()
    return said.splitlines()[0] if said else type(error).__name__


def read_url(url: str) -> URL:
    """`url` with its driver. Raises SettingRefused for one that is neither of the two kinds."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise SettingRefused(
            "LIVESHOP_DATABASE_URL is not a URL: write sqlite:///PATH or "
            "postgresql://USER:PASSWORD@HOST/NAME"
        ) from error
    backend = parsed.get_backend_name()
    if backend in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise SettingRefused(
            f"LIVESHOP_DATABASE_URL has kind {parsed.drivername!r}: sqlite and postgresql work"
        )
    if parsed.database in (None, "", ":memory:"):
        raise SettingRefused(
            "LIVESHOP_DATABASE_URL names no file: threads share the records, so write "
            "sqlite:///PATH"
        )
    return parsed.set(drivername="sqlite+pysqlite")


def _sqlite(url: URL) -> Engine:
    Path(str(url.database)).expanduser().parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url.set(database=str(Path(str(url.database)).expanduser())),
        hide_parameters=True,  # errors are logged, and parameters are people's words
        pool_size=8,
        max_overflow=56,
        connect_args={"timeout": BUSY_TIMEOUT_MS / 1000},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        # The driver's own BEGIN comes too late for a read and too weak for a write.
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout = {BUSY_TIMEOUT_MS}",
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        write = connection.get_execution_options().get("liveshop_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def _postgresql(url: URL) -> Engine:
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=8,
        max_overflow=24,
        pool_timeout=10,
        pool_pre_ping=True,
        connect_args={"connect_timeout": 5},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        # A process that stands still in mid-transaction would keep its locks from all others.
        connection.autocommit = True
        connection.execute(f"SET idle_in_transaction_session_timeout = {IDLE_TRANSACTION_MS}")
        connection.autocommit = False

    return engine
