"""What several pieces or products cost together, and what is saved on them."""

from __future__ import annotations

import re
from decimal import Decimal

from assistant.turn.grounding.said import Owner, Said
from retrieval.amounts import Amount, minor_digits
from retrieval.basket import Line, price_basket
from retrieval.catalog import Money, Offer

_TOTAL = re.compile(
    r"一共|合计|总共|总价|加起来|共计|共|\b(?:in total|altogether|together|total|combined|for both|"
    r"come to|comes to|adds? up)\b"
)
# More than one, and nothing here says of what.
_TOGETHER = re.compile(r"加起来|加一起|\b(?:altogether|together|combined)\b")
_EACH_PIECE = re.compile(
    r"每[件个条双盒只支瓶包袋张]|单价|单件|\b(?:each|apiece|per (?:piece|item)|a piece)\b"
)
_AVERAGE = re.compile(r"平均|折合|相当于|\b(?:works? out|average|averages|effectively)\b")
_NTH = re.compile(
    r"第\s*([二三四五2345])\s*[件个条双盒只支瓶包袋张]|\b(second|2nd|third|3rd|fourth|4th)\b"
)
_NTH_OF = {"二": 2, "三": 3, "四": 4, "五": 5, "second": 2, "2nd": 2, "third": 3, "3rd": 3,
           "fourth": 4, "4th": 4}  # fmt: skip
# 尺码 and 36码 are sizes.
WITH_CODE = re.compile(
    r"券|(?<![尺鞋脚大中小均\d二三四五六])码(?!数)|口令|\b(?:codes?|coupons?|vouchers?)\b"
)
_PIECES = "件个条双盒只支瓶包袋张套"
_BOTH = re.compile(
    r"俩|两[件个条双盒只支瓶包袋张套]|\b(?:for both|the (?:two|pair|both)|a pair of the)\b"
)
_QUANTIFIES = re.compile(r"\s*(?:of\b|[x×]|□|(?:pieces?|units?|pcs)\b)")
_PAID = re.compile(
    r"\b(?:for|costs?|comes?|total|are|is|makes?|pay|paying|runs?|rings?|adds?|sets? you back|"
    r"at|be)\b|=|付|结账|[要算花是共]"
)
_NOT_BOUGHT = re.compile(
    r"\b(?:left|remain\w*|in stock|available|rated|ratings?|reviews?|stars?)\b|剩|库存|还有|评"
)


def pieces_of(amount: Amount, said: Said) -> int | None:
    """How many pieces the amount is for: two for ¥99, 买三件99元. None for one."""
    start, end = said.clause_span(amount.start)
    spans = [span for product in said.spoken_of for span in said.options(product)]
    begin = max((a for a, _ in said.clauses if a < start), default=start)
    near = [
        a
        for a in said.amounts
        if a.kind in ("count", "number")
        and (a.kind == "number" or a.unit in _PIECES or a.unit in ("piece", "pair", "pack"))
        and (begin <= a.start < amount.start or amount.end <= a.start < end)
        and 2 <= a.value <= 100
        and a.value == int(a.value)
        and said.bare[max(0, a.start - 1) : a.start] != "第"
        and not any(s <= a.start and a.end <= e for s, e in spans)
    ]
    if _BOTH.search(said.clause(amount.start)) and len(said.spoken_of) == 1:
        return 2
    for a in near:
        between = said.bare[a.end : amount.start] if a.start < amount.start else ""
        leading = said.bare[max(0, a.start - 6) : a.start]
        counted = (
            (a.kind == "count" or _PAID.search(between) or _QUANTIFIES.match(between))
            and not re.match(
                r"\s*(?:\w+ )?(?:colou?r|size|option|shade|style|version|variant)|"
                r"\s*(?:不同)?(?:规格|款|颜?色|尺码|价|版|种|选|口味|型号)",
                between,
            )
            and not _NOT_BOUGHT.search(between)
        )
        trailing = a.start > amount.end and re.search(r"for\s*$|/\s*$", leading)
        if counted or trailing:
            return int(a.value)
    return None


def sum_true(amount: Amount, owners: list[Owner], earlier: int, said: Said) -> bool | None:
    """Whether it is what several pieces or products cost together; None where it is no such sum."""
    clause = said.clause(amount.start)
    nth = _NTH.search(clause)
    if nth:
        count = _NTH_OF.get(nth[1] or nth[2] or "") or int(nth[1])
        return all(equals(amount, _nth(o, count, said)) for o in owners)
    pieces = pieces_of(amount, said)
    if pieces:
        totals = [
            (v, basket_total([Line(o.product, v, pieces)], said)) for o in owners for v in o.shown
        ]
        if _EACH_PIECE.search(clause) and not _AVERAGE.search(clause):
            return None
        if _AVERAGE.search(clause) or _EACH_PIECE.search(clause):
            return all(t is not None and decimal(t) == amount.value * pieces for _, t in totals)
        return all(equals(amount, total) for _, total in totals)
    if _TOTAL.search(clause):
        named = {m.product.id: m.product for m in said.mentions}
        if len(named) < 2:
            return False if _TOGETHER.search(clause) else None
        lines = [Line(p, p.default_variant, 1) for p in named.values()]
        return equals(amount, basket_total(lines, said))
    return None


def _nth(owner: Owner, count: int, said: Said) -> Money | None:
    """What the nth piece adds to a basket."""
    more = basket_total([Line(owner.product, owner.shown[0], count)], said)
    less = basket_total([Line(owner.product, owner.shown[0], count - 1)], said)
    if more is None or less is None:
        return None
    return Money(minor=more.minor - less.minor, currency=more.currency)


def basket_total(lines: list[Line], said: Said, *, code: bool = False) -> Money | None:
    """The total of a basket; with `code`, under the codes the sentence names, or the only one."""
    offers = said.evidence.offers
    codes: list[str] = []
    if code:
        covering = {o.code for line in lines for o in said.evidence.running(line.product) if o.code}
        named = [c for c in covering if c.lower() in said.text]
        codes = named or (list(covering) if len(covering) == 1 else [])
        if not codes:
            return None
    try:
        return price_basket(lines, offers, said.evidence.at, codes).total
    except ValueError:
        return None


def basket_saving(lines: list[Line], said: Said) -> Money | None:
    """What is saved on a basket against single pieces without offers."""
    code = bool(WITH_CODE.search(said.bare))
    total = basket_total(lines, said, code=code)
    if total is None:
        return None
    whole = sum(
        said.evidence.priced(line.product, line.variant).price.minor * line.quantity
        for line in lines
    )
    return Money(minor=max(0, whole - total.minor), currency=total.currency)


def decimal(money: Money) -> Decimal:
    """`money` in major units."""
    return Decimal(money.minor).scaleb(-minor_digits(money.currency))


def code_is_said(offer: Offer, said: Said) -> bool:
    """Whether a reply tells that `offer` takes a code; true of one that takes none."""
    if not offer.code or offer.code.lower() in said.text:
        return True
    return WITH_CODE.search(said.bare) is not None


def equals(amount: Amount, money: Money | None) -> bool:
    """Whether an amount read from a text is exactly `money`; it may lack its currency."""
    return (
        money is not None and amount.unit in ("", money.currency) and amount.value == decimal(money)
    )
