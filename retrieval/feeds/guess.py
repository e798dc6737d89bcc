"""Telling a feed's format from its first bytes, and from its name where they do not say."""

from __future__ import annotations

import re

from retrieval.errors import RetrievalError

_SUFFIXES = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".tsv": "merchant-tsv",
    ".txt": "merchant-tsv",
    ".xml": "merchant-xml",
    ".rss": "merchant-xml",
    ".csv": "shopify-csv",
    ".jsonld": "json-ld",
    ".html": "json-ld",
    ".htm": "json-ld",
}
_PAGE = re.compile(rb"<(?:!doctype html|html|head|body|script)\b", re.I)
_HANDLE = re.compile(rb'(?:^|,)\s*"?(?:url )?handle"?\s*(?:,|$)', re.I)
_ID = re.compile(rb'(?:^|[,\t])\s*"?(?:g:)?id"?\s*(?:[,\t]|$)', re.I)


def guess_format(head: bytes, name: str) -> str:
    """The format of a feed that opens with `head` and is called `name`.

    Raises RetrievalError where neither tells.
    """
    start = head.lstrip()
    first = start.split(b"\n", 1)[0].strip()
    if start.startswith(b"<"):
        return "json-ld" if _PAGE.search(head) else "merchant-xml"
    if start.startswith((b"{", b"[")):
        marked = any(word in head for word in (b'"@context"', b'"@type"', b'"@graph"'))
        return "json-ld" if marked or start.startswith(b"[") else "jsonl"
    if _HANDLE.search(first) and b"\t" not in first:
        return "shopify-csv"
    if _ID.search(first):
        return "merchant-tsv"
    for suffix, known in _SUFFIXES.items():
        if name.lower().endswith(suffix):
            return known
    raise RetrievalError(
        f"{name or 'the feed'}: its format cannot be told from its first bytes; name one of "
        "jsonl, merchant-tsv, merchant-xml, shopify-csv, json-ld"
    )
