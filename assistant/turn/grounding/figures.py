"""Every figure that is no money: it has to stand in the record of what it is said of, as it does.

A value and its unit are not enough. Where a record has several figures of one unit, the sentence
has to mean the one it tells (保温12小时，保冷24小时), and a bare number has to keep the word that
stands beside it in the record.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from assistant.turn.grounding.counts import (
    count_stands,
    option_choices,
    stock_stands,
    sum_follows,
)
from assistant.turn.grounding.mentions import squeezed
from assistant.turn.grounding.said import Owner, Said, Verdict, drop
from assistant.turn.grounding.sums import code_is_said
from assistant.turn.grounding.wordings import plain, statements_of, words
from assistant.turn.grounding.written import (
    NUMERIC_RIGHT,
    Written,
    aspects,
    attribute_figures,
    beside,
    figures_in,
    figures_of,
    unit_of_count,
)
from retrieval.amounts import Amount
from retrieval.catalog import Product

_LEFT_AFTER = re.compile(
    r"^\s*(?:more )?(?:of )?(?:the )?□*\s*(?:left|remaining|in stock|available)\b"
)
_LEFT_BEFORE = re.compile(r"(?:库存|剩余|余量|存货|\bstock\b|\binventory\b)[^，。,.;；]*$")
_OF_THEM = re.compile(
    r"\s*(?:more )?(?:of\s+(?:the |these|those|them|our )|□|(?:pieces?|units?|items?)\b)"
)
_RATING = re.compile(
    r"评分|打分|\d分(?!钟|之|类|区|体|离|段)|星|好评|评价|\bscor(?:e|es|ed|ing)\b|\brat(?:ed?|es|ings?)\b|"
    r"stars?\b|reviews?"
)
_RATERS = re.compile(r"(?:people|users?|buyers?|customers?|shoppers?|votes?|人|位|条|个人)")
_SCALE = re.compile(r"(?:out of|/|满分)\s*$")
_VERSIONS = re.compile(
    r"^\s*(?:\w+ )?(?:versions?|variants?|options?|colou?rs?|sizes?|kinds?|shades?|"
    r"flavou?rs?|styles?|types?|ones)\b"
)
_NTH = re.compile(r"第\s*[二三四五2345]|\b(?:second|2nd|third|3rd|every)\b")
_HEDGED = re.compile(
    r"(?:超过|至少|最多|不到|高达|以上|over|more than|up to|at least|under|less than)\s*$"
)
_ORDINAL = re.compile(r"第\s*$")
_BOUNDED = re.compile(
    r"以上|超|至少|最多|可达|高达|不低于|不到|以下|"
    r"up to|over|more than|at least|or above|under|less"
)
_HALVES = re.compile(
    r"[两二三四五六七八九十\d]\s*倍|翻[一两]?倍|一半|[二三四五六七八九十两]分之[一二两三四五六七八九]|"
    r"\b(?:an?|one|two|three|four)[- ]"
    r"(?:half|halve|third|quarter|fourth|fifth|sixth|eighth|tenth)s?\b"
    r"(?=[- ](?:off|of (?:the|its) (?:price|cost)|less|cheaper|more|lower|higher|discount|reduc|"
    r"cut))|"
    r"\b(?:twice|double[sd]?|triple[sd]?|half|thrice|"
    r"quarter)\b(?!-)"
)


def figure_verdict(said: Said, excused: Iterable[tuple[int, int]] = ()) -> Verdict | None:
    """The verdict on the first figure that no record bears out; money is not looked at."""
    done = set(excused)
    for amount in said.amounts:
        if amount.kind == "money" or (amount.start, amount.end) in done:
            continue
        owners = said.owners(amount)
        if not (owners or _harmless(amount, said)):
            return drop(amount.kind)
        if not all(_stands(amount, owner, said) for owner in owners):
            return drop(amount.kind)
    for match in _HALVES.finditer(said.bare):
        if (match.start(), match.end()) in done or _covered(match, said):
            continue
        if not all(_beside_in(match, product) for product in said.spoken_of):
            return drop("comparison")
    return None


def _covered(match: re.Match[str], said: Said) -> bool:
    return any(
        a.start <= match.start() and match.end() <= a.end and a.kind != "number"
        for a in said.amounts
    )


def _beside_in(match: re.Match[str], product: Product) -> bool:
    """Whether a record has the word with the same word after it: double wall, 一半."""
    after = NUMERIC_RIGHT.match(match.string[match.end() :])
    piece = re.escape(match.group()) + (r"[\s-]*" + re.escape(after[1]) if after else "")
    return any(re.search(piece, plain(s)) for s in statements_of(product))


def _harmless(amount: Amount, said: Said) -> bool:
    """Figures of talk without a product: one of them, two or three words."""
    return amount.kind == "count" and amount.value == 1


def _stands(amount: Amount, owner: Owner, said: Said) -> bool:
    if any(a <= amount.start and amount.end <= b for a, b in said.options(owner.product)):
        return _fits_before(amount, owner.product, said)
    if _RATING.search(said.bare):
        rating = owner.product.rating
        scale = amount.value == 5 and _SCALE.search(said.bare[: amount.start])
        if rating is not None and (
            scale or amount.value in (Decimal(str(rating.value)), Decimal(rating.count))
        ):
            return True
        if _RATING.search(said.clause(amount.start)) or (
            _RATERS.search(said.bare[amount.start : amount.end + 12])
        ):
            return False
    if amount.kind == "count":
        return _counted(amount, owner, said)
    if amount.kind == "discount" or (amount.kind == "percent" and _reduces(amount, said)):
        return _is_reduction(amount, owner, said)
    if amount.kind in ("date", "time"):
        return _written(amount, owner, said) or _is_offer_time(amount, owner, said)
    if amount.kind == "number" and (
        _LEFT_AFTER.match(said.bare[amount.end :]) or _LEFT_BEFORE.search(said.bare[: amount.start])
    ):
        return _counted(amount, owner, said)
    if amount.kind == "number" and sum_follows(amount, said):
        return True
    if amount.kind == "number" and _VERSIONS.match(said.bare[amount.end :]):
        return amount.value in option_choices(owner, _VERSIONS.match(said.bare[amount.end :]))
    if amount.kind == "number" and _small_talk(amount, owner, said):
        return True
    return _written(amount, owner, said) or _is_left(amount, owner, said)


def _fits_before(amount: Amount, product: Product, said: Said) -> bool:
    """Whether an option in brackets after a figure, 218g(42码), stands so in the record."""
    of = max((a for a in said.amounts if a.end <= amount.start), default=None, key=lambda a: a.end)
    if of is None or said.bare[of.end : amount.start].strip() not in ("(", "（"):
        return True
    piece = squeezed(said.bare[of.start : amount.end])
    return any(piece in squeezed(plain(s)) for s in statements_of(product))


def _counted(amount: Amount, owner: Owner, said: Said) -> bool:
    known = count_stands(amount, owner, said)
    if known is None:
        return _written(amount, owner, said) or _is_left(amount, owner, said)
    return known


def _is_left(amount: Amount, owner: Owner, said: Said) -> bool:
    """Whether it counts the product itself (48 of them, 手里46件), and there are so many."""
    counts = amount.unit in ("件", "piece") or (
        amount.kind == "number" and _OF_THEM.match(said.bare[amount.end :])
    )
    return bool(counts) and stock_stands(amount, owner)


def _small_talk(amount: Amount, owner: Owner, said: Said) -> bool:
    """How many products there are to choose from, and a price that stands without its sign."""
    named = len({m.product.id for m in said.mentions})
    text = said.bare[amount.start : amount.end]
    if text.isalpha() or not text.isascii():
        return amount.value in (1, named, len(said.evidence.products)) or bool(
            _ORDINAL.search(said.bare[: amount.start])
        )
    return False


def _written(amount: Amount, owner: Owner, said: Said) -> bool:
    """Whether the record has the figure, and means by it what the sentence means."""
    titles = [w for o in said.evidence.running(owner.product) for w in o.title.every()]
    every = [*figures_of(owner.product), *(f for title in titles for f in figures_in(title))]
    same = [f for f in every if f.value == amount.value and f.unit == unit_of_count(amount)]
    same = [f for f in same if f.kind == amount.kind or "number" not in (f.kind, amount.kind)]
    if amount.kind == "number":
        left, right = beside(said.text, amount.start, amount.end)
        named = attribute_figures(owner.product, said.bare)
        same = [
            f
            for f in same
            if f in named or (left and f.left == left) or (right and f.right == right)
        ]
    if not same:
        return False
    if _HEDGED.search(said.bare[: amount.start]) and not any(
        _BOUNDED.search(f.clause) for f in same
    ):
        return False
    clause = said.clause(amount.start)
    about = aspects(clause)
    if about and all((own := aspects(f.clause)) and not own & about for f in same):
        return False
    rivals = [f for f in every if f.unit == unit_of_count(amount) and f.kind == amount.kind]
    spoken = words(clause)

    def likeness(figure: Written) -> int:
        return len(spoken & words(figure.clause)) + len(about & aspects(figure.clause))

    best = max(likeness(f) for f in same)
    if any(likeness(f) > best + 1 and f.value != amount.value for f in rivals) or _named_rival(
        about, same, rivals
    ):
        return False
    if owner.named:
        return _fits_variant(amount, owner)
    return True


def _named_rival(about: frozenset[int], same: list[Written], rivals: list[Written]) -> bool:
    """Whether only another figure of the unit has a property that the clause is about."""
    mine = frozenset[int]().union(*(aspects(f.clause) for f in same))
    theirs = frozenset[int]().union(*(aspects(f.clause) for f in rivals))
    return bool((about & theirs) - mine)


def _fits_variant(amount: Amount, owner: Owner) -> bool:
    """Whether no option of the variants meant has another figure where others have this one."""
    mine = {
        (f.value, f.unit)
        for v in owner.variants
        for o in v.options
        for w in o.value.every()
        for f in figures_in(w)
    }
    others = {
        (f.value, f.unit)
        for v in owner.product.variants
        for o in v.options
        for w in o.value.every()
        for f in figures_in(w)
    }
    figure = (amount.value, unit_of_count(amount))
    return figure in mine or figure not in others


def _reduces(amount: Amount, said: Said) -> bool:
    near = said.bare[max(0, amount.start - 12) : amount.end + 12]
    return bool(
        re.search(
            r"\boff\b|discount|sav(?:e|ing)|cheaper|reduc|lower|\bcut\b|drop|down|less|优惠|折|减|省|"
            r"便宜|降|让",
            near,
        )
    )


def _is_reduction(amount: Amount, owner: Owner, said: Said) -> bool:
    """Whether an offer that runs now takes this share off, or the struck price came down by it."""
    paid = amount.value * 100 if amount.kind == "discount" else 100 - amount.value
    clause = said.clause(amount.start)
    nth = bool(_NTH.search(clause))
    for offer in said.evidence.running(owner.product):
        if offer.percent is None or paid != 100 - offer.percent:
            continue
        if (offer.kind == "nth_item") != nth:
            continue
        if code_is_said(offer, said):
            return True
    if nth:
        return False
    priced = [said.evidence.priced(owner.product, v) for v in owner.variants]
    return all(
        p.list_price is not None and p.price.minor * 100 == p.list_price.minor * paid
        for p in priced
    )


def _is_offer_time(amount: Amount, owner: Owner, said: Said) -> bool:
    """Whether an offer that runs for the product starts or ends then, on the shop's clock."""
    for offer in said.evidence.running(owner.product):
        for moment in (offer.starts_at, offer.ends_at):
            if moment is None:
                continue
            local = moment.astimezone(said.evidence.zone)
            forms = {
                "date": local.year * 10000 + local.month * 100 + local.day,
                "month-day": local.month * 100 + local.day,
                "year": local.year,
                "month": local.year * 100 + local.month,
                "minute": local.hour * 60 + local.minute,
            }
            if forms.get(amount.unit) == amount.value:
                return True
    return False
