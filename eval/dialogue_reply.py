"""One reply as a solver gave it, and the form in which it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Reply:
    """What a viewer got. What a solver does not know stays empty.

    `model` is the model's own part of the text, None where nobody can tell it apart; `cards` and
    `cited` name products and records; `stopped` is what a gate kept back, each with its rule;
    `evidence` is what the answer was made from; times are in milliseconds.
    """

    text: str
    language: str = ""
    model: tuple[str, ...] | None = None
    cards: tuple[str, ...] = ()
    cited: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    finish: str = "stop"
    stopped: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    milliseconds: float = 0.0
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    at: str = ""

    @property
    def moment(self) -> datetime:
        """When it was asked for."""
        return datetime.fromisoformat(self.at) if self.at else datetime.now(UTC)

    def row(self) -> dict[str, Any]:
        """As it is kept."""
        return asdict(self)

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Reply:
        """From a kept row; unknown fields are left out."""
        known = {each.name: row[each.name] for each in fields(cls) if each.name in row}
        lists: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in known.items()
        }
        return cls(**lists)
