"""liveshop backup and liveshop restore: the records in one file, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assistant.cli.console import out
from assistant.cli.keys import opened

Target = Annotated[Path, typer.Argument(help="file to write, such as shop.jsonl.gz")]
Source = Annotated[Path, typer.Argument(help="file that `liveshop backup` wrote", exists=True)]


def backup(file: Target) -> None:
    """Write every record to a file, from one moment, while the service runs.

    Not in it: vectors and words, rebuilt from the records; model files; settings and secrets,
    among them home/token.secret where LIVESHOP_TOKEN_SECRET is not set.
    """
    from assistant.store import backup as saving

    with opened() as store:
        saved = saving.backup(store.database, file)
    out.print(f"{file}: {saved.rows} rows, SHA-256 {saved.sha256}")


def restore(file: Source) -> None:
    """Bring a backup into an empty database, SQLite or PostgreSQL, all of it or nothing."""
    from assistant.store import backup as saving

    with opened() as store:
        saved = saving.restore(store.database, file)
    out.print(f"{file}: {saved.rows} rows, SHA-256 {saved.sha256}")
    out.print("The search index follows at the next start.")
