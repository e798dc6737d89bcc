"""liveshop import and liveshop catalog: feeds into records, records into the search index.

While a service owns the index the work goes through its HTTP routes: Chroma's embedded store is
for one process.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from assistant.cli.console import Step, bar, err, out
from assistant.errors import IndexLocked, LiveshopError

if TYPE_CHECKING:
    from assistant.settings import Settings
    from assistant.store import Store
    from assistant.store.index_sync import Synced

app = typer.Typer(help="The catalogue and its search index.", no_args_is_help=True)
PIECE = 1 << 18
REFUSED_SAID = 20
FeedFile = Annotated[
    Path, typer.Argument(help="the feed", exists=True, dir_okay=False, readable=True)
]
Format = Annotated[
    str | None,
    typer.Option(help="jsonl, merchant-tsv, merchant-xml, shopify-csv or json-ld; else guessed"),
]
CurrencyCode = Annotated[str | None, typer.Option(help="for prices that name no currency")]


class Imported(NamedTuple):
    """What an import did; `refused` are its first refused rows, each as a line."""

    added: int
    changed: int
    unchanged: int
    refused: list[str]
    refused_total: int


@app.command("import")
def import_feed(file: FeedFile, format: Format = None, currency: CurrencyCode = None) -> None:
    """Import a feed of products, offers, policies and rooms."""
    from assistant.settings import read_settings

    settings = read_settings()
    try:
        done = _import_here(settings, file, format, currency)
    except IndexLocked as locked:
        done = _import_there(settings, file, format, currency, locked)
    out.print(
        f"added {done.added}, changed {done.changed}, unchanged {done.unchanged}, "
        f"refused {done.refused_total}"
    )
    for line in done.refused[:REFUSED_SAID]:
        err.print(line, markup=False)
    if done.refused_total > REFUSED_SAID:
        err.print(f"and {done.refused_total - REFUSED_SAID} more")
    if done.refused_total and not done.added + done.changed + done.unchanged:
        raise typer.Exit(2)


@app.command("rebuild-index")
@app.command("rebuild", hidden=True)
def rebuild_index() -> None:
    """Empty the search index and fill it again from the records."""
    from assistant.settings import read_settings

    settings = read_settings()
    with ExitStack() as stack:
        store = _opened(settings, stack)
        synced = _indexed(settings, store, rebuild=True)
    out.print(f"{synced.products} products, {synced.embedded} embedded")


def _opened(settings: Settings, stack: ExitStack) -> Store:
    """The records, with the index owned. Raises IndexLocked while a service runs."""
    from assistant.store import Store
    from assistant.store.index_lock import owning

    settings.home.mkdir(parents=True, exist_ok=True)
    if isinstance(settings.index, Path):
        stack.enter_context(owning(settings.index))
    elif _answers(settings):
        # Not a lock, but the same thing: the service keeps indexes in memory that must follow.
        raise IndexLocked("a service is running; stop it first")
    store = stack.enter_context(Store(settings.database))
    store.migrate()
    return store


def _import_here(
    settings: Settings, file: Path, format: str | None, currency: str | None
) -> Imported:
    from assistant.store.importing import import_feed as imported
    from retrieval.feeds import read_feed

    with ExitStack() as stack:
        store = _opened(settings, stack)
        size = file.stat().st_size
        with bar("Reading", in_bytes=True) as step:
            report = imported(
                read_feed(file, format, currency=currency),
                store,
                progress=lambda report: step(report.position, size),
            )
        if report.ids_changed:
            _indexed(settings, store)
    lines = [str(refused) for refused in report.refused]
    return Imported(report.added, report.changed, report.unchanged, lines, report.refused_total)


def _indexed(settings: Settings, store: Store, *, rebuild: bool = False) -> Synced:
    """Let the vectors follow the records, with a bar."""
    from assistant.store import index_sync
    from assistant.store.following import NotHere
    from retrieval.embeddings import embedder_of

    url = str(settings.embeddings_url) if settings.embeddings_url else None
    embedder = embedder_of(settings.embeddings, settings.embeddings_model, url)
    index = index_sync.open_index(settings.index, embedder)
    try:
        work = index_sync.rebuild if rebuild else index_sync.sync
        total = store.catalog.count()
        with bar("Indexing") as step:
            return work(
                store.catalog,
                embedder,
                index,
                NotHere(),
                NotHere(),
                lambda synced: step(synced.products, total),
            )
    finally:
        index.close()


def _import_there(
    settings: Settings,
    file: Path,
    format: str | None,
    currency: str | None,
    locked: IndexLocked,
) -> Imported:
    """Import through the service that owns the index."""
    import httpx

    params = {"format": format, "currency": currency}
    given = {name: value for name, value in params.items() if value is not None}
    headers = {"Content-Type": "application/octet-stream"}
    if settings.host_key:
        headers["Authorization"] = f"Bearer {settings.host_key.get_secret_value()}"
    address = settings.address
    try:
        with (
            bar("Sending", in_bytes=True) as step,
            httpx.Client(base_url=address, timeout=httpx.Timeout(10, read=3600)) as client,
        ):
            answer = client.post(
                "/api/v1/catalog/import", params=given, headers=headers, content=_sent(file, step)
            )
    except httpx.HTTPError as error:
        raise IndexLocked(
            f"{locked}. No service takes the import at {address} ({type(error).__name__}); "
            "is LIVESHOP_PORT the one it was started with?"
        ) from error
    body = answer.json()
    if answer.is_error:
        raise LiveshopError(f"{file}: the service at {address} says: {body['detail']}")
    lines = [_line(refused) for refused in body["refused"]]
    counts = (body["added"], body["changed"], body["unchanged"])
    return Imported(*counts, lines, body["refused_total"])


def _sent(file: Path, step: Step) -> Iterator[bytes]:
    size = os.path.getsize(file)
    with file.open("rb") as feed:
        while piece := feed.read(PIECE):
            yield piece
            step(feed.tell(), size)


def _line(refused: dict[str, Any]) -> str:
    return f"line {refused['line']}: {refused['field']} {refused['value']!r}: {refused['rule']}"


def _answers(settings: Settings) -> bool:
    """Whether a service answers at the address of the settings."""
    import httpx

    try:
        return httpx.get(f"{settings.address}/healthz", timeout=2).is_success
    except httpx.HTTPError:
        return False
