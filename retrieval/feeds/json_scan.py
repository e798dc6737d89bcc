"""JSON objects out of files of several shapes, one at a time, each with its line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from retrieval.feeds.native import load
from retrieval.feeds.rows import ByteSource, FieldRefused, not_utf8

LARGEST = 16 * 1024 * 1024
CHUNK = 256 * 1024

_SCRIPT = re.compile(
    r"""<script\b[^<>]*\btype\s*=\s*["']?application/ld\+json\b[^<>]*>(.*?)</script\s*>""",
    re.S | re.I,
)
_DECODER = json.JSONDecoder(parse_float=Decimal)


@dataclass(frozen=True, slots=True)
class Found:
    """One JSON value, or the fault that ends or interrupts the reading."""

    line: int
    position: int
    value: Any = None
    fault: FieldRefused | None = None


def values(source: ByteSource) -> Iterator[Found]:
    """The values of a JSON file, a JSON Lines file, or the scripts of an HTML page.

    The elements of a top-level array come one by one, so that its length does not count
    against memory; one value, or one page, holds at most 16 MiB.
    """
    if source.peek(4096).lstrip().startswith(b"<"):
        yield from _page(source)
    else:
        yield from _sequence(source)


def _page(source: ByteSource) -> Iterator[Found]:
    raw = b""
    while len(raw) <= LARGEST and (chunk := source.read(CHUNK)):
        raw += chunk
    if len(raw) > LARGEST:
        fault = FieldRefused("page", "", f"a page holds at most {LARGEST:,} bytes")
        yield Found(1, source.position, fault=fault)
        return
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as broken:
        line = raw.count(b"\n", 0, broken.start) + 1
        yield Found(line, source.position, fault=not_utf8(raw, broken))
        return
    for script in _SCRIPT.finditer(text):
        line = text.count("\n", 0, script.start(1)) + 1
        try:
            yield Found(line, source.position, load(script[1].strip()))
        except FieldRefused as broken:
            yield Found(line, source.position, fault=broken)


class _Window:
    """The part of a JSON text that is being read: bytes come in, values go out."""

    def __init__(self, source: ByteSource) -> None:
        self.source = source
        self.text = ""
        self.at = 0
        self.line = 1
        self.ended = False
        self._rest = b""

    @property
    def left(self) -> int:
        return len(self.text) - self.at

    def more(self) -> None:
        """Reads on; raises FieldRefused at a byte that is not UTF-8."""
        chunk = self.source.read(max(CHUNK, self.left))
        self.ended = not chunk
        raw = self._rest + chunk
        self.text, self.at = self.text[self.at :], 0
        try:
            self.text, self._rest = self.text + raw.decode("utf-8"), b""
        except UnicodeDecodeError as broken:
            if len(raw) - broken.start > 3 or self.ended:
                self.line += self.text.count("\n") + raw.count(b"\n", 0, broken.start)
                raise not_utf8(raw, broken) from None
            self.text += raw[: broken.start].decode("utf-8")
            self._rest = raw[broken.start :]

    def move(self, end: int) -> None:
        self.line += self.text.count("\n", self.at, end)
        self.at = end

    def skip(self, blank: re.Pattern[str]) -> str:
        """Passes over what is blank; returns the letter after it, '' at the end."""
        while True:
            if passed := blank.match(self.text, self.at):
                self.move(passed.end())
            if self.left or self.ended:
                return self.text[self.at : self.at + 1]
            self.more()

    def next_line_of_an_object(self) -> bool:
        """Passes to the next line that opens with a brace; False where none follows."""
        while True:
            found = self.text.find("\n{", self.at)
            if found >= 0:
                self.move(found + 1)
                return True
            if self.ended:
                return False
            self.move(max(self.at, len(self.text) - 1))
            self.more()


_BLANK = re.compile(r"[ \t\r\n]+")
_BETWEEN = re.compile(r"[ \t\r\n,]+")


def _sequence(source: ByteSource) -> Iterator[Found]:
    window = _Window(source)
    try:
        if window.skip(_BLANK) == "[":
            window.move(window.at + 1)
        while (first := window.skip(_BETWEEN)) and first != "]":
            line = window.line
            try:
                value = _next(window)
            except _NotJson as broken:
                yield Found(line, source.position, fault=FieldRefused("json", "", str(broken)))
                if not window.next_line_of_an_object():
                    return
            else:
                yield Found(line, source.position, value)
    except FieldRefused as broken:
        yield Found(window.line, source.position, fault=broken)


class _NotJson(Exception):
    """The text is no JSON value here."""


def _next(window: _Window) -> Any:
    """The value at the start of the window, which it passes; raises _NotJson."""
    while True:
        try:
            value, end = _DECODER.raw_decode(window.text, window.at)
        except RecursionError:
            raise _NotJson("not JSON: nested too deep") from None
        except json.JSONDecodeError as broken:
            # A value cut off by the window's end fails at its end, or in a string left open.
            cut = broken.pos > len(window.text) - 16 or broken.msg.startswith("Unterminated")
            if window.ended or not cut:
                raise _NotJson(f"not JSON: {broken.msg}") from None
            if window.left > LARGEST:
                raise _NotJson(f"one value holds at most {LARGEST:,} bytes") from None
        except (ValueError, ArithmeticError) as broken:
            raise _NotJson(f"not JSON: {broken}") from None
        else:
            if end < len(window.text) or window.ended:
                window.move(end)
                return value
        window.more()
