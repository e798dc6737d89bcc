"""Keys of servers: shown once, believed only whole and in time; and the rooms' doors."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from assistant.errors import Conflict, NotFound
from assistant.origins import RoomAccess
from assistant.store import Store
from assistant.store.access_schema import api_keys


def test_a_key_is_kept_as_a_hash_and_found_by_its_secret(store: Store) -> None:
    key, secret = store.keys.create("host", "console", ["demo"], timedelta(days=1))
    assert store.keys.find(secret) == key
    assert key.rooms == frozenset({"demo"})
    with store.database.read() as connection:
        row = connection.execute(select(api_keys)).one()
    assert secret.split("_", 2)[2] not in str(row)


@pytest.mark.parametrize("change", ["", "lsk_", "lsk__", "cut", "longer", "other id", "é"])
def test_nothing_like_a_key_is_one(store: Store, change: str) -> None:
    key, secret = store.keys.create("merchant", "")
    wrong = {
        "cut": secret[:-1],
        "longer": secret + "x",
        "other id": secret.replace(key.id, "0" * 12),
    }
    assert store.keys.find(wrong.get(change, change)) is None


def test_a_key_ends_at_once_or_later_and_never_later_than_it_would(store: Store) -> None:
    key, secret = store.keys.create("metrics", "")
    assert key.ends_at is None
    assert store.keys.end(key.id, timedelta(hours=1)).ends_at is not None
    assert store.keys.find(secret) is not None
    sooner = store.keys.end(key.id).ends_at
    assert store.keys.end(key.id, timedelta(days=9)).ends_at == sooner
    assert store.keys.find(secret) is None
    with pytest.raises(NotFound):
        store.keys.end("none")


def test_a_key_needs_a_role_and_rooms_or_none(store: Store) -> None:
    with pytest.raises(Conflict, match="role 'king'"):
        store.keys.create("king", "")  # type: ignore[arg-type]
    with pytest.raises(Conflict, match="rooms"):
        store.keys.create("host", "", [])


def test_a_rooms_door_is_replaced(store: Store) -> None:
    assert store.access.all() == {}
    store.access.put("demo", RoomAccess(anonymous=False))
    shut = RoomAccess(anonymous=True, origins=("https://shop.example",))
    store.access.put("demo", shut)
    assert store.access.all() == {"demo": shut}
