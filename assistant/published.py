"""What a shop may publish of a room: how many viewers did what, with noise that protects each.

Whoever sees the figures, and knows all about everybody else, can hardly tell whether one viewer was
there: they are differentially private for a viewer (Dwork and Roth, The Algorithmic Foundations of
Differential Privacy, 2014), by Laplace noise on whole numbers as OpenDP makes it. Publishing twice
tells twice as much: the epsilons add up.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import log

from assistant.errors import LiveshopError
from assistant.profiles import product_ids
from assistant.store import Store
from assistant.store.events import Event

WROTE = "live.comment"
DEEDS = ("shop.view", "shop.click", "shop.cart", "shop.purchase")
MOST = 8
BATCH = 5000
Cell = tuple[str, str]


class NotPublished(LiveshopError):
    """Figures of a room that cannot be made private: something is missing or out of bounds."""


@dataclass(frozen=True, slots=True)
class Published:
    """Figures of a room. `viewers` counts them by event type and product, '' for the room itself;
    a figure is at most `off_by` from the truth in 95 of 100 cases, none is below zero.

    `epsilon` is what OpenDP says the figures cost; `most` how many of them one viewer may be in.
    """

    room: str
    epsilon: float
    most: int
    off_by: int
    viewers: dict[str, dict[str, int]]


def published(store: Store, room_id: str, epsilon: float, most: int = MOST) -> Published:
    """Figures of everything kept of a room, for the products on its list. Blocks.

    Raises NotPublished without OpenDP or for an epsilon beyond 0 to 10, NotFound for a room that
    is not there.
    """
    if not 0 < epsilon <= 10:
        raise NotPublished(f"epsilon {epsilon}: has to be above 0 and at most 10; 1 is usual")
    if most < 1:
        raise NotPublished(f"most {most}: a viewer has to be in one figure at least")
    room = store.rooms.get(room_id)
    # The figures asked for do not depend on anybody: the shop's list is public.
    products = [item.product_id for item in sorted(room.items, key=lambda item: item.number)]
    cells = [(WROTE, ""), *((deed, key) for deed in DEEDS for key in dict.fromkeys(products))]
    exact = counted(_events(store, room_id), cells, most)
    noisy, spent = _with_noise(exact, epsilon, most)
    viewers: dict[str, dict[str, int]] = {}
    for (kind, key), figure in zip(cells, noisy, strict=True):
        viewers.setdefault(kind, {})[key] = max(0, figure)
    return Published(room_id, spent, most, round(most / epsilon * log(20)), viewers)


def counted(events: Iterable[Event], cells: list[Cell], most: int) -> list[int]:
    """How many viewers are in each of `cells`, none of them in more than `most`.

    Which of more a viewer stays in is left to chance; what nobody is known to have done counts
    nowhere.
    """
    known, of_viewer = set(cells), dict[str, set[Cell]]()
    for event in events:
        if event.viewer is None:
            continue
        keys = [""] if event.type == WROTE else product_ids(event.data)
        mine = known.intersection((event.type, key) for key in keys)
        of_viewer.setdefault(event.viewer, set()).update(mine)
    figures = dict.fromkeys(cells, 0)
    chance = random.SystemRandom()
    for every in of_viewer.values():
        for cell in chance.sample(sorted(every), min(most, len(every))):
            figures[cell] += 1
    return list(figures.values())


def _events(store: Store, room_id: str) -> Iterator[Event]:
    after = 0
    while found := store.events.read(room=room_id, types=(WROTE, *DEEDS), after=after, limit=BATCH):
        yield from found
        after = found[-1].seq


def _with_noise(figures: list[int], epsilon: float, most: int) -> tuple[list[int], float]:
    """The figures with noise for one viewer in or out of `most` of them, and the epsilon spent."""
    try:
        import opendp.prelude as dp
    except ImportError as error:
        raise NotPublished("OpenDP is not installed: pip install 'liveshop[statistics]'") from error
    dp.enable_features("contrib")
    counts = dp.vector_domain(dp.atom_domain(T=int))
    noise = dp.m.make_laplace(counts, dp.l1_distance(T=int), scale=most / epsilon)
    spent: float = noise.map(most)  # type: ignore[no-untyped-call]
    return list(noise(figures)), spent
