"""Which variants a question means, by the option words in it: 红色, L码, 500ml, 1.8米."""

from __future__ import annotations

import re
from functools import lru_cache

from retrieval.amounts import Amount, read_amounts
from retrieval.catalog import Variant
from retrieval.terms import plain

_NUMBER = re.compile(r"0?(\d+(?:\.\d+)?)")
_SHADE = re.compile(
    r"([黑白粉红蓝绿灰紫黄棕橙])色?$"
    r"|\b(?:black|white|pink|red|blue|green|gr[ae]y|purple|yellow|brown|orange|beige)$"
)

Options = tuple[tuple[str, tuple[tuple[str, ...], ...]], ...]
"""For each variant its id and, an option at a time, the wordings of the chosen value."""


def options_of(variants: tuple[Variant, ...]) -> Options:
    """What `said_variants` needs to know of a product's variants."""
    return tuple(
        (v.id, tuple(tuple(plain(w)[0].strip() for w in o.value.every()) for o in v.options))
        for v in variants
        if v.options
    )


def said_variants(options: Options, text: str, amounts: list[Amount]) -> tuple[str, ...]:
    """The variants that keep most of the option words in a plain text; () where none is said."""
    wordings = {w for _, values in options for value in values for w in value if w}
    left, said = text, set()
    for wording in sorted(wordings, key=len, reverse=True):
        match = _said(wording).search(left)
        if match is not None:
            said.add(wording)
            left = left[: match.start()] + "\n" * len(match[0]) + left[match.end() :]
        elif _measured(wording) & {(a.value, a.unit) for a in amounts if a.kind == "measure"}:
            said.add(wording)
    said |= {wording for wording in wordings - said if _short(wording).search(left)}
    if not said:
        return ()
    hits = {
        variant: sum(not said.isdisjoint(value) for value in values) for variant, values in options
    }
    most = max(hits.values())
    return tuple(variant for variant, count in hits.items() if count == most)


def sized_variants(options: Options, *, greatest: bool) -> tuple[str, ...]:
    """The variants of the greatest or the smallest size; () where sizes do not tell them apart."""
    sizes = {variant: _size(values) for variant, values in options}
    known = [size for size in sizes.values() if size is not None]
    if len(known) < len(sizes) or len(set(known)) < 2:
        return ()
    wanted = max(known) if greatest else min(known)
    return tuple(variant for variant, size in sizes.items() if size == wanted)


def _size(values: tuple[tuple[str, ...], ...]) -> float | None:
    """The number of the first option that begins with one."""
    found = (_NUMBER.match(wording) for value in values for wording in value)
    return next((float(match[1]) for match in found if match is not None), None)


@lru_cache(maxsize=4096)
def _measured(wording: str) -> frozenset[tuple[object, str]]:
    """The measure that an option value is, as in 500毫升; empty where it is more than that."""
    amounts = read_amounts(wording)
    if len(amounts) != 1 or amounts[0].kind != "measure" or amounts[0].text != wording:
        return frozenset()
    return frozenset({(amounts[0].value, amounts[0].unit)})


@lru_cache(maxsize=4096)
def _short(wording: str) -> re.Pattern[str]:
    """How a part says an option value: 24cm by its number, 02 砖红 by its word, 樱粉 by 粉的."""
    ways = []
    number = _NUMBER.match(wording)
    if number is not None:
        digits = re.escape(number[1])
        ways.append(
            rf"(?<![\d.¥$\u4e00-\u9fff])0?{digits}\s*(?:的|那|款|号|码|呢|床|寸|inch|m\b)"
            rf"|\b(?:the|size|in) {digits}(?![\d.]| ?(?:of|%|pieces|yuan|days?|left))"
            rf"|^\W*0?{digits}\W*$"
        )
        word = wording[number.end() :].strip()
        if len(word) > 1 and wording[number.end()] == " ":
            ways.append(rf"(?<![a-z]){re.escape(word)}(?![a-z])")
    shade = _SHADE.search(wording)
    if shade is not None and shade[0].isascii():
        ways.append(rf"\b{shade[0]}\b")
    elif shade is not None:
        ways.append(rf"{shade[1]}(?:色|的|款|那)|^\W*{shade[1]}\W*$")
    return re.compile("|".join(ways) or r"(?!)")


@lru_cache(maxsize=4096)
def _said(wording: str) -> re.Pattern[str]:
    """How an option value is said: 红色 as 红的, L as L码 or size L, 500ml as 500 ml."""
    if wording.endswith("色") and len(wording) > 1:
        return re.compile(rf"{re.escape(wording[:-1])}(?:色|的|款)")
    loose = re.sub(r"(?<=\d)\s*(?=[a-z])", r"\\s*", r"\s*".join(map(re.escape, wording.split())))
    head = tail = ""
    if wording[0].isascii() and wording[0].isalnum():
        head = r"(?<![\d.])" if wording[0].isdigit() else "(?<![a-z])"
    if wording[-1].isascii() and wording[-1].isalnum():
        tail = r"(?!\d|\.\d)" if wording[-1].isdigit() else "(?![a-z])"
    if len(wording) == 1:
        head, tail = r"(?<![a-z0-9'])", r"(?![a-z0-9])"
    return re.compile(head + loose + tail)
