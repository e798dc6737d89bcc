from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from assistant.store import Store
from assistant.store.importing import REFUSED_KEPT, ImportReport, import_feed
from retrieval.catalog import Offer, Policy, RoomContext, RoomItem, Text
from retrieval.errors import RowRefused
from retrieval.feeds import FeedRow, read_feed, write_native
from tests.assistant.store.conftest import mug

OFFER = Offer(id="half", kind="percent_off", title=Text(en="half"), product_ids=("p3",), percent=50)
POLICY = Policy(id="ship", kind="shipping", title=Text(en="ship"), text=Text(en="48 hours"))
ROOM = RoomContext(id="r", on_air="p1", items=(RoomItem(number=1, product_id="p2"),))


def feed(count: int = 7) -> Iterator[FeedRow]:
    yield FeedRow(1, 10, room=ROOM, run_of_show=({"at": 1},))
    yield FeedRow(2, 20, offer=OFFER)
    for n in range(count):
        yield FeedRow(3 + n, 30 + n, product=mug(f"p{n}"))
    yield FeedRow(3 + count, 40 + count, policy=POLICY)


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.added, report.changed, report.unchanged, report.refused_total


def test_a_second_import_changes_nothing(store: Store) -> None:
    seen: list[int] = []
    first = import_feed(feed(), store, batch=3, progress=lambda report: seen.append(report.added))
    assert counts(first) == (10, 0, 0, 0)
    assert sorted(first.ids_changed) == [f"p{n}" for n in range(7)]
    assert seen == [3, 6, 10]
    before = everything(store)

    second = import_feed(feed(), store, batch=4)
    assert counts(second) == (0, 0, 10, 0)
    assert second.ids_changed == []
    assert everything(store) == before
    assert store.rooms.run_of_show("r") == ({"at": 1},)


def everything(store: Store) -> tuple[object, ...]:
    catalog = store.catalog
    return catalog.page(limit=10_000), catalog.offers(), catalog.policies(), store.rooms.all()


def test_what_changed_is_counted_and_named(store: Store) -> None:
    import_feed(feed(), store)
    store.rooms.set_on_air("r", "p5")
    rows = [
        FeedRow(1, 1, product=mug("p1", minor=1)),
        FeedRow(2, 2, product=mug("p2")),
        FeedRow(3, 3, offer=OFFER.model_copy(update={"percent": 40})),
        FeedRow(4, 4, room=ROOM.model_copy(update={"title": Text(en="Room")})),
    ]
    report = import_feed(rows, store)
    assert counts(report) == (0, 3, 1, 0)
    assert report.ids_changed == ["p1"]
    assert store.rooms.get("r").on_air == "p5"


def test_what_cannot_be_kept_is_refused_and_the_rest_stands(store: Store) -> None:
    rows = [
        FeedRow(1, 1, refused=RowRefused(1, "price", "x", "has to be a number")),
        FeedRow(2, 2, product=mug("a")),
        FeedRow(3, 3, product=mug("b", variants=mug("a").variants)),
        FeedRow(4, 4, product=mug("c")),
        FeedRow(5, 5, room=ROOM),
    ]
    report = import_feed(rows, store)
    assert counts(report) == (2, 0, 0, 3)
    assert [str(refused) for refused in report.refused] == [
        "line 1: price 'x': has to be a number",
        "line 3: variants.id 'a-red': belongs to product 'a'; a variant id is one in the whole "
        "shop",
        "line 5: room 'r': product 'p2' is not in the catalogue, so room 'r' cannot show it; "
        "import it first",
    ]
    assert store.catalog.ids() == {"a", "c"}
    assert store.rooms.all() == ()


def test_refusals_are_all_counted_but_few_are_held(store: Store) -> None:
    rows = (FeedRow(n, n, refused=RowRefused(n, "id", n, "no")) for n in range(1, 2000))
    report = import_feed(rows, store)
    assert len(report.refused) == REFUSED_KEPT
    assert report.refused_total == 1999


def test_a_file_written_and_read_is_unchanged(store: Store, tmp_path: Path) -> None:
    import_feed(feed(), store)
    path = tmp_path / "shop.jsonl"
    with path.open("w", encoding="utf-8") as out:
        out.writelines(write_native(product) + "\n" for product in store.catalog.page())
    assert counts(import_feed(read_feed(path), store)) == (0, 0, 7, 0)


CHILD = """
import sys
from assistant.store import Store
from assistant.store.importing import import_feed
from retrieval.feeds import FeedRow
from tests.assistant.store.conftest import mug

def rows():
    for n in range(100_000):
        yield FeedRow(n, n, product=mug(f"p{n:06}", minor=int(sys.argv[2])))

store = Store(sys.argv[1])
import_feed(rows(), store, batch=50, progress=lambda report: print(report.added, flush=True))
"""


def test_a_killed_import_leaves_whole_batches_and_can_be_repeated(store: Store, url: str) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, url, "100"], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout
    with child.stdout as said:
        for _ in range(3):
            reported = int(said.readline())
        time.sleep(0.03)
        child.send_signal(signal.SIGKILL)
        reported = max([reported, *(int(line) for line in said if line.strip())])
    child.wait()

    kept = store.catalog.count()
    assert kept >= reported
    assert kept % 50 == 0
    products = store.catalog.page(limit=kept + 1)
    assert all(len(product.variants) == 2 for product in products)
    again = (FeedRow(n, n, product=mug(f"p{n:06}", minor=100)) for n in range(kept + 20))
    assert counts(import_feed(again, store)) == (20, 0, kept, 0)
