"""One plain form of a text, so that 連衣裙 meets 连衣裙 and ＵＳＢ-C meets usb-c."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from importlib.resources import files

from opencc import OpenCC

_SPACES = re.compile(r"\s+")


@lru_cache(maxsize=1)
def _to_simplified() -> OpenCC:
    return OpenCC("t2s")


@lru_cache(maxsize=1)
def _traditional() -> frozenset[str]:
    """Every character that OpenCC would change, alone or within a phrase."""
    found: set[str] = set()
    for name in ("TSCharacters.txt", "TSPhrases.txt"):
        lines = (files("opencc") / "dictionary" / name).read_text(encoding="utf-8").splitlines()
        for before, after in (line.split()[:2] for line in lines if line.strip()):
            found.update(old for old, new in zip(before, after, strict=False) if old != new)
    return frozenset(found)


def simplified(text: str) -> str:
    """`text` in simplified characters, as many as before."""
    # OpenCC is pure Python and slow, and most text has nothing for it to do.
    if text.isascii() or _traditional().isdisjoint(text):
        return text
    plain: str = _to_simplified().convert(text)
    return plain if len(plain) == len(text) else text


def normal(text: str) -> str:
    """NFKC, simplified Chinese, lower case, single spaces, no invisible characters."""
    plain = unicodedata.normalize("NFKC", text)
    if not plain.isprintable():
        plain = "".join(char for char in plain if unicodedata.category(char) != "Cf")
    return _SPACES.sub(" ", simplified(plain).lower()).strip()
