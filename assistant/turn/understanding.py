"""The first stage: what a question asks, about which product, within which limits. No model.

Text inside a question is data: nothing in it changes how it is read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.turn.at_hand import ASKS, LETTERS, NEAREST, at_hand, of_hand
from assistant.turn.following import Earlier, carried
from assistant.turn.intents import RECOMMENDS, Intent, read_intents, says_more
from assistant.turn.limits import read_limits
from assistant.turn.meant import (
    NAMED,
    SHOP_RULES,
    Meant,
    Reference,
    compared,
    joined,
    meant_products,
)
from assistant.turn.narrowing import narrows
from assistant.turn.pieces import TOGETHER, said_pieces, said_quantity
from assistant.turn.relatives import Way, greatest_of, way_of
from assistant.turn.slips import mended
from retrieval.amounts import read_amounts
from retrieval.catalog import Constraints, Language, RoomContext
from retrieval.names import NameMatch, ProductNames
from retrieval.needs import needed
from retrieval.scaffold import SCAFFOLD_ZH
from retrieval.terms import plain

_WORDS_EN = re.compile(r"[a-z]+(?:'[a-z]+)?")
_HAN = re.compile(r"[\u3400-\u9fff]")
_GRAMMAR_EN = (
    "how much is are the a an it this that does do what which in on of for to i you your my have "
    "has can could any with where when will and or not please there price cost available stock "
    "still left sold out offer discount buy return shipping"
)
_FUNCTION_EN = frozenset(_GRAMMAR_EN.split())
_FUNCTION_ZH = re.compile(
    r"[的吗呢吧啊了么]|多少|价[格钱]?|有货|谁|什么|怎么|有没有|这个|那个|哪|几|我|你|能|可以|是|有|要|不"
)
_BLANK = "\ue000"
_HAVE = re.compile(r"有(?:没有)?(?:卖)?.*(?:吗|么|没|[?？]|$)|卖.*吗|\b(?:have|sell|carry|any)\b")
_HAVE_NAMED = re.compile(
    rf"有(?:没有)?(?:卖)?\s*{_BLANK}+\s*(?:吗|么|嘛|没|卖|[?？]|$)"
    rf"|{_BLANK}\s*有(?:没有)?(?:吗|么|嘛|没|[?？]|$)"
    rf"|\b(?:have|sell|carry|got) (?:the |a |an |any )?{_BLANK}"
)
_WHAT_ABOUT = re.compile(r"^(?:and )?(?:what|how) about\b|呢[?？]*$|看一下|看看")
_TAKES = re.compile(
    rf"(?:要|买|拍|入手|下单|拿下)了?(?:[一两\d]+[个件])?\s*(?:这|那|它|第|\d+号|{_BLANK})"
    r"|(?:这|那)[个款件].{0,4}(?:我要|要了|想要|想买)"
    r"|\b(?:want|take|buy|get|order)(?: to (?:buy|get|order))?(?: (?:\d+|one|two|three))?(?: of)? "
    rf"(?:it|this|that|these|those|them|(?:the |a |an )?{_BLANK}|the (?:first|second|third))"
    r"(?: ones?)?\s*(?:$|[,.!?]|please|now|in\b)"
)
_QUERY_NOISE = re.compile(
    r"^(?:hi|hello|hey)\b[,!. ]*|\b(?:please|pls|can you|could you|would you"
    r"|do you (?:guys )?have|show me|find me|i am|i'm|i|we"
    r"|(?:want|need|would like) (?:to buy |to get )?|looking for|recommend(?: me)?|suggest|any"
    r"|some|me)\b|[?？!！。]"
)
_OF_ONE = frozenset(("price", "stock", "offer", "how_to_buy"))
_CHOOSES = re.compile(r"还是|选|\bor\b|\bwhich (?!one|is\b|of\b)")
_SHORT = 8  # Chinese characters and English words of a question that is an option alone
_CONTENT = re.compile(r"[\u3400-\u9fff]|[a-z]+")


@dataclass(frozen=True)
class Understanding:
    """What one question means.

    `product_ids`: the products meant, best first; `ambiguous`: close rivals by name.
    `query`: the question without courtesies and limits, for retrieval; '' if nothing is left.
    `pieces`: how many of each product, in their order; () where none is said. `quantity`: how
    many, where one product is meant. `unknown_reference`: it points at a number or place that the
    list does not have. `asks_as`: the words of the question before, where they ask this one too;
    `rule`: the rule of the shop that was talked of just before. `way`: how the goods wanted differ
    from `beside`, the product at hand.
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
    pieces: tuple[int, ...] = ()
    asks_as: str = ""
    rule: Intent | None = None
    way: Way | None = None
    beside: str = ""


def understand(
    text: str,
    *,
    room: RoomContext,
    names: ProductNames,
    recent: Sequence[str] = (),
    last_shown: Sequence[str] = (),
    product_id: str | None = None,
    locale: str | None = None,
    earlier: Earlier | None = None,
) -> Understanding:
    """Reads one question. Pure and quick: a few milliseconds at 10,000 products.

    `recent`: product ids the conversation was about, latest first; `last_shown`: the cards shown
    last, in order; `product_id`: the product whose page the viewer is on; `locale`: the page's
    language, which counts only where the text shows none; `earlier`: the question before.
    """
    said = plain(text)[0]
    matches: Sequence[NameMatch] = names.find(text)
    bare = mended(_without(said, text, [m.span for m in matches if m.exact]))
    intents = read_intents(bare)
    first = read_limits(bare, read_amounts(bare), (), True)
    named = any(m.exact for m in matches) or any(names.variants(p, text) for p in last_shown)
    chosen = way_of(bare) or greatest_of(bare) is not None
    if earlier and last_shown and not (named or chosen) and narrows(bare, earlier):
        return _narrowed(text, earlier, first.constraints, room, names, locale)
    near = [pid for pid in (product_id, room.on_air, *recent[:NEAREST]) if pid]
    limited = bool(first.spans) and intents[0] in ("other", "attribute", "stock")
    asks = intents == ("attribute",) and not near and not any(m.score >= NAMED for m in matches)
    told = intents == ("other",) or asks
    if not any(m.exact for m in matches) and (limited or (told and needed(bare))):
        intents = ("recommendation",)
    categories = names.categories(text)
    if intents[0] in ("attribute", "other") and categories and _HAVE.search(bare):
        intents = ("recommendation",)
    if intents[0] == "recommendation" and first.spans:
        # A price that is named is the limit of a search, even among things of one name.
        priced = first.constraints.price_min is not None or first.constraints.price_max is not None
        matches = [match for match in matches if match.exact and not priced]
    elif "comparison" in intents:
        matches = compared(text, names, matches)
    joins = "recommendation" not in intents and joined(text, names, matches)
    if joins:
        matches = compared(text, names, matches)
    hand = at_hand(text, near, names, matches)
    intents = of_hand(intents, bare, hand, bool(near), bool(categories or first.spans))
    meant = meant_products(
        bare, matches, intents, room, recent, last_shown, product_id, hand, joins
    )
    bare = mended(_without(said, text, meant.spans))
    language = _language(bare, said, locale, room, earlier)
    amounts = read_amounts(bare)
    option = bool(hand.options.intersection(meant.ids))
    pieces = said_pieces(bare, amounts, _BLANK, len(meant.ids))
    quantity = pieces[0] if len(pieces) == 1 else None
    if quantity is None and not pieces:
        quantity = said_quantity(bare, [a for a in amounts if a.kind == "count" or not option])
    asks_as = ""
    if quantity is None:
        intents, asks_as = carried(intents, bare, earlier)
    intents = _with_product(intents, bare, meant, option)
    if (meant.ids or quantity) and (TOGETHER.search(bare) or (quantity or 1) > 1):
        intents = _with_total(intents, TOGETHER.search(bare) is not None)
    way = way_of(bare) if near and not option and meant.reference != "named" else None
    beside = ""
    greatest = greatest_of(bare) if near and not option else None
    sized: tuple[str, ...] = ()
    if greatest is not None and not {*intents} & {"comparison"}:
        own = meant.ids[0] if meant.ids else hand.closest(near)
        sized = names.sized(own, greatest=greatest) if own else ()
        if own and sized and meant.reference != "named":
            meant, way = Meant([own], "recent"), None
            intents = tuple(i for i in intents if i in _OF_ONE) or ("price", "stock")
    if way and not {*intents} & {"comparison", "offer", *SHOP_RULES}:
        beside = hand.closest([*meant.ids, *near]) or ""
        intents = ("recommendation", *(i for i in intents if i in ("price", "stock")))
        meant = Meant()
    if first.constraints.in_stock and "recommendation" in intents:
        intents = ("recommendation", *(i for i in intents if i not in ("recommendation", "stock")))
    searching = not meant.ids or "recommendation" in intents
    shop_rule = intents[0] in SHOP_RULES or intents[0] == "offer"
    if meant.reference == "named":
        categories = ()
    limits = read_limits(bare, amounts, categories, searching and not shop_rule)
    variants = [v for product in meant.ids for v in names.variants(product, text)] or [*sized]
    return Understanding(
        language=language,
        intents=intents,
        constraints=limits.constraints,
        product_ids=tuple(meant.ids),
        variant_ids=tuple(variants),
        reference=meant.reference,
        ambiguous=tuple(meant.ambiguous),
        query=_query(said, limits.spans, language, intents),
        quantity=quantity,
        unknown_reference=meant.unknown,
        pieces=pieces,
        asks_as=asks_as,
        rule=earlier.rule if earlier else None,
        way=way if beside else None,
        beside=beside,
    )


def _narrowed(
    text: str,
    earlier: Earlier,
    own: Constraints,
    room: RoomContext,
    names: ProductNames,
    locale: str | None,
) -> Understanding:
    """The search of the question before with what `text` adds to it; its own price limit counts."""
    together = f"{text} {earlier.question}"
    whole = understand(together, room=room, names=names, locale=locale)
    limits = whole.constraints
    if own.price_min is not None or own.price_max is not None:
        bounds = ("price_min", "price_max", "currency")
        limits = limits.model_copy(update={name: getattr(own, name) for name in bounds})
    said = plain(text)[0]
    return replace(
        whole,
        language=_language(said, said, locale, room, earlier),
        intents=("recommendation",),
        constraints=limits,
        product_ids=(),
        variant_ids=(),
        ambiguous=(),
        reference="none",
        unknown_reference=False,
        asks_as=together,
    )


def likely_query(text: str, names: ProductNames) -> str:
    """What `understand` will most likely give as `query`, from the words alone.

    '' where the question does not clearly ask for a search, so that little is done in vain.
    """
    said = plain(text)[0]
    intents = read_intents(said)
    kind = intents[0] == "comparison" and names.categories(text)
    if intents[0] != "recommendation" and not kind:
        return ""
    spans = read_limits(said, read_amounts(said), (), True).spans
    return _query(said, spans, "zh" if _HAN.search(said) else "en", intents)


def _without(said: str, text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The plain text with product names blanked, so that their words mean nothing.

    The blank is a private character: a name is still a word to the patterns around it.
    """
    if len(said) != len(text):  # folding moved characters: blank by what stands there
        for start, end in spans:
            name = plain(text[start:end])[0]
            said = said.replace(name, _BLANK * len(name))
        return said
    for start, end in spans:
        said = said[:start] + _BLANK * (end - start) + said[end:]
    return said


def _with_product(
    intents: tuple[Intent, ...], said: str, meant: Meant, option: bool
) -> tuple[Intent, ...]:
    """Intents once the product is known: 有X吗 asks for stock, a name alone for price and stock.

    `option`: an option of the product is said.
    """
    if not meant.ids and not meant.unknown:
        return intents
    at_hand = meant.reference in ("on_air", "recent", "given")
    if at_hand and intents == ("comparison",) and len(meant.ids) == 1 and _CHOOSES.search(said):
        return ("attribute",)
    if at_hand and intents in (("other",), ("attribute",)):
        short = len(_CONTENT.findall(said)) <= _SHORT
        if option and short and (intents == ("other",) or _HAVE.search(said)):
            return ("stock", "price")
        if intents == ("other",) and not LETTERS.search(SCAFFOLD_ZH.sub("", said)):
            return ("price", "stock")
        return ("attribute",) if ASKS.search(said) else intents
    if meant.reference in ("number", "ordinal") and (
        intents == ("other",) or (intents == ("attribute",) and _WHAT_ABOUT.search(said))
    ):
        return ("price", "stock")
    if intents == ("recommendation",) and _TAKES.search(said):
        return ("how_to_buy",) if meant.reference != "named" else ("how_to_buy", "price")
    if meant.reference != "named":
        return intents
    if intents == ("other",):
        rest = re.sub(r"[\W_]+", "", SCAFFOLD_ZH.sub("", said))
        asks = "?" in said or ASKS.search(said)
        return ("price", "stock") if len(rest) <= 2 else ("attribute",) if asks else intents
    asked = {"price", "stock", "offer"} & {*intents}
    if asked and "recommendation" in intents and not RECOMMENDS.search(said):
        return tuple(i for i in intents if i != "recommendation")
    if intents[0] in ("recommendation", "attribute") and _HAVE_NAMED.search(said):
        return ("stock", *(i for i in intents[1:] if i != "stock"))
    return intents


def _with_total(intents: tuple[Intent, ...], total: bool) -> tuple[Intent, ...]:
    """Intents of a question about several pieces: what they cost together, where `total` first."""
    if "price" in intents or not {"other", "attribute", "offer", "recommendation"} & {*intents}:
        return intents
    if "offer" in intents and not total:
        return (*intents, "price")
    rest = (i for i in intents if i not in ("other", "attribute", "recommendation"))
    return ("price", *rest)


def _language(
    rest: str, said: str, locale: str | None, room: RoomContext, earlier: Earlier | None
) -> Language:
    """The question's own language; the page's only where the text has neither script.

    What is half in one and half in the other is in that of the question before.
    """
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
        if earlier is not None and grammar_zh == grammar_en:
            return "zh" if _HAN.search(earlier.question) else "en"
        return "zh" if len(han) + grammar_zh >= 1.5 * (len(words) + grammar_en) else "en"
    if locale:
        return "zh" if locale.lower().startswith("zh") else "en"
    return "en" if room.title.en and not room.title.zh else "zh"


def _query(
    said: str, spans: Sequence[tuple[int, int]], language: Language, intents: Sequence[Intent]
) -> str:
    """The words worth searching for; '' where nothing is left."""
    left = said
    for start, end in spans:
        left = left[:start] + " " * (end - start) + left[end:]
    if language == "zh":
        left = SCAFFOLD_ZH.sub(" ", left)
    left = re.sub(r"\s+", " ", _QUERY_NOISE.sub(" ", left)).strip(" ,，.、~")
    if not says_more(said):
        return left if "recommendation" in intents and len(left) > 1 else ""
    return left if len(left) > 1 else said.strip()
