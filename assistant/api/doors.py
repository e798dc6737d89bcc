"""How open each room is, read from the records every few seconds."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from assistant.origins import RoomAccess

if TYPE_CHECKING:
    from assistant.api.service import Service

FRESH_S = 2.0
OPEN = RoomAccess()


class Doors:
    """The rooms' access; what another process changed holds here within FRESH_S seconds."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._known: dict[str, RoomAccess] = {}
        self._read_at = float("-inf")

    async def of(self, room: str) -> RoomAccess:
        """The access of one room; anybody's where none was put. Raises Busy."""
        return (await self.all()).get(room, OPEN)

    async def all(self) -> dict[str, RoomAccess]:
        """The rooms that have an access of their own; none while the records are not open."""
        shop = self._service.shop
        if shop is not None and time.monotonic() - self._read_at > FRESH_S:
            self._known = await asyncio.to_thread(shop.store.access.all)
            self._read_at = time.monotonic()
        return self._known

    def changed(self) -> None:
        """Read them again at the next question."""
        self._read_at = float("-inf")
