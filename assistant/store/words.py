"""Words as filters compare them: NFKC, lower case, one space between runs of one script.

English words match whole, in singular and plural; Chinese ones anywhere, since nothing
separates them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from sqlalchemy import ColumnElement, or_

_HAN = "\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_RUN = re.compile(rf"\d+(?:\.\d+)*|[{_HAN}]+|[^\W\d_{_HAN}]+")


def _runs(text: str) -> list[str]:
    return _RUN.findall(unicodedata.normalize("NFKC", text).casefold())


def words(texts: Iterable[str]) -> str:
    """All `texts` in the form that `holds` looks into; a bar keeps one from the next."""
    return " | ".join(["", *(" ".join(_runs(text)) for text in texts), ""])


def holds(column: ColumnElement[str], word: str) -> ColumnElement[bool] | None:
    """The condition that `column`, written by `words`, holds `word`. None for no word at all."""
    runs = _runs(word)
    if not runs:
        return None
    first, last = _closed(runs[0]), _closed(runs[-1])
    forms = dict.fromkeys([runs[-1]])
    if last and runs[-1].isalpha() and len(runs[-1]) > 2:
        stem = re.sub(r"(?<=[^s])s$", "", runs[-1])
        forms = dict.fromkeys([runs[-1], stem, f"{stem}s", f"{stem}es"])
    patterns = (
        (" " if first else "") + " ".join([*runs[:-1], form]) + (" " if last else "")
        for form in forms
    )
    return or_(*(column.contains(pattern, autoescape=True) for pattern in patterns))


def _closed(run: str) -> bool:
    """Whether a run has ends of its own, as English words and numbers do."""
    return re.match(rf"[{_HAN}]", run) is None
