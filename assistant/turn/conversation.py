"""What was said before: the last turns, bounded in every direction."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

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


class Talk(NamedTuple):
    """One conversation. Its id is the client's to choose, so that it means something only with
    the room and the viewer that it is held in: another's id opens nothing."""

    room: str
    viewer: str | None
    id: str


class Conversations:
    """The conversations of this process, the least recently used one forgotten first."""

    def __init__(self, turns: int, conversations: int = 10_000) -> None:
        self._turns, self._limit = turns, conversations
        self._kept: OrderedDict[Talk, deque[Turn]] = OrderedDict()

    def turns(self, talk: Talk) -> tuple[Turn, ...]:
        """The remembered turns, oldest first; none for a conversation not known."""
        if talk in self._kept:
            self._kept.move_to_end(talk)
        return tuple(self._kept.get(talk, ()))

    def add(self, talk: Talk, turn: Turn) -> None:
        """Remember a turn."""
        kept = self._kept.setdefault(talk, deque(maxlen=self._turns))
        kept.append(turn)
        self._kept.move_to_end(talk)
        if len(self._kept) > self._limit:
            self._kept.popitem(last=False)

    def forget(self, viewer: str) -> None:
        """Forget a viewer's conversations. Any thread may call it."""
        for talk in [talk for talk in list(self._kept) if talk.viewer == viewer]:
            self._kept.pop(talk, None)


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
