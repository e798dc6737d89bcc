"""Erasing walks every table; what is old is let go of; the trail and the ids stay whole."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from assistant.store import Store
from assistant.store.erasure import IMPERSONAL, PERSONAL
from assistant.store.live import Asker, FeedItem, QuestionRow, Step
from assistant.store.schema import metadata
from tests.assistant.store.conftest import NOON

ANN, BOB = "ann-7f3e", "bob-9c1d"


def dumped(store: Store) -> str:
    """Every row of every table as text."""
    with store.database.read() as connection:
        rows = [connection.execute(select(table)).all() for table in metadata.sorted_tables]
    return repr(rows)


@pytest.fixture
def filled(store: Store) -> Store:
    """A shop in which Ann and Bob have been everywhere where a viewer can be."""
    for viewer in (ANN, BOB):
        for number, kind in enumerate(("live.comment", "reply.shown", "shop.view")):
            data = {"text": f"words of {viewer}"}
            store.events.append("s", f"{viewer}{number}", kind, "demo", viewer, NOON, data)
        mute = {"viewer": viewer, "muted": True}
        store.events.append("host", f"m{viewer}", "host.mute", "demo", None, NOON, mute)
    both = FeedItem("demo", "a:1", "answer", NOON, {"viewers": [ANN, BOB], "question_id": "q1"})
    alone = FeedItem("demo", "a:2", "answer", NOON, {"viewers": [ANN], "question_id": "q2"})
    step = Step("demo", 1, {}, feed=[both, alone], mutes={ANN: True, BOB: True})
    step.questions = [
        QuestionRow("q1", "answered", NOON, '{"text": "asked by both"}'),
        QuestionRow("q2", "answered", NOON, f'{{"text": "words of {ANN}"}}'),
    ]
    step.askers = [Asker("q1", ANN, NOON), Asker("q1", BOB, NOON), Asker("q2", ANN, NOON)]
    store.live.commit(step)
    return store


def test_no_table_is_forgotten() -> None:
    assert set(metadata.tables) == PERSONAL | IMPERSONAL
    assert not PERSONAL & IMPERSONAL


def test_everything_of_a_viewer_is_handed_out(filled: Store) -> None:
    found = filled.erasure.everything_of(ANN)
    assert {name: len(rows) for name, rows in found.items()} == {
        "events": 4,
        "feed": 2,
        "questions": 2,
        "question_askers": 2,
        "room_mutes": 1,
        "audit": 2,
    }
    assert found["events"][0]["time"] == NOON.isoformat()


def test_an_erased_viewer_is_in_no_table(filled: Store) -> None:
    head = filled.audit.verify().head
    before = dumped(filled).count(BOB)
    assert ANN in dumped(filled)
    assert filled.erasure.erase(ANN) == 3
    after = dumped(filled)
    # Their ids were chosen to tell: the event's own id is the connector's and stays.
    left = after.replace(f"'{ANN}0'", "").replace(f"'{ANN}1'", "").replace(f"'{ANN}2'", "")
    assert ANN not in left.replace(f"'m{ANN}'", "")
    assert after.count(BOB) == before
    assert filled.audit.verify(head).erased == 2
    assert [item.key for item in filled.live.feed("demo")] == ["a:1"]
    assert filled.live.feed("demo")[0].data["viewers"] == [BOB]
    again = filled.events.append("s", f"{ANN}0", "live.comment", "demo", ANN, NOON, {})
    assert again is False


@pytest.mark.parametrize("viewer", ["an", "ann-7f3", "%", "_", '"', "", "Ann-7F3E", "'; --"])
def test_nobody_is_erased_with_another(filled: Store, viewer: str) -> None:
    before = dumped(filled)
    assert filled.erasure.erase(viewer) == 0
    assert dumped(filled) == before


def test_what_is_old_is_let_go_of_by_its_kind(filled: Store) -> None:
    filled.events.append(
        "s", "choice", "viewer.personalization", None, ANN, NOON, {"enabled": False}
    )
    now = filled.events.now() + timedelta(days=1)
    early = NOON - timedelta(days=1)
    nothing = filled.erasure.let_go(early, early, early)
    assert (nothing.events, nothing.rooms, nothing.audit) == (0, 0, 0)
    links = filled.audit.verify().links
    gone = filled.erasure.let_go(now, NOON + timedelta(days=1), now)
    assert (gone.events, gone.rooms, gone.audit) == (8, 4, links)
    assert filled.audit.verify().erased == links
    kept = filled.events.read(viewer=ANN)
    assert [event.type for event in kept] == ["viewer.personalization"]
    assert filled.erasure.let_go(now, now, now).events == 0
