"""What a question asks, in a form in which two questions can be compared.

A question is a set of concepts (what it is about), of details (which colour, size, material, place,
person), of figures, and the words that nothing explains.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from assistant.live.concepts import HAN, grammar, known_words, scan
from assistant.live.folding import fold, mended
from assistant.live.homophones import respelled, syllable
from assistant.turn.understanding import Understanding
from retrieval.terms import stem

_WORD = re.compile(r"[a-z]+\d*[a-z]*|\d+(?:\.\d+)?[a-z]*")


@dataclass(frozen=True, slots=True)
class Asked:
    """What one question asks.

    `key` must be equal before texts may be compared: products meant, variants, limits, quantity;
    None where the answer is one viewer's own (what suits them, their order) and never shared.
    `concepts`, `details`, `figures`: see the module. `items`: what the
    thing is called, which tells two questions apart only where both say it. `rest`: what nothing
    explains, Chinese as
    syllables, English as stems.
    """

    folded: str
    key: tuple[object, ...] | None
    concepts: frozenset[str]
    details: frozenset[str]
    figures: tuple[str, ...]
    items: frozenset[str]
    rest: tuple[str, ...]


def read_asked(
    text: str, understanding: Understanding | None = None, on_air: str | None = None
) -> Asked:
    """What `text` asks; with its understanding also of which product and within which limits.

    A question that names no product is taken to be about `on_air`, the item shown now.
    """
    folded = fold(text)
    concepts, details, figures, left = scan(folded)
    strange = _strange(left)
    if strange:
        spelled = respelled(folded, strange)
        if re.search("[a-z]{4}", left):
            spelled = re.sub("[a-z]+", lambda m: mended(m[0], known_words()), spelled)
        if spelled != folded:
            concepts, details, figures, left = scan(spelled)
    own = grammar().of_oneself.search(folded) is not None
    if understanding is not None and understanding.intents[0] == "order" and not concepts:
        own = True
    return Asked(
        folded=folded,
        key=None if own else _key(understanding, on_air),
        concepts=frozenset(concepts),
        details=frozenset(d for d in details if not d.startswith("item_")),
        items=frozenset(d for d in details if d.startswith("item_")),
        figures=figures,
        rest=_rest(left),
    )


def _key(understanding: Understanding | None, on_air: str | None) -> tuple[object, ...]:
    if understanding is None:
        return (on_air,)
    limits = understanding.constraints
    products = understanding.product_ids or ((on_air,) if on_air else ())
    return (
        *products,
        understanding.unknown_reference,
        tuple(sorted(understanding.variant_ids)),
        (limits.price_min, limits.price_max, limits.currency),
    )


def _strange(left: str) -> list[tuple[int, int]]:
    """Where words stand that neither a concept nor grammar explains."""
    rest = grammar().item_zh.sub(_blank, grammar().function_zh.sub(_blank, left))
    spans = [m.span() for m in HAN.finditer(rest)]
    spans += [
        m.span() for m in _WORD.finditer(rest) if m[0] not in grammar().stop_en and m[0].isalpha()
    ]
    return spans


def _blank(match: re.Match[str]) -> str:
    return "\n" * len(match[0])


def _rest(left: str) -> tuple[str, ...]:
    plainer = grammar().function_zh.sub(_blank, grammar().item_zh.sub(_blank, left))
    words = [syllable(char) for run in HAN.findall(plainer) for char in run]
    for match in _WORD.finditer(plainer):
        word = stem(match[0])
        if (
            match[0] not in grammar().stop_en
            and word not in grammar().stop_en
            and word not in grammar().item_en
            and not match[0].isdigit()
        ):
            words.append("=" + word)
    return tuple(words)
