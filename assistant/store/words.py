"""Words as filters compare them: in plain form, one space between runs of one script.

English words match whole, in singular and plural; Chinese ones anywhere, since nothing
separates them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from sqlalchemy import ColumnElement

from retrieval.normal import normal

_HAN = "\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_HAN_RUN = re.compile(f"[{_HAN}]")
_RUN = re.compile(rf"\d+(?:\.\d+)*|[{_HAN}]+|[^\W\d_{_HAN}]+")


@lru_cache(maxsize=8192)
def _runs(text: str) -> tuple[str, ...]:
    runs = _RUN.findall(normal(text))
    return tuple(_singular(run) for run in runs)


def _singular(run: str) -> str:
    """An English plural without its ending; a word that only looks like one loses it too."""
    if len(run) <= 3 or not run.isascii() or run.endswith(("ss", "us", "is")):
        return run
    if run.endswith(("sses", "shes", "ches", "xes")):
        return run[:-2]
    if run.endswith("ies") and len(run) > 4:
        return f"{run[:-3]}y"
    return run.removesuffix("s")


def words(texts: Iterable[str]) -> str:
    """All `texts` in the form that `holds` looks into; a bar keeps one from the next."""
    return " | ".join(["", *(" ".join(_runs(text)) for text in texts), ""])


def holds(column: ColumnElement[str], word: str) -> ColumnElement[bool] | None:
    """The condition that `column`, written by `words`, holds `word`. None for no word at all."""
    runs = _runs(word)
    if not runs:
        return None
    before = "" if _HAN_RUN.match(runs[0]) else " "
    after = "" if _HAN_RUN.match(runs[-1]) else " "
    return column.contains(before + " ".join(runs) + after, autoescape=True)
