"""Feed rows into records: a batch a transaction, so that what is counted is also kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from assistant.errors import Conflict, NotFound
from assistant.store.product_writing import Refusal
from assistant.store.rows import Changes
from assistant.store.store import Store
from retrieval.catalog import Offer, Policy, Product
from retrieval.errors import RowRefused
from retrieval.feeds import FeedRow

BATCH = 500
REFUSED_KEPT = 100


@dataclass
class ImportReport:
    """What an import did so far. All kinds of records count; `position` is in bytes of the feed.

    `refused` holds the first REFUSED_KEPT rows refused, `refused_total` counts all of them.
    `ids_changed` are the products whose index entries may be out of date.
    """

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: list[RowRefused] = field(default_factory=list)
    refused_total: int = 0
    ids_changed: list[str] = field(default_factory=list)
    position: int = 0

    def refuse(self, refused: RowRefused) -> None:
        self.refused_total += 1
        if len(self.refused) < REFUSED_KEPT:
            self.refused.append(refused)

    def count(self, changes: Changes) -> None:
        self.added += len(changes.added)
        self.changed += len(changes.changed)
        self.unchanged += len(changes.unchanged)


def import_feed(
    rows: Iterable[FeedRow],
    store: Store,
    *,
    batch: int = BATCH,
    progress: Callable[[ImportReport], None] | None = None,
) -> ImportReport:
    """Imports the rows and says what they changed; importing them again changes nothing.

    Memory holds one batch, and the feed's rooms, which come last since they show its products.
    A room that exists keeps its mode and what is on air. `progress` is called after each batch.
    Raises Busy, and what reading `rows` raises; the batches before then are kept, and importing
    again completes them.
    """
    report = ImportReport()
    pending: dict[tuple[str, str], FeedRow] = {}
    rooms: list[FeedRow] = []
    for row in rows:
        report.position = row.position
        if row.refused:
            report.refuse(row.refused)
            continue
        if row.room:
            rooms.append(row)
            continue
        record = row.product or row.offer or row.policy
        if record is None:
            continue
        key = (type(record).__name__, record.id)
        if len(pending) >= batch or key in pending:
            _write(pending.values(), store, report)
            pending.clear()
            if progress:
                progress(report)
        pending[key] = row
    _write(pending.values(), store, report)
    for row in rooms:
        _write_room(row, store, report)
    if progress:
        progress(report)
    return report


def _write(rows: Iterable[FeedRow], store: Store, report: ImportReport) -> None:
    lines: dict[str, int] = {}
    products: list[Product] = []
    offers: list[Offer] = []
    policies: list[Policy] = []
    for row in rows:
        if row.product:
            products.append(row.product)
            lines[row.product.id] = row.line
        if row.offer:
            offers.append(row.offer)
        if row.policy:
            policies.append(row.policy)

    def refuse(product_id: str, refusal: Refusal) -> None:
        report.refuse(RowRefused(lines[product_id], *refusal))

    changes = store.catalog.put(products, offers, policies, refuse)
    for each in changes:
        report.count(each)
    report.ids_changed += [*changes[0].added, *changes[0].changed]


def _write_room(row: FeedRow, store: Store, report: ImportReport) -> None:
    if row.room is None:
        return
    before = {room.id: room.version for room in store.rooms.all()}
    try:
        room = store.rooms.put(row.room, row.run_of_show, live=False)
    except (Conflict, NotFound) as error:
        report.refuse(RowRefused(row.line, "room", row.room.id, str(error)))
        return
    if room.id not in before:
        report.added += 1
    elif room.version != before[room.id]:
        report.changed += 1
    else:
        report.unchanged += 1
