"""How open each room is: whether viewers need a token, and which pages may use it."""

from __future__ import annotations

import json

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from assistant.origins import RoomAccess
from assistant.store.access_schema import room_access
from assistant.store.database import Database, Part


class AccessStore:
    """The rooms' doors. Methods block; any thread may call them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        insert = (sqlite if database.sqlite else postgresql).insert(room_access)
        self._put = insert.on_conflict_do_update(
            index_elements=[room_access.c.room],
            set_={name: insert.excluded[name] for name in ("anonymous", "origins")},
        )

    def all(self) -> dict[str, RoomAccess]:
        """The rooms that have been given an access of their own."""
        with self._database.read() as connection:
            rows = connection.execute(select(room_access)).all()
        return {
            row.room: RoomAccess(anonymous=bool(row.anonymous), origins=json.loads(row.origins))
            for row in rows
        }

    def put(self, room: str, access: RoomAccess) -> None:
        """Replaces the access of a room, durable at return."""
        row = {
            "room": room,
            "anonymous": access.anonymous,
            "origins": json.dumps(access.origins),
        }
        with self._database.write(Part.ACCESS) as connection:
            connection.execute(self._put, row)
