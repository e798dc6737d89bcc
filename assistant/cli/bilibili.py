"""liveshop bilibili: a Bilibili room's comments into a room of the running service."""

from __future__ import annotations

import asyncio
import importlib.util
from typing import Annotated, Any

import typer

from assistant.cli.console import err
from assistant.cli.replay import client_of, posted
from assistant.errors import LiveshopError

ENV = "LIVESHOP_BILIBILI_"


def bilibili(
    key: Annotated[str, typer.Option(envvar=f"{ENV}KEY", help="of the app")],
    secret: Annotated[str, typer.Option(envvar=f"{ENV}SECRET", help="of the app")],
    app_id: Annotated[int, typer.Option(envvar=f"{ENV}APP_ID")],
    code: Annotated[str, typer.Option(envvar=f"{ENV}CODE", help="of the room's owner")],
    room: Annotated[str, typer.Option(help="the room here")] = "demo",
) -> None:
    """Send a Bilibili room's comments, gifts and likes into a room of the running service."""
    from assistant.live.bilibili import App, follow
    from assistant.settings import read_settings

    if importlib.util.find_spec("websockets") is None:
        raise LiveshopError("needs websockets: pip install 'liveshop[bilibili]'")
    settings = read_settings()

    async def work() -> None:
        async with client_of(settings) as client:

            async def send(batch: list[dict[str, Any]]) -> None:
                answer = await posted(client, f"/api/v1/rooms/{room}/events", batch)
                for refused in answer.get("rejected", ()):
                    err.print(f"refused: {refused['errors']}", markup=False)

            await follow(App(key, secret, app_id, code), send)

    asyncio.run(work())
