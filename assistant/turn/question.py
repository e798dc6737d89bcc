"""A question as a turn is given it."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.turn.conversation import Role, Talk
from assistant.turn.understanding import Understanding
from retrieval.catalog import Language


@dataclass(frozen=True)
class Question:
    """What a viewer asks. `history` is None where the server keeps the conversation.

    A merged question of a room comes understood (`asked`) and with its id (`merged`): it is part
    of no conversation. Without `model` it is answered from records alone. `spoken` are the words
    as they were typed, personal data and all, for the shop's own order connector alone.
    """

    text: str
    room: str
    conversation_id: str | None = None
    locale: Language | None = None
    viewer: str | None = None
    product_id: str | None = None
    history: tuple[tuple[Role, str], ...] | None = None
    asked: Understanding | None = None
    merged: str | None = None
    model: bool = True
    spoken: str = ""

    def talk(self, conversation_id: str = "") -> Talk:
        """The conversation it is part of, where a new one has the id `conversation_id`."""
        return Talk(self.room, self.viewer, self.conversation_id or conversation_id)
