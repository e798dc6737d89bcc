"""What a turn needs from outside, as small as it needs it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from assistant.turn.generation import Message
from retrieval.catalog import Profile, RoomContext


class Rooms(Protocol):
    def get(self, room_id: str) -> RoomContext: ...


class TalkedOf(Protocol):
    """The products a room talked about, the latest first."""

    def __call__(self, room_id: str) -> tuple[str, ...]: ...


def nothing(room_id: str) -> tuple[str, ...]:
    """What a room without a show talked about."""
    return ()


class Profiles(Protocol):
    def of(self, viewer: str | None) -> Profile | None: ...


class Log(Protocol):
    def append(
        self,
        source: str,
        id: str,
        type: str,
        room: str | None,
        viewer: str | None,
        time: datetime,
        data: Mapping[str, Any],
    ) -> bool: ...


class Engine(Protocol):
    def stream(
        self, messages: Sequence[Message], *, max_tokens: int | None = None
    ) -> AsyncGenerator[str]: ...
