"""Which product and which variant a sentence speaks of, and where."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Generic, NamedTuple, TypeVar

from assistant.turn.evidence import Evidence
from assistant.turn.grounding.once import once_each
from assistant.turn.grounding.wordings import plain
from retrieval.catalog import Attribute, Product, Variant

# What is left of am, is or would after its apostrophe is no size: I'm afraid XL is gone.
_PIECE = re.compile(r"[0-9]+(?:\.[0-9]+)?|[a-z]+|'(?:m|s|d|t|l)(?![a-z])|[^\sa-z0-9]")
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
T = TypeVar("T")


class Ways(Generic[T]):
    """Squeezed ways of writing something, each with what it stands for, ready to be found."""

    __slots__ = ("first", "longest", "meant")

    def __init__(self, meant: Mapping[str, T]) -> None:
        self.meant = meant
        self.longest = max(map(len, meant), default=0)
        self.first = frozenset(way[:1] for way in meant)


def squeezed(text: str) -> str:
    """`text` without its spaces: 500 ml is written 500ml too."""
    return "".join(text.split())


@lru_cache(maxsize=256)
def _pieces(text: str) -> list[tuple[int, int, str]]:
    return [(m.start(), m.end(), m.group()) for m in _PIECE.finditer(text)]


def find(text: str, ways: Ways[T]) -> list[tuple[int, int, T]]:
    """Where `text` (normal) holds one of `ways`, whatever its spaces, and what that stands for.

    Words and numbers are found whole; of two that start at one place the longer, of two that
    overlap the first.
    """
    found: list[tuple[int, int, T]] = []
    meant, longest, first = ways.meant, ways.longest, ways.first
    pieces, at = (() if first.isdisjoint(text) else _pieces(text)), 0
    while at < len(pieces):
        if pieces[at][2][0] not in first:
            at += 1
            continue
        run, best, way = "", 0, ""
        for to in range(at, len(pieces)):
            run += pieces[to][2]
            if len(run) > longest:
                break
            if run in meant:
                best, way = to + 1, run
        if best:
            found.append((pieces[at][0], pieces[best - 1][1], meant[way]))
        at = best or at + 1
    return found


@lru_cache(maxsize=512)
def _ways(names: Names) -> Ways[int]:
    """Every way of naming the products whose titles and aliases are `names`, by their place."""
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
    return Ways(ways)


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
    ways = _ways(tuple(_names(product) for product in evidence.products))
    return [Mention(a, b, evidence.products[at]) for a, b, at in find(text, ways)]


@once_each
def _names(product: Product) -> tuple[str, ...]:
    """Its titles and aliases in normal form."""
    names = (plain(name) for name in (*product.title.every(), *product.aliases))
    return tuple(dict.fromkeys(name for name in names if name))


def masked(text: str, mentions: Iterable[Mention]) -> str:
    """`text` with the names of products blotted out, so that their digits are not figures."""
    for start, end, _ in mentions:
        text = text[:start] + "\u25a1" * (end - start) + text[end:]
    return text


Choice = tuple[str, str]


@once_each
def _options(product: Product) -> Ways[frozenset[Choice]]:
    """Every way of writing a value of its options, with the choices that it may be."""
    meant: dict[str, set[Choice]] = {}
    for variant in product.variants:
        for option in variant.options:
            for wording in option.value.every():
                meant.setdefault(squeezed(plain(wording)), set()).add(_choice(option))
    return Ways({way: frozenset(choices) for way, choices in meant.items()})


@once_each
def _choices(product: Product) -> tuple[dict[str, str], ...]:
    """Of each variant, the value by the name of the option."""
    return tuple(dict(map(_choice, variant.options)) for variant in product.variants)


def _choice(option: Attribute) -> Choice:
    return plain(option.name.say("zh")), plain(option.value.say("zh"))


def option_spans(text: str, product: Product) -> list[tuple[int, int]]:
    """Where `text` (normal) names options of the product."""
    return [(start, end) for start, end, _ in find(text, _options(product))]


def variants_named(scope: str, product: Product) -> tuple[Variant, ...]:
    """The variants that the option values in `scope` (normal) leave; empty where it has none."""
    wanted: dict[str, set[str]] = {}
    for _, _, choices in find(scope, _options(product)):
        for name, value in choices:
            wanted.setdefault(name, set()).add(value)
    if not wanted:
        return ()
    return tuple(
        variant
        for variant, chosen in zip(product.variants, _choices(product), strict=True)
        if all(chosen[name] in values for name, values in wanted.items() if name in chosen)
    )


def named_in(mentions: Sequence[Mention], start: int, end: int) -> list[Product]:
    """The products named between `start` and `end`, each once, in order."""
    found = {m.product.id: m.product for m in mentions if start <= m.start < end}
    return list(found.values())
