"""Rooms: what is on air, who may speak, the numbered list, the run of a demonstration."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from sqlalchemy import Connection, Row, bindparam, select

from assistant.errors import Conflict, NotFound
from assistant.store.catalog import Clock, utc_now
from assistant.store.database import Database, Part
from assistant.store.schema import products, room_items, rooms
from assistant.store.writing import fetch
from retrieval.catalog import RoomContext, RoomItem, Text

Mode = Literal["auto", "review", "off"]
# Built once: putting a statement together costs as much as running it.
_ROOMS = select(rooms).order_by(rooms.c.id)
_ROOM = _ROOMS.where(rooms.c.id == bindparam("room_id"))
_ITEMS = select(room_items).order_by(room_items.c.room_id, room_items.c.number)
_ITEMS_OF_ROOM = _ITEMS.where(room_items.c.room_id == bindparam("room_id"))


class RoomStore:
    """Rooms as they are at each call; every change counts a version, no difference none."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock

    def get(self, room_id: str) -> RoomContext:
        """Raises NotFound."""
        with self._database.read() as connection:
            return _read(connection, room_id)

    def all(self) -> tuple[RoomContext, ...]:
        """Every room, by id."""
        with self._database.read() as connection:
            return _read_all(connection, None)

    def run_of_show(self, room_id: str) -> tuple[Any, ...]:
        """The steps of the room's demonstration, plain JSON values. Raises NotFound."""
        with self._database.read() as connection:
            query = select(rooms.c.run_of_show).where(rooms.c.id == room_id)
            found = connection.scalar(query)
        if found is None:
            raise _no_room(room_id)
        return tuple(json.loads(found))

    def put(
        self, room: RoomContext, run_of_show: Sequence[Any] | None = None, *, live: bool = True
    ) -> RoomContext:
        """Adds or replaces a room and returns it as stored; the version it carries is ignored.

        `run_of_show` None keeps the steps that are stored. Without `live`, a room that exists
        keeps its mode and what is on air. Raises NotFound for a product that is not in the
        catalogue, Conflict for a number that stands twice.
        """
        with self._database.write(Part.ROOMS) as connection:
            stored = _read_all(connection, room.id)
            if stored and not live:
                kept = {"mode": stored[0].mode, "on_air": stored[0].on_air}
                room = room.model_copy(update=kept)
            return self._write(connection, stored[0] if stored else None, room, run_of_show)

    def set_on_air(self, room_id: str, product_id: str | None) -> RoomContext:
        """Shows a product, or nothing. Raises NotFound for the room and for the product."""
        return self._change(room_id, {"on_air": product_id})

    def set_mode(self, room_id: str, mode: Mode) -> RoomContext:
        """Raises NotFound."""
        return self._change(room_id, {"mode": mode})

    def set_items(self, room_id: str, items: Iterable[RoomItem]) -> RoomContext:
        """Replaces the numbered list. Raises NotFound as `put` does, Conflict likewise."""
        return self._change(room_id, {"items": tuple(items)})

    def set_on_air_in(
        self, connection: Connection, room_id: str, product_id: str | None
    ) -> RoomContext:
        """`set_on_air` in the caller's transaction, which holds Part.ROOMS."""
        return self._change_in(connection, room_id, {"on_air": product_id})

    def _change(self, room_id: str, update: dict[str, Any]) -> RoomContext:
        with self._database.write(Part.ROOMS) as connection:
            return self._change_in(connection, room_id, update)

    def _change_in(
        self, connection: Connection, room_id: str, update: dict[str, Any]
    ) -> RoomContext:
        before = _read(connection, room_id)
        after = RoomContext.model_validate({**dict(before), **update})
        return self._write(connection, before, after, None)

    def _write(
        self,
        connection: Connection,
        before: RoomContext | None,
        room: RoomContext,
        run_of_show: Sequence[Any] | None,
    ) -> RoomContext:
        items = tuple(sorted(room.items, key=lambda item: item.number))
        version = before.version if before else 0
        room = room.model_copy(update={"items": items, "version": version})
        steps = None if run_of_show is None else json.dumps(run_of_show)
        query = select(rooms.c.run_of_show).where(rooms.c.id == room.id)
        if room == before and steps in (None, connection.scalar(query)):
            return room
        _check(connection, room)
        values = {
            "title_zh": room.title.zh,
            "title_en": room.title.en,
            "mode": room.mode,
            "on_air": room.on_air,
            "version": version + 1,
            "updated_at": self._clock(),
        }
        if steps is not None or before is None:
            values["run_of_show"] = steps or "[]"
        if before is None:
            connection.execute(rooms.insert().values(id=room.id, **values))
        else:
            connection.execute(rooms.update().where(rooms.c.id == room.id).values(values))
            connection.execute(room_items.delete().where(room_items.c.room_id == room.id))
        if items:
            connection.execute(
                room_items.insert(),
                [
                    {"room_id": room.id, "number": item.number, "product_id": item.product_id}
                    for item in items
                ],
            )
        return room.model_copy(update={"version": version + 1})


def _check(connection: Connection, room: RoomContext) -> None:
    numbers = [item.number for item in room.items]
    for number in numbers:
        if numbers.count(number) > 1:
            raise Conflict(f"room {room.id!r}: number {number} stands twice in its items")
    wanted = [item.product_id for item in room.items]
    if room.on_air is not None:
        wanted.append(room.on_air)
    there = {row.id for row in fetch(connection, products, products.c.id, wanted)}
    for product_id in wanted:
        if product_id not in there:
            raise NotFound(
                f"product {product_id!r} is not in the catalogue, so room {room.id!r} cannot "
                "show it; import it first"
            )


def _read(connection: Connection, room_id: str) -> RoomContext:
    found = _read_all(connection, room_id)
    if not found:
        raise _no_room(room_id)
    return found[0]


def _read_all(connection: Connection, room_id: str | None) -> tuple[RoomContext, ...]:
    query, listed, which = _ROOMS, _ITEMS, dict[str, str]()
    if room_id is not None:
        query, listed, which = _ROOM, _ITEMS_OF_ROOM, {"room_id": room_id}
    items: dict[str, list[RoomItem]] = {}
    for row in connection.execute(listed, which):
        item = RoomItem(number=row.number, product_id=row.product_id)
        items.setdefault(row.room_id, []).append(item)
    return tuple(_room(row, items.get(row.id, [])) for row in connection.execute(query, which))


def _room(row: Row[Any], items: Iterable[RoomItem]) -> RoomContext:
    return RoomContext(
        id=row.id,
        title=Text(zh=row.title_zh, en=row.title_en),
        mode=row.mode,
        on_air=row.on_air,
        items=tuple(items),
        version=row.version,
    )


def _no_room(room_id: str) -> NotFound:
    return NotFound(f"room {room_id!r} is not there; import a room, or PUT /api/v1/rooms")
