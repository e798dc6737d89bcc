"""Needs said as a situation, 手机老没电 or my toddler wets the bed, as the goods that meet them."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files

from retrieval.terms import plain


@cache
def _needs() -> tuple[tuple[re.Pattern[str], str], ...]:
    source = files("retrieval").joinpath("needs.toml").read_text(encoding="utf-8")
    tables = tomllib.loads(source)["need"]
    return tuple((re.compile("|".join(table["said"])), table["goods"]) for table in tables)


def needed(query: str) -> str:
    """The goods that the needs in `query` call for, in both languages; '' where there is none."""
    said = plain(query)[0]
    return " ".join(goods for pattern, goods in _needs() if pattern.search(said))
