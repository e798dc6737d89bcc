"""Telling the parts of a live room, here and in other processes, that there is something new.

A topic carries no data: what is new stands in the records, so that a wake-up that is lost costs
time and nothing else. One process tells itself (`InProcessBus`); several tell one another through
Redis (`redis_bus.RedisBus`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

Heard = Callable[[list[str]], None]
Carried = Callable[[str, str, dict[str, Any]], Awaitable[Any]]


class Bus(Protocol):
    """Called in the event loop.

    `me` is this process's id among those that share the rooms, None where it is the only one.
    """

    @property
    def me(self) -> str | None: ...

    def publish(self, topic: str) -> None:
        """Wake everybody who listens to `topic`, in every process."""

    def publish_all(self) -> None:
        """Wake every listener of this process."""

    def listening(self, *topics: str) -> AbstractContextManager[asyncio.Event]:
        """An event that each publication sets; the listener clears it before it reads."""

    def say(self, kind: str, words: list[str]) -> None:
        """Tell the other processes; they hear it soon, or never where the bus is down."""

    def hear(self, kind: str, heard: Heard) -> None:
        """Call `heard` with what other processes say of this kind."""

    def serve(self, carried: Carried) -> None:
        """Carry out what others ask with `call`: room, what and its arguments, to a JSON value."""

    async def call(self, process: str, room: str, what: str, given: dict[str, Any]) -> Any:
        """Have another process carry something out; its JSON value.

        Raises what it raised there of NotFound, Conflict and Busy, and RoomMoved where it does
        not answer in time or has not got the room. It may have been carried out even so.
        """


class InProcessBus:
    """The bus of a service that is one process."""

    me: str | None = None

    def __init__(self) -> None:
        self._listeners: dict[str, set[asyncio.Event]] = {}

    def publish(self, topic: str) -> None:
        for event in self._listeners.get(topic, ()):
            event.set()

    def publish_all(self) -> None:
        """Wake every listener."""
        for topic in list(self._listeners):
            InProcessBus.publish(self, topic)

    @contextmanager
    def listening(self, *topics: str) -> Iterator[asyncio.Event]:
        event = asyncio.Event()
        for topic in topics:
            self._listeners.setdefault(topic, set()).add(event)
        try:
            yield event
        finally:
            for topic in topics:
                self._listeners[topic].discard(event)
                if not self._listeners[topic]:
                    del self._listeners[topic]

    def say(self, kind: str, words: list[str]) -> None:
        """Nothing: there is no other process."""

    def hear(self, kind: str, heard: Heard) -> None:
        """Nothing: there is no other process."""

    def serve(self, carried: Carried) -> None:
        """Nothing: there is no other process."""

    async def call(self, process: str, room: str, what: str, given: dict[str, Any]) -> Any:
        """Never called: every room is here."""
        raise NotImplementedError


def events_topic(room: str) -> str:
    """Where a room hears of events."""
    return f"events:{room}"


def feed_topic(room: str) -> str:
    """Where readers of a room's feed hear of items."""
    return f"feed:{room}"


RECORDS = "records"
OWNERS = "owners"
"""Where processes hear that rooms have become free."""
PRODUCTS, FORGET, TALKED = "products", "forget", "talked"
"""What processes say: ids of products that changed, a viewer to forget, what a room talked of."""
