"""How many pieces of what a question asks for: 两条浴巾加一个床头灯, 2 boxes of tea, 三盒呢."""

from __future__ import annotations

import re
from collections.abc import Sequence

from retrieval import units
from retrieval.amounts import Amount

MOST = 999
FEW = 20  # pieces that are said as a bare number
TOGETHER = re.compile(
    r"一共|总共|合计|一起(?:买|拍|要|带走)?(?=多少|几|\W*$)|加起来|总价|[+＋]"
    r"|\b(?:total|together|altogether|in all|all up|come to|comes to|everything)\b"
)
_BOUGHT = re.compile(
    r"(?:买|拍|要|来|拿|下单|订|囤|入)(?:个|了)?\s*$|\b(?:buy|order|get|want|take|need|purchase"
    r"|for|grab)\s*$"
)
_ASKED = re.compile(
    r"\s*(?:多少|一共|总共|一起|几[块钱]|的?价|要多|怎么卖|包邮|的话|起|cost|total|altogether"
    r"|of (?:them|these|it|those)\b)"
)
_ALONE_BEFORE = re.compile(r"^\W*(?:那么?|如果|要是|and|what about|how about|for|then)?\s*$")
_ALONE_AFTER = re.compile(r"\s*(?:呢|一共|总共|[\W]*$|of (?:them|these|it|those)\b)")
_NAME_NEXT = re.compile(r"\s*(?:的|of|the|more|extra|[x×*])?\s*(?:of |the )?$")
_NAME_BEFORE = re.compile(r"\s*(?:的|我?要|来|拿|买|拍|[x×*])?\s*$")
_NOT_PIECES = re.compile(r"(?:[这哪前第后]|(?<!^)那)\s*$")
_WHICH = re.compile("[的装那款]")
_OF_A_SET = re.compile("套|装|组合|裤")
_PIECES_EN = ("piece", "pair", "pack", "set", "bottle", "box", "bag", "can", "case", "tube")
_EACH = re.compile(r"各[来要拿买]?[一1]|\bone of each\b|\beach of\b")


def said_pieces(said: str, amounts: Sequence[Amount], blank: str, products: int) -> tuple[int, ...]:
    """How many pieces of each product named, in order; () where no number of pieces is said.

    `said`: the plain text with each name blanked by runs of `blank`.
    """
    runs = [match.span() for match in re.finditer(f"{blank}+", said)]
    if not runs or len(runs) != products:
        return ()
    pieces = [1] * len(runs)
    found = False
    for at, (start, end) in enumerate(runs):
        left = runs[at - 1][1] if at else 0
        right = runs[at + 1][0] if at + 1 < len(runs) else len(said)
        for amount in amounts:
            if not _counts(said, amount):
                continue
            few = amount.kind == "count" or amount.value <= FEW
            before = left <= amount.start and amount.end <= start and few
            # 坚果30包的 tells which nuts, and not how many.
            after = end <= amount.start and amount.end <= right and amount.kind == "count"
            after = after and not _WHICH.match(said[amount.end :])
            if (before and _NAME_NEXT.fullmatch(said[amount.end : start])) or (
                after and _NAME_BEFORE.fullmatch(said[end : amount.start])
            ):
                pieces[at], found = int(amount.value), True
    return tuple(pieces) if found else ()


def said_quantity(said: str, amounts: Sequence[Amount]) -> int | None:
    """How many pieces a plain text is about where it names no product; None where none is said."""
    for amount in amounts:
        if not _counts(said, amount):
            continue
        before, end = said[: amount.start], amount.end
        bought = _BOUGHT.search(before)
        alone = _ALONE_BEFORE.fullmatch(before) and _ALONE_AFTER.match(said, end)
        if amount.kind == "number":
            ends = re.match(r"\s*(?:$|[,.?!，。？！]|of\b|please)", said[end:])
            if (bought and amount.unit == "" and ends) or (alone and amount.value <= FEW):
                return int(amount.value)
        elif bought or alone or _ASKED.match(said, end):
            return int(amount.value)
    return None


def one_of_each(said: str) -> bool:
    """Whether one of every variant named is meant: 红的和白的各一支."""
    return _EACH.search(said) is not None


def _counts(said: str, amount: Amount) -> bool:
    """Whether an amount may be a number of pieces."""
    if amount.kind not in ("count", "number") or amount.value != int(amount.value):
        return False
    if _NOT_PIECES.search(said[: amount.start]) or not 1 <= amount.value <= MOST:
        return False
    if amount.kind == "number":
        return True
    pieces = amount.unit in units.PIECES_ZH or amount.unit in _PIECES_EN
    return pieces and not _OF_A_SET.match(said[amount.end :])
