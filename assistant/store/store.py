"""The record store: one database, and what is kept in it."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from assistant.store.access import AccessStore
from assistant.store.audit import AuditStore
from assistant.store.backup import revision
from assistant.store.catalog import CatalogStore, Clock, utc_now
from assistant.store.database import Database, Part
from assistant.store.erasure import Erasure
from assistant.store.events import EventStore
from assistant.store.intake import Intake
from assistant.store.keys import KeyStore
from assistant.store.live import LiveStore
from assistant.store.owners import OwnerStore
from assistant.store.rankers import RankerStore
from assistant.store.rooms import RoomStore

SCRIPTS = str(Path(__file__).parent / "migrations")


class Store:
    """Every record of a shop, in SQLite or PostgreSQL by `url`; for any number of threads.

    Opens nothing before its first use. Raises SettingRefused for a URL that cannot work.
    """

    def __init__(self, url: str, *, clock: Clock = utc_now) -> None:
        self.database = Database(url)
        self.catalog = CatalogStore(self.database, clock)
        self.rooms = RoomStore(self.database, clock)
        self.audit = AuditStore(self.database)
        self.events = EventStore(self.database, clock, self.audit)
        self.intake = Intake(self.database, self.events, self.catalog, self.rooms)
        self.live = LiveStore(self.database, self.events)
        self.owners = OwnerStore(self.database, clock)
        self.rankers = RankerStore(self.database, clock)
        self.keys = KeyStore(self.database, clock)
        self.access = AccessStore(self.database)
        self.erasure = Erasure(self.database, self.audit)

    def migrate(self) -> None:
        """Brings the tables to this version, in one transaction; does nothing where they are.

        Several processes may call it at once. Raises Busy where the database does not answer.
        """
        config = Config()
        config.set_main_option("script_location", SCRIPTS.replace("%", "%%"))
        with self.database.write(Part.MIGRATION) as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def revisions(self) -> tuple[str | None, str]:
        """The revision of the tables, None where there are none, and the one of this version."""
        with self.database.read() as connection:
            return revision(connection), str(ScriptDirectory(SCRIPTS).get_current_head())

    def ping(self) -> None:
        """Raises Busy where the database does not answer."""
        with self.database.read() as connection:
            connection.exec_driver_sql("SELECT 1")

    def close(self) -> None:
        """Closes every connection."""
        self.database.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
