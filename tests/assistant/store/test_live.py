"""What a live room keeps, on both databases: steps whole or not at all, feed items once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from assistant.store import Store
from assistant.store.events import Event
from assistant.store.live import Asker, FeedItem, QuestionRow, Step
from tests.assistant.store.conftest import NOON, mug


def item(key: str) -> FeedItem:
    return FeedItem("r", key, "answer", NOON, {"text": key})


def test_a_step_is_kept_whole_and_a_feed_item_once(store: Store) -> None:
    step = Step("r", 7, {"on_air": "mug"}, [QuestionRow("q1", "waiting", NOON, "{}")])
    step.askers = [Asker("q1", "a", NOON), Asker("q1", "b", NOON), Asker("q1", "a", NOON)]
    step.feed = [item("one"), item("two")]
    first = store.live.commit(step)
    assert first is not None
    assert store.live.progress("r") == (7, {"on_air": "mug"})
    assert store.live.askers("q1") == ["a", "b"]
    again = store.live.commit(Step("r", feed=[item("two"), item("three")]))
    assert [one.key for one in again or ()] == ["three"]
    assert [one.key for one in store.live.feed("r", after=first[0].seq)] == ["two", "three"]
    assert [one.key for one in store.live.feed("r", limit=1, newest=True)] == ["three"]
    assert store.live.last_fed("r") == store.live.feed("r")[-1].seq
    assert store.live.asked("b", ["q1", "q2"]) == {"q1"}


def test_a_step_that_fails_leaves_nothing(store: Store) -> None:
    step = Step("r", 7, {}, askers=[Asker("none", "a", NOON)], feed=[item("one")])
    with pytest.raises(Exception, match=r"(?i)foreign"):
        store.live.commit(step)
    assert store.live.progress("r") == (0, {})
    assert not store.live.feed("r")


def test_an_action_is_done_once(store: Store) -> None:
    action = Event("host", "key", "host.dismiss", "r", NOON)
    row = QuestionRow("q1", "dismissed", NOON, "{}")
    assert store.live.commit(Step("r", questions=[row], action=action)) == []
    other = QuestionRow("q1", "waiting", NOON, "{}")
    assert store.live.commit(Step("r", questions=[other], action=action)) is None
    assert store.live.counts("r") == {"dismissed": 1}


def test_questions_by_status_and_time(store: Store) -> None:
    rows = [
        QuestionRow("q1", "waiting", NOON, "1"),
        QuestionRow("q2", "answered", NOON + timedelta(minutes=1), "2"),
    ]
    store.live.commit(Step("r", questions=rows, mutes={"troll": True, "other": True}))
    assert store.live.questions("r") == ["2", "1"]
    assert store.live.questions("r", ["waiting"]) == ["1"]
    assert store.live.questions("r", since=NOON + timedelta(seconds=1)) == ["2"]
    assert store.live.question("r", "q1") == "1"
    assert store.live.question("other", "q1") is None
    store.live.commit(Step("r", mutes={"other": False}))
    assert store.live.mutes("r") == {"troll"}


def test_an_event_is_obeyed_when_it_is_kept_and_only_once(store: Store) -> None:
    store.catalog.put_products([mug()])
    data = {"variant_id": "mug-red", "price": {"minor": 2900, "currency": "CNY"}}
    change = Event("shop", "1", "live.product.updated", "r", NOON, data=data)
    comment = Event("shop", "2", "live.comment", "r", NOON, data={"text": "?"})
    wrong = Event("shop", "3", "live.product.updated", "r", NOON, data={"variant_id": "no"})
    said = store.intake.take([comment, change, wrong, change])
    assert [one if isinstance(one, bool) else str(one)[:12] for one in said] == [
        True, True, "variant 'no'", False,
    ]  # fmt: skip
    assert store.catalog.variant("mug-red")[1].price.minor == 2900
    store.catalog.patch_variant("mug-red", stock=3)
    assert store.intake.take([change]) == [False]
    assert [event.id for event in store.events.read()] == ["2", "1"]
