"""Deeds are settled on the reply that showed the card, and on no other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from assistant.events import LISTED
from assistant.outcomes import Attribution, attributed, opted_out
from assistant.profiles import CHOICE
from assistant.store import Store
from assistant.store.events import Event

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def showing(key: str, viewer: str | None, minute: float, *ids: str, kind: str = LISTED) -> Event:
    shown = [{"product_id": one, "position": n} for n, one in enumerate(ids)]
    at = NOON + timedelta(minutes=minute)
    return Event("liveshop", key, kind, "room", at, viewer, {"shown": shown, "ranker": "3"})


def deed(
    kind: str, viewer: str | None, minute: float, *ids: str, reply: str | None = None
) -> Event:
    data: dict[str, object] = {"product_ids": list(ids)}
    if reply:
        data["reply_id"] = reply
    at = NOON + timedelta(minutes=minute)
    return Event("shop", f"{kind}{viewer}{minute}", kind, "room", at, viewer, data)


def deeds(*events: Event) -> dict[str, dict[str, set[str]]]:
    found = Attribution()
    found.take(events)
    return {one.reply_id: one.deeds for one in found.showings if one.deeds}


def test_the_last_reply_that_showed_it_counts() -> None:
    found = deeds(
        showing("r1", "ann", 0, "a", "b"),
        showing("r2", "ann", 1, "b", "c", kind="reply.shown"),
        showing("r3", "bob", 1, "a"),
        deed("shop.click", "ann", 2, "b"),
        deed("shop.click", "ann", 3, "a"),
        deed("shop.purchase", "ann", 60, "a", "c", "never shown"),
    )
    assert found == {
        "r1": {"a": {"shop.click", "shop.purchase"}},
        "r2": {"b": {"shop.click"}, "c": {"shop.purchase"}},
    }


def test_a_named_reply_counts_if_it_was_the_viewers_or_everybodys() -> None:
    shows = (
        showing("own", "ann", 0, "a"),
        showing("later", "ann", 1, "a"),
        showing("public", None, 1, "a"),
        showing("other's", "bob", 1, "a"),
    )
    assert deeds(*shows, deed("shop.click", "ann", 2, "a", reply="own")).keys() == {"own"}
    assert deeds(*shows, deed("shop.click", "ann", 2, "a", reply="public")).keys() == {"public"}
    assert deeds(*shows, deed("shop.click", "ann", 2, "a", reply="other's")).keys() == {"later"}
    assert deeds(*shows, deed("shop.click", "ann", 2, "a", reply="none")).keys() == {"later"}
    # It did not show that product: no other reply is looked for behind the viewer's own word.
    assert deeds(*shows, deed("shop.click", "ann", 2, "z", reply="own")) == {}


@pytest.mark.parametrize(
    ("kind", "minutes"), [("shop.click", 30), ("shop.cart", 1440), ("shop.purchase", 10_080)]
)
def test_each_kind_of_deed_has_its_span(kind: str, minutes: float) -> None:
    shown = showing("r", "ann", 0, "a")
    assert deeds(shown, deed(kind, "ann", minutes, "a"))
    assert not deeds(shown, deed(kind, "ann", minutes + 0.1, "a"))
    assert not deeds(shown, deed(kind, "ann", -1, "a"))
    assert not deeds(shown, deed(kind, None, 1, "a"))


def test_the_log_is_read_up_to_a_point(store: Store) -> None:
    odd = Event("liveshop", "odd", "reply.shown", "room", NOON, "ann", {"shown": [{"x": 1}, 7]})
    events = [
        showing("r1", "ann", 0, "a"),
        odd,
        deed("shop.click", "ann", 1, "a"),
        deed("shop.cart", "ann", 2, "a"),
        showing("r2", "bob", 3, "a"),
    ]
    store.events.append_many(events)
    store.events.append("liveshop", "c", CHOICE, None, "bob", NOON, {"enabled": False})
    (whole, other) = attributed(store).showings
    assert (whole.deeds, whole.did("shop.cart"), whole.ranker) == (
        {"a": {"shop.click", "shop.cart"}},
        1,
        "3",
    )
    assert opted_out(store) == {"bob"}
    assert [
        one.reply_id for one in attributed(store, since=NOON + timedelta(minutes=1)).showings
    ] == [other.reply_id]
    (early,) = attributed(store, until=3).showings
    assert early.deeds == {"a": {"shop.click"}}
