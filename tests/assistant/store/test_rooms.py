from __future__ import annotations

import pytest

from assistant.errors import Conflict, NotFound
from assistant.store import Store
from retrieval.catalog import RoomContext, RoomItem, Text
from tests.assistant.store.conftest import mug

ITEMS = (RoomItem(number=3, product_id="a"), RoomItem(number=1, product_id="b"))
STEPS = ({"at": 1.5, "say": "欢迎"}, {"at": 3, "on_air": "a"})


@pytest.fixture
def shown(store: Store) -> Store:
    store.catalog.put_products([mug("a"), mug("b")])
    store.rooms.put(RoomContext(id="r", title=Text(zh="直播间"), on_air="a", items=ITEMS), STEPS)
    return store


def test_a_room_comes_back_with_its_list_in_order(shown: Store) -> None:
    room = shown.rooms.get("r")
    assert room.items == ITEMS[::-1]
    assert (room.on_air, room.title.zh, room.mode, room.version) == ("a", "直播间", "auto", 1)
    assert shown.rooms.all() == (room,)
    assert shown.rooms.run_of_show("r") == STEPS


def test_only_a_difference_counts_a_version(shown: Store) -> None:
    room = shown.rooms.get("r")
    assert shown.rooms.put(room, STEPS) == room
    assert shown.rooms.set_on_air("r", "a") == room
    assert shown.rooms.set_on_air("r", None).version == 2
    assert shown.rooms.set_mode("r", "review").version == 3
    assert shown.rooms.set_items("r", ITEMS[:1]).version == 4
    assert shown.rooms.put(shown.rooms.get("r"), STEPS[:1]).version == 5
    after = shown.rooms.get("r")
    assert (after.on_air, after.mode, after.items, after.version) == (None, "review", ITEMS[:1], 5)
    assert shown.rooms.run_of_show("r") == STEPS[:1]


def test_a_feed_leaves_the_live_state_alone(shown: Store) -> None:
    shown.rooms.set_on_air("r", "b")
    shown.rooms.set_mode("r", "off")
    room = shown.rooms.put(RoomContext(id="r", title=Text(en="Room"), on_air="a"), live=False)
    assert (room.on_air, room.mode, room.title.en, room.items) == ("b", "off", "Room", ())


def test_what_is_not_there_is_named_and_changes_nothing(shown: Store) -> None:
    before = shown.rooms.get("r")
    with pytest.raises(NotFound, match="product 'x' is not in the catalogue, so room 'r'"):
        shown.rooms.set_on_air("r", "x")
    with pytest.raises(NotFound, match="product 'x'"):
        shown.rooms.set_items("r", [RoomItem(number=1, product_id="x")])
    with pytest.raises(Conflict, match="number 1 stands twice"):
        shown.rooms.set_items(
            "r", [RoomItem(number=1, product_id="a"), RoomItem(number=1, product_id="b")]
        )
    assert shown.rooms.get("r") == before
    with pytest.raises(NotFound, match="room 'none' is not there"):
        shown.rooms.get("none")
    with pytest.raises(NotFound, match="room 'none'"):
        shown.rooms.set_mode("none", "off")
    with pytest.raises(NotFound, match="room 'none'"):
        shown.rooms.run_of_show("none")
