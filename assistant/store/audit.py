"""The audit trail: what was said and done, in a chain that shows a change to any link of it.

A link's hash covers the one before it, its own fields and the HMAC-SHA256 of its payload under a
salt of its own. Erasing takes payload, salt and viewer: the chain stays whole and the link says
that it was erased, while nobody can find out any more, by guessing, what it held. Cutting off the
end of a chain shows only beside a head noted earlier: `verify` takes one.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select, update

from assistant.errors import Conflict
from assistant.store.audit_schema import audit
from assistant.store.database import Database, Part

FIRST = "0" * 64
PAGE = 1000


@dataclass(frozen=True, slots=True)
class Link:
    """One thing said or done. `payload` is None once it was erased.

    `subject` is what it was about: a reply's id, the id of a host's deed.
    """

    seq: int
    at: datetime
    kind: str
    subject: str
    room: str
    viewer: str | None
    payload: Mapping[str, Any] | None
    hash: str


@dataclass(frozen=True, slots=True)
class Verified:
    """How many links hold, how many of them were erased, and the head: what to note down."""

    links: int
    erased: int
    head: str


class AuditStore:
    """The chain of one shop. Methods block; any thread may call them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append_in(
        self,
        connection: Connection,
        at: datetime,
        kind: str,
        subject: str,
        room: str,
        viewer: str | None,
        payload: Mapping[str, Any],
    ) -> None:
        """Adds a link in the caller's transaction, which holds Part.EVENTS: one at a time."""
        last = connection.execute(
            select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)
        ).one_or_none()
        seq, before = (last.seq + 1, last.hash) if last else (1, FIRST)
        text = json.dumps(dict(payload), ensure_ascii=False, sort_keys=True)
        salt = secrets.token_hex(32)
        row: dict[str, Any] = {
            "seq": seq,
            "at": at,
            "kind": kind,
            "subject": subject,
            "room": room,
            "viewer": viewer,
            "salt": salt,
            "payload": text,
            "payload_hash": _payload_hash(salt, text),
        }
        row["hash"] = _hash(before, row)
        connection.execute(audit.insert(), row)

    def verify(self, noted: str | None = None) -> Verified:
        """Reads the whole chain. `noted` is an earlier head, SEQ:HASH, that it must still hold.

        Raises Conflict naming the first link that is not as it was written.
        """
        before, seq, erased = FIRST, 0, 0
        wanted, _, wanted_hash = (noted or "").partition(":")
        for row in self._rows():
            seq += 1
            if row.seq != seq:
                raise Conflict(f"link {seq} is gone: {row.seq} follows {seq - 1}")
            if row.payload is None:
                erased += 1
            elif _payload_hash(row.salt, row.payload) != row.payload_hash:
                raise Conflict(f"link {seq}: its payload is not the one that was written")
            before, given = _hash(before, row._asdict()), row.hash
            if before != given:
                raise Conflict(f"link {seq}: its hash does not fit what it says and follows")
            if wanted == str(seq) and given != wanted_hash:
                raise Conflict(f"link {seq} is not the one noted: the chain was written anew")
        if noted and (not wanted.isdecimal() or int(wanted) > seq):
            raise Conflict(f"head {noted!r} is not in the chain, which ends at link {seq}")
        return Verified(seq, erased, f"{seq}:{before}")

    def of(self, subject: str) -> list[Link]:
        """What is known of one reply or deed, the first first."""
        query = select(audit).where(audit.c.subject == subject).order_by(audit.c.seq)
        with self._database.read() as connection:
            return [_link(row) for row in connection.execute(query)]

    def all(self) -> Iterator[Link]:
        """Every link, the first first, read page by page."""
        return (_link(row) for row in self._rows())

    def erase_in(self, connection: Connection, where: ColumnElement[bool]) -> int:
        """Takes the payloads, salts and viewers of links; how many links that were."""
        return connection.execute(_EMPTIED.where(where)).rowcount

    def erase_before(self, moment: datetime) -> int:
        """Takes the payloads, salts and viewers of older links; how many that were."""
        old = _EMPTIED.where(audit.c.at < moment, audit.c.payload.is_not(None))
        with self._database.write(Part.EVENTS) as connection:
            return connection.execute(old).rowcount

    def _rows(self) -> Iterator[Row[Any]]:
        after = 0
        while True:
            query = select(audit).where(audit.c.seq > after).order_by(audit.c.seq).limit(PAGE)
            with self._database.read() as connection:
                rows = connection.execute(query).all()
            if not rows:
                return
            yield from rows
            after = rows[-1].seq


_EMPTIED = update(audit).values(payload=None, salt=None, viewer=None)


def _payload_hash(salt: str, payload: str) -> str:
    return hmac.new(bytes.fromhex(salt), payload.encode(), hashlib.sha256).hexdigest()


def _hash(before: str, row: Mapping[str, Any]) -> str:
    said = [
        before,
        row["seq"],
        row["at"].isoformat(timespec="microseconds"),
        row["kind"],
        row["subject"],
        row["room"],
        row["payload_hash"],
    ]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


def _link(row: Row[Any]) -> Link:
    payload = None if row.payload is None else json.loads(row.payload)
    return Link(row.seq, row.at, row.kind, row.subject, row.room, row.viewer, payload, row.hash)
