"""Items of an RSS or Atom feed, read as a stream: memory holds one item at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from retrieval.feeds.rows import ByteSource, FieldRefused
from retrieval.feeds.tables import Cells, TableRow
from retrieval.feeds.texts import LONGEST_RAW

CHUNK = 65_536
DEEPEST = 50
MOST_CHILDREN = 1_000
LONGEST_TOKEN = 1_048_576
"""Bytes of one tag or comment; an unfinished one is read again from its start (CVE-2023-52425)."""
_GOOGLE = "{http://base.google.com/ns/1.0}"


class _Items:
    """A parser target that keeps the children of each item or entry as texts."""

    def __init__(self) -> None:
        self.done: list[tuple[int, Cells, FieldRefused | None]] = []
        self.line_now: Callable[[], int] = lambda: 0
        self._path: list[str] = []
        self._item_depth = 0
        self._line = 0
        self._children: list[tuple[str, str]] = []
        self._text: list[str] = []
        self._length = 0
        self._fault: FieldRefused | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._path.append(tag)
        depth = len(self._path)
        if depth > DEEPEST:
            raise ParseError(f"elements nested more than {DEEPEST} deep")
        if not self._item_depth:
            if _local(tag) in ("item", "entry"):
                self._item_depth, self._line = depth, self.line_now()
                self._children, self._fault = [], None
        elif depth == self._item_depth + 1:
            self._text, self._length = [attributes.get("href", "")], 0
        else:
            self._text.append(":" if self._inside("product_detail") else "\n")

    def data(self, text: str) -> None:
        if self._item_depth and len(self._path) > self._item_depth:
            self._length += len(text)
            if self._length <= LONGEST_RAW:
                inside = self._inside("product_detail")
                self._text.append(text.strip() if inside else text)
            elif self._fault is None:
                rule = f"at most {LONGEST_RAW:,} characters with its HTML"
                self._fault = FieldRefused(_local(self._path[self._item_depth]), text, rule)

    def end(self, tag: str) -> None:
        depth = len(self._path)
        if self._item_depth and depth == self._item_depth + 1:
            text = "".join(self._text).strip()
            if len(self._children) >= MOST_CHILDREN:
                rule = f"at most {MOST_CHILDREN:,} elements an item"
                self._fault = self._fault or FieldRefused(_local(tag), text, rule)
            elif text:
                self._children.append((tag, text))
        elif self._item_depth and depth == self._item_depth:
            self.done.append((self._line, _cells(self._children), self._fault))
            self._item_depth = 0
        self._path.pop()

    def close(self) -> None:
        return None

    def _inside(self, name: str) -> bool:
        return _local(self._path[self._item_depth]) == name


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _cells(children: list[tuple[str, str]]) -> Cells:
    """The children by plain name; where g:title and title both stand, g:title counts."""
    plain: Cells = {}
    google: Cells = {}
    for tag, text in children:
        into = google if tag.startswith(_GOOGLE) else plain
        name = _local(tag)
        into.setdefault(name, []).append(
            text.removeprefix(":") if name == "product_detail" else text
        )
    return plain | google


def items(source: ByteSource) -> Iterator[TableRow]:
    """Each item with the line of its start tag.

    Where the document stops being XML, or declares a document type or an entity, the last row
    carries the fault: what follows cannot be read.
    """
    target = _Items()
    parser = DefusedXMLParser(target=target, forbid_dtd=True)
    target.line_now = lambda: parser.parser.CurrentLineNumber
    fault: FieldRefused | None = None
    line, fed = 1, 0
    while fault is None:
        chunk = source.read(CHUNK)
        try:
            if chunk:
                parser.feed(chunk)
                fed += len(chunk)
                if fed - parser.parser.CurrentByteIndex > LONGEST_TOKEN:
                    raise ParseError(f"a tag or comment of more than {LONGEST_TOKEN:,} bytes")
            else:
                parser.close()
        except DefusedXmlException:
            rule = "a document type or entity declaration is not read"
            fault, line = FieldRefused("xml", "", rule), parser.parser.CurrentLineNumber
        except (ParseError, ValueError, LookupError) as broken:
            rule = f"not XML from here on: {broken}"
            fault, line = FieldRefused("xml", "", rule), parser.parser.CurrentLineNumber
        for at, cells, wrong in target.done:
            yield TableRow(at, source.position, cells, wrong)
        target.done.clear()
        if not chunk:
            break
    if fault:
        yield TableRow(line, source.position, {}, fault)
