from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from assistant.store import Store
from assistant.store.events import Event
from tests.assistant.store.conftest import NOON


def event(id: str, **fields: object) -> Event:
    values: dict[str, object] = {
        "source": "live/1",
        "type": "live.comment",
        "room": "r",
        "time": NOON,
        "data": {"text": "这个多少钱\0"},
    }
    return Event(id=id, **{**values, **fields})  # type: ignore[arg-type]


def test_the_same_source_and_id_is_kept_once_for_ever(store: Store) -> None:
    fields = ("live.comment", "r", "v1", NOON, {"text": "hi"})
    assert store.events.append("s", "1", *fields) is True
    assert store.events.append("s", "1", "live.like", "r", None, NOON, {}) is False
    assert store.events.append("other", "1", *fields) is True
    kept = store.events.read()
    assert [(e.source, e.id, e.type, e.data) for e in kept] == [
        ("s", "1", "live.comment", {"text": "hi"}),
        ("other", "1", "live.comment", {"text": "hi"}),
    ]


def test_a_batch_says_which_were_new(store: Store) -> None:
    store.events.append_many([event("b")])
    new = store.events.append_many([event("a"), event("b"), event("a"), event("c")])
    assert new == [True, False, False, True]
    assert [e.id for e in store.events.read()] == ["b", "a", "c"]
    assert store.events.append_many([]) == []


def test_a_large_batch_keeps_its_order(store: Store) -> None:
    batch = [event(str(n)) for n in range(1300)]
    assert all(store.events.append_many(batch))
    kept = store.events.read(limit=2000)
    assert [e.id for e in kept] == [str(n) for n in range(1300)]
    assert [e.seq for e in kept] == sorted({e.seq for e in kept})


def test_reading_by_room_type_viewer_and_place(store: Store) -> None:
    store.events.append_many(
        [
            event("1", viewer="v"),
            event("2", room="other"),
            event("3", type="shop.click", viewer="v"),
            event("4"),
        ]
    )

    def ids(**by: object) -> list[str]:
        return [e.id for e in store.events.read(**by)]  # type: ignore[arg-type]

    assert ids(room="r") == ["1", "3", "4"]
    assert ids(viewer="v", types=["shop.click", "shop.view"]) == ["3"]
    second = store.events.read()[1].seq
    assert ids(after=second) == ["3", "4"]
    assert ids(limit=2) == ["1", "2"]
    assert ids(limit=2, newest=True) == ["3", "4"]


def test_times_are_utc_and_need_an_offset(store: Store) -> None:
    shanghai = timezone(timedelta(hours=8))
    store.events.append_many([event("1", time=datetime(2026, 6, 18, 20, tzinfo=shanghai))])
    kept = store.events.read()[0]
    assert kept.time == NOON
    assert kept.time.tzinfo is UTC
    with pytest.raises(Exception, match="needs its offset"):
        store.events.append_many([event("2"), event("3", time=NOON.replace(tzinfo=None))])
    assert [e.id for e in store.events.read()] == ["1"]
