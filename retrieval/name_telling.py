"""What tells one product from another whose name the text holds too: codes, figures, words beside.

胖墩750 is not the 500 ml mug that is called 胖墩, and 65w充电头 not the charger of 30 W.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from retrieval.amounts import Amount, read_amounts
from retrieval.name_index import Name, NameIndex
from retrieval.options import Options
from retrieval.scaffold import SCAFFOLD_ZH
from retrieval.terms import CODE, compact, is_word, terms

_CODED = 0.8
_LEAST_FIGURE = 10  # smaller bare numbers count pieces or places
_BESIDE = 0.9
_MOST_RIVALS = 3
_BESIDE_NAME = 4  # characters before a name that may be part of a longer one
_HAN = "\u3400-\u9fff"
_GENERATION = re.compile(
    r"(?:第?([一二三四五六]|\d)代)|\bgen(?:eration)? ?(\d)\b|\b(\d)(?:st|nd|rd|th) gen"
)
_BOUND_AFTER = re.compile(
    r"\s*(?:以内|以下|以上|之内|之下|内|左右|上下|块|元|多|来|%|折|or less|or under)"
)
_BOUND_BEFORE = re.compile(
    r"(?:预算|不超过|低于|少于|高于|超过|大概|大约|约|under|below|over|above|than|around|about|budget"
    r"|up to|within|[$¥£€])\s*$"
)
_DIGITS = re.compile(r"\d+")
_COUNTED = re.compile(rf"\d+[{_HAN}]")
_PLACES_ZH = {char: str(at) for at, char in enumerate("零一二三四五六")}


class NameMatch(NamedTuple):
    """One product that a text may mean; `span` is where its name stands in the text as it came.

    `exact`: a whole title or alias stands in the text, and no longer name around it.
    `variant_ids`: the variants whose option words stand in the text; empty for no particular one.
    """

    product_id: str
    variant_ids: tuple[str, ...]
    score: float
    exact: bool
    span: tuple[int, int]


class _Figure(NamedTuple):
    key: str
    span: tuple[int, int]


class Known(NamedTuple):
    """What is known of the shop's names: the index, a product's names and its options."""

    found_in: NameIndex
    names: Callable[[str], Sequence[Name]]
    options: Callable[[str], Options]


def told_apart(
    said: str, amounts: Sequence[Amount], found: Sequence[NameMatch], known: Known
) -> list[NameMatch]:
    """The matches of a plain text, each moved to the product that what else is said tells apart."""
    matches = [_with_word_beside(said, match, known) for match in _coded(said, found, known)]
    figures = _figures_said(said, amounts)
    if figures:
        matches = _by_figures(said, figures, matches, known)
    best: dict[str, NameMatch] = {}
    for match in matches:
        before = best.get(match.product_id)
        if before is None or (before.exact, before.score) < (match.exact, match.score):
            best[match.product_id] = match
    return list(best.values())


def _coded(said: str, found: Sequence[NameMatch], known: Known) -> list[NameMatch]:
    """The matches, without those that a model's code tells from the one it belongs to."""
    kept = list(found)
    for code in CODE.finditer(said):
        letters = compact(code[0])[0]
        having = {
            match.product_id
            for match in kept
            if any(letters in name.compact for name in known.names(match.product_id))
        }
        if len(having) != 1:
            continue
        kept = [
            match._replace(score=max(match.score, _CODED)) if match.product_id in having
            else match
            for match in kept
            if match.product_id in having
            or not (match.span[0] < code.end() and code.start() < match.span[1])
        ]  # fmt: skip
    return kept


def _with_word_beside(said: str, match: NameMatch, known: Known) -> NameMatch:
    """儿童吸管杯 is the product whose name ends so, and not the one called 吸管杯."""
    if not match.exact:
        return match
    start, end = match.span
    run = re.search(rf"[{_HAN}]{{2,8}}$", said[:start])
    beside = SCAFFOLD_ZH.split(run[0])[-1][-_BESIDE_NAME:] if run else ""
    if not re.match(f"[{_HAN}]", said[start:end]):
        return match
    for size in range(len(beside), 1, -1):
        piece = compact(said[start - size : end])[0]
        weights = {t.key: known.found_in.weight(t.key) for t in terms(said[start - size : end])}
        ending = re.compile(rf"{re.escape(piece)}(?:\d|$)")
        having = {
            n.product_id for n in known.found_in.candidates(weights) if ending.search(n.compact)
        }
        if having == {match.product_id}:
            return match
        if len(having) == 1:
            return match._replace(product_id=having.pop(), span=(start - size, end))
    return match


def _by_figures(
    said: str, figures: Sequence[_Figure], found: Sequence[NameMatch], known: Known
) -> list[NameMatch]:
    claimed = {f.key for f in figures for m in found if f.key in _held(m.product_id, known)}
    kept: list[NameMatch] = []
    for match in found:
        held = _held(match.product_id, known)
        rivals: dict[str, _Figure] = {}
        for figure in figures:
            inside = match.span[0] <= figure.span[0] and figure.span[1] <= match.span[1]
            if figure.key not in held and not (inside and match.exact):
                rivals |= dict.fromkeys(_rivals(said, match, figure, known), figure)
        told = {figure.key for figure in rivals.values()}
        own = any(figure.key in held for figure in figures)
        alone = bool({f.key for f in figures} - told - claimed)  # a figure that may still be its
        if not rivals or own or alone:
            kept.append(match)
        for product_id, figure in rivals.items():
            if own or alone:
                kept.append(
                    match._replace(
                        product_id=product_id, score=_BESIDE * match.score, span=figure.span
                    )
                )
            else:
                kept.append(match._replace(product_id=product_id))
    return kept


def _rivals(said: str, match: NameMatch, figure: _Figure, known: Known) -> Iterable[str]:
    """Other products whose names have the figure, and every word of the match."""
    words = {t.key for t in terms(said[slice(*match.span)]) if is_word(t.key)}
    if not words:
        return []
    weights = {word: known.found_in.weight(word) for word in words}
    having = dict.fromkeys(name.product_id for name in known.found_in.candidates(weights))
    return [
        product_id
        for product_id in having
        if product_id != match.product_id
        and words <= frozenset().union(*(n.keys | n.extra for n in known.names(product_id)))
        and figure.key in frozenset().union(*map(_figures_of, _wordings(product_id, known)))
    ][:_MOST_RIVALS]


def _wordings(product_id: str, known: Known) -> list[str]:
    return [name.compact for name in known.names(product_id)]


def _held(product_id: str, known: Known) -> frozenset[str]:
    """The figures in a product's names and in what its variants are chosen by."""
    wordings = _wordings(product_id, known)
    wordings += [w for _, values in known.options(product_id) for value in values for w in value]
    return frozenset().union(*map(_figures_of, wordings))


def _figures_said(said: str, amounts: Sequence[Amount]) -> list[_Figure]:
    found = [_Figure(_generation(m), m.span()) for m in _GENERATION.finditer(said)]
    taken = [figure.span for figure in found]
    for amount in amounts:
        span = (amount.start, amount.end)
        if any(start < span[1] and span[0] < end for start, end in taken):
            continue
        if _BOUND_AFTER.match(said, amount.end) or _BOUND_BEFORE.search(said[: amount.start]):
            continue
        if amount.kind == "measure":
            found.append(_Figure(f"{amount.value.normalize():f}{amount.unit}", span))
        elif amount.kind == "count" and amount.value > 1:
            found.append(_Figure(f"{amount.value.normalize():f}{amount.unit[:1]}", span))
        elif amount.kind == "number" and amount.value >= _LEAST_FIGURE:
            found.append(_Figure(f"{amount.value.normalize():f}", span))
    return found


def _generation(match: re.Match[str]) -> str:
    said = next(filter(None, match.groups()))
    return f"gen {_PLACES_ZH.get(said, said)}"


@lru_cache(maxsize=16384)
def _figures_of(wording: str) -> frozenset[str]:
    """The figures in one wording: measures, numbers with what they count, generations."""
    found = {_generation(m) for m in _GENERATION.finditer(wording)}
    if _DIGITS.search(wording):
        found |= {f"{int(m[0])}" for m in _DIGITS.finditer(wording)}
        found |= {m[0] for m in _COUNTED.finditer(wording)}
        measures = (a for a in read_amounts(wording) if a.kind == "measure")
        found |= {f"{a.value.normalize():f}{a.unit}" for a in measures}
    return frozenset(found)
