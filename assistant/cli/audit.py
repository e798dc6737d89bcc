"""liveshop audit: how a reply came about, and whether the trail is as it was written."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.cli.console import out
from assistant.cli.keys import opened
from assistant.errors import NotFound

if TYPE_CHECKING:
    from assistant.store.audit import Link

app = typer.Typer(help="The audit trail: show, verify, export.", no_args_is_help=True)


@app.command()
def show(id: Annotated[str, typer.Argument(help="id of a reply or of a host's deed")]) -> None:
    """All that is kept of one reply: question, evidence, prompt, raw text, what was stopped."""
    with opened() as store:
        links = store.audit.of(id)
    if not links:
        raise NotFound(f"audit {id!r}: nothing was said or done under this id")
    for link in links:
        out.print(json.dumps(_shown(link, link.viewer), ensure_ascii=False, indent=1), markup=False)


@app.command()
def verify(
    expect: Annotated[str | None, typer.Option(help="a head noted earlier, SEQ:HASH")] = None,
) -> None:
    """Read the whole chain; exit code 2 and the first wrong link where it was changed."""
    with opened() as store:
        found = store.audit.verify(expect)
    out.print(f"{found.links} links hold, {found.erased} of them erased")
    out.print(f"head {found.head}", markup=False)


@app.command()
def export(to: Annotated[Path, typer.Argument(help="the file to write, JSON lines")]) -> None:
    """Write the trail down, viewers under names that hold in this one file alone."""
    secret = secrets.token_bytes(32)

    def renamed(viewer: str | None) -> str | None:
        if viewer is None:
            return None
        return hmac.new(secret, viewer.encode(), hashlib.sha256).hexdigest()[:16]

    with opened() as store, to.open("w", encoding="utf-8") as file:
        found = store.audit.verify()
        for link in store.audit.all():
            file.write(json.dumps(_shown(link, renamed(link.viewer)), ensure_ascii=False) + "\n")
    out.print(f"{found.links} links written to {to}; head {found.head}", markup=False)


def _shown(link: Link, viewer: str | None) -> dict[str, Any]:
    return {
        "seq": link.seq,
        "at": link.at.isoformat(),
        "kind": link.kind,
        "subject": link.subject,
        "room": link.room,
        "viewer": viewer,
        "erased": link.payload is None,
        "payload": link.payload,
        "hash": link.hash,
        "ai_generated": link.kind == "reply.shown",
    }
