"""Weights are learned from the log, published when later events find them better, and not else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from assistant.errors import Conflict
from assistant.learning import FORM, learned, planned, publish
from assistant.profiles import CHOICE
from assistant.store import Store
from assistant.store.events import Event
from retrieval.combiner import Combiner
from tests.assistant.played import NOON, play

LIVE = Combiner({"popular": 1.0, "same_category": 0.1, "first_stage": 100.0})


def test_what_is_better_on_later_events_is_published(store: Store, tmp_path: Path) -> None:
    play(store, 700)
    plan = planned(store, "", tmp_path)
    done = learned(store, plan, LIVE)
    assert done.refused == ""
    assert done.combiner.weights["same_category"] > 1 > done.combiner.weights["popular"]
    assert (done.card["form"], done.card["judge"]) == (FORM, "")
    assert done.card["held_out"]["all"]["low"] > 0
    assert publish(store, plan, done, serve=True) == 1
    assert publish(store, plan, done, serve=True) == 1, "done again, it publishes nothing twice"
    assert store.rankers.serving().version == 1
    assert store.rankers.version(1).weights == done.combiner.weights


def test_what_is_no_better_is_not(store: Store, tmp_path: Path) -> None:
    play(store, 700)
    plan = planned(store, "", tmp_path)
    right = learned(store, plan, LIVE).combiner
    again = learned(store, plan, right)
    assert again.refused.startswith("no better on later events")
    worse = learned(store, plan, LIVE, lambda was, now: {"semipqa.p_at_1": (0.8, 0.78)})
    assert worse.refused == "worse on semipqa.p_at_1: 0.800 before, 0.780 now"
    assert not learned(store, plan, LIVE, lambda was, now: {"semipqa": (0.8, 0.795)}).refused
    assert publish(store, plan, again, serve=False) == 1
    assert store.rankers.serving().version == 0


def test_nothing_later_is_learned_from(store: Store, tmp_path: Path) -> None:
    """Whatever comes after the cut, deeds on earlier cards too, the weights are the same."""
    play(store, 700)
    plan = planned(store, "", tmp_path)
    before = learned(store, plan, LIVE)
    play(store, 300, seed=2, liked=0.0)
    late = [
        Event("shop", f"late{n}", "shop.purchase", "demo", NOON + timedelta(minutes=n), "v1",
              {"product_id": "p2", "reply_id": f"r1-{n}"})
        for n in range(600)
    ]  # fmt: skip
    store.events.append_many(late)
    after = learned(store, plan, LIVE)
    assert after.combiner.weights == before.combiner.weights
    assert after.card == before.card


def test_who_opted_out_teaches_nothing(store: Store, tmp_path: Path) -> None:
    play(store, 700)
    plan = planned(store, "", tmp_path)
    turns = learned(store, plan, LIVE).card["trained_on"]
    for number in range(45):
        data = {"enabled": False}
        store.events.append("liveshop", f"o{number}", CHOICE, None, f"v{number}", NOON, data)
    (tmp_path / "plan.json").unlink()
    fewer = learned(store, planned(store, "", tmp_path), LIVE).card["trained_on"]
    assert fewer["viewers"] == turns["viewers"] - 45
    assert fewer["turns"] < turns["turns"]


def test_too_little_is_said_so(store: Store, tmp_path: Path) -> None:
    play(store, 60)
    with pytest.raises(Conflict, match="at least 167 are needed"):
        planned(store, "", tmp_path)
    assert not (tmp_path / "plan.json").exists()


_RUN = """
import sys, time
from pathlib import Path
from assistant.learning import learned, planned, publish
from assistant.store import Store
from retrieval.combiner import Combiner
with Store(sys.argv[1]) as store:
    plan = planned(store, "", Path(sys.argv[2]))
    print("planned", flush=True)
    if "hang" in sys.argv:
        time.sleep(60)
    done = learned(store, plan, Combiner({"popular": 1.0, "first_stage": 100.0}))
    publish(store, plan, done, serve=True)
"""


def test_killed_and_started_again_gives_the_same_weights(store: Store, tmp_path: Path) -> None:
    """Events that come in between a kill and the next start change nothing."""
    play(store, 500)
    url, folder = f"sqlite:///{tmp_path / 'shop.db'}", tmp_path / "learning"
    command = [sys.executable, "-W", "ignore", "-c", _RUN, url, str(folder)]
    with subprocess.Popen([*command, "hang"], stdout=subprocess.PIPE, env=os.environ) as killed:
        assert killed.stdout is not None
        assert killed.stdout.readline() == b"planned\n"
        killed.send_signal(signal.SIGKILL)
    live = Combiner({"popular": 1.0, "first_stage": 100.0})
    whole = learned(store, planned(store, "", folder), live)
    play(store, 300, seed=2, liked=0.0)
    begun = time.monotonic()
    subprocess.run(command, check=True, timeout=120, stdout=subprocess.DEVNULL)
    assert time.monotonic() > begun
    assert store.rankers.version(1).weights == whole.combiner.weights
