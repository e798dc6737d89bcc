"""Keys of servers: shown once, kept as hashes, each with a role, its rooms and an end.

A key is `lsk_ID_SECRET` with 256 random bits of secret. So much chance needs no slow hash:
SHA-256 cannot be searched through, and checking costs a turn no time.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, get_args

from sqlalchemy import Row, select

from assistant.errors import Conflict, NotFound
from assistant.store.access_schema import api_keys
from assistant.store.catalog import Clock, utc_now
from assistant.store.database import Database, Part

KeyRole = Literal["host", "merchant", "connector", "metrics"]
PREFIX = "lsk_"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key without its secret. `rooms` None: every room. From `ends_at` on it opens nothing."""

    id: str
    role: KeyRole
    label: str
    rooms: frozenset[str] | None
    created_at: datetime
    ends_at: datetime | None


class KeyStore:
    """Every key ever given out. Methods block; any thread may call them."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database, self._clock = database, clock

    def create(
        self,
        role: KeyRole,
        label: str,
        rooms: Collection[str] | None = None,
        lives: timedelta | None = None,
    ) -> tuple[ApiKey, str]:
        """A new key and what its holder sends, which is told only here.

        Raises Conflict for a role that is none, or for an empty list of rooms.
        """
        if role not in get_args(KeyRole):
            raise Conflict(f"role {role!r}: is one of {', '.join(get_args(KeyRole))}")
        if rooms is not None and not rooms:
            raise Conflict("rooms: name at least one, or none at all for every room")
        now = self._clock()
        key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
        given = None if rooms is None else frozenset(rooms)
        key = ApiKey(key_id, role, label, given, now, now + lives if lives else None)
        row = {
            "id": key.id,
            "role": key.role,
            "label": key.label,
            "rooms": None if given is None else json.dumps(sorted(given)),
            "secret_hash": _hashed(secret),
            "created_at": now,
            "ends_at": key.ends_at,
        }
        with self._database.write(Part.ACCESS) as connection:
            connection.execute(api_keys.insert(), row)
        return key, f"{PREFIX}{key_id}_{secret}"

    def find(self, given: str) -> ApiKey | None:
        """The key that `given` is, while it opens anything; None for everything else."""
        key_id, _, secret = given.removeprefix(PREFIX).partition("_")
        if not given.startswith(PREFIX) or not given.isascii():
            return None
        with self._database.read() as connection:
            row = connection.execute(select(api_keys).where(api_keys.c.id == key_id)).one_or_none()
        kept = row.secret_hash if row else "0" * 64
        if not hmac.compare_digest(kept, _hashed(secret)) or row is None:
            return None
        key = _key(row)
        return key if key.ends_at is None or self._clock() < key.ends_at else None

    def all(self) -> list[ApiKey]:
        """Every key, the oldest first, those that have ended too."""
        with self._database.read() as connection:
            query = select(api_keys).order_by(api_keys.c.created_at, api_keys.c.id)
            return [_key(row) for row in connection.execute(query)]

    def end(self, key_id: str, after: timedelta = timedelta(0)) -> ApiKey:
        """Ends a key, at once or later; one that ends sooner stays so. Raises NotFound."""
        with self._database.write(Part.ACCESS) as connection:
            row = connection.execute(select(api_keys).where(api_keys.c.id == key_id)).one_or_none()
            if row is None:
                raise NotFound(f"key {key_id!r}: there is none; see liveshop keys list")
            ends = self._clock() + after
            if row.ends_at is None or ends < row.ends_at:
                change = api_keys.update().where(api_keys.c.id == key_id).values(ends_at=ends)
                connection.execute(change)
        return next(key for key in self.all() if key.id == key_id)


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _key(row: Row[Any]) -> ApiKey:
    rooms = None if row.rooms is None else frozenset(json.loads(row.rooms))
    return ApiKey(row.id, row.role, row.label, rooms, row.created_at, row.ends_at)
