"""liveshop keys: give servers keys, exchange them, take them away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, cast

import typer
from rich.table import Table

from assistant.cli.console import err, out
from assistant.errors import NotFound

if TYPE_CHECKING:
    from assistant.store import Store
    from assistant.store.keys import KeyRole

app = typer.Typer(help="Keys of servers: create, list, rotate, revoke.", no_args_is_help=True)
KeyId = Annotated[str, typer.Argument(help="id of the key; liveshop keys list names them")]


@contextmanager
def opened() -> Iterator[Store]:
    """The records of the settings, brought up to date."""
    from assistant.settings import read_settings
    from assistant.store import Store

    settings = read_settings()
    settings.home.mkdir(parents=True, exist_ok=True)
    with Store(settings.database) as store:
        store.migrate()
        yield store


@app.command()
def create(
    role: Annotated[str, typer.Option(help="host, merchant, connector or metrics")],
    label: Annotated[str, typer.Option(help="what it is for, in your words")] = "",
    room: Annotated[list[str] | None, typer.Option(help="only this room; may repeat")] = None,
    days: Annotated[int, typer.Option(min=1, max=3650, help="how long it opens anything")] = 365,
) -> None:
    """Make a key and print it: the one time that it can be read."""
    with opened() as store:
        _, secret = store.keys.create(cast("KeyRole", role), label, room, timedelta(days=days))
    err.print("Keep it now: only its hash is stored.")
    out.print(secret, markup=False)


@app.command("list")
def listed() -> None:
    """Every key: its role, its rooms and its end. Never its secret."""
    table = Table("id", "role", "rooms", "label", "created", "ends")
    with opened() as store:
        for key in store.keys.all():
            rooms = "all" if key.rooms is None else ", ".join(sorted(key.rooms))
            over = key.ends_at is not None and key.ends_at <= datetime.now(UTC)
            ends = "never" if key.ends_at is None else f"{key.ends_at:%Y-%m-%d %H:%M}Z"
            last = f"{ends} (over)" if over else ends
            table.add_row(key.id, key.role, rooms, key.label, f"{key.created_at:%Y-%m-%d}", last)
    out.print(table)


@app.command()
def rotate(
    id: KeyId,
    overlap_hours: Annotated[int, typer.Option(min=0, max=720, help="the old one stays")] = 24,
    days: Annotated[int, typer.Option(min=1, max=3650, help="how long the new one lives")] = 365,
) -> None:
    """Print a new key with the role and rooms of another, which ends once the overlap is over."""
    with opened() as store:
        old = next((key for key in store.keys.all() if key.id == id), None)
        if old is None:
            raise NotFound(f"key {id!r}: there is none; see liveshop keys list")
        lives = timedelta(days=days)
        _, secret = store.keys.create(old.role, old.label, old.rooms, lives)
        store.keys.end(id, timedelta(hours=overlap_hours))
    err.print(f"Key {id} opens nothing from {overlap_hours} hours on.")
    out.print(secret, markup=False)


@app.command()
def revoke(id: KeyId) -> None:
    """End a key at once."""
    with opened() as store:
        store.keys.end(id)
    out.print(f"key {id} opens nothing any more")
