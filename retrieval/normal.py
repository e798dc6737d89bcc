"""One plain form of a text, so that 連衣裙 meets 连衣裙 and ＵＳＢ-C meets usb-c."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from opencc import OpenCC

_SPACES = re.compile(r"\s+")


@lru_cache(maxsize=1)
def _to_simplified() -> OpenCC:
    return OpenCC("t2s")


def simplified(text: str) -> str:
    """`text` in simplified characters, as many as before."""
    if text.isascii():
        return text
    plain: str = _to_simplified().convert(text)
    return plain if len(plain) == len(text) else text


def normal(text: str) -> str:
    """NFKC, simplified Chinese, lower case, single spaces, no invisible characters."""
    plain = unicodedata.normalize("NFKC", text)
    plain = "".join(char for char in plain if unicodedata.category(char) != "Cf")
    return _SPACES.sub(" ", simplified(plain).lower()).strip()
