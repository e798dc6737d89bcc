"""What a feed reader yields, and how it reads bytes: counted, by line, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from retrieval.catalog import Offer, Policy, Product, RoomContext
from retrieval.errors import RetrievalError, RowRefused

LONGEST_LINE = 4 * 1024 * 1024
BOM = b"\xef\xbb\xbf"


class FieldRefused(Exception):
    """A value breaks a rule; the reader that knows the line turns it into a RowRefused."""

    def __init__(self, field: str, value: object, rule: str) -> None:
        self.field, self.value, self.rule = field, value, rule
        super().__init__(f"{field} {str(value)[:80]!r}: {rule}")

    def at(self, line: int) -> RowRefused:
        return RowRefused(line, self.field, self.value, self.rule)


@dataclass(frozen=True, slots=True)
class FeedRow:
    """One record of a feed, or the reason why a row was refused.

    `line` is the 1-based line on which the row starts, `position` the bytes of the feed read
    when the row was known. Exactly one of product, offer, policy, room and refused is set;
    `run_of_show` comes with a room: the steps of a demonstration, as plain JSON values.
    """

    line: int
    position: int
    product: Product | None = None
    offer: Offer | None = None
    policy: Policy | None = None
    room: RoomContext | None = None
    run_of_show: tuple[Any, ...] = ()
    refused: RowRefused | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text without its line end; `fault` says why it cannot be read."""

    number: int
    text: str
    fault: FieldRefused | None = None


class ByteSource:
    """A binary stream with a look ahead and a count of the bytes taken from it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._ahead = b""
        self.position = 0

    def peek(self, size: int) -> bytes:
        """The next bytes, up to `size`, left in place."""
        while len(self._ahead) < size:
            more = self._stream.read(size - len(self._ahead))
            if not more:
                break
            self._ahead += more
        return self._ahead[:size]

    def read(self, size: int) -> bytes:
        if self._ahead:
            taken, self._ahead = self._ahead[:size], self._ahead[size:]
        else:
            taken = self._stream.read(size) or b""
        self.position += len(taken)
        return taken

    def readline(self, limit: int) -> bytes:
        """Bytes to the next line feed, it included, or `limit` bytes of a longer line."""
        end = self._ahead.find(b"\n", 0, limit) + 1
        if end or len(self._ahead) >= limit:
            return self.read(end or limit)
        taken, self._ahead = self._ahead, b""
        taken += self._stream.readline(limit - len(taken)) or b""
        self.position += len(taken)
        return taken

    def skip_bom(self) -> None:
        """Passes over a UTF-8 byte order mark.

        Raises RetrievalError where the stream opens as UTF-16 or UTF-32 does.
        """
        head = self.peek(4)
        if head.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")):
            raise RetrievalError(
                f"byte 0x{head[0]:02x} at the start: the feed is in UTF-16 or UTF-32; save it as "
                "UTF-8"
            )
        if head.startswith(BOM):
            self.read(len(BOM))


def text_lines(source: ByteSource) -> Iterator[Line]:
    """Each line of the source as text, blank ones included.

    A line that is not UTF-8, or longer than 4 MiB, comes with its fault; the next one is whole.
    """
    number = 0
    while raw := source.readline(LONGEST_LINE):
        number += 1
        if len(raw) == LONGEST_LINE and not raw.endswith(b"\n"):
            head = raw[:80].decode("utf-8", "replace")
            while raw and not raw.endswith(b"\n"):
                raw = source.readline(LONGEST_LINE)
            rule = f"a line holds at most {LONGEST_LINE:,} bytes"
            yield Line(number, "", FieldRefused("line", head, rule))
            continue
        try:
            yield Line(number, raw.decode("utf-8").rstrip("\r\n"))
        except UnicodeDecodeError as fault:
            yield Line(number, raw.decode("utf-8", "replace").rstrip("\r\n"), not_utf8(raw, fault))


def not_utf8(raw: bytes, fault: UnicodeDecodeError) -> FieldRefused:
    """The refusal that names the byte at which UTF-8 breaks off."""
    start = max(0, fault.start - 20)
    near = raw[start : fault.start + 20].decode("utf-8", "replace")
    rule = f"byte 0x{raw[fault.start]:02x} at offset {fault.start} is not UTF-8; save it as UTF-8"
    return FieldRefused("encoding", near, rule)
