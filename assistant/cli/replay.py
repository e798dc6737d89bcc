"""liveshop replay: a room's events from a file into a running service."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import typer

from assistant.cli.console import err, out
from assistant.errors import LiveshopError

if TYPE_CHECKING:
    import httpx

    from assistant.settings import Settings

READY_S = 120.0
ReplayFile = Annotated[
    Path, typer.Argument(help="JSON lines of events", exists=True, dir_okay=False, readable=True)
]


def replay(
    file: ReplayFile,
    room: Annotated[str, typer.Option(help="the room to play it into")] = "demo",
    speed: Annotated[float, typer.Option(min=0.1, max=1000, help="2 is twice as fast")] = 1.0,
) -> None:
    """Play a file of events into a room of the running service."""
    from assistant.settings import read_settings

    sent = asyncio.run(_played(read_settings(), file, room, speed))
    out.print(f"{sent} events sent to room {room}")


def play_behind(settings: Settings) -> None:
    """Have a service that is starting play the demo shop's show, in a thread of its own."""

    def work() -> None:
        try:
            asyncio.run(_begun(settings))
        except LiveshopError as error:
            err.print(f"liveshop: {error}", markup=False)

    threading.Thread(target=work, name="replay", daemon=True).start()


async def _begun(settings: Settings) -> None:
    async with client_of(settings) as client:
        await posted(client, "/demo/show", None)


def client_of(settings: Settings) -> httpx.AsyncClient:
    """A client of the running service, with the host's key where there is one."""
    import httpx

    key = settings.host_key
    headers = {"Authorization": f"Bearer {key.get_secret_value()}"} if key else {}
    return httpx.AsyncClient(
        base_url=settings.address, headers=headers, timeout=30, trust_env=False
    )


async def _played(settings: Settings, file: Path, room: str, speed: float) -> int:
    from assistant.live.replay import play, read_replay

    lines = read_replay(file)
    async with client_of(settings) as client:

        async def send(batch: list[dict[str, Any]]) -> None:
            answer = await posted(client, f"/api/v1/rooms/{room}/events", batch)
            for refused in answer.get("rejected", ()):
                err.print(f"refused: {refused['errors']}", markup=False)

        return await play(lines, f"replay/{file.stem}/{uuid4().hex[:8]}", send, speed)


async def posted(client: httpx.AsyncClient, path: str, batch: list[dict[str, Any]] | None) -> Any:
    """What the service answers to a POST; waits while it starts or is full, for READY_S at most."""
    import httpx

    end = time.monotonic() + READY_S
    while True:
        try:
            answer = await client.post(path, json=batch)
        except httpx.TransportError as error:
            if time.monotonic() > end:
                raise LiveshopError(f"no service answers at {client.base_url}") from error
            await asyncio.sleep(0.5)
            continue
        if answer.status_code == 503 and time.monotonic() < end:
            await asyncio.sleep(float(answer.headers.get("retry-after", 1)))
            continue
        if answer.is_error:
            detail = answer.json().get("detail", answer.text)
            raise LiveshopError(f"the service at {client.base_url} says: {detail}")
        return answer.json()
