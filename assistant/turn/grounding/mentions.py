"""Which product and which variant a sentence speaks of, and where."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from assistant.turn.evidence import Evidence
from assistant.turn.grounding.wordings import plain
from retrieval.catalog import Product, Variant

_PIECE = re.compile(r"[0-9]+(?:\.[0-9]+)?|[a-z]+|[^\sa-z0-9]")
_WORD = re.compile(r"\s+|(?<=[\u4e00-\u9fff])(?=[a-z0-9])|(?<=[a-z0-9])(?=[\u4e00-\u9fff])")
_HAN = re.compile(r"[\u4e00-\u9fff]{2,}")
# A word of a title that describes and does not name.
_WORDS_DESCRIBES = (
    "light lightweight heavy heavyweight thick thin natural fine quick high low speed built in "
    "with and for the set pack pairs pieces sheets bags boxes gift portable wireless true "
    "waterproof folding magnetic women men kids new early spring summer daily double wall"
)
_DESCRIBES = frozenset(_WORDS_DESCRIBES.split())


class Mention(NamedTuple):
    """Where a sentence names a product in play."""

    start: int
    end: int
    product: Product


Names = tuple[tuple[str, ...], ...]


def squeezed(text: str) -> str:
    """`text` without its spaces: 500 ml is written 500ml too."""
    return "".join(text.split())


@lru_cache(maxsize=256)
def _pieces(text: str) -> list[tuple[int, int, str]]:
    return [(m.start(), m.end(), m.group()) for m in _PIECE.finditer(text)]


def find(text: str, ways: Collection[str]) -> list[tuple[int, int, str]]:
    """Where `text` (normal) holds one of the squeezed `ways`, whatever its spaces.

    Words and numbers are found whole; of two that start at one place the longer, of two that
    overlap the first.
    """
    pieces = _pieces(text)
    longest = max(map(len, ways), default=0)
    first = {way[:1] for way in ways}
    found, at = [], 0
    while at < len(pieces):
        if pieces[at][2][0] not in first:
            at += 1
            continue
        run, best = "", 0
        for to in range(at, len(pieces)):
            run += pieces[to][2]
            if len(run) > longest:
                break
            if run in ways:
                best = to + 1
        if best:
            start, end = pieces[at][0], pieces[best - 1][1]
            found.append((start, end, squeezed(text[start:end])))
        at = best or at + 1
    return found


@lru_cache(maxsize=512)
def _ways(names: Names) -> dict[str, int]:
    """Every way of naming the products whose titles and aliases are `names`, squeezed."""
    whole = [tuple(squeezed(name) for name in own) for own in names]
    ways: dict[str, int] = {}
    for at, own in enumerate(whole):
        for name in own:
            ways.setdefault(name, at)
    for at, own in enumerate(names):
        others = [name for n, other in enumerate(whole) if n != at for name in other]
        for short in dict.fromkeys(squeezed(s) for name in own for s in _shorter(name)):
            if not any(short in other for other in others):
                ways.setdefault(short, at)
    return ways


def _shorter(name: str) -> Iterable[str]:
    """Pieces of a title that name it where no other title has them: Air 2, 保温杯, jar."""
    tokens = [token for token in _WORD.split(name) if token]
    for first in range(len(tokens)):
        for last in range(first + 1, min(len(tokens), first + 8) + 1):
            piece = [t.strip("(),'\"") for t in tokens[first:last]]
            short = " ".join(piece)
            wordy = [
                t
                for t in piece
                if not t[:1].isdigit()
                and t not in _DESCRIBES
                and (len(t) > 2 or not t.isascii() or any(map(str.isdigit, t)))
            ]
            if len(wordy) == 0 or (len(piece) == 1 and len(short) < 3 and short.isascii()):
                continue
            if len(short) >= 2:
                yield short
    for run in _HAN.findall(name):
        yield from (run[-n:] for n in (2, 3, 4) if len(run) > n)


def mentioned(text: str, evidence: Evidence) -> list[Mention]:
    """The products in play that `text` (normal) names, in the order it does.

    A title inside a longer title that is named in the same place is not named itself.
    """
    names = tuple(
        tuple(dict.fromkeys(plain(n) for n in (*p.title.every(), *p.aliases) if plain(n)))
        for p in evidence.products
    )
    ways = _ways(names)
    return [Mention(a, b, evidence.products[ways[way]]) for a, b, way in find(text, ways)]


def masked(text: str, mentions: Iterable[Mention]) -> str:
    """`text` with the names of products blotted out, so that their digits are not figures."""
    for start, end, _ in mentions:
        text = text[:start] + "\u25a1" * (end - start) + text[end:]
    return text


def option_spans(text: str, product: Product) -> list[tuple[int, int]]:
    """Where `text` (normal) names options of the product."""
    ways = {
        squeezed(plain(w)) for v in product.variants for o in v.options for w in o.value.every()
    }
    return [(start, end) for start, end, _ in find(text, ways)]


def variants_named(scope: str, product: Product) -> tuple[Variant, ...]:
    """The variants that the option values in `scope` (normal) leave; empty where it has none."""
    wanted: dict[str, set[str]] = {}
    values = {
        (plain(o.name.say("zh")), plain(o.value.say("zh"))): tuple(
            squeezed(plain(w)) for w in o.value.every()
        )
        for v in product.variants
        for o in v.options
    }
    found = {way for _, _, way in find(scope, {w for ways in values.values() for w in ways})}
    for (name, value), ways in values.items():
        if found.intersection(ways):
            wanted.setdefault(name, set()).add(value)
    if not wanted:
        return ()
    return tuple(
        v
        for v in product.variants
        if all(
            plain(o.value.say("zh")) in wanted[plain(o.name.say("zh"))]
            for o in v.options
            if plain(o.name.say("zh")) in wanted
        )
    )


def named_in(mentions: Sequence[Mention], start: int, end: int) -> list[Product]:
    """The products named between `start` and `end`, each once, in order."""
    found = {m.product.id: m.product for m in mentions if start <= m.start < end}
    return list(found.values())
