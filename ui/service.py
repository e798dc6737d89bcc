"""The pages' way to the service: its public HTTP routes."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from typing import Any
from uuid import uuid4

import httpx

Part = dict[str, Any]


class Service:
    """One running service at `url`. Its reads raise httpx.HTTPError when it does not answer."""

    def __init__(self, url: str) -> None:
        self._http = httpx.AsyncClient(
            base_url=url, timeout=httpx.Timeout(10, read=60), trust_env=False
        )

    async def rooms(self) -> list[dict[str, Any]]:
        """Every room as the service lists it."""
        answer = await self._http.get("/api/v1/rooms")
        answer.raise_for_status()
        found: list[dict[str, Any]] = answer.json()
        return found

    async def on_air(self, room: str, locale: str) -> dict[str, Any] | None:
        """The card of the item on air, or None while there is none."""
        answer = await self._http.get(f"/api/v1/rooms/{room}/on-air", params={"locale": locale})
        answer.raise_for_status()
        card: dict[str, Any] | None = answer.json()
        return card

    async def ask(
        self, room: str, message: str, conversation_id: str, locale: str
    ) -> AsyncGenerator[Part]:
        """The parts of one reply as they arrive; a refusal is a part of type `refused`."""
        body = {"message": message, "conversation_id": conversation_id, "locale": locale}
        headers = {"Accept": "text/event-stream"}
        async with self._http.stream(
            "POST", f"/api/v1/rooms/{room}/chat", json=body, headers=headers
        ) as answer:
            if answer.is_error:
                await answer.aread()
                yield {"type": "refused", "status": answer.status_code}
                return
            async for line in answer.aiter_lines():
                if line.startswith("data: {"):
                    part: Part = json.loads(line.removeprefix("data: "))
                    yield part

    async def feedback(self, room: str, reply_id: str, liked: bool) -> None:
        """Send a viewer's opinion of a reply."""
        event = {
            "specversion": "1.0",
            "id": uuid4().hex,
            "source": "chat-page",
            "type": "reply.feedback",
            "data": {"reply_id": reply_id, "value": "up" if liked else "down"},
        }
        answer = await self._http.post(f"/api/v1/rooms/{room}/events", json=event)
        answer.raise_for_status()
