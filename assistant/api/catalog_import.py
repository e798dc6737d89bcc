"""Importing a feed over HTTP: streamed in, refused row by row, followed by the index."""

from __future__ import annotations

import tempfile
from typing import IO, TYPE_CHECKING, Annotated, BinaryIO, Literal, cast

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel

from assistant.api.limits import LARGEST_FEED
from assistant.api.problems import FieldProblem, documented, refuse
from assistant.api.service import OpenShop, Shop
from assistant.errors import FetchRefused
from assistant.fetching import fetch
from retrieval.catalog import Currency
from retrieval.errors import RetrievalError
from retrieval.feeds import read_feed

if TYPE_CHECKING:
    from assistant.store.importing import ImportReport

router = APIRouter(prefix="/api/v1", tags=["catalog"])
KEPT_IN_MEMORY = 4 * 1024**2
FeedFormat = Literal["jsonl", "merchant-tsv", "merchant-xml", "shopify-csv", "json-ld"]


class RefusedRow(FieldProblem):
    """A row of a feed that was not taken, by the line it starts on."""

    line: int


class ImportResult(BaseModel):
    """What an import did. `refused` lists at most 100 of the `refused_total` rows refused."""

    added: int
    changed: int
    unchanged: int
    refused: list[RefusedRow]
    refused_total: int


@router.post(
    "/catalog/import",
    summary="Import a feed",
    responses=documented(400, 413, 422, 503),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string"}}},
        }
    },
)
async def import_catalog(
    request: Request,
    shop: OpenShop,
    format: Annotated[
        FeedFormat | None, Query(description="the feed's format; guessed where not given")
    ] = None,
    currency: Annotated[
        Currency | None, Query(description="for prices that name no currency")
    ] = None,
    url: Annotated[
        str | None, Query(max_length=2000, description="fetch the feed here instead")
    ] = None,
) -> ImportResult:
    """Import the body, a feed of at most 2 GiB of any content type, and say what it changed.

    With `url` the feed is fetched from there: from the public internet alone, redirects included.

    Rows that break a rule are refused one by one and the others stand. The records have changed
    when this is answered; the search index follows in the background.
    """
    with tempfile.SpooledTemporaryFile(KEPT_IN_MEMORY) as feed:
        if url is None:
            async for chunk in request.stream():
                await run_in_threadpool(feed.write, chunk)
        else:
            await run_in_threadpool(_fetch, url, feed)
        feed.seek(0)
        return await run_in_threadpool(_import, shop, feed, format, currency)


def _fetch(url: str, feed: IO[bytes]) -> None:
    try:
        fetch(url, feed, LARGEST_FEED)
    except FetchRefused as error:
        raise refuse("url", url, str(error)) from error


def _import(
    shop: Shop, feed: IO[bytes], format: FeedFormat | None, currency: str | None
) -> ImportResult:
    from assistant.store.importing import import_feed  # waits: a start need not load SQL for it

    told = 0

    def follow(report: ImportReport) -> None:
        nonlocal told
        shop.index_changed(report.ids_changed[told:])
        told = len(report.ids_changed)

    try:
        rows = read_feed(cast(BinaryIO, feed), format, name="the body", currency=currency)
        report = import_feed(rows, shop.store, progress=follow)
    except RetrievalError as error:
        raise refuse("body", "", str(error)) from error
    return ImportResult(
        added=report.added,
        changed=report.changed,
        unchanged=report.unchanged,
        refused=[
            RefusedRow(line=row.line, field=row.field, value=row.value, rule=row.rule)
            for row in report.refused
        ],
        refused_total=report.refused_total,
    )
