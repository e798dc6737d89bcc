"""What happened, for ever: one row an event, found by (source, id), read in order of arrival."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, tuple_

from assistant.store.audit import AuditStore
from assistant.store.catalog import Clock, utc_now
from assistant.store.database import Database, Part
from assistant.store.schema import events

CHUNK = 500
AUDITED = frozenset({"reply.shown", "live.product.updated", "live.offer.updated"})
TRACE = "trace"
# Built once: putting a statement together costs as much as running it.
_THERE = select(events.c.source, events.c.id).where(
    tuple_(events.c.source, events.c.id).in_(bindparam("keys", expanding=True))
)


@dataclass(frozen=True, slots=True)
class Event:
    """A CloudEvents 1.0 envelope as far as it is kept. `seq` counts arrivals; 0 before one."""

    source: str
    id: str
    type: str
    room: str | None
    time: datetime
    viewer: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    seq: int = 0


class EventStore:
    """An append-only log: (source, id) is unique for ever, sending it twice changes nothing.

    What the shop said, and what its hosts did, is added to the audit trail with the event; an
    entry `trace` of the data, which says how a reply came about, goes to the trail alone.
    """

    def __init__(
        self, database: Database, clock: Clock = utc_now, audit: AuditStore | None = None
    ) -> None:
        self._database, self._audit = database, audit
        self._clock = clock

    def now(self) -> datetime:
        """This moment, by the clock that stamps arrivals."""
        return self._clock()

    def append(
        self,
        source: str,
        id: str,
        type: str,
        room: str | None,
        viewer: str | None,
        time: datetime,
        data: Mapping[str, Any],
    ) -> bool:
        """Keeps one event, durable at return. False where it was there already."""
        return self.append_many([Event(source, id, type, room, time, viewer, data)])[0]

    def append_many(self, batch: Sequence[Event]) -> list[bool]:
        """Keeps all or none, durable at return; says of each whether it is new.

        Raises ValueError for a time without its offset, Busy where the database does not answer.
        """
        with self._database.write(Part.EVENTS) as connection:
            return self.append_in(connection, batch)

    def append_in(self, connection: Connection, batch: Sequence[Event]) -> list[bool]:
        """`append_many` in the caller's transaction, which holds Part.EVENTS."""
        rows: dict[tuple[str, str], dict[str, Any]] = {}
        now = self._clock()
        for event in batch:
            rows.setdefault((event.source, event.id), _values(event, now))
        fresh: set[tuple[str, str]] = set()
        pending = list(rows.values())
        for start in range(0, len(pending), CHUNK):
            chunk = pending[start : start + CHUNK]
            # No other append runs meanwhile, so what is not there now stays so.
            keys = [(values["source"], values["id"]) for values in chunk]
            there = {tuple(row) for row in connection.execute(_THERE, {"keys": keys})}
            new = [v for v in chunk if (v["source"], v["id"]) not in there]
            if new:
                connection.execute(events.insert(), new)
            fresh.update((v["source"], v["id"]) for v in new)
        said = []
        for event in batch:
            key = (event.source, event.id)
            if self._audit and key in fresh and _audited(event):
                self._audit.append_in(
                    connection,
                    now,
                    event.type,
                    event.id,
                    event.room or "",
                    event.viewer,
                    event.data,
                )
            said.append(key in fresh)
            fresh.discard(key)
        return said

    def read(
        self,
        *,
        room: str | None = None,
        types: Sequence[str] = (),
        viewer: str | None = None,
        after: int = 0,
        limit: int = 1000,
        newest: bool = False,
    ) -> list[Event]:
        """Up to `limit` events with `seq` above `after`, in order of arrival.

        With `newest` the last ones rather than the first ones.
        """
        query = select(events).where(events.c.seq > after)
        if room is not None:
            query = query.where(events.c.room == room)
        if viewer is not None:
            query = query.where(events.c.viewer == viewer)
        if types:
            query = query.where(events.c.type.in_(types))
        query = query.order_by(events.c.seq.desc() if newest else events.c.seq).limit(limit)
        with self._database.read() as connection:
            found = [_event(row) for row in connection.execute(query)]
        return found[::-1] if newest else found


def _audited(event: Event) -> bool:
    return event.type in AUDITED or event.type.startswith("host.")


def _values(event: Event, now: datetime) -> dict[str, Any]:
    return {
        "source": event.source,
        "id": event.id,
        "type": event.type,
        "room": event.room,
        "viewer": event.viewer,
        "time": event.time,
        "received_at": now,
        "data": json.dumps({k: v for k, v in event.data.items() if k != TRACE}),
    }


def _event(row: Row[Any]) -> Event:
    return Event(
        source=row.source,
        id=row.id,
        type=row.type,
        room=row.room,
        time=row.time,
        viewer=row.viewer,
        data=json.loads(row.data),
        seq=row.seq,
    )
