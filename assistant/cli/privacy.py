"""liveshop privacy: hand a viewer what is kept of them, erase it, let go of what is old."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from assistant.cli.console import out
from assistant.cli.keys import opened

app = typer.Typer(help="Viewers' data: export, erase, let go.", no_args_is_help=True)
Viewer = Annotated[str, typer.Argument(help="id of the viewer")]


@app.command()
def export(viewer: Viewer) -> None:
    """Print every row that speaks of a viewer, as JSON, by table."""
    with opened() as store:
        found = store.erasure.everything_of(viewer)
    out.print(json.dumps(found, ensure_ascii=False, indent=1), markup=False)


@app.command()
def erase(viewer: Viewer) -> None:
    """Take a viewer from every table. Stop the service first, or use its route: it remembers."""
    from assistant.profiles import Profiles

    with opened() as store:
        gone = Profiles(store).erase(viewer)
    out.print(f"{gone} events erased")


@app.command()
def publish(
    room: Annotated[str, typer.Argument(help="id of the room")],
    epsilon: Annotated[float, typer.Option(help="what it may tell of a viewer; 1 is usual")] = 1.0,
    most: Annotated[int, typer.Option(help="figures that one viewer may be in")] = 8,
) -> None:
    """Print, as JSON and under differential privacy, how many viewers did what in a room.

    Each time tells more: what is printed twice costs epsilon twice.
    """
    from assistant.published import published

    with opened() as store:
        found = published(store, room, epsilon, most)
    out.print(json.dumps(asdict(found), ensure_ascii=False, indent=1), markup=False)


@app.command("let-go")
def let_go() -> None:
    """Erase what is older than the settings keep; the service does so by itself every day."""
    from assistant.settings import read_settings

    now, keep = datetime.now(UTC), read_settings()
    with opened() as store:
        gone = store.erasure.let_go(
            now - timedelta(days=keep.keep_events_days),
            now - timedelta(days=keep.keep_rooms_days),
            now - timedelta(days=keep.keep_audit_days),
        )
    out.print(f"erased: {gone.events} events, {gone.rooms} rows of rooms, {gone.audit} audit links")
