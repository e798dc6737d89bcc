"""Hard limits in a question: price bounds, properties wanted and not wanted, categories."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from assistant.turn.vocabulary import attribute_words
from retrieval.amounts import Amount, minor_digits
from retrieval.catalog import Constraints

_MOST_BEFORE = re.compile(
    r"(?:不超过|不要超过|别超过|不高于|不多于|不到|低于|少于|小于|最多|顶多|最高|至多|上限|封顶"
    r"|预算\D{0,6}|便宜[于过]"
    r"|\b(?:under|below|less than|(?:no|not) (?:more|higher|over) than|not over|up to|at most"
    r"|max(?:imum)?(?: of)?"
    r"|within|cheaper than|lower than|beneath|budget(?: is| of|:)?(?: about| around)?|spend"
    r"|afford|don'?t exceed|not exceeding))"
    r"[\s:$¥]*$"
)
_MOST_AFTER = re.compile(
    r"\s*(?:元|块|块钱)?\s*(?:以内|以下|之内|之下|内(?!存|置|衣)|封顶|打住|不到"
    r"|or (?:less|under|below|cheaper)\b|and (?:under|below)\b|max\b|tops\b|budget\b|at most\b"
    r"|的?预算)"
)
_LEAST_BEFORE = re.compile(
    r"(?:(?<!不)超过|(?<!不)高于|大于|不低于|不少于|至少|最低|起码|多于|贵于"
    r"|\b(?:(?<!not )over|above|(?<!no )(?<!not )more than|at least|min(?:imum)?(?: of)?"
    r"|starting (?:at|from)|higher than"
    r"|from|greater than|upwards of|(?:no|not) less than))[\s:$¥]*$"
)
_LEAST_AFTER = re.compile(
    r"\s*(?:元|块|块钱)?\s*(?:以上|之上|往上|起步|起(?!送|拍)|or (?:more|above|over|up)\b"
    r"|and (?:up|above|over)\b|\+|plus\b)"
)
_NEAR_AFTER = re.compile(r"\s*(?:元|块|块钱)?\s*(?:左右|上下|出头|or so\b|-?ish\b|附近|来块|多块)")
_NEAR_BEFORE = re.compile(
    r"(?:大概|大约|差不多|约|\b(?:around|about|roughly|approximately|approx\.?|close to"
    r"|near))[\s$¥]*$"
)
_BETWEEN = re.compile(r"\s*(?:元|块|块钱)?\s*(?:-+|~|–|—|到|至|to|and|和)\s*[$¥]?\s*")
_BETWEEN_CUE = re.compile(r"(?:between|from|价格|价位|预算|价钱|介于|在|range|priced?)\D{0,8}$")
_BETWEEN_TAIL = re.compile(r"\s*(?:元|块|块钱)?(?:的|之间|左右|价位|以内|区间|预算|range)")
_MONEY_CUE = re.compile(r"价|预算|budget|price|cost|spend|元|块|钱|\$|¥|dollar|bucks|便宜|贵|cheap")
_NOT_BEFORE = re.compile(
    r"(?:不要(?!超过|太|了|那么|这么|很|低|高于|紧|再)|不想要|不喜欢|别给我|不含|不带|除了|除去"
    r"|排除|不是|别要|不买|非|拒绝|避开|讨厌|不能有|去掉"
    r"|\b(?:not(?! (?:too|very|so|sure|over|more|less|only|bad|as|just|exceed|really|if|working"
    r"|yet|available|in|the))"
    r"|no(?! (?:more|less|problem|idea|thanks|thank|need|one|matter|longer|way)\b)(?!\.|,)"
    r"|(?:is|are)n'?t|without|except(?: for)?|other than|excluding|anything but"
    r"|don'?t (?:want|like|need)|do not (?:want|like)|avoid|hate|free of|rather than|instead of))"
    r"\s*(?:any |a |an |the |made of |in )?"
)
_EXCLUDED_ZH = re.compile(r"[^\s，,。.!！?？；;、的了吗呢吧啊\n]{1,8}")
_EXCLUDED_EN = re.compile(r"[a-z][a-z-]+(?: [a-z][a-z-]+)?")
_SPLIT_ZH = re.compile(r"[和或与跟、]|以及|还有")
_FILLER_EN = re.compile(
    r"\b(?:ones?|please|thanks?|things?|stuff|products?|items?|and|or|but|that|is|it|i)\b"
)
_OF_A_PERSON = re.compile(
    r"(?:我|身高|体重|本人|老公|孩子|儿子|女儿)\D{0,6}$|\b(?:i'?m|i am|i weigh|my)\b[^.,]*$"
)
_IN_STOCK = re.compile(
    r"(?:有货|现货|有库存|能买到|能拍|没断货)的(?!话)|只(?:要|看)(?:有货|现货)|要(?:有货|现货)"
    r"|\b(?:that (?:are|is)|only|currently|which (?:are|is)|must be|which|anything|something"
    r"|items?|ones?) (?:still )?(?:in[- ]stock|available)\b|\bin-stock\b"
    r"|\bavailable (?:now|today|ones?)\b"
)


class Limits(NamedTuple):
    """The limits read, and where in the text the words stand that said so."""

    constraints: Constraints
    spans: tuple[tuple[int, int], ...]


def read_limits(
    text: str, amounts: Sequence[Amount], categories: Sequence[str], searching: bool
) -> Limits:
    """The limits of a plain text. Prices and stock limit only a search."""
    spans: list[tuple[int, int]] = []
    excluded = _excluded(text, categories, spans)
    words, out = [], set(excluded)
    for word, start, end in attribute_words(text):
        if not any(s <= start and end <= e for s, e in spans) and word not in out:
            words.append(word)
    words += [
        amount.text.strip()
        for amount in amounts
        if amount.kind == "measure" and not _OF_A_PERSON.search(text[: amount.start])
    ]
    low = high = None
    currency = None
    if searching:
        bound = _bounds(text, amounts)
        if bound is not None:
            low, high, unit, span = bound
            digits = minor_digits(unit or "CNY")
            low = None if low is None else low.scaleb(digits)
            high = None if high is None else high.scaleb(digits)
            currency = unit or None
            spans.append(span)
    in_stock = _IN_STOCK.search(text) if searching else None
    if in_stock:
        spans.append(in_stock.span())
    kept = tuple(c for c in categories if c.lower() not in out)
    constraints = Constraints(
        price_min=None if low is None else int(low),
        price_max=None if high is None else int(high),
        currency=currency,
        in_stock=in_stock is not None,
        categories=kept,
        attributes=tuple(dict.fromkeys(words)),
        excluded=tuple(dict.fromkeys(excluded)),
    )
    return Limits(constraints, tuple(spans))


def _excluded(text: str, categories: Sequence[str], spans: list[tuple[int, int]]) -> list[str]:
    """What is not wanted; where it is said goes to `spans`."""
    found: list[str] = []
    for cue in _NOT_BEFORE.finditer(text):
        start = cue.end()
        known = [w for w in attribute_words(text[start : start + 24]) if w[1] <= 1]
        english = cue[0].isascii()
        if english:
            match = _EXCLUDED_EN.match(text, start)
            if match is None:
                continue
            phrase = _FILLER_EN.sub("", match[0]).strip()
            named = bool(known) or any(phrase.startswith(c.lower()) for c in categories)
            firm = re.search(
                r"except|other than|excluding|anything but|want|like|avoid|hate", cue[0]
            )
            if not phrase or not (named or firm):
                continue
            found.append(known[0][0] if known else phrase)
            spans.append((cue.start(), match.end()))
            continue
        match = _EXCLUDED_ZH.match(text, start)
        if match is None or (cue[0] in ("不是", "非", "不买") and not known):
            continue
        for part in _SPLIT_ZH.split(re.sub("(?:以外|之外|外|这种|那种|类)$", "", match[0])):
            if part and not re.match("[这那它]|哪|什么|太|钱|\\d", part):
                inside = attribute_words(part + "的")
                found.append(inside[0][0] if inside and inside[0][1] == 0 else part)
        spans.append((cue.start(), match.end()))
    return found


def _bounds(
    text: str, amounts: Sequence[Amount]
) -> tuple[Decimal | None, Decimal | None, str, tuple[int, int]] | None:
    """(lowest, highest, currency, span) in major units; None where no price is bounded."""
    usable = [a for a in amounts if a.kind == "money" or (a.kind == "number" and a.value >= 1)]
    for left, right in pairwise(usable):
        same = left.start == right.start
        if not same and not _BETWEEN.fullmatch(text, left.end, right.start):
            continue
        priced = "money" in (left.kind, right.kind)
        cued = _BETWEEN_CUE.search(text[: left.start]) or _BETWEEN_TAIL.match(text, right.end)
        if left.value < right.value and (priced or (cued and right.value >= 10)):
            tail = _BETWEEN_TAIL.match(text, right.end)
            span = (left.start, tail.end() if tail else right.end)
            return left.value, right.value, right.unit or left.unit, span
    lowest = highest = None
    unit, spans = "", []
    for amount in usable:
        before, end = text[: amount.start], amount.end
        money = amount.kind == "money"
        if not money and re.match(r"\s*(?:%|岁|人|号|码|年|月|个|件|[a-z]+\d)", text[end:]):
            continue
        most = _MOST_BEFORE.search(before) or _MOST_AFTER.match(text, end)
        least = _LEAST_BEFORE.search(before) or _LEAST_AFTER.match(text, end)
        near = _NEAR_AFTER.match(text, end) or _NEAR_BEFORE.search(before)
        if (
            near
            and not money
            and (
                amount.value < 10 or not (_NEAR_AFTER.match(text, end) or _MONEY_CUE.search(before))
            )
        ):
            near = None
        if near and not _LEAST_BEFORE.search(before):
            lowest, highest = amount.value * Decimal("0.8"), amount.value * Decimal("1.2")
        elif most or (money and re.search(r"预算|budget", before)):
            highest = amount.value
        elif least and (money or amount.value >= 10):
            lowest = amount.value
        else:
            continue
        unit = amount.unit or unit
        cue = (
            _MOST_BEFORE.search(before)
            or _LEAST_BEFORE.search(before)
            or _NEAR_BEFORE.search(before)
        )
        tail = (
            _MOST_AFTER.match(text, end)
            or _LEAST_AFTER.match(text, end)
            or _NEAR_AFTER.match(text, end)
        )
        spans.append((cue.start() if cue else amount.start, tail.end() if tail else end))
    if not spans:
        return None
    return lowest, highest, unit, (min(s for s, _ in spans), max(e for _, e in spans))
