"""Product snippets as words, and questions as hashes: the same in training and in measuring."""

from __future__ import annotations

import hashlib
import re
import unicodedata

_RECORD = re.compile(r"^\w+:\s*\{")
_TWICE = re.compile(r"(?:normalized_value:\s*\{[^{}]*\}|standardized_values:\s*\[[^\[\]]*\]),?")
_UNIT_FIRST = re.compile(r"unit:\s*([\w ]+?),\s*value:\s*([-\d.]+)")
_MARKS = re.compile(r'[{}\[\]"_;]+|\bvalue:|\bunit:')
_SPACES = re.compile(r"\s+")


def words_of(snippet: str) -> str:
    """A record such as `item_weight: { unit:pounds, value:1.8 }` as `item weight: 1.8 pounds`.

    What is not a record, such as a sentence of a review, stays as it is.
    """
    if _RECORD.match(snippet):
        snippet = _UNIT_FIRST.sub(r"\2 \1", _TWICE.sub("", snippet))
        snippet = _MARKS.sub(" ", snippet).replace(" ,", ",").rstrip(" ,")
    return _SPACES.sub(" ", snippet).strip()


def question_hash(question: str) -> str:
    """16 hex digits that two spellings of one question share: case, width, spaces do not count."""
    plain = _SPACES.sub(" ", unicodedata.normalize("NFKC", question).lower()).strip()
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()[:16]
