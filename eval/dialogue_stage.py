"""The stage on which a dialogue is played: rooms and records, in the service and as truth."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from eval.dialogue_set import Change, Dialogue
from eval.dialogue_truth import FLASH, Truth
from eval.service import Service

PAST = ("2020-01-01T00:00:00+00:00", "2020-01-02T00:00:00+00:00")


@dataclass(slots=True)
class Stage:
    """One shop. Without a `service` only the truth changes, for solvers that read it."""

    feed: Path
    service: Service | None = None
    truth: Truth = field(init=False)
    numbers: dict[int, str] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        lines = self.feed.read_text(encoding="utf-8").splitlines()
        rows: list[dict[str, Any]] = [json.loads(x, parse_float=Decimal) for x in lines if x]
        self.truth = Truth(rows)
        bare: dict[str, Any] = {"items": []}
        shown = next((row for row in rows if row.get("type") == "room"), bare)
        self.numbers = {int(item["number"]): item["product_id"] for item in shown["items"]}

    def open(self, dialogue: Dialogue, attempt: int = 0) -> str:
        """A room of the dialogue's own: with an item on air and the numbered list, or bare."""
        return self.room(f"eval-{dialogue.id}-{attempt}", dialogue.on_air)

    def room(self, name: str, on_air: str | None = None) -> str:
        """A room of this name; with an item on air it has the numbered list, too."""
        numbered = self.numbers if on_air else {}
        items = [{"number": n, "product_id": p} for n, p in numbered.items()]
        if self.service:
            body = {"id": name, "title": {"zh": "评测", "en": "Evaluation"}, "items": items}
            self.service.put("/api/v1/rooms", body | {"on_air": on_air})
        return name

    def change(self, change: Change, room: str) -> None:
        """What the host does, done in the service and noted in the truth."""
        self.truth.change(change)
        if self.service is None:
            return
        if change.on_air:
            self.service.put(f"/api/v1/rooms/{room}/on-air", {"product_id": change.on_air})
        elif change.stock:
            self.service.put(f"/api/v1/variants/{change.stock}", {"stock": change.pieces}, "PATCH")
        elif change.price:
            self._put_price(change.price)
        elif change.flash:
            self.service.put("/api/v1/offers", self.truth.records.offers[FLASH + change.flash].row)
        elif change.end_flash:
            self._end(change.end_flash)

    def clear(self, dialogue: Dialogue) -> None:
        """Takes back what the dialogue's host has changed."""
        self.truth.reset()
        if self.service is None:
            return
        for change in (c for turn in dialogue.turns for c in turn.do):
            if change.stock:
                left = self.truth.sold(change.stock)[1][0].stock
                self.service.put(f"/api/v1/variants/{change.stock}", {"stock": left}, "PATCH")
            elif change.price:
                self._put_price(change.price)
            elif change.flash:
                self._end(change.flash)

    def _put_price(self, variant: str) -> None:
        product, (found,) = self.truth.sold(variant)
        price = {"minor": int(found.price * 100), "currency": product.currency}
        if self.service:
            self.service.put(f"/api/v1/variants/{variant}", {"price": price}, "PATCH")

    def _end(self, product: str) -> None:
        offer = {
            "id": FLASH + product,
            "kind": "flash_price",
            "title": {"zh": "已结束", "en": "Over"},
            "product_ids": [product],
            "amount": {"minor": 100, "currency": self.truth.records.products[product].currency},
            "starts_at": PAST[0],
            "ends_at": PAST[1],
        }
        if self.service:
            self.service.put("/api/v1/offers", offer)
