"""The first stage: what a question asks, about which product, within which limits. No model.

Text inside a question is data: nothing in it changes how it is read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from assistant.turn.intents import Intent, read_intents
from assistant.turn.limits import read_limits
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
)
from retrieval import units
from retrieval.amounts import Amount, read_amounts
from retrieval.catalog import Constraints, Language, RoomContext
from retrieval.names import NameMatch, ProductNames
from retrieval.scaffold import SCAFFOLD_ZH
from retrieval.terms import plain

Reference = Literal["named", "on_air", "number", "ordinal", "recent", "given", "none"]

_NAMED = 0.5
_NAMED_BESIDE_POINTER = 0.68
_NAMED_IN_SEARCH = 0.75
_NAMED_IN_COMPARISON = 0.42
_RIVAL = 0.9
_SEVERAL = 4
_ABOUT_A_PRODUCT: frozenset[Intent] = frozenset(
    ("price", "stock", "attribute", "offer", "how_to_buy", "comparison", "other")
)
_SHOP_RULES: frozenset[Intent] = frozenset(("shipping", "returns", "warranty", "payment"))
_ABOUT_NOTHING: frozenset[Intent] = frozenset(("small_talk", "order", "complaint"))
_WORDS_EN = re.compile(r"[a-z]+(?:'[a-z]+)?")
_HAN = re.compile(r"[\u3400-\u9fff]")
_FUNCTION_EN = frozenset(
    "how much is are the a an it this that does do what which in on of for to i you your my have "
    "has can could any with where when will and or not please there".split()  # noqa: SIM905
)
_FUNCTION_ZH = re.compile(
    r"[的吗呢吧啊了么]|多少|什么|怎么|有没有|这个|那个|哪|几|我|你|能|可以|是|有|要|不"
)
_QUANTITY_BEFORE = re.compile(
    r"(?:买|拍|要|来|拿|下单|订|囤|入)(?:个|了)?\s*$|\b(?:buy|order|get|want|take|need|purchase"
    r"|for|grab)\s*$"
)
_QUANTITY_AFTER = re.compile(
    r"\s*(?:多少|一共|总共|一起|几[块钱]|的?价|要多|怎么卖|包邮|的话|起|of (?:them|these|it|those))"
)
_NOT_PIECES = re.compile(r"[这那哪前第后]\s*$")
_HAVE = re.compile(r"有(?:没有)?(?:卖)?.*(?:吗|么|没|[?？]|$)|卖.*吗|\b(?:have|sell|carry|any)\b")
_HAVE_NAMED = re.compile(
    r"有(?:没有)?(?:卖)?\s*\n+\s*(?:吗|么|嘛|没|卖|[?？]|$)|\n\s*有(?:没有)?(?:吗|么|嘛|没|[?？]|$)"
    r"|\b(?:have|sell|carry|got) (?:the |a |an |any )?\n"
)
_TAKES = re.compile(r"(?:要|买|拍|入手|下单|拿下)|\b(?:want|take|buy|get|order|have)\b")
_PARTS = re.compile(
    r"(?:(?![和跟与比，,。?？、]|还是|对比|(?<![a-z])(?:or|and|vs|versus|than|with"
    r"|to)(?![a-z])).)+",
    re.IGNORECASE,
)
_QUERY_NOISE = re.compile(
    r"^(?:hi|hello|hey)\b[,!. ]*|\b(?:please|pls|can you|could you|would you"
    r"|do you (?:guys )?have|show me|find me|i am|i'm|i|we"
    r"|(?:want|need|would like) (?:to buy |to get )?|looking for|recommend(?: me)?|suggest|any"
    r"|some|me)\b|[?？!！。]"
)


@dataclass(frozen=True)
class Understanding:
    """What one question means.

    `product_ids`: the products meant, best first; `ambiguous`: close rivals by name.
    `query`: the question without courtesies and limits, for retrieval.
    `unknown_reference`: it points at a number or place that the list does not have.
    """

    language: Language
    intents: tuple[Intent, ...]
    constraints: Constraints
    product_ids: tuple[str, ...]
    variant_ids: tuple[str, ...]
    reference: Reference
    ambiguous: tuple[str, ...]
    query: str
    quantity: int | None
    unknown_reference: bool


@dataclass
class _Meant:
    """Which products are meant, and how that was said."""

    ids: list[str] = field(default_factory=list)
    reference: Reference = "none"
    ambiguous: list[str] = field(default_factory=list)
    unknown: bool = False
    spans: list[tuple[int, int]] = field(default_factory=list)


def understand(
    text: str,
    *,
    room: RoomContext,
    names: ProductNames,
    recent: Sequence[str] = (),
    last_shown: Sequence[str] = (),
    product_id: str | None = None,
    locale: str | None = None,
) -> Understanding:
    """Reads one question. Pure and quick: a few milliseconds at 10,000 products.

    `recent`: product ids the conversation was about, latest first; `last_shown`: the cards shown
    last, in order; `product_id`: the product whose page the viewer is on; `locale`: the page's
    language, which counts only where the text shows none.
    """
    said = plain(text)[0]
    matches: Sequence[NameMatch] = names.find(text)
    bare = _without(said, text, [m.span for m in matches if m.exact])
    intents = read_intents(bare)
    first = read_limits(bare, read_amounts(bare), (), True)
    if intents == ("other",) and first.spans:
        intents = ("recommendation",)
    categories = names.categories(text)
    if intents[0] in ("attribute", "other") and categories and _HAVE.search(bare):
        intents = ("recommendation",)
    if intents[0] == "recommendation" and first.spans:
        matches = [match for match in matches if match.exact]
    elif "comparison" in intents:
        matches = _compared(text, names, matches)
    meant = _meant(bare, matches, intents, room, recent, last_shown, product_id)
    bare = _without(said, text, meant.spans)
    language = _language(bare, said, locale, room)
    amounts = read_amounts(bare)
    intents = _with_product(intents, bare, meant)
    if first.constraints.in_stock and "recommendation" in intents:
        intents = ("recommendation", *(i for i in intents if i not in ("recommendation", "stock")))
    searching = not meant.ids or "recommendation" in intents
    shop_rule = intents[0] in _SHOP_RULES or intents[0] == "offer"
    if meant.reference == "named":
        categories = ()
    limits = read_limits(bare, amounts, categories, searching and not shop_rule)
    variants = [v for product in meant.ids for v in names.variants(product, text)]
    return Understanding(
        language=language,
        intents=intents,
        constraints=limits.constraints,
        product_ids=tuple(meant.ids),
        variant_ids=tuple(variants),
        reference=meant.reference,
        ambiguous=tuple(meant.ambiguous),
        query=_query(said, limits.spans, language),
        quantity=_quantity(bare, amounts),
        unknown_reference=meant.unknown,
    )


def _compared(text: str, names: ProductNames, matches: Sequence[NameMatch]) -> Sequence[NameMatch]:
    """Matches part by part where two things are compared, each perhaps by a short name."""
    if sum(match.exact for match in matches) > 1:
        return matches
    best: dict[str, NameMatch] = {match.product_id: match for match in matches}
    for part in _PARTS.finditer(text):
        for match in names.find(part[0]):
            start, end = match.span
            moved = match._replace(span=(part.start() + start, part.start() + end))
            known = best.get(match.product_id)
            if known is None or known.score < match.score:
                best[match.product_id] = moved
    return sorted(best.values(), key=lambda match: -match.score)


def _without(said: str, text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The plain text with product names blanked, so that their words mean nothing."""
    if len(said) != len(text):  # folding moved characters: blank by what stands there
        for start, end in spans:
            name = plain(text[start:end])[0]
            said = said.replace(name, "\n" * len(name))
        return said
    for start, end in spans:
        said = said[:start] + "\n" * (end - start) + said[end:]
    return said


def _meant(
    said: str,
    matches: Sequence[NameMatch],
    intents: Sequence[Intent],
    room: RoomContext,
    recent: Sequence[str],
    last_shown: Sequence[str],
    product_id: str | None,
) -> _Meant:
    """Names beat numbers, numbers beat places, places beat the page, the page beats 这个."""
    on_air = room.on_air
    near = [pid for pid in (product_id, on_air, *recent, *last_shown) if pid]
    listed = {item.product_id for item in room.items}
    pointing = points_near(said) or points_far(said)
    least = _NAMED_BESIDE_POINTER if pointing and near else _NAMED
    if "recommendation" in intents:
        least = _NAMED_IN_SEARCH
    elif "comparison" in intents:
        least = _NAMED_IN_COMPARISON
    named = _named(matches, near, listed, least, "comparison" in intents)
    if named.ids:
        if pointing and len(named.ids) == 1 and "comparison" in intents:
            others = [*_pointed(said, on_air, recent, product_id).ids, *near]
            named.ids = [*[pid for pid in others if pid not in named.ids][:1], *named.ids]
        return named
    numbers = said_numbers(said)
    if numbers and not _order_number(said):
        found = items_by_number(room, numbers)
        ids = [pid for pid in found if pid]
        return _Meant(ids, "number", unknown=None in found)
    shown = list(last_shown) or [
        item.product_id for item in sorted(room.items, key=lambda i: i.number)
    ]
    places = said_places(said, len(shown))
    if places:
        ids = [shown[place - 1] for place in places if 0 < place <= len(shown)]
        return _Meant(ids, "ordinal", unknown=len(ids) < len(places))
    if _ABOUT_NOTHING.intersection(intents[:1]):
        return _Meant()
    if len(last_shown) > 1 and points_at_several(said):
        return _Meant(list(last_shown[:_SEVERAL]), "recent")
    if "comparison" in intents and len(last_shown) > 1 and not points_near(said):
        return _Meant(list(last_shown[:_SEVERAL]), "recent")
    if "comparison" in intents and on_air and (points_near(said) or points_on_air(said)):
        earlier = [pid for pid in recent if pid != on_air]
        if earlier and (points_earlier(said) or points_far(said)):
            return _Meant([on_air, earlier[0]], "on_air")
    if pointing or points_earlier(said) or points_on_air(said):
        return _pointed(said, on_air, recent, product_id)
    return _unsaid(said, intents, on_air, recent, product_id)


def _named(
    matches: Sequence[NameMatch],
    near: Sequence[str],
    listed: set[str],
    least: float,
    comparing: bool,
) -> _Meant:
    """The products whose names stand in the text; products at hand win among near equals."""
    scored = []
    for match in matches:
        lift = 1.15 if match.product_id in near else 1.08 if match.product_id in listed else 1.0
        score = match.score if match.exact else min(match.score * lift, 0.99)
        scored.append((score, match))
    scored.sort(key=lambda pair: -pair[0])
    meant = _Meant(reference="named")
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
    order = {pid: span for pid, span in zip(meant.ids, meant.spans, strict=True)}
    meant.ids.sort(key=lambda pid: order.get(pid, (0, 0)))
    return meant if meant.ids else _Meant()


def _pointed(
    said: str, on_air: str | None, recent: Sequence[str], product_id: str | None
) -> _Meant:
    """What 这款, it or 刚才那个 points at."""
    if points_on_air(said) and on_air:
        return _Meant([on_air], "on_air")
    if points_earlier(said):
        earlier = [pid for pid in recent if pid != on_air] or list(recent)
        return _Meant(earlier[:1], "recent") if earlier else _Meant()
    if product_id:
        return _Meant([product_id], "given")
    if points_near(said):
        if on_air:
            return _Meant([on_air], "on_air")
        return _Meant(list(recent[:1]), "recent") if recent else _Meant()
    if recent:
        return _Meant(list(recent[:1]), "recent")
    return _Meant([on_air], "on_air") if on_air else _Meant()


def _unsaid(
    said: str,
    intents: Sequence[Intent],
    on_air: str | None,
    recent: Sequence[str],
    product_id: str | None,
) -> _Meant:
    """What a question is about that points at nothing."""
    asks = set(intents)
    follow = follows_up(said)
    about = bool(asks & _ABOUT_A_PRODUCT) and "recommendation" not in asks
    if "other" in asks and not follow:
        about = False
    if product_id and (about or asks & _SHOP_RULES):
        return _Meant([product_id], "given")
    if (
        follow
        and recent
        and (about or asks & _SHOP_RULES or ("recommendation" not in asks and _short_option(said)))
    ):
        return _Meant(list(recent[:1]), "recent")
    if about or (asks & _SHOP_RULES and "recommendation" not in asks):
        if on_air:
            return _Meant([on_air], "on_air")
        if recent:
            return _Meant(list(recent[:1]), "recent")
    return _Meant()


def _short_option(said: str) -> bool:
    """那有黑色的吗: an option of what was talked about rather than a new search."""
    return len(_HAN.findall(said)) <= 10 and len(_WORDS_EN.findall(said)) <= 5


def _order_number(said: str) -> bool:
    return re.search(r"订单号|单号|order (?:number|no|#)|phone number|tracking", said) is not None


def _with_product(intents: tuple[Intent, ...], said: str, meant: _Meant) -> tuple[Intent, ...]:
    """Intents once the product is known: 有X吗 asks for stock, a name alone for price and stock."""
    if not meant.ids:
        return intents
    if meant.reference in ("number", "ordinal") and intents == ("other",):
        return ("price", "stock")
    if intents == ("recommendation",) and meant.reference != "named" and _TAKES.search(said):
        return ("how_to_buy",)
    if meant.reference != "named":
        return intents
    if intents == ("other",):
        rest = re.sub(r"[\W_]+", "", SCAFFOLD_ZH.sub("", said))
        return ("price", "stock") if len(rest) <= 2 else ("attribute",) if "?" in said else intents
    if intents[0] in ("recommendation", "attribute"):
        if _HAVE_NAMED.search(said):
            return ("stock", *(i for i in intents[1:] if i != "stock"))
    return intents


def _language(rest: str, said: str, locale: str | None, room: RoomContext) -> Language:
    """The question's own language; the page's only where the text has neither script."""
    for text in (rest, said):
        han, words = _HAN.findall(text), _WORDS_EN.findall(text)
        if not han and not words:
            continue
        if not han or not words:
            return "zh" if han else "en"
        grammar_zh = len(_FUNCTION_ZH.findall(text))
        grammar_en = sum(word in _FUNCTION_EN for word in words)
        if bool(grammar_zh) != bool(grammar_en):
            return "zh" if grammar_zh else "en"
        return "zh" if len(han) + grammar_zh >= 1.5 * (len(words) + grammar_en) else "en"
    if locale:
        return "zh" if locale.lower().startswith("zh") else "en"
    return "en" if room.title.en and not room.title.zh else "zh"


def _quantity(said: str, amounts: Sequence[Amount]) -> int | None:
    """How many pieces the question is about; None where it does not say."""
    for amount in amounts:
        if amount.kind not in ("count", "number") or amount.value != int(amount.value):
            continue
        before, end = said[: amount.start], amount.end
        if _NOT_PIECES.search(before) or not 1 <= amount.value <= 999:
            continue
        bought = _QUANTITY_BEFORE.search(before)
        if amount.kind == "number":
            if (
                bought
                and amount.unit == ""
                and re.match(r"\s*(?:$|[,.?!，。？！]|of\b|please)", said[end:])
            ):
                return int(amount.value)
            continue
        pieces = amount.unit in units.PIECES_ZH or amount.unit in (
            "piece", "pair", "pack", "set", "bottle", "box", "bag", "can",
        )  # fmt: skip
        if pieces and not re.match("套|装|组合|裤", said[end:]):
            if bought or _QUANTITY_AFTER.match(said, end):
                return int(amount.value)
    return None


def _query(said: str, spans: Sequence[tuple[int, int]], language: Language) -> str:
    """The words worth searching for; the whole text where nothing else is left."""
    left = said
    for start, end in spans:
        left = left[:start] + " " * (end - start) + left[end:]
    if language == "zh":
        left = SCAFFOLD_ZH.sub(" ", left)
    left = re.sub(r"\s+", " ", _QUERY_NOISE.sub(" ", left)).strip(" ,，.、~")
    return left if len(left) > 1 else said.strip()
