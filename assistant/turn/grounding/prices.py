"""Every amount of money: what it is said to be, and whether the shop's records make it so now."""

from __future__ import annotations

import re
from collections.abc import Iterable

from assistant.turn.grounding.roles import explained
from assistant.turn.grounding.said import Owner, Said, Verdict, replace
from assistant.turn.grounding.sums import (
    WITH_CODE,
    basket_saving,
    basket_total,
    code_is_said,
    decimal,
    equals,
    pieces_of,
    sum_true,
)
from retrieval.amounts import Amount, read_amounts
from retrieval.basket import Line
from retrieval.catalog import Money, Variant

BOUND = re.compile(
    r"以内|以下|预算|不超过|之内|不到|\b(?:under|below|within|budget|up to|less than|"
    r"no more than)\b"
)
_HEDGED = re.compile(
    r"(?:大约|大概|约|差不多|将近|接近|近|超过|几乎|around|about|roughly|approximately|"
    r"approx\.?|almost|"
    r"nearly|circa|more than|over|~|≈)\s*$"
)
_HEDGED_AFTER = re.compile(
    r"^\s*(?:左右|上下|出头|多(?!种|款|功)|以上|不到|-?ish\b|or so\b|odd\b|something\b|\+)"
)
_LISTED = re.compile(
    r"(?:划线价|原价|平时|平常|原来|之前|以前|本来|日常价|吊牌价|门市价|市场价|建议零售价|"
    r"\b(?:was|were|list(?:ed)?(?: price)?(?: of| at)?|originally|usual(?:ly)?(?: price)?|"
    r"original price(?: of)?|normally|regular(?:ly)?(?: price)?(?: of)?|msrp|rrp|down from|"
    r"instead of|reduced from))(?:是|为|卖|要|的|:|：|\s|is|of|at|priced)*$"
)
_SAVED = re.compile(
    r"(?:省下?|少了?|立省|节省|便宜了?|优惠了?|直降|立减|减|降了?|少付|少花|"
    r"\b(?:sav(?:e|es|ing|ings)(?: of| you)?|discount of|knocks?|takes?|off))\s*$"
)
_SAVED_AFTER = re.compile(
    r"^\s*(?:的?优惠|的?折扣|\boff\b|\bdiscount\b|\bin savings\b|(?:cheaper|less) than (?:the|"
    r"its) (?:list|usual|original|regular))"
)
_THRESHOLD = re.compile(
    r"(?:满|够|凑[够满到足]|买[够满到]|达到|达|\b(?:over|above|spend(?:ing)?|"
    r"orders? (?:of|over|above)|minimum (?:spend )?of|"
    r"off(?:,)? (?:from|on|orders)|"
    r"at least|reach(?:es)?)|\bon)\s*$"
)
_THRESHOLD_AFTER = re.compile(r"^\s*(?:and (?:more|up|over)|or more|以上)")
_FROM = re.compile(
    r"(?:\bfrom|\bstarting (?:at|from)|\bas low as|最低|低至|起售价|起价)(?:是|为|只要|\s)*$"
)
_FROM_AFTER = re.compile(r"^\s*(?:起|\band up\b|\bonwards?\b|\bupwards?\b)")
_NAMES = re.compile(r"\s*(?:of |for |on )?(?:the |our |this )?□+(?:'s)?\s*")
_FELL = re.compile(
    r"\b(?:went|dropped|down|fell|falls|cut|reduced|marked down) from\s*$|从\s*$|由\s*$"
)
_APART = re.compile(r"(?:相?差了?|差价是?|差别是?|\bdifference(?: is| of)?|differ by|apart by)\s*$")
_APART_AFTER = re.compile(r"^\s*(?:apart|(?:的|in )?(?:差价|difference))")
_JOINED = re.compile(r"^\s*(?:-|–|—|~|到|至|to|and|和)\s*$")
# Money that is named without a figure, and could be any.
_CURRENCY = re.compile(
    r"[¥$€£￥]|块钱|(?<![单多公状纪次美日欧港韩])元(?![素气件宵旦老首帅凶])|[美日欧港韩]元|人民币|"
    r"\b(?:yuan|rmb|cny|usd|dollars?|bucks?|euros?|quid|pounds? sterling|cents?|pennies|penny|"
    r"dimes?|"
    r"nickels?|tenner|fiver|grand|benjamins?|kuai|renminbi)\b|"
    r"[个两二三四]位数|\b(?:single|double|triple|two|three|four)[- ](?:digit|figure)s?\b|"
    r"毛爷爷|[几数]十?[块元]|[几数]百|白菜价|一杯奶茶"
)


def money_verdict(said: Said, excused: Iterable[tuple[int, int]] = ()) -> Verdict | None:
    """The verdict on the first amount of money that is not so; None where all are.

    `excused` are the places of amounts that a comparison has accounted for.
    """
    done = set(excused)
    money = [a for a in said.amounts if a.kind == "money"]
    earlier = 0
    for at, amount in enumerate(money):
        if (amount.start, amount.end) not in done:
            owners = said.owners(amount, earlier)
            if _is_bound(amount, said):
                pass
            elif not owners or not _is_true(amount, at, money, owners, earlier, said):
                return replace("money", owners[0].product if owners else said.subject)
        earlier = amount.end
    for match in _CURRENCY.finditer(said.bare):
        if not any(a.start < match.end() and match.start() < a.end for a in money):
            return replace("money", said.subject)
    return None


def _is_true(
    amount: Amount, at: int, money: list[Amount], owners: list[Owner], earlier: int, said: Said
) -> bool:
    before = _NAMES.sub(" ", said.bare[earlier : amount.start])[-32:]
    after = said.bare[amount.end :][:24]
    if _HEDGED_AFTER.match(after) or (_HEDGED.search(before) and not _THRESHOLD.search(before)):
        return False
    return _as_worded(amount, at, money, owners, earlier, said, before, after) or all(
        explained(amount, money, owner, _once_of(owner, said), said) for owner in owners
    )


def _as_worded(
    amount: Amount, at: int, money: list[Amount], owners: list[Owner], earlier: int, said: Said,
    before: str, after: str,
) -> bool:  # fmt: skip
    """Whether it is what the words right `before` and `after` it make it: else the price."""
    off = money[at + 1] if at + 1 < len(money) else money[at - 1] if at else None
    if off is not None and (_THRESHOLD.search(before) or _THRESHOLD_AFTER.match(after)):
        return all(_conditional(amount, off, o, said) for o in owners)
    if _LISTED.search(before):
        return all(
            any(equals(amount, money) for money in _once(o, v, said))
            for o in owners
            for v in o.shown
        )
    if _APART.search(before) or _APART_AFTER.match(after):
        return _is_gap(amount, said)
    if _SAVED.search(before) or _SAVED_AFTER.match(after):
        return all(_is_saving(amount, at, money, o, said) for o in owners)
    if _FELL.search(before):
        return all(
            any(equals(amount, money) for money in _once(o, v, said))
            for o in owners
            for v in o.shown
        )
    if at and _FELL.search(_NAMES.sub(" ", said.bare[: money[at - 1].start])[-32:]):
        return all(_is_price(amount, owner, said, code=False) for owner in owners)
    joined = at + 1 < len(money) and _JOINED.match(said.bare[amount.end : money[at + 1].start])
    if joined and "和" not in after[:3] and "and" not in after[:5]:
        return all(_is_end(amount, o, said) for o in owners)
    if at and _JOINED.match(said.bare[money[at - 1].end : amount.start]) and "和" not in before:
        return all(_is_end(amount, o, said, highest=True) for o in owners)
    if _FROM.search(before) or _FROM_AFTER.match(after):
        return all(_is_end(amount, o, said) for o in owners)
    total = sum_true(amount, owners, earlier, said)
    if total is not None:
        return total
    code = bool(WITH_CODE.search(said.clause(amount.start)))
    return all(_is_price(amount, owner, said, code=code) for owner in owners)


def _once_of(owner: Owner, said: Said) -> list[Money]:
    """The higher prices that every variant meant stands beside."""
    each = [_once(owner, variant, said) for variant in owner.shown]
    return [price for price in each[0] if all(price in other for other in each)]


def _once(owner: Owner, variant: Variant, said: Said) -> list[Money]:
    """The higher prices the variant stands beside: its list price, and what it costs unreduced."""
    priced = said.evidence.priced(owner.product, variant)
    higher = (priced.list_price, variant.list_price, variant.price)
    return [m for m in higher if m is not None and m.minor > priced.price.minor]


def _is_gap(amount: Amount, said: Said) -> bool:
    """Whether two products named are that far apart."""
    named = {m.product.id: m.product for m in said.mentions}
    if len(named) == 1:
        owner = said.owners(amount)[0]
        return all(_saves(amount, owner, variant, said) for variant in owner.shown)
    if len(named) != 2:
        return False
    one, two = (said.evidence.priced(p, p.default_variant).price for p in named.values())
    gap = Money(minor=abs(one.minor - two.minor), currency=one.currency)
    return one.currency == two.currency and equals(amount, gap)


def _is_price(amount: Amount, owner: Owner, said: Said, *, code: bool) -> bool:
    """Whether it is what one piece costs now: of every variant named, else as the card says."""
    if code:
        return all(
            equals(amount, basket_total([Line(owner.product, v, 1)], said, code=True))
            for v in owner.shown
        )
    return all(equals(amount, said.evidence.priced(owner.product, v).price) for v in owner.shown)


def _is_end(amount: Amount, owner: Owner, said: Said, *, highest: bool = False) -> bool:
    """Whether it is the lowest price of the variants meant, or the highest."""
    prices = [said.evidence.priced(owner.product, v).price for v in owner.variants]
    ordered = sorted(prices, key=lambda price: price.minor, reverse=highest)
    return equals(amount, ordered[0])


def _conditional(one: Amount, other: Amount, owner: Owner, said: Said) -> bool:
    """Whether one running offer has both amounts: 满300减50. The other may be any of the two."""
    return any(
        o.kind == "amount_off"
        and o.amount is not None
        and o.threshold is not None
        and equals(one, o.threshold)
        and (other == one or equals(other, o.amount))
        and code_is_said(o, said)
        for o in said.evidence.running(owner.product)
    )


def _is_saving(amount: Amount, at: int, money: list[Amount], owner: Owner, said: Said) -> bool:
    """Off an offer's threshold, off the list price, or what a basket of so many pieces saves."""
    bare = said.bare
    for near in (money[at - 1] if at else None, money[at + 1] if at + 1 < len(money) else None):
        if near is not None:
            before = bare[: near.start][-32:]
            conditional = _THRESHOLD.search(before) or _THRESHOLD_AFTER.match(bare[near.end :])
            if conditional:
                return _conditional(near, amount, owner, said)
    pieces = pieces_of(amount, said)
    if pieces:
        lines = [[Line(owner.product, v, pieces)] for v in owner.shown]
        return all(equals(amount, basket_saving(line, said)) for line in lines)
    if all(_saves(amount, owner, variant, said) for variant in owner.shown):
        return True
    free = [
        o
        for o in said.evidence.running(owner.product)
        if o.kind == "amount_off"
        and not (o.threshold and o.threshold.minor)
        and (not o.code or WITH_CODE.search(bare))
    ]
    return any(equals(amount, o.amount) for o in free)


def _saves(amount: Amount, owner: Owner, variant: Variant, said: Said) -> bool:
    price = said.evidence.priced(owner.product, variant).price
    return any(
        equals(amount, Money(minor=m.minor - price.minor, currency=price.currency))
        for m in _once(owner, variant, said)
    )


def _is_bound(amount: Amount, said: Said) -> bool:
    """Whether it repeats the viewer's upper limit, and all that is spoken of keeps it."""
    near = said.bare[max(0, amount.start - 24) : amount.end + 8]
    if not said.products or not BOUND.search(near):
        return False
    asked = any(
        a.kind == "money" and a.value == amount.value and amount.unit in ("", a.unit, "CNY")
        for a in read_amounts(said.question)
    )
    prices = [said.evidence.priced(p, p.default_variant).price for p in said.products]
    return asked and all(
        amount.unit in ("", price.currency) and decimal(price) <= amount.value for price in prices
    )
