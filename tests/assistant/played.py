"""Viewers who click what is of their kind, whatever the shop puts first: a log to learn from."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from assistant.events import LISTED
from assistant.store import Store
from assistant.store.events import Event
from retrieval.catalog import Exposure

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
EYES = (1.0, 0.7, 0.5)


def play(
    store: Store, turns: int, seed: int = 1, *, liked: float = 0.7, ranker: str = "shipped"
) -> None:
    """Appends `turns` lists of three cards ordered by popularity, and what viewers clicked."""
    chance = random.Random(seed)
    events = []
    for number in range(turns):
        at, viewer = NOON + timedelta(minutes=number + 10_000 * seed), f"v{chance.randrange(90)}"
        key = f"{seed}-{number}"
        told = [
            {"popular": chance.random(), "same_category": float(chance.random() < 0.4)}
            for _ in range(3)
        ]
        told.sort(key=lambda one: -one["popular"])
        shown = [
            Exposure(product_id=f"p{place}", position=place, features=one).model_dump()
            for place, one in enumerate(told)
        ]
        data = {"shown": shown, "ranker": ranker, "arm": ""}
        events.append(Event("liveshop", f"r{key}", LISTED, "demo", at, viewer, data))
        for place, one in enumerate(told):
            if chance.random() < EYES[place] * (0.1 + liked * one["same_category"]):
                click = {"product_id": f"p{place}", "reply_id": f"r{key}"}
                then = at + timedelta(seconds=5)
                events.append(
                    Event("shop", f"c{key}-{place}", "shop.click", "demo", then, viewer, click)
                )
    store.events.append_many(events)
