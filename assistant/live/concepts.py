"""What the words of a question are about: concepts, details and figures, by tables of patterns.

The concepts are data: `concepts.toml` and `details.toml` beside this module; what stands around
them is `grammar.toml`.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from retrieval.amounts import read_amounts

_BLANK = "\ue000"
HAN = re.compile(r"[\u3400-\u9fff]+")
_HAVE = re.compile(
    rf"有(?:没有)?|还剩|\b(?:have|has|got|come|comes|carry|sell|any|available"
    rf"|is there|are there|in)\b|出{_BLANK}"
)
_CHOICE = re.compile(r"哪|还是|好|which|better|or\b")
_NOT_ASKED_TWICE = re.compile(r"(.)不\1")
_EMPTY = frozenset(
    (
        "how_is", "introduce", "suits", "compatible", "price_money", "ship", "length", "effect",
        "stock", "recommend", "can_hold",
    )
)  # fmt: skip
_CONCEPTS_FIRST = frozenset(
    (
        "looks_slim", "looks_fat", "looks_fair", "looks_tall", "looks_old", "white_cast",
        "second_half", "returns", "size_fit", "student_discount", "price_original", "color_which",
        "feeding_age", "bag_included", "individual_pack", "store_name",
    )
)  # fmt: skip
_ONE = {
    "how_to_buy": "link", "day_night": "use_order", "bargain": "discount",
    "return_generic": "returns",
}  # fmt: skip
_ABOUT = (
    ("for_", "suits"), ("skin_", "suits"), ("pregnant", "suits"), ("diabetic", "suits"),
    ("large_size", "suits"), ("small_person", "suits"), ("tall_person", "suits"),
    ("act_", "suits"), ("season_", "suits"), ("fit_", "compatible"), ("drink_", "can_hold"),
)  # fmt: skip
"""What a detail is asked about where the question says no more than the detail."""
_OUTWEIGHS: dict[str, frozenset[str]] = {
    "coupon_stack": frozenset(("discount", "coupon", "spend_save")),
    "coupon_where": frozenset(("discount", "coupon")),
    "limit_per_person": frozenset(("pieces",)),
    "speed_levels": frozenset(("pieces",)),
    "seats": frozenset(("pieces", "capacity")),
    "max_load": frozenset(("weight", "size_max")),
    "color_which": frozenset(("compare_items", "color_list", "looks_fair", "recommend", "taste")),
    "looks_fair": frozenset(("color_list",)),
    "top_length": frozenset(("price_money",)),
    "breathable": frozenset(("opaque",)),
    "shipping_private": frozenset(("packaging_gift",)),
    "warm": frozenset(("season", "season_winter")),
    "cool": frozenset(("season", "season_summer")),
    "delivery_when": frozenset(("ship_to", "ship_when")),
    "bag_included": frozenset(("as_gift", "gift", "stock")),
    "packaging_gift": frozenset(("as_gift", "gift")),
    "individual_pack": frozenset(("assembly", "adj_small", "pieces")),
    "store_name": frozenset(("store_offline", "model_name")),
    "feeding_age": frozenset(("for_kids", "for_baby", "suits", "dimension")),
    "keep_warm": frozenset(("warm", "pieces")),
    "size_l": frozenset(("large_size",)),
    "large_size": frozenset(("for_women", "for_men", "adj_big")),
    "small_person": frozenset(("for_women", "for_men", "adj_small")),
    "price_original": frozenset(("price_money", "discount", "price_includes_offer")),
    "offer_when": frozenset(("price_money", "discount")),
    "cannot_buy": frozenset(("why", "not", "link")),
    "installer": frozenset(("assembly", "contents")),
    "host_size": frozenset(("size_list",)),
    "host_color": frozenset(("color_list",)),
    "sugar_free": frozenset(("sugar", "not")),
}
"""Concepts and details that make others say nothing more."""
_TODAY_SAYS_NOTHING = frozenset(
    ("price_money", "discount", "stock", "coupon", "link", "gift", "price_original")
)


@dataclass(frozen=True, slots=True)
class Grammar:
    of_oneself: re.Pattern[str]
    negation: re.Pattern[str]
    function_zh: re.Pattern[str]
    item_zh: re.Pattern[str]
    stop_en: frozenset[str]
    item_en: frozenset[str]


@lru_cache(maxsize=1)
def grammar() -> Grammar:
    source = files("assistant.live").joinpath("grammar.toml").read_text(encoding="utf-8")
    words = tomllib.loads(source)
    return Grammar(
        of_oneself=re.compile("|".join(words["of_oneself"])),
        negation=re.compile("|".join(words["not"])),
        function_zh=re.compile("|".join(words["function_zh"])),
        item_zh=re.compile("|".join(words["item_zh"])),
        stop_en=frozenset(words["stop_en"].split()),
        item_en=frozenset(words["item_en"].split()),
    )


class _Table(NamedTuple):
    """One concept: its patterns for texts with Chinese characters and with Latin letters.

    `fill` stands in for each character that it explains.
    """

    name: str
    zh: re.Pattern[str] | None
    en: re.Pattern[str] | None
    fill: str

    def blank(self, text: str, han: bool, latin: bool) -> str:
        """`text` without what the concept explains; the text itself where it explains nothing."""
        # Asked some five hundred times a question: no work but the search where nothing is found.
        if han and self.zh is not None and self.zh.search(text):
            text = self.zh.sub(self._filled, text)
        if latin and self.en is not None and self.en.search(text):
            text = self.en.sub(self._filled, text)
        return text

    def _filled(self, match: re.Match[str]) -> str:
        return self.fill * len(match[0])


@lru_cache(maxsize=1)
def _tables() -> tuple[list[_Table], list[_Table]]:
    found = []
    for name, kind in (("details.toml", "/detail"), ("concepts.toml", "")):
        source = files("assistant.live").joinpath(name).read_text(encoding="utf-8")
        table = []
        for concept, words in tomllib.loads(source).items():
            zh = re.compile("|".join(words["zh"])) if words["zh"] else None
            english = rf"(?<![a-z])(?:{'|'.join(words['en'])})(?![a-z])"
            en = re.compile(english) if words["en"] else None
            whole = concept.partition("/")[0] + kind if kind else concept
            fill = _BLANK if whole.endswith("/detail") else "\n"
            table.append(_Table(whole, zh, en, fill))
        found.append(table)
    # General words come last: what they match must not be part of something particular.
    last = ("", "/weak", "price_money/weak")
    return found[0], sorted(found[1], key=lambda t: [t.name.endswith(end) for end in last])


@lru_cache(maxsize=1)
def known_words() -> frozenset[str]:
    """The English words that the concepts know."""
    forms = [form.pattern for tables in _tables() for table in tables if (form := table.en)]
    words = {word for form in forms for word in re.findall(r"(?<!\\)[a-z]{3,}", form)}
    return frozenset(words | grammar().stop_en | grammar().item_en)


def scan(folded: str) -> tuple[set[str], set[str], tuple[str, ...], str]:
    """Concepts, details and figures of a folded text, and the text without their words."""
    details_tables, concepts_tables = _tables()
    han, latin = HAN.search(folded) is not None, re.search("[a-z]", folded) is not None
    left, details, concepts, items = folded, set(), set(), folded
    for table in details_tables:
        name = table.name.partition("/")[0]
        if name.startswith("item_"):
            without = table.blank(items, han, latin)
            if without != items:
                details.add(name)
                items = without
            continue
        without = table.blank(left, han, latin)
        if without != left:
            details.add(name)
            left = without
    figures, spans = [], []
    for amount in read_amounts(left):
        spans.append((amount.start, amount.end))
        if amount.kind == "count" and amount.value == 1:
            continue
        unit = amount.unit if amount.kind not in ("count", "number") else ""
        figures.append(f"{amount.value.normalize():f}{unit}")
    weak: list[str] = []
    for table in concepts_tables:
        without = table.blank(left, han, latin)
        if without != left:
            concept, _, how = table.name.partition("/")
            concept = _ONE.get(concept, concept)
            if how == "weak":
                weak.append(concept)
            else:
                concepts.add(concept)
            left = without
    spans += [m.span() for m in re.finditer(f"{_BLANK}+", items)]
    for match in _NOT_ASKED_TWICE.finditer(folded):
        spans.append(match.span())
    for start, end in spans:
        left = left[:start] + "\n" * (end - start) + left[end:]
    if grammar().negation.search(left):
        details.add("not")
    _settle(concepts, weak, details, left, bool(figures))
    return concepts, details, tuple(sorted(set(figures))), left


def _settle(
    concepts: set[str], weak: list[str], details: set[str], left: str, figures: bool
) -> None:
    """One reading for what is said in several ways, once all of it is known.

    `weak` are concepts of general words, which count only where nothing else was found.
    """
    if "size_max" in concepts:
        details.discard("large_size")
    if any(d.startswith("size_") for d in details) or figures:
        # In "is size L available" the word names no measure.
        weak[:] = [w for w in weak if w != "dimension" or len(weak) == 1]
        concepts -= {"dimension"}
    concepts |= details & _CONCEPTS_FIRST
    details -= _CONCEPTS_FIRST
    for concept in list(concepts):
        concepts -= _OUTWEIGHS.get(concept, frozenset())
        details -= _OUTWEIGHS.get(concept, frozenset())
    for detail in list(details):
        details -= _OUTWEIGHS.get(detail, frozenset())
    if any(detail.startswith("of_") for detail in details):
        concepts.discard("material")
    if sum(d.startswith("color_") for d in details) > 1 and _CHOICE.search(left):
        concepts.clear()
        concepts.add("color_which")
        weak.clear()
    if not concepts and "ship" in weak:
        if any(d.startswith("in_") for d in details):
            concepts.add("ship_to")
        elif any(d.startswith("on_") for d in details):
            concepts.add("ship_when")
    if not concepts:
        concepts |= {
            about for prefix, about in _ABOUT if any(d.startswith(prefix) for d in details)
        }
    if not concepts and weak:
        concepts.add(next((w for w in weak if w not in _EMPTY), weak[0]))
    if not concepts and (details or figures or HAN.search(left)) and _HAVE.search(left):
        concepts.add("stock")
    if concepts & _TODAY_SAYS_NOTHING:
        details.discard("on_today")
