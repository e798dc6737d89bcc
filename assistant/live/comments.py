"""One comment: what kind it is, and what it asks about. No model; read once for all who say it."""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

from assistant.live.asked import Asked, read_asked
from assistant.live.triage import Triage, triage
from assistant.turn.understanding import Understanding, understand
from retrieval.catalog import RoomContext
from retrieval.names import ProductNames

LONGEST = 300
REMEMBERED = 4096
BUYING = frozenset({"how_to_buy", "price", "stock", "offer", "shipping", "payment"})
ASKING = frozenset({"question", "purchase_intent", "complaint"})


class Read(NamedTuple):
    """A comment as it was read; `asked` and `alike` are None for one that asks nothing.

    `alike` is what it asks in the form in which questions are compared.
    """

    triage: Triage
    asked: Understanding | None = None
    alike: Asked | None = None


class CommentReader:
    """Reads comments against the room as it is; the same words in the same room are read once."""

    def __init__(self, names: ProductNames) -> None:
        self._names = names
        self._known: OrderedDict[tuple[str, str], Read] = OrderedDict()

    def read(self, text: str, room: RoomContext, recent: tuple[str, ...]) -> Read:
        """What `text` is. `recent`: products the room talked about, the latest first."""
        text = text[:LONGEST]
        state = f"{room.on_air}\n{room.version}\n{' '.join(recent)}"
        key = (text, state)
        known = self._known.get(key)
        if known is None:
            known = self._read(text, room, recent)
            self._known[key] = known
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return known

    def _read(self, text: str, room: RoomContext, recent: tuple[str, ...]) -> Read:
        seen = triage(text)
        if seen.label not in ASKING:
            return Read(seen)
        asked = understand(text, room=room, names=self._names, recent=recent)
        answerable = asked.intents[0] != "small_talk"
        if seen.label == "purchase_intent":
            answerable = bool(BUYING.intersection(asked.intents))
        if not answerable and seen.label != "complaint":
            return Read(seen)  # 冲冲冲 and 已拍 count, and want no answer
        return Read(seen, asked, read_asked(text, asked, room.on_air))


def mentioned(
    text: str, room: RoomContext, names: ProductNames, recent: tuple[str, ...]
) -> tuple[str, ...]:
    """The products that a host's words name, by name or by number, the first named first."""
    asked = understand(text[:LONGEST], room=room, names=names, recent=recent)
    return asked.product_ids if asked.reference in ("named", "number") else ()
