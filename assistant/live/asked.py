"""What a question asks, in a form in which two questions can be compared.

A question is a set of concepts (what it is about), of details (which colour, size, material, place,
person), of figures, and the words that nothing explains. The concepts are data: `concepts.toml`
and `details.toml` beside this module.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from assistant.live.folding import fold, mended
from assistant.live.homophones import respelled, syllable
from assistant.turn.understanding import Understanding
from retrieval.amounts import read_amounts
from retrieval.terms import stem

_BLANK = "\ue000"
_HAN = re.compile(r"[\u3400-\u9fff]+")
_WORD = re.compile(r"[a-z]+\d*[a-z]*|\d+(?:\.\d+)?[a-z]*")
_HAVE = re.compile(
    rf"有(?:没有)?|还剩|\b(?:have|has|got|come|comes|carry|sell|any|available"
    rf"|is there|are there|in)\b|出{_BLANK}"
)
_CHOICE = re.compile(r"哪|还是|好|which|better|or\b")
_NOT_ASKED_TWICE = re.compile(r"(.)不\1")
_EMPTY = frozenset(
    (
        "how_is",
        "introduce",
        "suits",
        "compatible",
        "price_money",
        "ship",
        "quality",
        "effect",
        "dimension",
    )
)
_CONCEPTS_FIRST = frozenset(
    "looks_slim looks_fat looks_fair looks_tall looks_old white_cast second_half returns size_fit"
    " student_discount price_original color_which feeding_age bag_included individual_pack"
    " store_name".split()
)
_ONE = {
    "how_to_buy": "link", "bargain": "discount", "return_generic": "returns",
}  # fmt: skip
_PERSONS = (
    "for_",
    "skin_",
    "pregnant",
    "diabetic",
    "large_size",
    "small_person",
    "tall_person",
    "act_",
)
_TODAY_SAYS_NOTHING = frozenset(
    ("price_money", "discount", "stock", "coupon", "link", "gift", "price_original")
)


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


@dataclass(frozen=True, slots=True)
class _Grammar:
    of_oneself: re.Pattern[str]
    negation: re.Pattern[str]
    function_zh: re.Pattern[str]
    item_zh: re.Pattern[str]
    stop_en: frozenset[str]
    item_en: frozenset[str]


@lru_cache(maxsize=1)
def _grammar() -> _Grammar:
    source = files("assistant.live").joinpath("grammar.toml").read_text(encoding="utf-8")
    words = tomllib.loads(source)
    return _Grammar(
        of_oneself=re.compile("|".join(words["of_oneself"])),
        negation=re.compile("|".join(words["not"])),
        function_zh=re.compile("|".join(words["function_zh"])),
        item_zh=re.compile("|".join(words["item_zh"])),
        stop_en=frozenset(words["stop_en"].split()),
        item_en=frozenset(words["item_en"].split()),
    )


@lru_cache(maxsize=1)
def _tables() -> tuple[list[tuple[str, re.Pattern[str]]], list[tuple[str, re.Pattern[str]]]]:
    found = []
    for name in ("details.toml", "concepts.toml"):
        source = files("assistant.live").joinpath(name).read_text(encoding="utf-8")
        table = []
        for concept, words in tomllib.loads(source).items():
            english = rf"(?<![a-z])(?:{'|'.join(words['en'])})(?![a-z])" if words["en"] else ""
            table.append(
                (
                    concept,
                    re.compile("|".join(filter(None, [*words["zh"], english]))),
                )
            )
        found.append(table)
    # General words come last: what they match must not be part of something particular.
    return found[0], sorted(found[1], key=lambda table: table[0].endswith("/weak"))


@lru_cache(maxsize=1)
def known_words() -> frozenset[str]:
    """The English words that the concepts know."""
    words = {
        w
        for table in _tables()
        for _, form in table
        for w in re.findall(r"(?<!\\)[a-z]{3,}", form.pattern)
    }
    return frozenset(words | _grammar().stop_en | _grammar().item_en)


def read_asked(text: str, understanding: Understanding | None = None) -> Asked:
    """What `text` asks; with its understanding also of which product and within which limits."""
    folded = fold(text)
    concepts, details, figures, left = _scan(folded)
    strange = _strange(left)
    if strange:
        spelled = respelled(folded, strange)
        if re.search("[a-z]{4}", left):
            spelled = re.sub("[a-z]+", lambda m: mended(m[0], known_words()), spelled)
        if spelled != folded:
            concepts, details, figures, left = _scan(spelled)
    own = _grammar().of_oneself.search(folded) is not None
    if understanding is not None and "order" in understanding.intents[:1] and not concepts & _SHOPS:
        own = True
    return Asked(
        folded=folded,
        key=None if own else _key(understanding),
        concepts=frozenset(concepts),
        details=frozenset(d for d in details if not d.startswith("item_")),
        items=frozenset(d for d in details if d.startswith("item_")),
        figures=figures,
        rest=_rest(left),
    )


_SHOPS = frozenset(
    ("ship_when", "delivery_when", "ship_from", "courier", "returns", "shipping_fee")
)


def _key(understanding: Understanding | None) -> tuple[object, ...]:
    if understanding is None:
        return ()
    limits = understanding.constraints
    return (
        understanding.product_ids,
        tuple(sorted(understanding.variant_ids)),
        (limits.price_min, limits.price_max, limits.currency),
        understanding.quantity if understanding.quantity != 1 else None,
    )


def _scan(folded: str) -> tuple[set[str], set[str], tuple[str, ...], str]:
    """Concepts, details and figures of a folded text, and the text without their words."""
    details_table, concepts_table = _tables()
    left, details, concepts = folded, set(), set()
    for name, form in details_table:
        if form.search(left):
            details.add(name.partition("/")[0])
            left = form.sub(lambda m: _BLANK * len(m[0]), left)
    figures, spans = [], []
    for amount in read_amounts(left):
        spans.append((amount.start, amount.end))
        if amount.kind == "count" and amount.value == 1:
            continue
        unit = amount.unit if amount.kind not in ("count", "number") else ""
        figures.append(f"{amount.value.normalize():f}{unit}")
    weak = set()
    for name, form in concepts_table:
        if form.search(left):
            concept, _, how = name.partition("/")
            (weak if how == "weak" else concepts).add(_ONE.get(concept, concept))
            left = form.sub(lambda m: "\n" * len(m[0]), left)
    if _grammar().negation.search(_NOT_ASKED_TWICE.sub(" ", left)):
        details.add("not")
    _settle(concepts, weak, details, left)
    for start, end in spans:
        left = left[:start] + "\n" * (end - start) + left[end:]
    return concepts, details, tuple(sorted(set(figures))), left


def _settle(concepts: set[str], weak: set[str], details: set[str], left: str) -> None:
    """One reading for what is said in several ways, once all of it is known.

    `weak` are concepts of general words, which count only where nothing else was found.
    """
    shared = {d for d in details if d in _CONCEPTS_FIRST}
    details -= shared
    concepts |= shared
    if "feeding_age" in concepts:
        details -= {"for_kids", "for_baby"}
    if details & {"large_size", "small_person", "tall_person"}:
        details -= {"for_women", "for_men"}
    if sum(d.startswith("color_") for d in details) > 1 and _CHOICE.search(left):
        concepts.clear()
        concepts.add("color_which")
    if concepts <= {"stock"} and weak & {"ship"}:
        if any(d.startswith("in_") for d in details):
            concepts.add("ship_to")
        elif any(d.startswith("on_") for d in details):
            concepts.add("ship_when")
    asks_whether_there_is = concepts == {"stock"} or not concepts
    if asks_whether_there_is and any(d.startswith(_PERSONS) for d in details):
        concepts.clear()
        concepts.add("suits")
    elif asks_whether_there_is and any(d.startswith("fit_") for d in details):
        concepts.clear()
        concepts.add("compatible")
    elif concepts - {"stock"}:
        concepts.discard("stock")
    elif not concepts and weak:
        concepts |= {next((w for w in weak if w not in _EMPTY), min(weak))}
    elif not concepts and (details or _HAN.search(left)) and _HAVE.search(left):
        concepts.add("stock")
    if concepts & _TODAY_SAYS_NOTHING:
        details.discard("on_today")


def _strange(left: str) -> list[tuple[int, int]]:
    """Where words stand that neither a concept nor grammar explains."""
    rest = _grammar().item_zh.sub(_blank, _grammar().function_zh.sub(_blank, left))
    spans = [m.span() for m in _HAN.finditer(rest)]
    spans += [
        m.span() for m in _WORD.finditer(rest) if m[0] not in _grammar().stop_en and m[0].isalpha()
    ]
    return spans


def _blank(match: re.Match[str]) -> str:
    return "\n" * len(match[0])


def _rest(left: str) -> tuple[str, ...]:
    plainer = _grammar().function_zh.sub(_blank, _grammar().item_zh.sub(_blank, left))
    words = [syllable(char) for run in _HAN.findall(plainer) for char in run]
    for match in _WORD.finditer(plainer):
        word = stem(match[0])
        if (
            match[0] not in _grammar().stop_en
            and word not in _grammar().stop_en
            and word not in _grammar().item_en
            and not match[0].isdigit()
        ):
            words.append("=" + word)
    return tuple(words)
