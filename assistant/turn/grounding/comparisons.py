"""Comparatives and superlatives: true of the records of both sides, or not said.

Checked where the two sides and what they are compared by are known: price, weight, capacity,
battery, insulation, power, size. Every variant meant has to bear the sentence out.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from assistant.turn.grounding.measured import (
    SCALES,
    ZH_ADJECTIVES,
    Scale,
    exact_value,
    same_unit,
    value_of,
)
from assistant.turn.grounding.mentions import named_in
from assistant.turn.grounding.ratios import RATIO, SAME, equality_true, times_true
from assistant.turn.grounding.said import Said, Verdict, drop
from assistant.turn.grounding.superlatives import SUPERLATIVE, first_among
from assistant.turn.grounding.wordings import stands, statements_of
from retrieval.amounts import Amount
from retrieval.catalog import Product

Span = tuple[int, int]

_EN_ADJ = (
    r"cheaper|pricier|more expensive|less expensive|more affordable|dearer|(?:lower|"
    r"higher)[- ]priced|"
    r"costs? (?:[¥$€£]?[\d.,]+ (?:yuan )?)?(?:less|more)|more budget[- ]friendly|"
    r"lighter(?!-? col)|heavier|wins?|beats?|undercuts?|"
    r"weighs? (?:[\d.,]+ ?k?g )?(?:less|more)|bigger|larger|smaller|(?<!no )(?<!any )longer|"
    r"shorter|taller|"
    r"thicker|thinner|"
    r"roomier|holds? (?:more|less)|more powerful|less powerful|charges? (?:faster|slower)|"
    r"(?:more|less|higher|lower|greater) (?:capacity|volume|power|wattage)|more lightweight"
)
_COMPARATIVE = re.compile(
    rf"更(?:{ZH_ADJECTIVES})|(?:{ZH_ADJECTIVES})(?=一点|一些|些|不少|很多|许多|得多|多了|了\s*\d|"
    rf"了[一二两三四五六七八九十百]|了?一[半倍])|"
    r"(?:便宜|贵|轻)(?=了?\s*(?:[a-z]{0,3}\s?[¥$€£])?\s?[\d一二两三四五六七八九十百])|"
    rf"占优|胜出|\b(?:{_EN_ADJ})\b"
)
_WINS = r"占优|胜出|wins?|beats?|undercuts?"
_THAN_ZH = re.compile(
    r"(?<![对相])比(?!较|如|例|赛|方|拟|基尼)(?P<other>(?:[^，。；,;]|"
    r"(?<=\d),(?=\d)){1,40}?)(?:要|还|都|更|会|稍微?|"
    r"略)*(?P<adj>" + ZH_ADJECTIVES + r"|[少省多](?:付|花|掏)?了?(?=\s?(?:[a-z]{2,3})?\s?[¥$€£]?\s?"
    r"[\d一二两三四五六七八九十百][\d.,一二两三四五六七八九十百]*\s?(?:[元块$€£港美欧]|$|[，。])))"
)
_THAN = re.compile(r"\bthan\b|\bcompared (?:to|with)\b")
_OLD_PRICE = re.compile(
    r"\s*(?:划线价|原价|[牌标定吊]价|吊牌|市场价|平时|平常|原来)|"
    r"\s*(?:the |its )?(?:list|usual|original|regular)\b"
)
_ALL_OTHERS = re.compile(
    r"than (?:most|any|all|every|other|many)|比(?:其他|其它|任何|所有|一般|普通|同类|同价|大多|"
    r"很多|市|以前|之前|往)"
)
_OTHER_ONE = re.compile(r"另一|另外|前者|后者|它|the other|the former|the latter|\bit\b|的(?!.)")
_FORMER = re.compile(
    r"(?P<one>前者|第一[个款]|前一[个款]|\bthe (?:former|first)(?: one)?\b(?! time| place))|"
    r"后者|第二[个款]|后一[个款]|\bthe (?:latter|second)(?: one)?\b(?! time| place)"
)


_NAMED = tuple(re.compile(rf"(?:{scale.noun})\D{{0,3}}$") for scale in SCALES)
_MORE = {scale: re.compile(scale.more) for scale in SCALES}
_LESS = {scale: re.compile(scale.less) for scale in SCALES}


class Compared(NamedTuple):
    """What a comparison came to: the verdict if it is not so, and the figures it accounts for."""

    verdict: Verdict | None
    excused: frozenset[Span] = frozenset()


def compared(said: Said) -> Compared:
    """Checks every comparative, ratio, equality and superlative of the sentence."""
    bare, excused = said.bare, set[Span]()
    if _ALL_OTHERS.search(bare):
        return Compared(drop("comparison"))
    handled: list[Span] = []
    for than in _THAN_ZH.finditer(bare):
        handled.append(than.span("adj"))
        start, end = than.span("other")
        paid = than["adj"][0] in "少省多" and not named_in(said.mentions, start, end)
        if paid or _OLD_PRICE.search(than["other"]):
            continue  # a saving, which is checked as money
        if not _holds(said, than.start(), than.span("adj"), than.span("other"), excused):
            return Compared(drop("comparison"))
    for match in _COMPARATIVE.finditer(bare):
        if any(a < match.end() and match.start() < b for a, b in handled):
            continue
        _, end = said.clause_span(match.start())
        after = _THAN.search(bare, match.end(), end)
        if after and _OLD_PRICE.match(bare, after.end()):
            if not all(
                said.evidence.priced(p, p.default_variant).list_price for p in said.products
            ):
                return Compared(drop("comparison"))
            continue
        other = (after.end(), end) if after else None
        if not _holds(said, match.start(), match.span(), other, excused) and not _in_record(
            match.start(), said
        ):
            return Compared(drop("comparison"))
    for ratio in RATIO.finditer(bare):
        if any(a <= ratio.start() and ratio.end() <= b for a, b in excused):
            continue
        if times_true(said, ratio) is True:
            excused.add(ratio.span())
            excused |= {(a.start, a.end) for a in said.amounts if _inside(a, ratio.span())}
        elif times_true(said, ratio) is False:
            return Compared(drop("comparison"))
    for same in SAME.finditer(bare):
        if not equality_true(said, same):
            return Compared(drop("comparison"))
    for match in SUPERLATIVE.finditer(bare):
        if not first_among(said, match) and not _in_record(match.start(), said):
            return Compared(drop("superlative"))
    return Compared(None, frozenset(excused))


def _inside(amount: Amount, span: Span) -> bool:
    return span[0] < amount.end and amount.start < span[1]


def _in_record(position: int, said: Said) -> bool:
    """Whether the record itself says the clause."""
    clause = said.clause(position).replace("\u25a1", " ")
    return bool(said.products) and all(
        stands(clause, statements_of(product)) for product in said.products
    )


def _sides(said: Said, start: int, other: Span | None) -> tuple[Product, list[Product]] | None:
    """The product that the comparison is about, and those it is held against."""
    named = {m.product.id for m in said.mentions}
    before = [m.product for m in said.mentions if m.start < start]
    inside = other is not None and [
        m.product for m in said.mentions if other[0] <= m.start < other[1]
    ]
    rest = [m.product for m in said.mentions if m.product not in (inside or [])]
    if pointed := _FORMER.search(said.bare):
        both = list({m.product.id: m.product for m in said.mentions}.values())
        if len(both) != 2:
            return None
        return (both[0], [both[1]]) if pointed["one"] else (both[1], [both[0]])
    if before:
        subject = before[-1]
        # "A比B便宜": B stands before the adjective, but A is the subject.
        if inside and subject in inside and rest:
            subject = rest[-1] if rest[-1] in before else rest[0]
    elif rest:
        subject = rest[0]
    elif said.subject is not None and (said.about or len(said.evidence.products) == 1):
        subject = said.subject
    else:
        return None
    if inside:
        return subject, inside
    others = [p for p in said.evidence.products if p.id != subject.id]
    if other is not None:
        pointed = _OTHER_ONE.search(said.bare[other[0] : other[1]])
        return (subject, others) if pointed and len(others) == 1 else None
    if len(named) > 1:
        others = [p for p in others if p.id in named]
    return (subject, others) if others else None


def _scale(said: Said, span: Span) -> tuple[Scale, bool] | None:
    """What the adjective at `span` compares by, and whether it means more of it."""
    text = said.bare[span[0] : span[1]].removeprefix("更")
    if re.fullmatch(_WINS, text):
        return _won(said.bare)
    text = re.sub(r"^(costs?|weighs?) .*?(less|more)$", r"\1 \2", text)
    if re.match(r"[少省]", text):
        return SCALES[0], False
    if re.match(r"多", text):
        return SCALES[0], True
    clause = said.clause(span[0])
    lead = said.bare[max(0, span[0] - 8) : span[0]]
    for scale, named in zip(SCALES, _NAMED, strict=True):
        noun = named.search(lead) if scale.units else None
        if noun and re.fullmatch(r"大|长|久|高|更?好|多", text):
            return scale, True
        if noun and re.fullmatch(r"小|短|低|少", text):
            return scale, False
    if re.fullmatch(r"longer|shorter", text) and re.search(r"batter|playtime|hours", clause):
        return SCALES[1], text == "longer"
    for scale in SCALES:
        if _MORE[scale].fullmatch(text):
            return scale, True
        if _LESS[scale].fullmatch(text):
            return scale, False
    return None


def _won(text: str) -> tuple[Scale, bool] | None:
    """By what one product is said to win: the lower price, or the lower weight."""
    weight = next(s for s in SCALES if "weight" in s.noun)
    if re.search(r"价|\bprice|\bcost|undercut|cheap", text):
        return SCALES[0], False
    return (weight, False) if re.search(r"重量|轻|\bweight|\blight", text) else None


def _holds(said: Said, start: int, adjective: Span, other: Span | None, excused: set[Span]) -> bool:
    """Whether the comparative is true of every side, with the difference it states."""
    sides, found = _sides(said, start, other), _scale(said, adjective)
    if sides is None or found is None:
        return False
    subject, others = sides
    scale, more = found
    mine = value_of(scale, subject, said.evidence)
    for rival in others:
        theirs = value_of(scale, rival, said.evidence)
        if mine is None or theirs is None or not same_unit(scale, subject, rival):
            return False
        if not (mine[0] > theirs[1] if more else mine[1] < theirs[0]):
            return False
    return _difference(said, adjective, scale, subject, others, excused)


def _difference(
    said: Said,
    span: Span,
    scale: Scale,
    subject: Product,
    others: list[Product],
    excused: set[Span],
) -> bool:
    """Whether an amount beside the adjective is the difference: 便宜20元, 35 g lighter."""
    before = [
        a
        for a in said.amounts
        if a.end <= span[0] and said.bare[a.end : span[0]].strip() in ("", "g")
    ]
    after = [
        a
        for a in said.amounts
        if a.start >= span[1] and re.fullmatch(r"了?\s*(?:by)?\s*", said.bare[span[1] : a.start])
    ]
    within = [a for a in said.amounts if _inside(a, span)]
    beside = [*before, *within, *after]
    share = re.match(r"了?(?:一半|一倍)", said.bare[span[1] :])
    if not beside and not share:
        return True
    if len(others) != 1:
        return False
    exact = [exact_value(scale, p, said.evidence) for p in (subject, others[0])]
    if exact[0] is None or exact[1] is None:
        return False
    mine, theirs = exact[0], exact[1]
    if share:
        begin = span[1] + share.start()
        excused.add((span[1] + share.end() - 2, span[1] + share.end()))
        excused |= {
            (a.start, a.end) for a in said.amounts if _inside(a, (begin, span[1] + share.end()))
        }
        return mine * 2 == theirs if "半" in share.group() else mine == theirs * 2
    amount = beside[0]
    excused |= {(a.start, a.end) for a in beside}
    if amount.kind == "discount":
        return theirs > 0 and abs(mine / theirs - amount.value) < Decimal("0.005")
    if amount.kind == "percent":
        return theirs > 0 and abs(abs(mine - theirs) / theirs * 100 - amount.value) < Decimal("0.5")
    fits = amount.kind == "money" if not scale.units else amount.unit in scale.units
    currency = subject.variants[0].price.currency
    if amount.kind == "money" and amount.unit not in ("", currency):
        return False
    return fits and amount.value == abs(mine - theirs)
