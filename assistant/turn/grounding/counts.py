"""Counts: pieces left, pieces in a pack, how many there are to choose from."""

from __future__ import annotations

import re

from assistant.turn.grounding.said import Owner, Said
from assistant.turn.grounding.sums import pieces_of
from assistant.turn.grounding.written import figures_in, unit_of_count
from retrieval.amounts import Amount
from retrieval.units import KINDS_ZH

_LEFT = re.compile(
    r"剩|还有|库存|余|可售|可订|在库|账面|[仅只]有|"
    r"\bleft\b|remaining|in stock|\bstock\b|available|\bonly\b"
)
_VERSIONS_ZH = re.compile(r"\s*(?:不同)?的?(?:规格|颜色|尺码|版本|口味|型号)")
_PACK = frozenset(("of", "x", "×", "*", "pack", "pairs", "pieces", "sheets", "bags", "bottles"))
_BUY = re.compile(r"[买拍要带来选拿凑]|第|\b(?:buy|take|order|get|pick|any)\s+(?:\w+\s+)?$")


def sum_follows(amount: Amount, said: Said) -> bool:
    """Whether it is how many pieces a sum is for (two of these are ¥99): checked with the sum."""
    _, end = said.clause_span(amount.start)
    near = [m for m in said.amounts if m.kind == "money" and amount.end <= m.start]
    if any(pieces_of(m, said) == amount.value for m in near[:1]):
        return True
    return re.match(
        r"\s*(?:of|[x×]|come|cost|are|for|together|make)\b|\s*[x×]", said.bare[amount.end :]
    ) is not None and any(m.start < end for m in near)


def stock_stands(amount: Amount, owner: Owner) -> bool:
    """Whether so many are left of the variants meant: of each one named, else of all together."""
    kept = [v.availability.quantity for v in owner.variants if v.availability.quantity is not None]
    if owner.named or len(kept) == 1:
        return bool(kept) and all(amount.value == q for q in kept)
    return bool(kept) and amount.value == sum(kept)


def count_stands(amount: Amount, owner: Owner, said: Said) -> bool | None:
    """Whether a count is so; None where only the wording of the record can tell."""
    start, end = said.clause_span(amount.start)
    before = said.bare[:start]
    lead = before.rstrip()[-120:] if before.rstrip().endswith((":", "：")) else ""
    if _LEFT.search(lead + said.bare[start:end]) and unit_of_count(amount) in ("piece", ""):
        return stock_stands(amount, owner)
    if amount.value == 1 and not said.bare[amount.start].isdigit():
        return True
    if _VERSIONS_ZH.match(said.bare[amount.end :]):
        listed = sum(a.kind == "money" for a in said.amounts)
        return amount.value in {*option_choices(owner, None), listed}
    if amount.value > 1 and amount.unit in KINDS_ZH and _choices(amount, owner, said):
        return True
    if unit_of_count(amount) == "piece" and (
        any(m.kind == "money" and amount.end <= m.start < end for m in said.amounts)
        or sum_follows(amount, said)
    ):
        return True  # what so many cost is checked as money
    before = said.bare[start : amount.start]
    if unit_of_count(amount) == "piece" and _BUY.search(
        before[-4:] if said.language == "zh" else before
    ):
        return True  # how many one may buy; what they cost is checked as money
    return True if _is_piece_count(amount, owner) else None


def _is_piece_count(amount: Amount, owner: Owner) -> bool:
    """A count that the record writes with another measure word: 两只装, Set of 2."""
    if unit_of_count(amount) != "piece":
        return False
    title = [f for w in owner.product.title.every() for f in figures_in(w)]
    return any(
        f.value == amount.value
        and (f.unit == "piece" or (f.kind == "number" and (f.left in _PACK or f.right in _PACK)))
        for f in title
    )


def _choices(amount: Amount, owner: Owner, said: Said) -> bool:
    """两款, 三种颜色: the products in play, those named, or the values of one option."""
    named = len({m.product.id for m in said.mentions})
    choices = {named, len(said.evidence.products), *option_choices(owner, None)}
    priced = [said.evidence.priced(owner.product, v).price for v in owner.product.variants]
    choices.add(len({price.minor for price in priced}))
    return amount.value in choices


def option_choices(owner: Owner, word: re.Match[str] | None) -> set[int]:
    """How many versions a product has, or how many values one of its options has."""
    variants = len(owner.product.variants)
    if word is not None and re.search("version|variant", word.group()):
        return {variants}
    values: dict[str, set[str]] = {}
    for variant in owner.product.variants:
        for option in variant.options:
            values.setdefault(option.name.say("zh"), set()).add(option.value.say("zh"))
    return {variants, *(len(each) for each in values.values())}
