"""What a product's record says, piece by piece, and which piece a question is about."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from retrieval.amounts import read_amounts
from retrieval.catalog import Attribute, Language, Product, Text
from retrieval.normal import normal
from retrieval.scaffold import SCAFFOLD_ZH, STOP_EN
from retrieval.terms import keys, plain

# What viewers call a property (first pattern) and what merchants call it (second).
ASPECTS: tuple[tuple[str, str], ...] = (
    (r"保修|质保|售后|warrant|guarantee", r"保修|质保|售后|warrant|guarantee"),
    (r"安装|install|set ?up", r"安装|install|set ?up"),
    (r"赠品|送什么|free gift|comes with", r"赠品|gift|included"),
    (
        r"容量|多大|能装多|装多少|多少毫升|几升|capacity|volume|how big|hold",
        r"容量|容积|净含量|规格|capacity|volume|net",
    ),
    (
        r"材质|材料|面料|什么做|成分|纯棉|material|made of|fabric|made from",
        r"材质|材料|面料|填充|成分|material|fabric|filling|fill|compos|ingredient",
    ),
    (
        r"多重|重量|几斤|多少克|克重|[更最]轻|[更最]重|轻一?点|weigh|heav[yi]|light",
        r"重量|净重|克重|净含量|weight|net",
    ),
    (
        r"尺寸|尺码|多长|多宽|多高|厚度|大小|多大|size|dimension|how long|how wide|how tall|big",
        r"尺寸|尺码|长度|宽度|高度|厚度|size|dimension|length|width|height",
    ),
    (r"颜色|什么色|哪些色|colou?r", r"颜色|色号|colou?r|shade"),
    (r"产地|哪里产|哪产|origin|made in|where.*from", r"产地|原产|origin|made in"),
    (r"续航|电池|能用多久|充一次|battery|how long.*last", r"续航|电池|battery|playtime|runtime"),
    (r"充电|快充|接口|charg|port", r"充电|接口|功率|charg|port|power|output"),
    (
        r"防水|防泼|防溅|waterproof|water.?resist|splash|ipx?\d",
        r"防水|防护|waterproof|water|splash|ip",
    ),
    (r"保温|保冷|多久.*[热冷]|hot|cold|insulat", r"保温|保冷|insulat|keeps|hot|cold"),
    (r"洗|wash|dishwasher", r"洗|养护|护理|wash|care|clean"),
    (r"保质期|多久过期|能放多久|shelf|expir", r"保质期|保存|shelf|expir|best before"),
    (r"功率|多少瓦|watt|power", r"功率|wattage|power"),
    (r"适合|适用|人群|肤质|suitable|for whom|skin", r"适用|适合|人群|肤质|suitable|for|skin"),
    (r"味道|口味|甜|辣|flavou?r|taste", r"口味|味道|甜度|flavou?r|taste"),
    (r"配料|成分|过敏|ingredient|allerg|contain", r"配料|成分|过敏|ingredient|allerg|contain"),
    (r"品牌|牌子|brand", r"品牌|brand"),
    (r"几件|件数|几个|几只|多少片|piece|how many", r"件数|数量|片数|pieces|count|quantity"),
    (r"兼容|支持|安卓|苹果|compatib|support|work with", r"兼容|支持|适配|compatib|support"),
    (r"降噪|noise", r"降噪|noise"),
    (r"蓝牙|无线|bluetooth|wireless", r"蓝牙|连接|无线|bluetooth|connect|wireless"),
    (r"能效|费电|energy", r"能效|energy"),
    (r"香|味|scent|smell|fragrance", r"香|气味|scent|fragrance"),
)

Near = Callable[[str, Sequence[str]], Sequence[float]]
"""The cosine of each of some texts with a question; nothing where there are no vectors."""

FEWEST = 4
LEAST = 0.02
SHARED = 0.02
COUNTED = 0.03
WORDS = 0.03
UNSAID = 0.005
LEVEL = 0.006
LEAST_TOLD = 0.015
"""How far above the mean of a product's texts the one that answers lies (e5's cosines are all
high); what a shared aspect, a unit that is asked for and the shared words are worth; how much
further it lies where nothing is shared; and how near a second answer comes; LEAST_TOLD is the
first of these for the sentences of a description. Chosen on 343 questions: the right text was
first for 92 of 100, and 89 pass; of as many about another product 45 do, most of which it
answers too."""

_COUNTED = re.compile(
    r"(?:多少|几|how many) ?个?([\u4e00-\u9fff]{1,3}|[a-z]+)"
    r"|(多久|多长时间|几天|how (?:long|often))"
)
_FIGURE = re.compile(r"\d ?([\u4e00-\u9fff]|[a-z]+)")


class Property(NamedTuple):
    """One thing that a record says: by what it is asked for, all of it, and how it is said.

    `every`: the words of both languages; `shared`: whether the question names what it is about;
    `option`: whether it is what a variant is chosen by.
    """

    called: str
    whole: str
    said: str
    every: str
    answer: bool
    shared: bool
    option: bool = False


def nearest(
    things: Sequence[Property], asked: str, near: Near, least: float = LEAST
) -> list[Property]:
    """The one or two of `things` that are about what was asked; [] for none.

    `least`: how far above their mean it has to lie.
    """
    if len(things) < FEWEST:
        return []
    cosines = near(
        asked.strip() or asked, [t for each in things for t in (each.called, each.whole)]
    )
    if not cosines:
        return []
    counted = _units_asked(asked)
    said = [
        SHARED * each.shared + WORDS * words + COUNTED * bool(counted & _units_held(each.every))
        for each, words in zip(things, _shares(asked, things), strict=True)
    ]
    scores = [
        max(pair) + more for *pair, more in zip(cosines[::2], cosines[1::2], said, strict=True)
    ]
    mean = sum(scores) / len(scores)
    ranked = sorted(zip(scores, range(len(things)), strict=True), reverse=True)
    best = ranked[0][0]
    return [
        things[place]
        for score, place in ranked[:2]
        if score - mean > (least if said[place] else least + UNSAID) and best - score < LEVEL
    ]


def by_relevance(
    product: Product, named: Sequence[str], asked: str, language: Language, near: Near
) -> list[str]:
    """The attributes of these names, those that the question is about first."""
    things = {t.called: t for t in properties(product, normal(asked), language) if not t.answer}
    cosines = near(asked, [things[name].called for name in named])
    if not cosines:
        return [*named]
    scores = [c + SHARED * things[name].shared for c, name in zip(cosines, named, strict=True)]
    order = sorted(range(len(named)), key=lambda place: -scores[place])
    return [named[place] for place in order]


def content_words(text: str) -> frozenset[str]:
    """The words of a text that say what it is about: no scaffold of questions."""
    parts = SCAFFOLD_ZH.sub("\n", plain(text)[0]).split("\n")
    return frozenset().union(*map(keys, parts)) - STOP_EN


def _shares(asked: str, things: Sequence[Property]) -> list[float]:
    """The share of the question's words that each thing has; a word of many things counts less."""
    words = content_words(asked)
    held = [content_words(each.every) for each in things]
    among = {word: sum(word in each for each in held) for word in words}
    whole = sum(1 / max(1, count) for count in among.values()) or 1.0
    return [sum(1 / among[word] for word in words & each) / whole for each in held]


def _units_asked(asked: str) -> frozenset[str]:
    """The units that 多少毫安, 几个档 and how many keys ask for."""
    found: set[str] = set()
    for match in _COUNTED.finditer(asked):
        word = match[1]
        if word is None:
            found.add("duration")
            continue
        sizes = (len(word),) if word.isascii() else range(len(word), 0, -1)
        read = (read_amounts(f"5 {word[:size]}") for size in sizes)
        known = next((a for amounts in read for a in amounts[:1] if a.kind == "measure"), None)
        found.add(known.unit if known else _unit_word(word))
    return frozenset(found)


def _units_held(text: str) -> frozenset[str]:
    said = plain(text)[0]
    amounts = read_amounts(said)
    found = {a.unit for a in amounts if a.kind == "measure"}
    found |= {"duration" for a in amounts if a.kind == "duration"}
    return frozenset(found | {_unit_word(match[1]) for match in _FIGURE.finditer(said)})


def _unit_word(word: str) -> str:
    return word.removesuffix("s") if word.isascii() else word[0]


def properties(product: Product, asked: str, language: Language) -> list[Property]:
    """Every attribute, option and answered question of a product."""
    meant = [(said, named) for said, named in ASPECTS if re.search(said, asked)]
    found = []
    options = options_of(product)
    for each in (*product.attributes, *options):
        shared = names(each, asked) or any(re.search(n, every(each.name)) for _, n in meant)
        name, said = each.name.say(language), say(each, language)
        both = f"{every(each.name)} {every(each.value)}"
        whole = f"{name} {each.value.say(language)}"
        found.append(Property(name, whole, said, both, False, shared, each in options))
    for item in product.questions:
        name, said = item.question.say(language), item.answer.say(language)
        shared = any(re.search(s, every(item.question)) for s, _ in meant)
        both = f"{every(item.question)} {every(item.answer)}"
        found.append(Property(name, f"{name} {said}", said, both, True, shared))
    return found


def told(sentence: str) -> Property:
    """A sentence of a description as a property."""
    return Property(sentence, sentence, sentence, normal(sentence), answer=True, shared=False)


def options_of(product: Product) -> list[Attribute]:
    """Each option of the product with all its values, as one attribute."""
    values: dict[str, list[Attribute]] = {}
    for variant in product.variants:
        for option in variant.options:
            values.setdefault(every(option.name), []).append(option)
    return [
        Attribute(
            name=same[0].name,
            value=Text(
                zh="、".join(dict.fromkeys(o.value.say("zh") for o in same)),
                en=", ".join(dict.fromkeys(o.value.say("en") for o in same)),
            ),
        )
        for same in values.values()
    ]


def names(attribute: Attribute, asked: str) -> bool:
    """Whether a text names a property by its name."""
    return any(len(name) > 1 and normal(name) in asked for name in attribute.name.every())


def every(text: Text) -> str:
    """A text in both languages, in its normal form."""
    return normal(" ".join(text.every()))


def say(attribute: Attribute, language: Language) -> str:
    """A property with its value, in one language."""
    name, value = attribute.name.say(language), attribute.value.say(language)
    return f"{name}{value}" if language == "zh" else f"{name} {value}"
