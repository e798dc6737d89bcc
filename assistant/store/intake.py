"""Events of a room on their way in: kept, and obeyed, in one transaction.

An event that says what is on air, or changes a price, the stock or an offer, changes the records
in the transaction that keeps it: it is obeyed exactly when it is kept, and only once.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from assistant.errors import Conflict, NotFound
from assistant.store import product_writing
from assistant.store import schema as tables
from assistant.store.catalog import CatalogStore, VariantChange
from assistant.store.database import Database, Part
from assistant.store.events import Event, EventStore
from assistant.store.rooms import RoomStore
from assistant.store.rows import offer_values
from assistant.store.writing import put_rows
from retrieval.catalog import Money, Offer

CHANGING = frozenset({"live.product.on_air", "live.product.updated", "live.offer.updated"})
Taken = bool | NotFound | Conflict


class Intake:
    """Takes batches of events; those of CHANGING change the records too."""

    def __init__(
        self, database: Database, events: EventStore, catalog: CatalogStore, rooms: RoomStore
    ) -> None:
        self._database = database
        self._events, self._catalog, self._rooms = events, catalog, rooms
        dialect = sqlite if database.sqlite else postgresql
        self._begin_progress = dialect.insert(tables.room_progress).on_conflict_do_nothing()

    def take(self, batch: Sequence[Event]) -> list[Taken]:
        """Keeps the events and obeys them in order, durable at return.

        Says of each whether it is new, or why it could not be obeyed and so was not kept.
        `data` has the form that `obey` states. Raises Busy where the database does not answer.
        """
        if not any(event.type in CHANGING for event in batch):
            return list(self._events.append_many(batch))
        said: list[Taken] = []
        with self._database.write(Part.CATALOG, Part.ROOMS, Part.EVENTS) as connection:
            for changing, run in groupby(batch, lambda event: event.type in CHANGING):
                if changing:
                    said += [self._take_one(connection, event) for event in run]
                else:
                    said += self._events.append_in(connection, list(run))
        self._catalog.tell()
        return said

    def _take_one(self, connection: Connection, event: Event) -> Taken:
        try:
            with connection.begin_nested():
                new = self._events.append_in(connection, [event])[0]
                if new and event.type in CHANGING:
                    self.obey(connection, event)
                return new
        except (NotFound, Conflict) as refused:
            return refused

    def obey(self, connection: Connection, event: Event) -> None:
        """Changes the records as the event says. Raises NotFound and Conflict.

        - live.product.on_air: `product_id`, null for nothing
        - live.product.updated: `variant_id` and any of `price`, `list_price`, `stock`; null
          takes a list price away, or makes the stock unknown
        - live.offer.updated: the whole offer, or `id` and `ended` true
        """
        data = event.data
        if event.type == "live.product.on_air" and event.room is not None:
            self._keep_shown_before(connection, event.room)
            self._rooms.set_on_air_in(connection, event.room, data["product_id"])
        elif event.type == "live.product.updated":
            change = _variant_change(data)
            self._catalog.patch_variant_in(connection, data["variant_id"], change)
        elif data.get("ended"):
            product_writing.delete_by_id(connection, tables.offers, [data["id"]])
        else:
            values = offer_values(Offer.model_validate(dict(data)))
            put_rows(connection, "offer", tables.offers, [values], self._events.now())

    def _keep_shown_before(self, connection: Connection, room: str) -> None:
        """For a room that has read nothing yet: its first comments are about what was on air."""
        query = select(tables.rooms.c.on_air).where(tables.rooms.c.id == room)
        shown = connection.execute(query).one_or_none()
        if shown is not None:
            state = json.dumps({"on_air": shown.on_air})
            connection.execute(self._begin_progress, {"room": room, "seq": 0, "state": state})


def _variant_change(data: Any) -> VariantChange:
    price, listed = data.get("price"), data.get("list_price")
    return VariantChange(
        price=Money.model_validate(price) if price else None,
        list_price=Money.model_validate(listed) if listed else None,
        stock=data.get("stock"),
        clear=tuple(
            name for name in ("list_price", "stock") if name in data and data[name] is None
        ),
    )
