"""A line as rules read it: one plain form in which each character knows where it came from.

Full width, traditional characters, accents, look-alike letters of other alphabets and characters
that show nothing are gone; so is whatever stands between Chinese characters but a clause mark.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from retrieval.normal import simplified

CLAUSE, SENTENCE = "，", "。"
_MARKS = dict.fromkeys("，,、；;：:…—\n", CLAUSE) | dict.fromkeys("。.!！?？", SENTENCE)
_INVISIBLE = {"Cf", "Mn", "Me", "Cc", "Cs", "Co", "Cn"}
# Letters of other alphabets that look like Latin ones, in the order of the line below.
_LOOK_ALIKE = str.maketrans(
    "авекмнорстухіјѕԁɡһⅼαβεικνορτυχɑɩʙᴄᴅᴇɢʜɪᴊᴋʟᴍɴᴏᴘʀᴛᴜᴠᴡʏᴢꜱ",
    "abekmhopctyxijsdghlabeiknoptuxaibcdeghijklmnoprtuvwyzs",
)
_DASHES = set("-‐‑‒–—―ー")
PICTURES = "🥇🏆👑🔝💯☝🈚🆓"
"""Emoji that stand in for words: kept, for rules to name."""


class Reading(NamedTuple):
    """A plain text; character n of it stands at starts[n]:ends[n] of the line it was read from."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where a stretch of the plain text stands in the line."""
        return self.starts[start], max(self.ends[start:end])

    def put(self, start: int, end: int, word: str) -> Reading:
        """The reading with `word` in place of a stretch."""
        first, last = self.span(start, end)
        return Reading(
            self.text[:start] + word + self.text[end:],
            self.starts[:start] + (first,) * len(word) + self.starts[end:],
            self.ends[:start] + (last,) * len(word) + self.ends[end:],
        )


def is_chinese(char: str) -> bool:
    return "\u3400" <= char <= "\u9fff"


def is_latin(char: str) -> bool:
    """Whether a character of a plain text is a Latin letter or a digit."""
    return char.isascii() and char.isalnum()


@lru_cache(maxsize=16384)
def _plain(char: str) -> str:
    """What one character of a line becomes; '' for what shows nothing."""
    if "\u4e00" <= char <= "\u9fff":
        return simplified(char)
    if 0x1F1E6 <= ord(char) <= 0x1F1FF:  # flags are made of letters
        return chr(ord(char) - 0x1F1E6 + ord("a"))
    if 0x1F130 <= ord(char) <= 0x1F189:  # squared and negative letters
        return chr((ord(char) - 0x1F130) % 32 + ord("a"))
    if char == "\n" or char in PICTURES:
        return char
    if unicodedata.category(char) in _INVISIBLE:
        return ""
    spelt = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", char)).lower()
    return "".join(
        simplified(c).translate(_LOOK_ALIKE)
        for c in spelt
        if unicodedata.category(c) not in _INVISIBLE
    )


def _atoms(line: str) -> Iterable[tuple[str, int, int]]:
    for at, char in enumerate(line):
        for plain in _plain(char):
            yield plain, at, at + 1


def read(line: str) -> Reading:
    """The plain form of `line`; its length is at most about that of the line."""
    atoms = list(_atoms(line))
    kept: list[tuple[str, int, int]] = []
    gap = False
    for n, (char, start, end) in enumerate(atoms):
        if char.isalnum() or char in PICTURES:
            if gap and kept and is_latin(char) and (is_latin(kept[-1][0]) or kept[-1][0] in "%+"):
                kept.append((" ", start, start))
            kept.append((char, start, end))
            gap = False
            continue
        before = atoms[n - 1][0] if n else " "
        after = atoms[n + 1][0] if n + 1 < len(atoms) else " "
        if _inside(char, before, after):
            kept.append((char, start, end))
        elif char in _DASHES and kept and kept[-1][0] == "第":
            kept.append(("一", start, end))
        elif char == "'":
            continue  # can't is read as cant
        elif char in _MARKS and not (char == "." and not gap and _word(before) and _word(after)):
            if kept and kept[-1][0] not in (CLAUSE, SENTENCE):
                kept.append((_MARKS[char], start, end))
            gap = True
        else:
            gap = True
    if not kept:
        return Reading("", (), ())
    chars, starts, ends = zip(*kept, strict=True)
    return Reading("".join(chars), starts, ends)


def _inside(char: str, before: str, after: str) -> bool:
    """Whether a mark belongs to the number or the word around it."""
    if char in ".,:" and before.isdigit() and after.isdigit():
        return char != ","
    if char == "%":
        return True
    if char in "#$¥+":
        return is_latin(after) or is_latin(before)
    return char in "@|*!&" and is_latin(before) and is_latin(after)


def _word(char: str) -> bool:
    return char.isalnum()
