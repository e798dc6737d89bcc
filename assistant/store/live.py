"""What a live room keeps between restarts, written one step of the room at a time.

A step is one transaction: the events it has read are behind it exactly when what it made of them
is kept. A feed item has a key that is one in its room, so that none is ever written twice.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite

from assistant.errors import RoomMoved
from assistant.store.database import Database, Part
from assistant.store.events import Event, EventStore
from assistant.store.schema import (
    events,
    feed,
    question_askers,
    questions,
    room_mutes,
    room_owners,
    room_progress,
)


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One item of a room's feed. `seq` is its id, 0 before it is written."""

    room: str
    key: str
    kind: str
    at: datetime
    data: Mapping[str, Any]
    seq: int = 0


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """A merged question as it is kept; `record` is its JSON."""

    id: str
    status: str
    last_at: datetime
    record: str


@dataclass(frozen=True, slots=True)
class Asker:
    """A viewer who asked a merged question."""

    question: str
    viewer: str
    at: datetime


@dataclass
class Step:
    """What one step of a room changes. `seq` is the last event read, None to leave it.

    `after` gives further questions to keep, once the feed items that are new have their ids.
    `epoch` is that under which its process holds the room, None where nobody else could.
    """

    room: str
    seq: int | None = None
    state: Mapping[str, Any] | None = None
    questions: list[QuestionRow] = field(default_factory=list)
    askers: list[Asker] = field(default_factory=list)
    feed: list[FeedItem] = field(default_factory=list)
    mutes: dict[str, bool] = field(default_factory=dict)
    action: Event | None = None
    after: Callable[[list[FeedItem]], list[QuestionRow]] | None = None
    epoch: int | None = None


class LiveStore:
    """The rooms' questions, feeds, mutes and progress. Methods block; any thread may call them."""

    def __init__(self, database: Database, events: EventStore) -> None:
        self._database, self._events = database, events
        dialect = sqlite if database.sqlite else postgresql
        question = dialect.insert(questions)
        self._put_question = question.on_conflict_do_update(
            index_elements=[questions.c.id],
            set_={name: question.excluded[name] for name in ("status", "last_at", "record")},
        )
        self._put_asker = dialect.insert(question_askers).on_conflict_do_nothing()
        progress = dialect.insert(room_progress)
        self._put_progress = progress.on_conflict_do_update(
            index_elements=[room_progress.c.room],
            set_={"seq": progress.excluded.seq, "state": progress.excluded.state},
        )
        self._put_feed = dialect.insert(feed).on_conflict_do_nothing().returning(feed.c.seq)
        self._put_mute = dialect.insert(room_mutes).on_conflict_do_nothing()

    def commit(self, step: Step) -> list[FeedItem] | None:
        """Keeps a step, durable at return: its feed items that are new, with their ids.

        None, and nothing kept, where its action was kept before. Raises Busy, and RoomMoved
        where another process holds the room by now.
        """
        parts = (Part.EVENTS, Part.LIVE) if step.action else (Part.LIVE,)
        with self._database.write(*parts) as connection:
            if step.epoch is not None:
                self._check(connection, step.room, step.epoch)
            if step.action and not self._events.append_in(connection, [step.action])[0]:
                return None
            if step.seq is not None:
                state = json.dumps(step.state or {}, ensure_ascii=False)
                values = {"room": step.room, "seq": step.seq, "state": state}
                connection.execute(self._put_progress, values)
            fed = [item for item in (self._fed(connection, i) for i in step.feed) if item.seq]
            kept = [*step.questions, *(step.after(fed) if step.after else ())]
            if kept:
                rows = [
                    {
                        "id": q.id,
                        "room": step.room,
                        "status": q.status,
                        "last_at": q.last_at,
                        "record": q.record,
                    }
                    for q in kept
                ]
                connection.execute(self._put_question, rows)
            if step.askers:
                askers = [
                    {"question": a.question, "viewer": a.viewer, "at": a.at} for a in step.askers
                ]
                connection.execute(self._put_asker, askers)
            self._mute(connection, step)
            return fed

    def _check(self, connection: Connection, room: str, epoch: int) -> None:
        """Raise RoomMoved unless the room is held under `epoch` until this transaction ends."""
        query = select(room_owners.c.epoch).where(room_owners.c.room == room)
        if connection.scalar(query.with_for_update(read=True)) != epoch:
            raise RoomMoved(f"room {room!r} has gone to another process")

    def _mute(self, connection: Connection, step: Step) -> None:
        for viewer, muted in step.mutes.items():
            if muted:
                connection.execute(self._put_mute, {"room": step.room, "viewer": viewer})
            else:
                connection.execute(
                    room_mutes.delete().where(
                        room_mutes.c.room == step.room, room_mutes.c.viewer == viewer
                    )
                )

    def _fed(self, connection: Connection, item: FeedItem) -> FeedItem:
        seq = connection.scalar(
            self._put_feed,
            {
                "room": item.room,
                "key": item.key,
                "kind": item.kind,
                "at": item.at,
                "data": json.dumps(dict(item.data), ensure_ascii=False),
            },
        )
        return FeedItem(item.room, item.key, item.kind, item.at, item.data, seq or 0)

    def unread(self, room: str, most: int) -> int:
        """How many events the room has yet to read, counted up to `most`."""
        seq = select(room_progress.c.seq).where(room_progress.c.room == room).scalar_subquery()
        found = select(events.c.seq).where(
            events.c.room == room, events.c.seq > func.coalesce(seq, 0)
        )
        with self._database.read() as connection:
            count = select(func.count()).select_from(found.limit(most).subquery())
            return connection.scalar(count) or 0

    def progress(self, room: str) -> tuple[int, dict[str, Any]]:
        """The last event a room has read, 0 before the first, and its state then."""
        query = select(room_progress).where(room_progress.c.room == room)
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        return (row.seq, json.loads(row.state)) if row else (0, {})

    def questions(
        self,
        room: str,
        statuses: Sequence[str] = (),
        limit: int = 100,
        since: datetime | None = None,
    ) -> list[str]:
        """The records of a room's merged questions, the last asked first."""
        query = select(questions.c.record).where(questions.c.room == room)
        if statuses:
            query = query.where(questions.c.status.in_(statuses))
        if since is not None:
            query = query.where(questions.c.last_at >= since)
        query = query.order_by(questions.c.last_at.desc(), questions.c.id).limit(limit)
        with self._database.read() as connection:
            return list(connection.scalars(query))

    def question(self, room: str, question_id: str) -> str | None:
        """The record of one merged question, None where there is none."""
        query = select(questions.c.record).where(
            questions.c.id == question_id, questions.c.room == room
        )
        with self._database.read() as connection:
            return connection.scalar(query)

    def counts(self, room: str) -> dict[str, int]:
        """How many merged questions have each status."""
        query = (
            select(questions.c.status, func.count())
            .where(questions.c.room == room)
            .group_by(questions.c.status)
        )
        with self._database.read() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def askers(self, question_id: str, limit: int = 10_000) -> list[str]:
        """The viewers who asked, the first first."""
        query = (
            select(question_askers.c.viewer)
            .where(question_askers.c.question == question_id)
            .order_by(question_askers.c.at, question_askers.c.viewer)
            .limit(limit)
        )
        with self._database.read() as connection:
            return list(connection.scalars(query))

    def all_askers(self, room: str) -> list[tuple[str, str]]:
        """Every (question, viewer) of a room."""
        query = (
            select(question_askers.c.question, question_askers.c.viewer)
            .join(questions, questions.c.id == question_askers.c.question)
            .where(questions.c.room == room)
        )
        with self._database.read() as connection:
            return [(row.question, row.viewer) for row in connection.execute(query)]

    def asked(self, viewer: str, question_ids: Iterable[str]) -> frozenset[str]:
        """Which of these merged questions the viewer asked."""
        query = select(question_askers.c.question).where(
            question_askers.c.viewer == viewer,
            question_askers.c.question.in_(bindparam("ids", expanding=True)),
        )
        with self._database.read() as connection:
            return frozenset(connection.scalars(query, {"ids": list(question_ids)}))

    def feed(
        self,
        room: str,
        after: int = 0,
        limit: int = 100,
        kinds: Sequence[str] = (),
        since: datetime | None = None,
        newest: bool = False,
    ) -> list[FeedItem]:
        """Up to `limit` items with ids above `after` in their order; with `newest` the last."""
        query = select(feed).where(feed.c.room == room, feed.c.seq > after)
        if kinds:
            query = query.where(feed.c.kind.in_(kinds))
        if since is not None:
            query = query.where(feed.c.at >= since)
        query = query.order_by(feed.c.seq.desc() if newest else feed.c.seq).limit(limit)
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        found = [FeedItem(r.room, r.key, r.kind, r.at, json.loads(r.data), r.seq) for r in rows]
        return found[::-1] if newest else found

    def last_fed(self, room: str) -> int:
        """The id of the room's last feed item, 0 where there is none."""
        with self._database.read() as connection:
            found = connection.scalar(select(func.max(feed.c.seq)).where(feed.c.room == room))
        return found or 0

    def mutes(self, room: str) -> frozenset[str]:
        """The viewers who are muted."""
        query = select(room_mutes.c.viewer).where(room_mutes.c.room == room)
        with self._database.read() as connection:
            return frozenset(connection.scalars(query))
