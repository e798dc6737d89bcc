"""What is answered first, what is let go, and how often one may."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from assistant.live.entries import Entry
from assistant.live.questions import MergedQuestion
from assistant.live.scheduler import Rate, next_up, overdue, surplus, value
from assistant.turn.understanding import Understanding
from retrieval.catalog import Constraints

NOW = datetime(2026, 6, 18, 12, tzinfo=UTC)
ASKED = Understanding("zh", ("other",), Constraints(), (), (), "none", (), "", None, False)


def entry(question_id: str, askers: int = 1, **fields: Any) -> Entry:
    question = MergedQuestion(
        id=question_id, room="r", text="?", language="zh", askers=askers, times=askers,
        **{"first_at": NOW, "last_at": NOW, "opened_at": NOW} | fields,
    )  # fmt: skip
    return Entry(question, ASKED, fresh={str(n) for n in range(askers)})


def test_many_askers_sales_the_item_on_air_and_what_ends_soon_come_first() -> None:
    plain = value(entry("a"), NOW, "mug")
    for better in (
        entry("b", askers=5),
        entry("c", intents=("price",)),
        entry("d", product_ids=("mug",)),
        entry("e", urgency=0.5),
        entry("f", label="purchase_intent"),
        entry("g", opened_at=NOW - timedelta(seconds=30)),
    ):
        assert value(better, NOW, "mug") > plain, better.question.id
    ending = entry("h", product_ids=("lamp",))
    assert value(ending, NOW, "mug", {"lamp"}) > value(ending, NOW, "mug")


def test_a_crowd_does_not_starve_one_who_waits() -> None:
    crowd = entry("crowd", askers=2)
    lone = entry("lone", opened_at=NOW - timedelta(seconds=45))
    assert next_up([crowd, lone], NOW, None) is lone


def test_what_is_being_answered_or_settled_is_not_next() -> None:
    busy, done, free = entry("busy", 9), entry("done", 9, status="answered"), entry("free")
    busy.answering = True
    assert next_up([busy, done, free], NOW, None) is free
    assert next_up([busy, done], NOW, None) is None


def test_the_least_valuable_are_surplus_and_the_old_overdue() -> None:
    entries = [entry(str(n), askers=n) for n in range(1, 6)]
    assert [e.question.id for e in surplus(entries, 3, NOW, None)] == ["1", "2"]
    assert surplus(entries, 5, NOW, None) == []
    old = entry("old", last_at=NOW - timedelta(seconds=61))
    assert overdue([old, *entries], 60, NOW) == [old]


def test_a_rate_counts_a_minute_for_each_key() -> None:
    rate = Rate(2, keys=2)
    assert [rate.take(0, "a"), rate.take(1, "a"), rate.take(2, "a")] == [True, True, False]
    assert rate.take(2, "b")
    assert rate.take(60.5, "a")
    assert not rate.take(60.6, "a")
    rate.give_back("a")
    assert rate.take(60.7, "a")
