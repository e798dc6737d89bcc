"""What was said before: the last turns, bounded in every direction."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.turn.intents import Intent

Role = Literal["user", "assistant"]


@dataclass(frozen=True)
class Turn:
    """One question and its reply. `shown` are the ids of its cards, in their order.

    `intents` are what the question asked, () where that is not known; `asks_as` are the words of
    an earlier one that asked it too.
    """

    question: str
    reply: str
    shown: tuple[str, ...] = ()
    meant: tuple[str, ...] = ()
    intents: tuple[Intent, ...] = ()
    asks_as: str = ""


class Conversations:
    """The conversations of this process, the least recently used one forgotten first."""

    def __init__(self, turns: int, conversations: int = 10_000) -> None:
        self._turns, self._limit = turns, conversations
        self._viewers: dict[str, str] = {}
        self._kept: OrderedDict[str, deque[Turn]] = OrderedDict()

    def turns(self, conversation_id: str) -> tuple[Turn, ...]:
        """The remembered turns, oldest first; none for a conversation not known."""
        if conversation_id in self._kept:
            self._kept.move_to_end(conversation_id)
        return tuple(self._kept.get(conversation_id, ()))

    def add(self, conversation_id: str, turn: Turn, viewer: str | None = None) -> None:
        """Remember a turn, and whose conversation it is part of."""
        if viewer is not None:
            self._viewers[conversation_id] = viewer
        kept = self._kept.setdefault(conversation_id, deque(maxlen=self._turns))
        kept.append(turn)
        self._kept.move_to_end(conversation_id)
        if len(self._kept) > self._limit:
            gone, _ = self._kept.popitem(last=False)
            self._viewers.pop(gone, None)

    def forget(self, viewer: str) -> None:
        """Forget a viewer's conversations. Any thread may call it."""
        for conversation_id, whose in list(self._viewers.items()):
            if whose == viewer:
                self._kept.pop(conversation_id, None)
                self._viewers.pop(conversation_id, None)


def paired(history: Sequence[tuple[Role, str]], turns: int) -> tuple[Turn, ...]:
    """The last `turns` turns of a history that a client keeps, without their cards."""
    found: list[Turn] = []
    question = ""
    for role, text in history:
        if role == "user":
            question = text
        else:
            found.append(Turn(question, text))
    return tuple(found[-turns:])
