"""The room's pulse: what its comments say, minute by minute, and what is asked for in vain."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from pydantic import BaseModel, computed_field

from assistant.live.questions import ReportLine

MINUTES_KEPT = 360
MOST_UNMET = 200
SURGE_AT_LEAST = 5
SURGE_TIMES = 3.0
WARM = frozenset({"praise", "greeting", "purchase_intent"})
COLD = frozenset({"complaint", "abuse"})


class Minute(BaseModel):
    """What came in one minute."""

    at: datetime
    comments: int = 0
    questions: int = 0
    by_label: dict[str, int] = {}
    answered: int = 0

    @computed_field  # type: ignore[prop-decorator]
    @property
    def mood(self) -> float:
        """From -1, nothing but complaints and insults, to 1; 0 without either."""
        warm = sum(self.by_label.get(label, 0) for label in WARM)
        cold = sum(self.by_label.get(label, 0) for label in COLD)
        return round((warm - cold) / (warm + cold), 2) if warm + cold else 0.0


class Counts(BaseModel):
    """Everything counted since the stream began. `shed` and `expired` are merged questions."""

    comments: int = 0
    questions: int = 0
    merged: int = 0
    joined: int = 0
    answered: int = 0
    answered_askers: int = 0
    model_calls: int = 0
    handed_off: int = 0
    dismissed: int = 0
    shed: int = 0
    shed_askers: int = 0
    expired: int = 0
    rate_limited: int = 0
    muted: int = 0
    corrections: int = 0


class Unmet(BaseModel):
    """Something asked for that the shop lacks: a sold-out variant, or words no record answers."""

    what: str
    product_id: str | None
    times: int


class Theme(BaseModel):
    """Something asked about: an intent, and the product it was about."""

    what: str
    times: int


class RoomPulse(BaseModel):
    """A room at one moment. `unread` counts events acknowledged and not read yet; `host_said` is
    the end of what the host was heard to say, which is no fact of the shop.
    """

    on_air: str | None
    talked_of: list[str]
    host_said: str
    pins: list[str]
    started_at: datetime | None
    ended_at: datetime | None
    waiting: int
    oldest_s: float
    unread: int
    minutes: list[Minute]
    themes: list[Theme]
    unmet: list[Unmet]
    counts: Counts


class RoomReport(BaseModel):
    """What became of a stream: its pulse, what most viewers asked, what stayed unanswered."""

    pulse: RoomPulse
    asked_most: list[ReportLine]
    unanswered: list[ReportLine]


class Pulse:
    """Counts as they come; what it holds is bounded and can be kept as plain JSON."""

    def __init__(self, kept: dict[str, Any] | None = None) -> None:
        kept = kept or {}
        self.minutes = [Minute.model_validate(one) for one in kept.get("minutes", [])]
        self.counts = Counts.model_validate(kept.get("counts", {}))
        self.themes: Counter[str] = Counter(kept.get("themes", {}))
        self.unmet: Counter[str] = Counter(kept.get("unmet", {}))
        self.alerted: datetime | None = (
            datetime.fromisoformat(kept["alerted"]) if kept.get("alerted") else None
        )

    def kept(self) -> dict[str, Any]:
        """Everything, as JSON values."""
        return {
            "minutes": [minute.model_dump(mode="json") for minute in self.minutes],
            "counts": self.counts.model_dump(),
            "themes": dict(self.themes.most_common(MOST_UNMET)),
            "unmet": dict(self.unmet.most_common(MOST_UNMET)),
            "alerted": self.alerted.isoformat() if self.alerted else None,
        }

    def minute(self, at: datetime) -> Minute:
        """The minute of `at`, or the last one for a moment before it."""
        start = at.replace(second=0, microsecond=0)
        if not self.minutes or self.minutes[-1].at < start:
            self.minutes.append(Minute(at=start))
            del self.minutes[:-MINUTES_KEPT]
        return self.minutes[-1]

    def comment(self, label: str, at: datetime) -> None:
        """Count one comment of a kind."""
        minute = self.minute(at)
        minute.comments += 1
        minute.by_label[label] = minute.by_label.get(label, 0) + 1
        self.counts.comments += 1

    def question(self, theme: str, at: datetime) -> None:
        """Count one question about a theme, such as `price pangdun-500`."""
        self.minute(at).questions += 1
        self.counts.questions += 1
        self.themes[theme] += 1

    def lacking(self, what: str, product_id: str | None) -> None:
        """Count a wish that the shop could not meet."""
        self.unmet[f"{product_id or ''}\n{what}"] += 1
        if len(self.unmet) > 2 * MOST_UNMET:
            self.unmet = Counter(dict(self.unmet.most_common(MOST_UNMET)))

    def top_unmet(self, limit: int = 10) -> list[Unmet]:
        """What is asked for in vain, the most wanted first."""
        found = []
        for key, times in self.unmet.most_common(limit):
            product_id, _, what = key.partition("\n")
            found.append(Unmet(what=what, product_id=product_id or None, times=times))
        return found

    def surge(self, now: datetime) -> int | None:
        """How many complaints and insults this minute has, where that is an alert; once a minute.

        An alert is SURGE_AT_LEAST, and SURGE_TIMES as many as in the mean of the ten minutes
        before.
        """
        minute = self.minute(now)
        cold = sum(minute.by_label.get(label, 0) for label in COLD)
        before = self.minutes[-11:-1]
        mean = sum(sum(m.by_label.get(x, 0) for x in COLD) for m in before) / max(1, len(before))
        if cold < max(SURGE_AT_LEAST, SURGE_TIMES * mean) or self.alerted == minute.at:
            return None
        self.alerted = minute.at
        return cold
