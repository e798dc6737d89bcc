"""Which product a question means: by name, by number, by place, by pointing, or unsaid."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from assistant.turn.at_hand import NOTHING_AT_HAND, AtHand
from assistant.turn.intents import Intent
from assistant.turn.references import (
    follows_up,
    items_by_number,
    points_at_several,
    points_earlier,
    points_far,
    points_near,
    points_on_air,
    said_numbers,
    said_places,
    said_side,
)
from retrieval.catalog import RoomContext
from retrieval.names import NameMatch, ProductNames

Reference = Literal["named", "on_air", "number", "ordinal", "recent", "given", "none"]

# How well a name has to fit (see retrieval.names), by what else the question holds.
NAMED = 0.5
_NAMED_BESIDE_POINTER = 0.68
_NAMED_IN_SEARCH = 0.75
_NAMED_IN_COMPARISON = 0.42
_NAMED_BESIDE = 0.42
_PART = 0.25
_AKIN = 0.5
_HINTED = 0.3
_RIVAL = 0.9
_SEVERAL = 4
_ABOUT_A_PRODUCT: frozenset[Intent] = frozenset(
    ("price", "stock", "attribute", "offer", "how_to_buy", "comparison", "other")
)
SHOP_RULES: frozenset[Intent] = frozenset(
    ("shipping", "returns", "warranty", "payment", "invoice", "price_protection")
)
# What is asked of a product by little more than its name.
_BY_NAME: frozenset[Intent] = frozenset(("price", "stock", "offer"))
_ABOUT_NOTHING: frozenset[Intent] = frozenset(
    ("schedule", "small_talk", "order", "complaint", "person")
)
_PARTS = re.compile(
    r"(?:(?![和跟与比，,。?？、+]|加[一两二三四五六七八九十\d]|还是|对比|(?<![a-z])(?:or|and|vs|versus|than|with"
    r"|to)(?![a-z])).)+",
    re.IGNORECASE,
)
# A generation names no family by itself.
_GENERATION = re.compile(r"(?:the )?(?:gen(?:eration)? ?\d|第?[一二三四五六\d]代)", re.I)
_AND = re.compile(
    r"[和跟与、+&]|加(?=[一两二三四五六七八九十\d])|(?<![a-z])(?:and|plus)(?![a-z])", re.IGNORECASE
)


@dataclass
class Meant:
    """Which products are meant, and how that was said."""

    ids: list[str] = field(default_factory=list)
    reference: Reference = "none"
    ambiguous: list[str] = field(default_factory=list)
    unknown: bool = False
    spans: list[tuple[int, int]] = field(default_factory=list)


def meant_products(
    said: str,
    matches: Sequence[NameMatch],
    intents: Sequence[Intent],
    room: RoomContext,
    recent: Sequence[str],
    last_shown: Sequence[str],
    product_id: str | None,
    hand: AtHand = NOTHING_AT_HAND,
    several: bool = False,
) -> Meant:
    """Names beat numbers, numbers beat places, places beat the page, the page beats 这个.

    What is left is about a product at `hand`: a piece of another's name is no reason to leave it
    unless it is a word that no product at hand has. `several`: more than one name is expected.
    """
    on_air = room.on_air
    near = [pid for pid in (product_id, on_air, *recent, *last_shown) if pid]
    listed = {item.product_id for item in room.items}
    pointing = points_near(said) or points_far(said)
    matches = [m for m in matches if m.exact or not (near and m.product_id in hand.bare)]
    least = _NAMED_BESIDE_POINTER if pointing and near else NAMED
    if "recommendation" in intents:
        least = _NAMED_IN_SEARCH
    elif "comparison" in intents:
        least = _NAMED_IN_COMPARISON
    named = _named(matches, near, listed, least, several or "comparison" in intents)
    if named.ids:
        if pointing and len(named.ids) == 1 and "comparison" in intents:
            others = [*_pointed(said, on_air, recent, product_id, hand).ids, *near]
            named.ids = [*[pid for pid in others if pid not in named.ids][:1], *named.ids]
        return named
    numbers = said_numbers(said)
    if numbers and not _order_number(said):
        found = items_by_number(room, numbers)
        ids = [pid for pid in found if pid]
        return Meant(ids, "number", unknown=None in found)
    shown = list(last_shown) or [
        item.product_id for item in sorted(room.items, key=lambda i: i.number)
    ]
    places = said_places(said, len(shown))
    if not places and len(last_shown) > 1:
        places = said_side(said, len(shown))
    if places:
        ids = [shown[place - 1] for place in places if 0 < place <= len(shown)]
        return Meant(ids, "ordinal", unknown=len(ids) < len(places))
    if _ABOUT_NOTHING.intersection(intents[:1]):
        return Meant()
    if points_at_several(said):
        all_of_them = list(last_shown) if len(last_shown) > 1 else list(recent[:2])
        if len(all_of_them) > 1 and (len(last_shown) > 1 or not hand.options):
            return Meant(all_of_them[:_SEVERAL], "recent")
    if "comparison" in intents and len(last_shown) > 1 and not points_near(said):
        return Meant(list(last_shown[:_SEVERAL]), "recent")
    if "comparison" in intents and on_air and (points_near(said) or points_on_air(said)):
        earlier = [pid for pid in recent if pid != on_air]
        if earlier and (points_earlier(said) or points_far(said)):
            return Meant([on_air, earlier[0]], "on_air")
    if pointing or points_earlier(said) or points_on_air(said):
        return _pointed(said, on_air, recent, product_id, hand)
    if hand.options or follows_up(said) or not _ABOUT_A_PRODUCT.intersection(intents):
        return _unsaid(said, intents, on_air, recent, product_id, hand)
    if "recommendation" not in intents and (intents[0] in _BY_NAME or not near):
        hinted = _hinted(matches, near, hand)
        if hinted.ids:
            return hinted
    return _unsaid(said, intents, on_air, recent, product_id, hand)


def _named(
    matches: Sequence[NameMatch],
    near: Sequence[str],
    listed: set[str],
    least: float,
    comparing: bool,
) -> Meant:
    """The products whose names stand in the text; products at hand win among near equals."""
    scored = []
    for match in matches:
        lift = 1.15 if match.product_id in near else 1.08 if match.product_id in listed else 1.0
        score = match.score if match.exact else min(match.score * lift, 0.99)
        scored.append((score, match))
    scored.sort(key=lambda pair: -pair[0])
    meant = Meant(reference="named")
    for score, match in scored:
        if score < (least if not meant.ids or not comparing else min(least, 0.3)):
            continue
        over = [s for s in meant.spans if match.span[0] < s[1] and s[0] < match.span[1]]
        if not over:
            if meant.ids and not (match.exact or (comparing and score > 0.3) or score > 0.75):
                continue
            meant.ids.append(match.product_id)
            meant.spans.append(match.span)
        elif score >= _RIVAL * scored[0][0] and match.product_id not in near[:1]:
            meant.ambiguous.append(match.product_id)
    # Of several products that carry one and the same name, the one at hand is meant.
    for rival in list(meant.ambiguous):
        exact = {m.product_id for m in matches if m.exact}
        if rival in exact and meant.ids[0] in exact:
            hand = [pid for pid in (*near, *listed) if pid in (rival, meant.ids[0])]
            if hand:
                meant.ambiguous.remove(rival)
                meant.ids[0] = hand[0]
    order = dict(zip(meant.ids, meant.spans, strict=True))
    meant.ids.sort(key=lambda pid: order.get(pid, (0, 0)))
    return meant if meant.ids else Meant()


def _hinted(matches: Sequence[NameMatch], near: Sequence[str], hand: AtHand) -> Meant:
    """The product that a poor piece of a name fits best, unless one at hand has that word too.

    A piece that fits several is a reason to leave the product at hand only for its namesakes.
    """
    best = max((match.score for match in matches), default=0.0)
    fitting = [m for m in matches if m.score >= max(_HINTED, _RIVAL * best)]
    if not fitting or not all(m.product_id in hand.worded for m in fitting[:1]):
        return Meant()
    if near and (hand.kin or any(m.product_id in near for m in fitting)):
        return Meant()
    first, *rivals = fitting
    return Meant([first.product_id], "named", [m.product_id for m in rivals], spans=[first.span])


def _pointed(
    said: str, on_air: str | None, recent: Sequence[str], product_id: str | None, hand: AtHand
) -> Meant:
    """What 这款, it or 刚才那个 points at."""
    if points_on_air(said) and on_air:
        return Meant([on_air], "on_air")
    if points_earlier(said):
        earlier = [pid for pid in recent if pid != on_air] or list(recent)
        return _recent(hand.closest(earlier), None)
    if product_id:
        return Meant([product_id], "given")
    if points_near(said):
        return _recent(on_air or next(iter(recent), None), on_air)
    airs = [on_air] if on_air else []
    return _recent(hand._replace(options=frozenset()).closest([*recent, *airs]), on_air, recent)


def _recent(product_id: str | None, on_air: str | None, recent: Sequence[str] = ()) -> Meant:
    if product_id is None:
        return Meant()
    there = product_id == on_air and product_id not in recent
    return Meant([product_id], "on_air" if there else "recent")


def _unsaid(
    said: str,
    intents: Sequence[Intent],
    on_air: str | None,
    recent: Sequence[str],
    product_id: str | None,
    hand: AtHand,
) -> Meant:
    """What a question is about that points at nothing."""
    asks = set(intents)
    follow = follows_up(said)
    rule = bool(asks & SHOP_RULES)
    about = bool(asks & _ABOUT_A_PRODUCT) and "recommendation" not in asks
    if product_id and (about or rule):
        return Meant([product_id], "given")
    if about or (rule and "recommendation" not in asks) or (follow and rule):
        airs = [on_air] if on_air else []
        order = [*recent, *airs] if follow else [*airs, *recent]
        return _recent(hand.closest(order), on_air, recent if follow else ())
    return Meant()


def _order_number(said: str) -> bool:
    return re.search(r"订单号|单号|order (?:number|no|#)|phone number|tracking", said) is not None


def joined(text: str, names: ProductNames, matches: Sequence[NameMatch]) -> bool:
    """Whether a text names two things in one breath: 衬衫和马甲, a pot and four bowls."""
    if not matches or not _AND.search(text):
        return False
    parts = [names.find(part[0]) for part in _PARTS.finditer(text)]
    firm = [found[0] for found in parts if found and found[0].score >= _NAMED_BESIDE]
    return len({match.product_id for match in firm}) > 1


def compared(text: str, names: ProductNames, matches: Sequence[NameMatch]) -> Sequence[NameMatch]:
    """Matches part by part where two things are named, each perhaps by a short name.

    Of several that a part may mean, the one most like what another part names is meant: 胖墩一代和
    二代 are two mugs, whatever else comes in a second generation.
    """
    if sum(match.exact for match in matches) > 1:
        return matches
    parts: list[list[NameMatch]] = []
    for part in _PARTS.finditer(text):
        found = [
            match._replace(span=(part.start() + match.span[0], part.start() + match.span[1]))
            for match in names.find(part[0])
        ]
        if found and found[0].score >= _PART:
            parts.append(found)
    if len(parts) < 2:
        best = {match.product_id: match for match in matches}
        for match in (match for found in parts for match in found):
            known = best.get(match.product_id)
            if known is None or known.score < match.score:
                best[match.product_id] = match
        return sorted(best.values(), key=lambda match: -match.score)
    firsts = [(m.exact, not _GENERATION.match(text, *m.span), m.score, m) for m, *_ in parts]
    leader = max(firsts)[-1]
    meant: list[NameMatch] = []
    for found in parts:
        if found[0] is leader or found[0].exact:
            meant += [m for m in found if m.exact or not found[0].exact]
            continue
        alike = [(names.alike(m.product_id, leader.product_id), m.score, m) for m in found]
        akin = [m for share, _, m in alike if share >= _AKIN and m.product_id != leader.product_id]
        if not akin:
            # Its family is said with the other alone: Pangdun 500 and Gen 2.
            start, end = leader.span
            whole = names.find(f"{text[start:end]} {text[slice(*found[0].span)]}")[:1]
            akin = [m for m in whole if m.product_id != leader.product_id and m.score >= NAMED]
            akin = [m._replace(span=found[0].span) for m in akin]
        if akin:
            first = max(akin, key=lambda m: m.score)
            meant.append(first._replace(score=max(first.score, _NAMED_IN_COMPARISON)))
        else:
            meant += found
    return sorted(meant, key=lambda match: -match.score)
