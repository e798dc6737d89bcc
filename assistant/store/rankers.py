"""Learned rankers by version, which of them serves, and experiments that try another one.

Version 0 is what ships, or what the settings name. A version never changes once it is there:
another one serves when a row says so, and going back is one more row.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from assistant.errors import Conflict, NotFound
from assistant.store.catalog import Clock, utc_now
from assistant.store.database import Database, Part
from assistant.store.ranker_schema import experiments, ranker_turns, ranker_versions

SHIPPED = 0


@dataclass(frozen=True, slots=True)
class RankerVersion:
    """Weights by the name of their feature, and what is known of how they came about."""

    version: int
    made_at: datetime
    weights: Mapping[str, float]
    card: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Experiment:
    """`percent` of the viewers, by their name, are served `version`; the others what serves."""

    name: str
    version: int
    percent: int
    started_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Serving:
    """The version that serves, and the experiment that runs."""

    version: int
    experiment: Experiment | None


class RankerStore:
    """Methods block; any thread and any process may call them. They raise Busy."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database, self._clock = database, clock

    def publish(self, weights: Mapping[str, float], card: Mapping[str, Any]) -> int:
        """Keep weights as a new version, which serves from now on; its number."""
        with self._database.write(Part.RANKERS) as connection:
            version = self._keep(connection, weights, card)
            self._turn(connection, version, "published")
        return version

    def keep(self, weights: Mapping[str, float], card: Mapping[str, Any]) -> int:
        """Keep weights as a new version that serves nobody yet, for an experiment; its number."""
        with self._database.write(Part.RANKERS) as connection:
            return self._keep(connection, weights, card)

    def use(self, version: int) -> None:
        """Let a version serve. Raises NotFound."""
        with self._database.write(Part.RANKERS) as connection:
            self._known(connection, version)
            self._turn(connection, version, "chosen")

    def rollback(self) -> int:
        """Let the version serve that served before the present one; its number.

        Raises Conflict where none did.
        """
        with self._database.write(Part.RANKERS) as connection:
            rows = connection.execute(select(ranker_turns).order_by(ranker_turns.c.seq)).all()
            stack = [SHIPPED]
            for row in rows:
                if row.why == "rolled back":
                    stack.pop()
                elif row.version != stack[-1]:
                    stack.append(row.version)
            if len(stack) < 2:
                raise Conflict("no version served before this one: there is nothing to go back to")
            before = stack[-2]
            self._turn(connection, before, "rolled back")
        return before

    def serving(self) -> Serving:
        """What serves now."""
        with self._database.read() as connection:
            running = connection.execute(
                select(experiments).where(experiments.c.ended_at.is_(None))
            ).first()
            return Serving(self._now(connection), _experiment(running) if running else None)

    def version(self, version: int) -> RankerVersion:
        """One version that was learned. Raises NotFound."""
        with self._database.read() as connection:
            query = select(ranker_versions).where(ranker_versions.c.version == version)
            row = connection.execute(query).first()
        if row is None:
            raise NotFound(f"ranker version {version}: there is none; `liveshop models rankers`")
        return _version(row)

    def versions(self) -> list[RankerVersion]:
        """Every version that was learned, the oldest first."""
        with self._database.read() as connection:
            query = select(ranker_versions).order_by(ranker_versions.c.version)
            return [_version(row) for row in connection.execute(query)]

    def begin(self, name: str, version: int, percent: int) -> Experiment:
        """Start an experiment. Raises NotFound for the version, Conflict where one runs or ran so.

        `percent` is from 1 to 99.
        """
        found = Experiment(name, version, percent, self._clock())
        if not (1 <= percent <= 99 and 1 <= len(name) <= 64 and ":" not in name):
            raise Conflict(
                f"experiment {name!r} for {percent} percent: a name of 1 to 64 characters without "
                "a colon, and 1 to 99 percent"
            )
        with self._database.write(Part.RANKERS) as connection:
            self._known(connection, version)
            for row in connection.execute(select(experiments)):
                if row.name == name:
                    raise Conflict(f"experiment {name!r}: there was one of this name")
                if row.ended_at is None:
                    raise Conflict(f"experiment {row.name!r} runs: end it first")
            values = {
                "name": name,
                "version": version,
                "percent": percent,
                "started_at": found.started_at,
            }
            connection.execute(experiments.insert(), values)
        return found

    def end(self) -> Experiment:
        """End the experiment that runs. Raises Conflict where none does."""
        with self._database.write(Part.RANKERS) as connection:
            running = experiments.c.ended_at.is_(None)
            row = connection.execute(select(experiments).where(running)).first()
            if row is None:
                raise Conflict("no experiment runs")
            connection.execute(experiments.update().where(running).values(ended_at=self._clock()))
        return _experiment(row)

    def experiment(self, name: str) -> Experiment:
        """An experiment that runs or ran. Raises NotFound."""
        with self._database.read() as connection:
            query = select(experiments).where(experiments.c.name == name)
            row = connection.execute(query).first()
        if row is None:
            raise NotFound(f"experiment {name!r}: there is none")
        return _experiment(row)

    def _keep(
        self, connection: Connection, weights: Mapping[str, float], card: Mapping[str, Any]
    ) -> int:
        highest = connection.scalar(select(func.max(ranker_versions.c.version)))
        version = int(highest or SHIPPED) + 1
        values = {
            "version": version,
            "made_at": self._clock(),
            "weights": json.dumps(dict(weights)),
            "card": json.dumps(dict(card), ensure_ascii=False),
        }
        connection.execute(ranker_versions.insert(), values)
        return version

    def _turn(self, connection: Connection, version: int, why: str) -> None:
        values = {"version": version, "why": why, "at": self._clock()}
        connection.execute(ranker_turns.insert(), values)

    def _now(self, connection: Connection) -> int:
        newest = select(ranker_turns.c.version).order_by(ranker_turns.c.seq.desc()).limit(1)
        return int(connection.scalar(newest) or SHIPPED)

    def _known(self, connection: Connection, version: int) -> None:
        there = select(ranker_versions.c.version).where(ranker_versions.c.version == version)
        if version != SHIPPED and connection.scalar(there) is None:
            raise NotFound(f"ranker version {version}: there is none; `liveshop models rankers`")


def _version(row: Row[Any]) -> RankerVersion:
    return RankerVersion(row.version, row.made_at, json.loads(row.weights), json.loads(row.card))


def _experiment(row: Row[Any]) -> Experiment:
    return Experiment(row.name, row.version, row.percent, row.started_at, row.ended_at)
