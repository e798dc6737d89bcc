"""Promises, offers and what a shop's assistant has no business to say.

A promise passes only as a quote: the very sentences of a policy in force, or a clause whose every
word one sentence of the product's own record has. What is said of offers has to be true of one
that runs now. Deeds, contacts, other shops, hearsay and false identities never pass.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

from assistant.turn.grounding.once import once_each
from assistant.turn.grounding.promise_words import (
    ACTION,
    ACTOR,
    CONTACT,
    ELSEWHERE,
    FALSE_FRIENDS,
    HARD,
    HARMLESS_DEED,
    HEARSAY,
    IDENTITY,
    OFFER,
    PROMISE,
    RATING,
    REFER,
    UNSURE,
)
from assistant.turn.grounding.said import Said
from assistant.turn.grounding.sums import WITH_CODE
from assistant.turn.grounding.wordings import (
    in_force,
    plain,
    quotes,
    sentences_of,
    stands,
    statements_of,
)
from retrieval.catalog import Offer, Policy, Product

_LIGHT = re.compile(r"(?<=[\u4e00-\u9fff\u25a1])[\s.·*_\-~/|'\"“”‘’+^=#&:]+(?=[\u4e00-\u9fff])")
_EDGE_WORDS = 14
_OBJECT = 16
_LOOSE_OFFER = re.compile(
    r"优惠|折扣|特价|促销|活动|直降|立减|减免|discount|\bpromo|\bon sale\b|\boffers?\b|bargain"
)
_FLASH = re.compile(r"秒杀|限时|flash|limited[- ](?:time|offer)|抢购")
_LAST_DAY = re.compile(
    r"最后一天|仅限今|只限今|last day|(?:today|tonight) only|only (?:today|tonight)|"
    r"ends? (?:today|tonight)"
)
_OVER = re.compile(r"满减|满\s?\d")
_HALF = re.compile(r"半价|half[- ]price|half off")
_STACK = re.compile(
    r"不影响|照样|照旧|两样都|都能用|都算|叠加|同享|同时享|同时用|一起用|还能再|再享|再[减打省]|折上折|"
    r"\bstack|\bcombin|on top of|get both|both (?:apply|count)|exclude|along with|"
    r"plus another|together with"
)
# What may lead up to a quote (our policy says:) ends like this, and neither binds nor denies.
_LEAD_END, _LEAD_CHARACTERS = re.compile(r"[:：,，–-]\s*"), 72
_BINDS = re.compile(rf"{PROMISE.pattern}|{OFFER.pattern}|\d|不|没|无|非|\bnot?\b|n't|\bnever\b")
_NOT = re.compile(r"不|\bnot\b|n't|\bcannot\b")


def policy_quote(said: Said) -> bool:
    """Whether the sentence is whole sentences of one policy, after a lead-in or not.

    A general policy has to hold for what is spoken of: where its category has a rule of its own,
    the general one is no answer.
    """
    if not _ends_as_one(said):
        return False
    held = [in_force(product, said.evidence) for product in said.spoken_of]
    policies = [
        policy
        for policy in said.evidence.policies
        if policy.categories or all(policy in other for other in held)
    ]
    text = said.text
    starts = [0, *(m.end() for m in _LEAD_END.finditer(text[:_LEAD_CHARACTERS]))]
    wordings = [wording for policy in policies for wording in policy.text.every()]
    return any(
        quotes(text[start:], wordings) and not _BINDS.search(FALSE_FRIENDS.sub(" ", text[:start]))
        for start in starts
    )


def _ends_as_one(said: Said) -> bool:
    """Whether the sentence ends as a sentence of some policy: every quote does, and few others."""
    text = said.text.rstrip(" 。！？；!?;.\n")
    return any(text.endswith(_sentences(policy)) for policy in said.evidence.policies)


@once_each
def _sentences(policy: Policy) -> tuple[str, ...]:
    """The sentences of `policy` in either language."""
    return tuple(s for wording in policy.text.every() for s in sentences_of(wording))


def broken_promise(said: Said) -> str | None:
    """The rule that the sentence breaks by what it promises; None where it promises nothing new."""
    squeezed = _LIGHT.sub("", said.bare)
    for pattern, rule in ((CONTACT, "contact"), (ELSEWHERE, "other shop"), (IDENTITY, "identity")):
        if _new(pattern, squeezed, said):
            return rule
    tail = said.spoken[-_EDGE_WORDS:]
    joint = f"{tail} {said.bare[:_EDGE_WORDS]}"
    for glued in (joint, _LIGHT.sub("", re.sub(r"[。，！？；!?;.]", " ", joint))):
        if _across(glued, tail, said.bare[:_EDGE_WORDS]):
            return "promise"
    if (action := ACTION.search(squeezed)) and not UNSURE.search(_part(squeezed, action.start())):
        return "action"
    clear = FALSE_FRIENDS.sub(lambda m: " " * len(m.group()), squeezed)
    for pattern, rule in ((PROMISE, "promise"), (HEARSAY, "hearsay")):
        for match in pattern.finditer(clear):
            if not _excused(squeezed, match.start(), said):
                return rule
    rated = RATING.search(clear)
    if rated and not _excused(squeezed, rated.start(), said) and not _is_rated(said):
        return "hearsay"
    for match in OFFER.finditer(clear):
        clause = _part(squeezed, match.start())
        if not (UNSURE.search(clause) and not HARD.search(clause)) and not _offer_true(
            match.group(), clause, said
        ):
            return "offer"
    return "deed" if _binding_deed(said) else None


def _binding_deed(said: Said) -> bool:
    """Whether somebody of the shop does or says more than an assistant may.

    What such a one may do is listed, all else is not: nobody can list every way to promise.
    """
    for actor in ACTOR.finditer(said.bare):
        harmless = HARMLESS_DEED.match(said.bare, actor.end()) or any(
            a.kind == "money" and 0 <= a.start - actor.end() <= _OBJECT for a in said.amounts
        )  # we take ¥50 off: the sum is checked
        if not harmless and not _excused(said.bare, actor.start(), said):
            return True
    return False


def _is_rated(said: Said) -> bool:
    """Whether what is rated has a rating, and the sentence tells it; the figure is checked."""
    rated = bool(said.spoken_of) and all(p.rating is not None for p in said.spoken_of)
    return rated and any(a.kind in ("number", "count", "measure") for a in said.amounts)


def _new(pattern: re.Pattern[str], text: str, said: Said) -> bool:
    """Whether `pattern` finds something that no record of the products has as it stands."""
    found = {match.group() for match in pattern.finditer(text)}
    if not found:
        return False
    own = "\n".join(plain(w) for p in said.products for w in statements_of(p))
    return any(word not in own for word in found)


def _across(glued: str, tail: str, head: str) -> bool:
    """Whether the end of what was said and the beginning of this make a promise only together."""
    if not tail:
        return False
    return any(
        PROMISE.search(glued, start) is not None
        for start in range(max(0, len(tail) - 8), len(tail))
        if (match := PROMISE.match(glued, start)) is not None and match.end() > len(tail) + 1
    ) and not (PROMISE.search(tail) or PROMISE.search(head))


def _part(text: str, position: int) -> str:
    """The clause of `text` around `position`."""
    before = max((text.rfind(mark, 0, position) for mark in "，。！？；,;!?：:"), default=-1)
    ends = [n for mark in "，。！？；,;!?：:" if (n := text.find(mark, position)) >= 0]
    return text[before + 1 : min(ends, default=len(text))]


def _excused(text: str, position: int, said: Said) -> bool:
    """Whether the clause says it is not known, sends to a person, or stands in the records."""
    clause = _part(text, position)
    if UNSURE.search(clause) and not re.search(r"\bwe\b|\bour\b|我们|本店", clause):
        return True
    if REFER.search(clause) and not HARD.search(clause):
        return True
    return bool(said.products) and all(
        stands(clause.replace("\u25a1", " "), statements_of(p)) for p in said.products
    )


def _running(said: Said) -> list[Offer]:
    return [o for p in said.products[:1] for o in said.evidence.running(p)]


def _offer_true(word: str, clause: str, said: Said) -> bool:
    """Whether an offer that runs now makes `clause` true as far as `word` goes."""
    if not said.products:
        return False
    titles = [wording for o in _running(said) for wording in o.title.every()]
    own = [*titles, *(w for p in said.products for w in statements_of(p))]
    if stands(clause.replace("\u25a1", " "), own):
        return True
    return all(_one_true(word, clause, product, said) for product in said.products)


def _one_true(word: str, clause: str, product: Product, said: Said) -> bool:
    offers: Sequence[Offer] = said.evidence.running(product)
    if _STACK.search(word):
        codes = [o for o in offers if o.kind != "flash_price"]
        together = len(codes) > 1 and all(o.stackable for o in codes)
        denied = _NOT.search(re.sub(r"不影响|n't exclude|not exclude", "", clause))
        return together != bool(denied) and len(codes) > 1
    if _LAST_DAY.search(clause):
        now = said.evidence.at.astimezone(said.evidence.zone)
        return any(
            o.ends_at is not None
            and (o.ends_at.astimezone(said.evidence.zone) - timedelta(seconds=1)).date()
            == now.date()
            for o in offers
        )
    denied = _NOT.search(clause) or re.search(r"没有?|无|\bno\b", clause)
    if denied and not _STACK.search(clause):
        return not offers
    if WITH_CODE.search(clause):
        return any(o.code for o in offers)
    if _FLASH.search(word):
        return any(o.ends_at is not None and o.kind == "flash_price" for o in offers)
    if _OVER.search(word):
        return any(o.kind == "amount_off" and not o.code for o in offers)
    if _HALF.search(word):
        return _half_true(clause, product, offers, said)
    if re.match(r"打", word):
        return True  # the figure in it is checked as a figure
    if _LOOSE_OFFER.search(word):
        cheaper = any(
            said.evidence.priced(product, v).list_price for v in said.evidence.variants(product)
        )
        return cheaper or any(not o.code for o in offers)
    return False


def _half_true(clause: str, product: Product, offers: Sequence[Offer], said: Said) -> bool:
    if re.search(r"第[二2]|\bsecond\b|\b2nd\b", clause):
        return any(o.kind == "nth_item" and o.nth == 2 and o.percent == 50 for o in offers)
    return all(
        priced.list_price is not None and priced.price.minor * 2 == priced.list_price.minor
        for v in said.evidence.variants(product)
        for priced in [said.evidence.priced(product, v)]
    )
