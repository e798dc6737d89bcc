"""The audit trail: a change to any link shows, an erased one holds and says so."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete, update

from assistant.errors import Conflict
from assistant.store import Store
from assistant.store.audit_schema import audit
from assistant.store.database import Part
from tests.assistant.store.conftest import NOON


def said(store: Store, number: int, viewer: str = "ann") -> None:
    data = {"question": f"多少钱 {number}", "text": "现价59元。", "trace": {"raw": "五十九元"}}
    store.events.append("liveshop", f"r{number}", "reply.shown", "demo", viewer, NOON, data)


@pytest.fixture
def chain(store: Store) -> Store:
    for number in range(5):
        said(store, number, "ann" if number < 3 else "bob")
    return store


def test_a_reply_stands_in_the_trail_with_how_it_came_about(chain: Store) -> None:
    (link,) = chain.audit.of("r1")
    assert link.payload is not None
    assert link.payload["trace"] == {"raw": "五十九元"}
    assert (link.kind, link.room, link.viewer) == ("reply.shown", "demo", "ann")
    assert "trace" not in chain.events.read(types=("reply.shown",))[0].data
    said(chain, 1)  # sent twice
    assert chain.audit.verify().links == 5


def test_only_what_the_shop_said_and_its_hosts_did_is_in_it(store: Store) -> None:
    for number, kind in enumerate(("live.comment", "host.approve", "live.product.updated")):
        store.events.append("s", f"{number}", kind, "demo", None, NOON, {})
    assert [link.kind for link in store.audit.all()] == ["host.approve", "live.product.updated"]


@pytest.mark.parametrize(
    "change",
    [
        {"payload": '{"text": "1元。"}'},
        {"kind": "host.edit"},
        {"subject": "r9"},
        {"room": "other"},
        {"at": NOON.replace(hour=1)},
        {"payload_hash": "0" * 64},
        {"hash": "0" * 64},
        {"salt": "00" * 32},
    ],
)
def test_a_change_to_any_part_of_a_link_shows(chain: Store, change: dict[str, Any]) -> None:
    with chain.database.write(Part.EVENTS) as connection:
        connection.execute(update(audit).where(audit.c.seq == 3).values(change))
    with pytest.raises(Conflict, match="link 3"):
        chain.audit.verify()


def test_a_link_taken_out_shows_and_a_cut_end_beside_a_noted_head(chain: Store) -> None:
    noted = chain.audit.verify().head
    assert chain.audit.verify(noted).links == 5
    with chain.database.write(Part.EVENTS) as connection:
        connection.execute(delete(audit).where(audit.c.seq == 5))
    assert chain.audit.verify().links == 4
    with pytest.raises(Conflict, match="ends at link 4"):
        chain.audit.verify(noted)
    said(chain, 7)
    with pytest.raises(Conflict, match="link 5 is not the one noted"):
        chain.audit.verify(noted)
    with chain.database.write(Part.EVENTS) as connection:
        connection.execute(delete(audit).where(audit.c.seq == 2))
    with pytest.raises(Conflict, match="link 2 is gone"):
        chain.audit.verify()


def test_an_erased_link_holds_and_says_nothing(chain: Store) -> None:
    head = chain.audit.verify().head
    with chain.database.write(Part.EVENTS) as connection:
        assert chain.audit.erase_in(connection, audit.c.viewer == "ann") == 3
    found = chain.audit.verify(head)
    assert (found.links, found.erased) == (5, 3)
    (link,) = chain.audit.of("r0")
    assert link.payload is None
    assert link.viewer is None
