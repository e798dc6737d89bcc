"""A backup restored is equal, in either database; a broken one restores nothing."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from assistant.errors import BackupRefused
from assistant.store import Store
from assistant.store.backup import backup, restore, tables
from assistant.store.events import Event
from assistant.store.live import Asker, FeedItem, QuestionRow, Step
from retrieval.catalog import RoomContext, Text
from tests.assistant.store.conftest import NOON, mug

Opened = Callable[[], Store]


@pytest.fixture
def elsewhere(tmp_path: Path, empty_shop: Path) -> Iterator[Store]:
    """An empty SQLite database, whichever `store` is."""
    file = shutil.copy(empty_shop, tmp_path / "elsewhere.db")
    with Store(f"sqlite:///{file}", clock=lambda: NOON) as opened:
        yield opened


def fill(store: Store) -> None:
    store.catalog.put_products([mug(), mug("cup", title=Text(zh="杯子 😀"))])
    store.rooms.put(RoomContext(id="demo", title=Text(zh="直播间"), on_air="mug"))
    store.events.append_many(
        [
            Event("t", str(n), "live.comment", "demo", NOON, "ann", {"text": "多少钱"})
            for n in range(3)
        ]
    )
    item = FeedItem("demo", "k", "answer", NOON, {"text": "79元"})
    question = QuestionRow("q1", "answered", NOON + timedelta(microseconds=7), "{}")
    step = Step(
        "demo", 3, {"a": 1}, [question], [Asker("q1", "ann", NOON)], [item], {"troll": True}
    )
    store.live.commit(step)
    store.owners.tend("one")


def test_restored_it_is_equal_and_counts_on(store: Store, elsewhere: Store, tmp_path: Path) -> None:
    fill(store)
    saved = backup(store.database, tmp_path / "a.gz")
    assert saved.rows > 10
    assert (tmp_path / "a.gz").stat().st_mode & 0o077 == 0
    assert restore(elsewhere.database, tmp_path / "a.gz") == saved
    assert backup(elsewhere.database, tmp_path / "b.gz") == saved
    assert elsewhere.catalog.product("cup") == store.catalog.product("cup")
    assert elsewhere.live.feed("demo") == store.live.feed("demo")
    assert elsewhere.audit.verify() == store.audit.verify()
    for one in (store, elsewhere):
        one.events.append("t", "next", "live.comment", "demo", None, NOON, {})
    last = [one.events.read(newest=True, limit=1)[0].seq for one in (store, elsewhere)]
    assert last[0] == last[1]
    with pytest.raises(BackupRefused, match="holds rows"):
        restore(elsewhere.database, tmp_path / "a.gz")


def test_the_other_way_round(store: Store, elsewhere: Store, tmp_path: Path) -> None:
    fill(elsewhere)
    saved = backup(elsewhere.database, tmp_path / "a.gz")
    assert restore(store.database, tmp_path / "a.gz") == saved
    assert backup(store.database, tmp_path / "b.gz") == saved


def test_what_is_cut_short_or_changed_restores_nothing(
    store: Store, elsewhere: Store, tmp_path: Path
) -> None:
    fill(elsewhere)
    backup(elsewhere.database, tmp_path / "a.gz")
    whole = gzip.decompress((tmp_path / "a.gz").read_bytes())
    lines = whole.splitlines(keepends=True)
    broken = {
        "without its foot": b"".join(lines[:-1]),
        "without a row": b"".join(lines[:5] + lines[6:]),
        "changed": whole.replace("79元".encode(), "97元".encode()),
        "not ours": b'{"format": "other"}\n',
        "of another version": whole.replace(b'"revision":"00', b'"revision":"99'),
    }
    for how, content in broken.items():
        file = tmp_path / "broken.gz"
        file.write_bytes(gzip.compress(content))
        with pytest.raises(BackupRefused):
            restore(store.database, file)
        assert store.catalog.count() == 0, how
    (tmp_path / "cut.gz").write_bytes((tmp_path / "a.gz").read_bytes()[:-20])
    with pytest.raises(BackupRefused):
        restore(store.database, tmp_path / "cut.gz")
    with store.database.read() as connection:
        assert not any(connection.execute(table.select()).first() for table in tables())
