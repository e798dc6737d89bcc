"""Everything that is kept of one viewer, handed out or taken away; and what has grown old, let go.

Every table stands in one of the two sets below, so that none is forgotten when one is added.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, exists, func, or_, select

from assistant.store.audit import AuditStore
from assistant.store.audit_schema import audit
from assistant.store.database import Database, Part
from assistant.store.schema import events, feed, question_askers, questions, room_mutes

PERSONAL = frozenset(
    {"events", "feed", "questions", "question_askers", "room_mutes", "room_progress", "audit"}
)
IMPERSONAL = frozenset(
    {
        "products",
        "removed_products",
        "variants",
        "offers",
        "policies",
        "rooms",
        "room_items",
        "api_keys",
        "room_access",
        "room_owners",
        "processes",
        "ranker_versions",
        "ranker_turns",
        "experiments",
    }
)
# A viewer's choice outlives what it was made about.
KEPT_TYPES = ("viewer.personalization",)
SETTLED = ("answered", "dismissed", "expired", "shed")


@dataclass(frozen=True, slots=True)
class LetGo:
    """How many rows were emptied or taken for their age."""

    events: int
    rooms: int
    audit: int


class Erasure:
    """Works over all tables of one shop. Methods block; any thread may call them."""

    def __init__(self, database: Database, trail: AuditStore) -> None:
        self._database, self._trail = database, trail

    def everything_of(self, viewer: str) -> dict[str, list[dict[str, Any]]]:
        """Every row of every table that speaks of the viewer, as JSON values, by table."""
        found: dict[str, list[dict[str, Any]]] = {}
        with self._database.read() as connection:
            for table, where in _speaking_of(viewer):
                rows = connection.execute(select(table).where(where)).mappings()
                found[table.name] = [{k: _plain(v) for k, v in row.items()} for row in rows]
        return found

    def erase(self, viewer: str) -> int:
        """Takes the viewer from every table; how many events they had. One transaction.

        Events stay as empty rows, since their (source, id) is unique for ever; the audit trail
        keeps hashes that no longer say anything. A question that nobody else asked goes with its
        answer; one that others asked stays, without the viewer.
        """
        with self._database.write(Part.EVENTS, Part.LIVE) as connection:
            others = question_askers.alias()
            alone = select(question_askers.c.question).where(
                question_askers.c.viewer == viewer,
                ~exists().where(
                    and_(
                        others.c.question == question_askers.c.question,
                        others.c.viewer != viewer,
                    )
                ),
            )
            for question_id in list(connection.scalars(alone)):
                connection.execute(delete(feed).where(_says(feed.c.data, question_id)))
                connection.execute(delete(questions).where(questions.c.id == question_id))
            connection.execute(delete(question_askers).where(question_askers.c.viewer == viewer))
            connection.execute(delete(room_mutes).where(room_mutes.c.viewer == viewer))
            self._unname(connection, viewer)
            self._trail.erase_in(connection, _of_viewer(audit, audit.c.payload, viewer))
            about = and_(events.c.viewer.is_distinct_from(viewer), _says(events.c.data, viewer))
            connection.execute(events.update().where(about).values(data="{}"))
            emptied = events.update().where(events.c.viewer == viewer)
            return connection.execute(emptied.values(viewer=None, data="{}")).rowcount

    def _unname(self, connection: Connection, viewer: str) -> None:
        """Takes the viewer's name out of what the rooms' feeds told of several."""
        rows = connection.execute(
            select(feed.c.seq, feed.c.data).where(_says(feed.c.data, viewer))
        ).all()
        for seq, data in rows:
            text = json.dumps(_without(json.loads(data), viewer), ensure_ascii=False)
            connection.execute(feed.update().where(feed.c.seq == seq).values(data=text))

    def let_go(
        self, events_before: datetime, rooms_before: datetime, audit_before: datetime
    ) -> LetGo:
        """Empties older events and links, takes older feed items and settled questions away."""
        aged = and_(
            events.c.received_at < events_before,
            events.c.type.not_in(KEPT_TYPES),
            or_(events.c.viewer.is_not(None), events.c.data != "{}"),
        )
        settled = and_(questions.c.last_at < rooms_before, questions.c.status.in_(SETTLED))
        with self._database.write(Part.EVENTS, Part.LIVE) as connection:
            emptied = events.update().where(aged).values(viewer=None, data="{}")
            gone = connection.execute(emptied).rowcount
            told = connection.execute(delete(feed).where(feed.c.at < rooms_before)).rowcount
            told += connection.execute(delete(questions).where(settled)).rowcount
        return LetGo(gone, told, self._trail.erase_before(audit_before))


def _speaking_of(viewer: str) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    asked = select(question_askers.c.question).where(question_askers.c.viewer == viewer)
    yield events, _of_viewer(events, events.c.data, viewer)
    yield feed, _says(feed.c.data, viewer)
    yield questions, questions.c.id.in_(asked)
    yield question_askers, question_askers.c.viewer == viewer
    yield room_mutes, room_mutes.c.viewer == viewer
    yield audit, _of_viewer(audit, audit.c.payload, viewer)


def _of_viewer(table: Table, said: ColumnElement[Any], viewer: str) -> ColumnElement[bool]:
    """Rows of the viewer, and others that name them, such as the deed of a host who muted them."""
    return or_(table.c.viewer == viewer, _says(said, viewer))


def _says(column: ColumnElement[Any], text: str) -> ColumnElement[bool]:
    """Whether a JSON text holds `text` as a whole string, however it was written."""
    forms = {json.dumps(text), json.dumps(text, ensure_ascii=False)}
    # LIKE does not tell capitals from small letters in SQLite.
    return or_(*(func.replace(column, form, "") != column for form in forms))


def _without(value: Any, viewer: str) -> Any:
    if isinstance(value, dict):
        return {k: None if v == viewer else _without(v, viewer) for k, v in value.items()}
    if isinstance(value, list):
        return [_without(one, viewer) for one in value if one != viewer]
    return value


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
