"""Texts of a feed made safe to store, show and put in a prompt: plain, visible, capped."""

from __future__ import annotations

import html
import re

from retrieval.catalog import Text
from retrieval.feeds.rows import FieldRefused

LONGEST_RAW = 65_536
PASSES = 4
EMPTY = Text()

# Controls, bidi marks and overrides, zero-width and tag characters, lone surrogates: what
# cannot be seen can only mislead. Joiners stay, emoji and several scripts need them.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
# What an orderly line has none of: such a line needs no further look.
_SUSPECT = re.compile(
    "[<&\x00-\x1f\x7f-\xa0\u00ad\u061c\u1680\u2000-\u200b\u200e\u200f\u2028-\u202f"
    "\u205f-\u206f\u3000\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]|  |^ | $"
)
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_LINE_END = re.compile("\r\n|[\r\x85\u2028\u2029]")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_INLINE = "a|abbr|b|bdi|bdo|big|cite|code|del|em|font|i|img|input|ins|kbd|label|mark|q|s|samp"
_INLINE += "|small|span|strike|strong|sub|sup|svg|time|tt|u|var|wbr|button|path|source|picture"
_BLOCK = "address|article|aside|blockquote|body|br|caption|center|col|colgroup|dd|div|dl|dt"
_BLOCK += "|figcaption|figure|footer|form|h[1-6]|head|header|hr|html|iframe|li|link|main|meta"
_BLOCK += "|nav|object|ol|option|p|pre|section|select|table|tbody|td|tfoot|th|thead|title|tr|ul"
_BLOCK += "|video|audio|embed|noscript|summary|details"
_ATTRIBUTES = r"""(?=[\s/>])(?:[^<>"']|"[^"<]*"|'[^'<]*')*>"""
_INLINE_TAG = re.compile(rf"</?(?:{_INLINE}){_ATTRIBUTES}", re.I)
_BLOCK_TAG = re.compile(rf"</?(?:{_BLOCK}|script|style|template){_ATTRIBUTES}", re.I)
_UNREAD = re.compile(r"<!--|<!doctype\b|<(?:script|style|template)\b", re.I)


def clean(value: str, field: str, limit: int, *, lines: bool = False) -> str:
    """`value` as plain text: HTML and unseen characters gone, white space in order.

    With `lines` the line breaks stay, otherwise the text becomes one line. Cleaning twice
    changes nothing more. Raises FieldRefused beyond `limit` characters.
    """
    if len(value) > LONGEST_RAW:
        raise FieldRefused(field, value, f"at most {LONGEST_RAW:,} characters with its HTML")
    plain = value if not _SUSPECT.search(value) else _in_order(value, field, lines)
    if len(plain) > limit:
        raise FieldRefused(field, plain, f"at most {limit:,} characters, this has {len(plain):,}")
    return plain


def _in_order(value: str, field: str, lines: bool) -> str:
    plain = value
    for _ in range(PASSES):
        before, plain = plain, _one_pass(plain)
        if plain == before:
            break
    else:
        raise FieldRefused(field, value, "HTML escaped several times over; send plain text")
    if lines:
        rows = (" ".join(row.split()) for row in plain.split("\n"))
        return re.sub(r"\n{3,}", "\n\n", "\n".join(rows)).strip("\n")
    return " ".join(plain.split())


def _one_pass(text: str) -> str:
    if "<" in text:
        text = _INLINE_TAG.sub("", _BLOCK_TAG.sub("\n", _without_unread(text)))
    if "&" in text:
        text = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
    return _UNSEEN.sub("", _LINE_END.sub("\n", text))


def _without_unread(text: str) -> str:
    """`text` less what a browser does not show: comments, scripts, styles, templates."""
    lower = text.lower()
    if len(lower) != len(text):  # a few letters grow in lower case and would shift the places
        lower = text
    kept, start = [], 0
    while opening := _UNREAD.search(text, start):
        name = opening[0].lower()
        closing = {"<!--": "-->", "<!doctype": ">"}.get(name, f"</{name[1:]}>")
        end = lower.find(closing, opening.end())
        if end < 0:
            break
        kept.append(text[start : opening.start()])
        start = end + len(closing)
    return " ".join([*kept, text[start:]])


def in_its_language(text: str) -> Text:
    """A text of unnamed language: Chinese where it holds a Han character, else English."""
    if not text:
        return EMPTY
    return Text(en=text) if text.isascii() or not _HAN.search(text) else Text(zh=text)
