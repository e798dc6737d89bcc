"""Questions about an order: asked of the shop's own connector, never guessed."""

from __future__ import annotations

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

DEADLINE_S = 3.0


class OrderAnswer(BaseModel):
    """What the connector says, shown to the viewer as it stands."""

    model_config = ConfigDict(extra="ignore")
    answer: str


class OrderConnector:
    """POSTs {question, viewer, room, language} to `url` and reads {answer}."""

    def __init__(self, url: str, client: httpx.AsyncClient) -> None:
        self._url, self._client = url, client

    async def ask(self, question: str, viewer: str | None, room: str, language: str) -> str | None:
        """The connector's answer; None where it has none, fails or takes over three seconds."""
        body = {"question": question, "viewer": viewer, "room": room, "language": language}
        try:
            reply = await self._client.post(self._url, json=body, timeout=DEADLINE_S)
            reply.raise_for_status()
            return OrderAnswer.model_validate_json(reply.content).answer.strip() or None
        except (httpx.HTTPError, ValidationError):
            return None
