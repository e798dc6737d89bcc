"""Who works on which room: shared evenly, taken over from the dead, fenced by epochs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from assistant.errors import RoomMoved
from assistant.store import Store
from assistant.store.live import Step
from assistant.store.owners import LIFE_S
from assistant.store.schema import processes
from retrieval.catalog import RoomContext, Text
from tests.assistant.store.conftest import NOON


@pytest.fixture
def rooms(store: Store) -> list[str]:
    ids = ["a", "b", "c", "d"]
    for id in ids:
        store.rooms.put(RoomContext(id=id, title=Text(zh=id)))
    return ids


def die(store: Store, process: str) -> None:
    """Let the process have been silent for too long."""
    with store.database.write() as connection:
        gone = processes.update().where(processes.c.id == process)
        connection.execute(gone.values(until=NOON - timedelta(days=900)))


def test_rooms_are_shared_evenly_and_each_has_one_owner(store: Store, rooms: list[str]) -> None:
    assert list(store.owners.tend("one")) == rooms
    assert store.owners.tend("two") == {}
    assert list(store.owners.tend("one")) == ["a", "b"]
    assert list(store.owners.tend("two")) == ["c", "d"]
    assert [store.owners.owner_of(room) for room in rooms] == ["one", "one", "two", "two"]
    assert store.owners.living() == 2
    assert store.owners.tend("one") == {"a": 1, "b": 1}


def test_the_rooms_of_the_dead_and_of_who_leaves_are_taken_over(
    store: Store, rooms: list[str]
) -> None:
    store.owners.tend("one")
    die(store, "one")
    assert store.owners.owner_of("a") is None
    assert store.owners.tend("two") == dict.fromkeys(rooms, 2)
    store.owners.leave("two")
    assert store.owners.tend("three") == dict.fromkeys(rooms, 3)
    assert store.owners.owner_of("nowhere") is None
    assert LIFE_S < 10


def test_who_lost_a_room_keeps_nothing_of_it_any_more(store: Store, rooms: list[str]) -> None:
    epoch = store.owners.tend("one")["a"]
    store.live.commit(Step("a", seq=1, epoch=epoch))
    die(store, "one")
    later = store.owners.tend("two")["a"]
    with pytest.raises(RoomMoved):
        store.live.commit(Step("a", seq=2, epoch=epoch))
    assert store.live.progress("a")[0] == 1
    store.live.commit(Step("a", seq=3, epoch=later))
    assert store.owners.claim("a", "three") == later + 1
    with pytest.raises(RoomMoved):
        store.live.commit(Step("a", seq=4, epoch=later))
    assert store.live.progress("a")[0] == 3
