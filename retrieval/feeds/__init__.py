"""Reading a catalogue from the files merchants already have.

`read_feed` streams: memory holds one record, and the ids seen so far. A row that breaks a
rule is reported with its line and does not stop the rest. A file that cannot be read at all
raises RetrievalError.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from retrieval.errors import RetrievalError, RowRefused
from retrieval.feeds import fields, merchant, native, schema_org, shopify
from retrieval.feeds.guess import guess_format
from retrieval.feeds.native_writer import write_native
from retrieval.feeds.rows import ByteSource, FeedRow, FieldRefused

__all__ = ["FORMATS", "FeedRow", "read_feed", "write_native"]

_READERS: dict[str, Callable[[ByteSource, str | None], Iterator[FeedRow]]] = {
    "jsonl": native.read,
    "merchant-tsv": merchant.read_tsv,
    "merchant-xml": merchant.read_xml,
    "shopify-csv": shopify.read,
    "json-ld": schema_org.read,
}
FORMATS = tuple(_READERS)


def read_feed(
    path: Path | BinaryIO,
    format: str | None = None,
    *,
    name: str = "",
    currency: str | None = None,
) -> Iterator[FeedRow]:
    """The rows of a feed, one at a time.

    `format` is one of FORMATS, guessed from the first bytes and the name when None; `name`
    is the file name of a stream. `currency` is for prices that name none; a Shopify export
    never names one. An id that stood in the feed before refuses its second row.
    Raises RetrievalError for a file that cannot be opened or whose format is not known, while
    iterating.
    """
    if format is not None and format not in FORMATS:
        raise RetrievalError(f"format {format!r}: has to be one of {', '.join(FORMATS)}")
    if currency is not None:
        try:
            currency = fields.currency(currency)
        except FieldRefused as broken:
            raise RetrievalError(str(broken)) from None
    return _read(path, format, name or str(getattr(path, "name", path)), currency)


def _read(
    path: Path | BinaryIO, format: str | None, name: str, currency: str | None
) -> Iterator[FeedRow]:
    try:
        if isinstance(path, Path):
            with path.open("rb") as stream:
                yield from _read(stream, format, name, currency)
            return
        source = ByteSource(path)
        source.skip_bom()
        read = _READERS[format or guess_format(source.peek(4096), name)]
        yield from _once_each(read(source, currency))
    except OSError as broken:
        raise RetrievalError(f"{name}: cannot be read: {broken.strerror or broken}") from broken


def _once_each(rows: Iterator[FeedRow]) -> Iterator[FeedRow]:
    """The rows, with each id of a product, variant, offer, policy or room let through once."""
    seen: dict[str, dict[str, int]] = {}
    refused_line = 0
    for row in rows:
        if row.offer and row.line == refused_line:
            continue  # the sale price of a product that was refused
        twice = _seen_before(row, seen)
        if twice is None:
            yield row
        else:
            refused_line = row.line
            yield FeedRow(row.line, row.position, refused=twice)


_RECORDS = ("product", "offer", "policy", "room")


def _seen_before(row: FeedRow, seen: dict[str, dict[str, int]]) -> RowRefused | None:
    for kind in _RECORDS:
        record = getattr(row, kind)
        if record is None:
            continue
        ids = [("id", kind, record.id)]
        if row.product:
            ids += [("variants.id", "variant", variant.id) for variant in row.product.variants]
        for field, of, one in ids:
            first = seen.setdefault(of, {}).get(one)
            if first is not None:
                return RowRefused(row.line, field, one, f"this {of} id stood on line {first}")
        for _, of, one in ids:
            seen[of][one] = row.line
    return None
