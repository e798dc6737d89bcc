"""What an amount of money is where it is no price: by its value in the records, then by its words.

The value comes first: an amount that equals the list price, the saving or a part of a running
offer to the penny needs no fixed phrase around it, only a word that says so and stands nearer to
it than to any other amount, and none that calls it the price.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from assistant.turn.grounding.said import Owner, Said
from assistant.turn.grounding.sums import code_is_said, equals
from retrieval.amounts import Amount
from retrieval.catalog import Money

_NOW = re.compile(
    r"现在|现价|眼下|今[天晚日]|这会儿|目前|当前|此刻|直播|降到|降至|到手|只[要需]|仅需|能拿|拿走|带走|如今|才(?=\S{0,3}\d)|"
    r"\b(?:now|today|tonight|currently|at the moment|these days|down to|live|only|just|"
    r"for sale at|pay|yours)\b"
)
_ONCE = re.compile(
    r"当初|早先|标[着的价]|[吊牌定]价|吊牌|划[线掉]|原[价来本先]|以前|之前|往[常日]|日常|平[时常日]|一直|本来|别按|从|由|比|跟|较|"
    r"\b(?:tag|list(?:s|ed)?|was|were|used|normal(?:ly)?|usual(?:ly)?|forget|regular(?:ly)?|"
    r"original(?:ly)?|full price|from|instead|rather than|against|compared|before|"
    r"crossed out|struck|msrp|rrp|isn't|not|any ?more|no longer|started (?:out )?at)\b"
)
_TAKES = re.compile(
    r"[立直再]?减|面值|低了?|降了?|抵扣?|省下?|少[掏付花]?|扣|返|让利?|差|便宜|"
    r"\b(?:knocks?|deducts?|saves?|saving|takes?|worth|(?:drops?|cut|lower(?:ed)?|reduced|less) by|"
    r"keep|discount of|minus)\b"
)
_TAKEN = re.compile(
    r"优惠|便宜|折扣|"
    r"\b(?:comes? off|off|deducted|knocked off|taken off|waived|less|discount|below|under|"
    r"beneath|cheaper|lower|back|in savings|saved)\b"
)
_REACH = 14


def explained(
    amount: Amount, money: Sequence[Amount], owner: Owner, higher: Iterable[Money], said: Said
) -> bool:
    """Whether the sentence says what of the record the amount is, and is right.

    `higher` are the prices that `owner` is no longer sold at: the list price, the price before an
    offer.
    """
    once = list(higher)
    return (
        _is_once(amount, money, owner, once, said)
        or _is_saved(amount, money, owner, once, said)
        or _is_offered(amount, money, owner, said)
    )


def _is_once(
    amount: Amount, money: Sequence[Amount], owner: Owner, once: Sequence[Money], said: Said
) -> bool:
    """An older price, called so, or set against the price that the sentence gives for now."""
    if not any(equals(amount, price) for price in once) or amount in _nearest(_NOW, money, said):
        return False
    if amount in _nearest(_ONCE, money, said):
        return True
    prices = [said.evidence.priced(owner.product, v).price for v in owner.shown]
    now = _nearest(_NOW, money, said)
    return any(all(equals(other, price) for price in prices) for other in now if other != amount)


def _is_saved(
    amount: Amount, money: Sequence[Amount], owner: Owner, once: Sequence[Money], said: Said
) -> bool:
    """What the price came down by, called so."""
    if amount not in _taken(money, said):
        return False
    return all(
        any(
            equals(amount, Money(minor=old.minor - price.minor, currency=price.currency))
            for old in once
        )
        for v in owner.shown
        for price in [said.evidence.priced(owner.product, v).price]
    )


def _is_offered(amount: Amount, money: Sequence[Amount], owner: Owner, said: Said) -> bool:
    """One of the two amounts of a running offer, beside the other, of which one is taken off."""
    taken = _taken(money, said)
    for offer in said.evidence.running(owner.product):
        if not code_is_said(offer, said):
            continue
        if offer.kind != "amount_off" or offer.amount is None or offer.threshold is None:
            continue
        for other in money:
            if equals(amount, offer.amount) and equals(other, offer.threshold):
                return amount in taken and other not in taken
            if equals(amount, offer.threshold) and equals(other, offer.amount):
                return other in taken and amount not in taken
    return False


def _nearest(cue: re.Pattern[str], money: Sequence[Amount], said: Said) -> set[Amount]:
    """The amounts that stand nearest to a cue in its clause; of two as near, the one after it."""
    found = set()
    for match in cue.finditer(said.bare):
        start, end = said.clause_span(match.start())
        inside = [a for a in money if start <= a.start < end]
        if inside:
            found.add(
                min(inside, key=lambda a: (max(a.start - match.end(), match.start() - a.end),
                                           a.start < match.start()))
            )  # fmt: skip
    return found


def _taken(money: Sequence[Amount], said: Said) -> set[Amount]:
    """The amounts of which the sentence says that they are taken off: 抵20, $20 comes off."""
    found = set()
    for match in _TAKES.finditer(said.bare):
        after = [a for a in money if 0 <= a.start - match.end() <= _REACH]
        found.update(after[:1])
    for match in _TAKEN.finditer(said.bare):
        before = [a for a in money if 0 <= match.start() - a.end <= _REACH]
        found.update(before[-1:])
    return found
