"""What became of the cards that replies showed: what viewers viewed, clicked, carted and bought.

A deed counts for one reply: the one that its data names by `reply_id`, else the last one that
showed the product to that viewer before it, within `WITHIN` of the kind of deed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError

from assistant.events import SHOWING
from assistant.profiles import CHOICE, KINDS, product_ids
from assistant.store import Store
from assistant.store.events import Event
from retrieval.catalog import Exposure

WITHIN = {
    "shop.view": timedelta(minutes=30),
    "shop.click": timedelta(minutes=30),
    "shop.cart": timedelta(days=1),
    "shop.purchase": timedelta(days=7),
}
_PAGE = 5000


@dataclass
class Showing:
    """The cards of one reply, or of one list of recommendations, and what was done with them.

    `deeds` maps a product to the kinds of deeds that count for this reply: shop.click and so on.
    """

    reply_id: str
    kind: str
    room: str | None
    viewer: str | None
    at: datetime
    seq: int
    ranker: str
    arm: str
    cards: tuple[Exposure, ...]
    deeds: dict[str, set[str]] = field(default_factory=dict)

    def did(self, kind: str) -> int:
        """How many of its products have a deed of `kind`."""
        return sum(kind in kinds for kinds in self.deeds.values())


class Attribution:
    """Takes events in order of arrival and settles which reply each deed counts for."""

    def __init__(self) -> None:
        self.showings: list[Showing] = []
        self._by_id: dict[str, Showing] = {}
        self._by_viewer: dict[str, list[Showing]] = defaultdict(list)

    def take(self, events: Iterable[Event]) -> None:
        """Notes showings and deeds."""
        for event in events:
            if event.type in SHOWING:
                self._show(event)
            elif event.type in KINDS and event.viewer is not None:
                for product_id in product_ids(event.data):
                    self._deed(event, product_id)

    def _show(self, event: Event) -> None:
        cards = tuple(cards_of(event.data))
        if not cards:
            return
        showing = Showing(
            event.id,
            event.type,
            event.room,
            event.viewer,
            event.time,
            event.seq,
            str(event.data.get("ranker", "")),
            str(event.data.get("arm", "")),
            cards,
        )
        self.showings.append(showing)
        self._by_id[showing.reply_id] = showing
        if event.viewer is not None:
            self._by_viewer[event.viewer].append(showing)

    def _deed(self, event: Event, product_id: str) -> None:
        named = self._by_id.get(str(event.data.get("reply_id", "")))
        # Another viewer's own reply is not named by who has not seen it.
        if named is None or named.viewer not in (None, event.viewer):
            named = None
        tries = [named] if named else reversed(self._by_viewer.get(event.viewer or "", ()))
        for showing in tries:
            since = event.time - showing.at
            if since > WITHIN[event.type]:
                return
            shown = any(card.product_id == product_id for card in showing.cards)
            if shown and since >= timedelta(0):
                showing.deeds.setdefault(product_id, set()).add(event.type)
                return


def attributed(
    store: Store, since: datetime | None = None, until: int | None = None
) -> Attribution:
    """The showings of the log with their deeds; of events up to the number `until`, if given.

    Showings before `since` are left out. Blocks for as long as the log is.
    """
    found = Attribution()
    for page in pages(store, until):
        found.take(page)
    if since is not None:
        found.showings = [one for one in found.showings if one.at >= since]
    return found


def opted_out(store: Store) -> set[str]:
    """The viewers whose behaviour counts for nothing, as they have chosen by now."""
    out: set[str] = set()
    after = 0
    while page := store.events.read(types=(CHOICE,), after=after, limit=_PAGE):
        after = page[-1].seq
        for event in page:
            if event.viewer is not None:
                (out.discard if event.data.get("enabled") else out.add)(event.viewer)
    return out


def pages(store: Store, until: int | None = None, after: int = 0) -> Iterator[list[Event]]:
    """The events that tell of cards and deeds, in order of arrival, some thousands at a time."""
    while page := store.events.read(types=(*SHOWING, *KINDS), after=after, limit=_PAGE):
        after = page[-1].seq
        yield [event for event in page if until is None or event.seq <= until]
        if until is not None and after >= until:
            return


def cards_of(data: Mapping[str, Any]) -> Iterator[Exposure]:
    """The cards that an event of `SHOWING` notes; one of another form is passed over."""
    shown = data.get("shown")
    for card in shown if isinstance(shown, list) else ():
        if isinstance(card, dict):
            known = {k: v for k, v in card.items() if k in Exposure.model_fields}
            try:
                yield Exposure.model_validate(known)
            except ValidationError:
                continue
