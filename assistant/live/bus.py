"""Telling the parts of a live room that there is something new to read.

A topic carries no data: what is new stands in the records, so that a wake-up that is lost costs
time and nothing else. One process tells itself; Redis Streams can stand behind the same two calls.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol


class Bus(Protocol):
    """Called in the event loop."""

    def publish(self, topic: str) -> None:
        """Wake everybody who listens to `topic`."""

    def listening(self, *topics: str) -> AbstractContextManager[asyncio.Event]:
        """An event that each publication sets; the listener clears it before it reads."""


class InProcessBus:
    """The bus of a service that is one process."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[asyncio.Event]] = {}

    def publish(self, topic: str) -> None:
        for event in self._listeners.get(topic, ()):
            event.set()

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


def events_topic(room: str) -> str:
    """Where a room hears of events."""
    return f"events:{room}"


def feed_topic(room: str) -> str:
    """Where readers of a room's feed hear of items."""
    return f"feed:{room}"


RECORDS = "records"
