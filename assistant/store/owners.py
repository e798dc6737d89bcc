"""Which process works on which room, so that none has two at work and none has none for long.

A process says that it lives in one row, and holds a room by a row that names it. A room whose
process has been silent for LIFE_S is free. Each change of hands counts up the room's `epoch`, and
a step of a room is kept only under the epoch of who holds it now (`LiveStore.commit`): a process
that was thought dead and was only slow can write nothing more. All of it goes by the database's
clock. Fencing as in M. Kleppmann, "How to do distributed locking" (2016).
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects import postgresql, sqlite

from assistant.store.catalog import Clock, utc_now
from assistant.store.database import Database, Part
from assistant.store.schema import processes, room_owners, rooms

LIFE_S = 5.0


class OwnerStore:
    """Who holds which room. Methods block, from any thread; they raise Busy."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database, self._clock = database, clock
        dialect = sqlite if database.sqlite else postgresql
        process = dialect.insert(processes)
        self._put_process = process.on_conflict_do_update(
            index_elements=[processes.c.id], set_={"until": process.excluded.until}
        )
        owner = dialect.insert(room_owners)
        self._put_owner = owner.on_conflict_do_update(
            index_elements=[room_owners.c.room],
            set_={"owner": owner.excluded.owner, "epoch": room_owners.c.epoch + 1},
        ).returning(room_owners.c.epoch)

    def claim(self, room: str, process: str) -> int:
        """Take a room from whoever has it, for a service that is one process; its epoch."""
        with self._database.write(Part.OWNERS) as connection:
            return self._take(connection, room, process)

    def tend(self, process: str) -> dict[str, int]:
        """Say that `process` lives, and share the rooms evenly among all that do.

        Returns the rooms that it holds from now on, with their epochs: what it held stays, except
        for what goes beyond its share; what is free is taken up to that share.
        """
        with self._database.write(Part.OWNERS) as connection:
            now = self._now(connection)
            until = now + timedelta(seconds=LIFE_S)
            connection.execute(self._put_process, {"id": process, "until": until})
            living = set(connection.scalars(select(processes.c.id).where(processes.c.until > now)))
            there = connection.execute(
                select(rooms.c.id, room_owners.c.owner, room_owners.c.epoch)
                .join_from(rooms, room_owners, rooms.c.id == room_owners.c.room, isouter=True)
                .order_by(rooms.c.id)
            ).all()
            share = math.ceil(len(there) / len(living))
            held = {row.id: int(row.epoch) for row in there if row.owner == process}
            for room in list(held)[share:]:
                self._free(connection, room)
                del held[room]
            for row in there:
                if len(held) < share and row.owner not in living:
                    held[row.id] = self._take(connection, row.id, process)
            gone = processes.c.until <= now - timedelta(seconds=10 * LIFE_S)
            connection.execute(processes.delete().where(gone))
        return held

    def leave(self, process: str) -> None:
        """Let go of everything at once, so that others need not wait until it counts as dead."""
        with self._database.write(Part.OWNERS) as connection:
            connection.execute(processes.delete().where(processes.c.id == process))

    def owner_of(self, room: str) -> str | None:
        """The living process that holds a room; None while there is none."""
        query = (
            select(processes.c.id, processes.c.until)
            .join_from(room_owners, processes, room_owners.c.owner == processes.c.id)
            .where(room_owners.c.room == room)
        )
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
            return row.id if row and row.until > self._now(connection) else None

    def living(self) -> int:
        """How many processes live."""
        with self._database.read() as connection:
            query = select(func.count()).where(processes.c.until > self._now(connection))
            return connection.scalar(query) or 0

    def _now(self, connection: Connection) -> datetime:
        """The database's clock, which all processes share; this machine's over SQLite."""
        if self._database.sqlite:
            return self._clock()
        now: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
        return now

    def _take(self, connection: Connection, room: str, process: str) -> int:
        values = {"room": room, "owner": process, "epoch": 1}
        return int(connection.execute(self._put_owner, values).scalar_one())

    def _free(self, connection: Connection, room: str) -> None:
        free = room_owners.update().where(room_owners.c.room == room)
        connection.execute(free.values(owner="", epoch=room_owners.c.epoch + 1))
