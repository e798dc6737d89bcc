"""What may be published of a room: each viewer in a few figures at most, under noise."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from assistant.published import DEEDS, MOST, WROTE, NotPublished, counted, published
from assistant.store import Store
from assistant.store.events import Event
from retrieval.catalog import Money, Product, RoomContext, RoomItem, Text, Variant, stock

NOW = datetime(2026, 11, 1, tzinfo=UTC)
CELLS = [(WROTE, ""), *((deed, key) for deed in DEEDS for key in ("cup", "lamp"))]


def event(number: int, kind: str, viewer: str | None, product: str = "cup") -> Event:
    data = {} if kind == WROTE else {"product_id": product}
    return Event("test", f"{number}", kind, "room", NOW, viewer, data)


@pytest.fixture
def store(store: Store) -> Store:
    price = Money(minor=100, currency="CNY")
    for key in ("cup", "lamp"):
        variant = Variant(id=key, price=price, availability=stock(1))
        store.catalog.put_products([Product(id=key, title=Text(en=key), variants=(variant,))])
    items = tuple(RoomItem(number=n, product_id=k) for n, k in ((1, "cup"), (2, "lamp")))
    store.rooms.put(RoomContext(id="room", items=items))
    return store


def test_a_viewer_counts_once_in_a_figure_and_nobody_unknown_does() -> None:
    said = [event(1, WROTE, "ann"), event(2, WROTE, "ann"), event(3, WROTE, "bob"),
            event(4, "shop.click", "ann", "lamp"), event(5, "shop.click", None, "lamp"),
            event(6, "shop.click", "ann", "secret")]  # fmt: skip
    figures = dict(zip(CELLS, counted(said, CELLS, MOST), strict=True))
    assert figures.pop((WROTE, "")) == 2
    assert figures.pop(("shop.click", "lamp")) == 1
    assert set(figures.values()) == {0}


def test_a_viewer_who_does_everything_is_in_as_many_figures_as_allowed() -> None:
    everything = [event(n, kind, "ann", key or "cup") for n, (kind, key) in enumerate(CELLS)]
    assert sum(counted(everything, CELLS, 3)) == 3
    assert sum(counted(everything, CELLS, 99)) == len(CELLS)


def test_what_is_published_is_off_by_noise_of_the_epsilon_that_is_stated(store: Store) -> None:
    pytest.importorskip("opendp", reason="OpenDP is not installed")
    store.events.append_many([event(n, WROTE, f"v{n}") for n in range(300)])
    store.events.append_many([event(500 + n, "shop.click", f"v{n}") for n in range(40)])
    found = [published(store, "room", epsilon=1, most=4) for _ in range(30)]
    assert {one.epsilon for one in found} == {1.0}
    wrote = [one.viewers[WROTE][""] for one in found]
    assert len(set(wrote)) > 3
    # 30 draws of a scale of 4: their mean is off by 8 in one of a billion runs.
    assert abs(sum(wrote) / 30 - 300) < 8
    assert all(set(one.viewers["shop.cart"]) == {"cup", "lamp"} for one in found)
    assert all(figure >= 0 for one in found for each in one.viewers.values()
               for figure in each.values())  # fmt: skip


@pytest.mark.parametrize(("epsilon", "most"), [(0, 8), (-1, 8), (11, 8), (1, 0), (float("nan"), 8)])
def test_what_would_protect_nobody_is_refused(store: Store, epsilon: float, most: int) -> None:
    with pytest.raises(NotPublished, match="has to be"):
        published(store, "room", epsilon, most)
