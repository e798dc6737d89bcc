"""Which weights serve whom: versions come and go at run time, and experiments part the viewers."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from assistant.errors import Conflict, NotFound
from assistant.rankers import Rankers, arm_of
from assistant.store import Store
from assistant.store.rankers import Experiment
from retrieval.behaviour import Behaviour, Item
from retrieval.catalog import Money, Product, RoomContext, Text, Variant, stock
from retrieval.combiner import Combiner
from retrieval.ranker import LearnedRanker
from retrieval.retriever import Candidate
from tests.assistant.played import NOON

SHIPPED = Combiner({"first_stage": 1.0})
CARD = {"judge": ""}


def test_a_version_serves_until_it_is_taken_back(store: Store) -> None:
    rankers = Rankers(store.rankers, SHIPPED, "", look_s=0)
    assert (rankers(None).version, rankers(None).judge) == ("shipped", None)
    assert store.rankers.publish({"popular": 2.0}, CARD) == 1
    assert (rankers(None).version, rankers(None).combiner.weights) == ("v1", {"popular": 2.0})
    assert store.rankers.publish({"popular": 3.0}, CARD) == 2
    assert rankers("ann").version == "v2"
    assert store.rankers.rollback() == 1
    assert rankers(None).version == "v1"
    assert store.rankers.rollback() == 0
    assert (rankers(None).version, rankers.version) == ("shipped", 0)
    with pytest.raises(Conflict, match="nothing to go back to"):
        store.rankers.rollback()
    store.rankers.use(2)
    assert rankers(None).version == "v2"
    assert store.rankers.rollback() == 0
    with pytest.raises(NotFound, match="version 9"):
        store.rankers.use(9)


@pytest.mark.parametrize(
    ("weights", "card"),
    [
        ({"popular": -1.0}, CARD),
        ({"colour": 1.0}, CARD),
        ({"popular": float("nan")}, CARD),
        ({"popular": 1.0}, {"judge": "another model"}),
        ({"popular": 1.0}, {}),
    ],
)
def test_weights_that_cannot_serve_do_not(
    store: Store, weights: dict[str, float], card: dict[str, str]
) -> None:
    rankers = Rankers(store.rankers, SHIPPED, "", look_s=0)
    store.rankers.publish(weights, card)
    assert (rankers(None).version, rankers(None).combiner) == ("shipped", SHIPPED)


def test_records_that_do_not_answer_change_nothing(store: Store, tmp_path: Path) -> None:
    rankers = Rankers(store.rankers, SHIPPED, "", look_s=0)
    store.rankers.publish({"popular": 2.0}, CARD)
    assert rankers(None).version == "v1"
    with store.database.write() as connection:
        connection.exec_driver_sql("ALTER TABLE ranker_turns RENAME TO elsewhere")
    assert rankers(None).version == "v1"


def test_viewers_are_parted_for_good(store: Store) -> None:
    tried = Experiment("brands", 1, 30, NOON)
    arms = {f"v{n}": arm_of(tried, f"v{n}") for n in range(4000)}
    assert arms == {viewer: arm_of(tried, viewer) for viewer in arms}
    share = sum(arm == "b" for arm in arms.values()) / 4000
    assert share == pytest.approx(0.3, abs=0.025)
    wider = Experiment("brands", 1, 60, NOON)
    assert all(arm_of(wider, viewer) == "b" for viewer, arm in arms.items() if arm == "b")
    other = Experiment("another", 1, 30, NOON)
    both = sum(arm == arm_of(other, viewer) == "b" for viewer, arm in arms.items()) / 4000
    assert both == pytest.approx(0.09, abs=0.02), "one experiment says nothing of the next"


def test_an_experiment_serves_its_viewers_another_version(store: Store) -> None:
    rankers = Rankers(store.rankers, SHIPPED, "", look_s=0)
    version = store.rankers.keep({"popular": 2.0}, CARD)
    assert rankers("ann").version == "shipped", "what is only kept serves nobody"
    store.rankers.begin("brands", version, 50)
    served = {f"v{n}": rankers(f"v{n}") for n in range(200)}
    assert {(one.version, one.arm) for one in served.values()} == {
        ("shipped", "brands:a"),
        ("v1", "brands:b"),
    }
    assert (rankers(None).version, rankers(None).arm) == ("shipped", "")
    with pytest.raises(Conflict, match="'brands' runs"):
        store.rankers.begin("more", version, 50)
    with pytest.raises(Conflict, match="1 to 99 percent"):
        store.rankers.begin("more", version, 100)
    assert store.rankers.end().name == "brands"
    assert {rankers(viewer).arm for viewer in served} == {""}
    with pytest.raises(Conflict, match="of this name"):
        store.rankers.begin("brands", version, 50)


def test_no_request_fails_while_versions_change(store: Store) -> None:
    ids = ["a", "b", "c"]
    store.catalog.put_products(
        [
            Product(
                id=key,
                title=Text(en=f"thing {key}"),
                variants=(
                    Variant(id=key, price=Money(minor=100, currency="CNY"), availability=stock(9)),
                ),
            )
            for key in ids
        ]
    )
    behaviour = Behaviour([Item(key, key) for key in ids], [["c"] * 9, ["b"]])
    rankers = Rankers(store.rankers, SHIPPED, "", look_s=0)
    ranker = LearnedRanker(store.catalog, None, SHIPPED, lambda: behaviour, weighed=rankers)
    products = store.catalog.products(tuple(ids))
    found = [Candidate(product_id=key, score=1 - n / 10) for n, key in enumerate(ids)]
    room, orders, ended = RoomContext(id="demo"), set[tuple[str, ...]](), threading.Event()
    failures: list[Exception] = []

    def ask() -> None:
        while not ended.is_set():
            try:
                ranked = ranker.rank("thing", found, products, room, None)
                orders.add((ranked[0].ranker, *(one.product_id for one in ranked)))
            except Exception as error:  # noqa: BLE001 - whatever it is, it is a dropped request
                failures.append(error)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(8):
        version = store.rankers.publish({"popular": 5.0}, CARD)
        ranker.rank("thing", found, products, room, None)
        store.rankers.rollback()
    ended.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert {order[1:] for order in orders} <= {("a", "b", "c"), ("c", "b", "a")}
    store.rankers.use(version)
    assert [r.product_id for r in ranker.rank("thing", found, products, room, None)] == [
        "c",
        "b",
        "a",
    ]
