"""What a viewer's behaviour says, read from the event log at each call, and what all do together.

Nothing is kept between calls, so an event counts in the very next recommendation.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from assistant.events import SHOWING
from assistant.store import Store
from assistant.store.events import Event
from retrieval.behaviour import Behaviour, Item
from retrieval.catalog import Product, Profile
from retrieval.features import decayed

KINDS = {
    "shop.view": "viewed",
    "shop.click": "clicked",
    "shop.cart": "carted",
    "shop.purchase": "bought",
}
CHOICE = "viewer.personalization"
_LATEST = 200  # events of a viewer that a profile looks at
_COUNTED = 100_000  # newest events that counts over all viewers look at
_LISTS = 5000  # newest replies and lists whose cards are counted
_PAGE = 5000
_log = logging.getLogger(__name__)


class Profiles:
    """Profiles of viewers over one store. Calls block: make them in a thread."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, viewer: str | None) -> Profile | None:
        """The viewer's profile; None for nobody, and for one who opted out."""
        if viewer is None or not self.personalized(viewer):
            return None
        trails: dict[str, list[str]] = {kind: [] for kind in KINDS.values()}
        for event in self.behaviour_of(viewer):
            trails[KINDS[event.type]] += product_ids(event.data)
        return Profile(viewer=viewer, **{kind: decayed(trail) for kind, trail in trails.items()})

    def behaviour_of(self, viewer: str) -> list[Event]:
        """The viewer's latest events in the shop, oldest first."""
        return self._store.events.read(
            viewer=viewer, types=tuple(KINDS), limit=_LATEST, newest=True
        )

    def everything_of(self, viewer: str) -> Iterator[Event]:
        """Every event of the viewer, oldest first."""
        after = 0
        while page := self._store.events.read(viewer=viewer, after=after):
            yield from page
            after = page[-1].seq

    def personalized(self, viewer: str) -> bool:
        """Whether the viewer's behaviour may order what they are shown; at first it may."""
        found = self._store.events.read(viewer=viewer, types=(CHOICE,), limit=1, newest=True)
        return not found or bool(found[0].data.get("enabled"))

    def personalize(self, viewer: str, enabled: bool) -> None:
        """Writes the viewer's choice down, durable at return."""
        now = datetime.now(UTC)
        self._store.events.append(
            "liveshop", uuid4().hex, CHOICE, None, viewer, now, {"enabled": enabled}
        )

    def erase(self, viewer: str) -> int:
        """Takes the viewer from every table; how many events they had. An opt-out stays."""
        stays_out = not self.personalized(viewer)
        gone = self._store.erasure.erase(viewer)
        if stays_out:
            self.personalize(viewer, False)
        return gone


class Together:
    """The counts over all viewers, made anew in the background when older than `fresh_s`."""

    def __init__(self, store: Store, fresh_s: float = 300.0) -> None:
        self._store, self._fresh_s = store, fresh_s
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._made_at, self._behaviour = time.monotonic(), _counted(store)

    def __call__(self) -> Behaviour:
        """The counts; never waits for new ones."""
        with self._lock:
            old = time.monotonic() - self._made_at > self._fresh_s
            if old and (self._thread is None or not self._thread.is_alive()):
                self._thread = threading.Thread(target=self._renew, name="counts", daemon=True)
                self._thread.start()
            return self._behaviour

    def close(self) -> None:
        """Waits until counting has ended, so that the store may be closed."""
        if self._thread is not None:
            self._thread.join()

    def _renew(self) -> None:
        try:
            counted = _counted(self._store)
        except Exception:  # noqa: BLE001 - old counts are better than none; told, and tried again
            _log.exception("counting behaviour failed; the older counts stay")
            counted = self._behaviour
        with self._lock:
            self._behaviour, self._made_at = counted, time.monotonic()


def product_ids(data: Mapping[str, Any]) -> list[str]:
    """The products that an event of the shop names: `product_id`, or `product_ids`."""
    many = data.get("product_ids")
    named: Sequence[Any] = many if isinstance(many, list) else [data.get("product_id")]
    return [key for key in named if isinstance(key, str) and key]


def item_of(product: Product) -> Item:
    """What of a product is compared when behaviour is counted."""
    texts = (*product.title.every(), *product.title.every(), *product.description.every())
    return Item(
        product.id, " ".join(texts)[:500], product.brand.say("zh"), product.category.say("zh")
    )


def _counted(store: Store) -> Behaviour:
    items = [item_of(product) for page in store.catalog.pages() for product in page]
    trails: dict[str, list[str]] = defaultdict(list)
    out: set[str] = set()
    newest = store.events.read(types=tuple(KINDS), limit=1, newest=True)
    after = max(0, (newest[0].seq if newest else 0) - _COUNTED)
    while page := store.events.read(types=(*KINDS, CHOICE), after=after, limit=_PAGE):
        after = page[-1].seq
        for event in page:
            if event.viewer is None:
                continue
            if event.type == CHOICE:
                (out.discard if event.data.get("enabled") else out.add)(event.viewer)
            else:
                trails[event.viewer] += product_ids(event.data)
    chosen = (trail for viewer, trail in trails.items() if viewer not in out)
    return Behaviour(items, chosen, _shown(store))


def _shown(store: Store) -> Counter[str]:
    """On how many of the latest replies and lists each product stood."""
    latest = store.events.read(types=SHOWING, limit=_LISTS, newest=True)
    cards = (card for event in latest for card in event.data.get("shown") or ())
    return Counter(str(card.get("product_id")) for card in cards if isinstance(card, dict))
