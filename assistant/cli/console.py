"""Where the command line prints: results on standard output, the rest on standard error."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from assistant.logs import JsonLines
from assistant.personal import MaskedLines

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)
Step = Callable[[int, int | None], None]


@contextmanager
def bar(title: str, *, in_bytes: bool = False) -> Iterator[Step]:
    """A progress bar, shown from its first step on; `step(done, total)` moves it."""
    counts = (DownloadColumn(), TransferSpeedColumn()) if in_bytes else (MofNCompleteColumn(),)
    columns = (TextColumn("{task.description}"), BarColumn(), *counts, TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task(title, total=None, visible=False)
        yield lambda done, total: progress.update(task, completed=done, total=total, visible=True)


def log_to_terminal(*, as_json: bool = False) -> None:
    """Warnings and errors of the service on standard error; `as_json` each request too."""
    handler = logging.StreamHandler()
    if as_json:
        handler.setFormatter(JsonLines())
        logging.basicConfig(level=logging.WARNING, handlers=[handler])
        logging.getLogger("assistant").setLevel(logging.INFO)
        logging.getLogger("bm25s").setLevel(logging.WARNING)
        return
    handler.setLevel(logging.WARNING)  # bm25s sets its own logger to DEBUG
    form = "%(asctime)s %(levelname)s %(name)s: %(message)s"
    handler.setFormatter(MaskedLines(form))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
