"""Answers about a product's properties, taken word for word from its record."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from rapidfuzz import fuzz

from assistant.turn.wording import gap
from retrieval.catalog import Attribute, Language, Product, Text
from retrieval.normal import normal

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
    (r"多重|重量|几斤|多少克|克重|weigh|heavy|light", r"重量|净重|克重|净含量|weight|net"),
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

COLOUR = re.compile(r"色$|^(black|white|red|blue|green|pink|gr[ae]y|yellow|purple|brown|beige)$")


Near = Callable[[str, Sequence[str]], Sequence[float]]
"""The cosine of each of some texts with a question; nothing where there are no vectors."""

FEWEST = 4
LEAST = 0.025
SHARED = 0.02
LEVEL = 0.006
"""How far above the mean of a product's texts the one that answers lies (e5's cosines are all
high), what a shared word is worth, and how near a second answer comes. Chosen on 343 questions:
the right text was first for 90 of 100, and 85 pass; of as many about another product 23 do."""


class _Property(NamedTuple):
    """One thing that a record says: by what it is asked for, all of it, and how it is said."""

    called: str
    whole: str
    said: str
    answer: bool
    shared: bool


def attribute_answer(
    product: Product,
    question: str,
    words: tuple[str, ...],
    language: Language,
    near: Near | None = None,
) -> str | None:
    """What the record says to `question`, or None where it says nothing.

    Looked for in this order: an answered question of the merchant in the same words, what is
    nearest in meaning, an attribute or option by its name or by what it is commonly called, an
    attribute that holds one of `words`, and a sentence of the description about the same thing.
    """
    asked = _without_names(normal(question), product)
    title = product.title.say(language)
    answered = _answered(product, asked, language, same=near is not None)
    if answered:
        return answered
    if near is not None and (nearest := _nearest(product, asked, language, near)):
        stated = [each.said for each in nearest if not each.answer]
        answers = [each.said for each in nearest if each.answer]
        if stated:
            answers.insert(0, _stated(title, stated, language))
        return gap(language).join(answers)
    options = _options(product)
    found = [a for a in (*product.attributes, *options) if _names(a, asked)]
    if not found:
        aspects = [named for said, named in ASPECTS if re.search(said, asked)]
        found = [
            a
            for a in (*product.attributes, *options)
            if any(re.search(named, _all(a.name)) for named in aspects)
        ]
        found = found or [
            a for a in product.attributes if any(normal(w) in _all(a.value) for w in words)
        ]
        if not found:
            return _described(product, asked, words, language)
    return _stated(title, [_say(a, language) for a in found[:3]], language)


def _stated(title: str, said: Sequence[str], language: Language) -> str:
    if language == "zh":
        return f"{title}：{'；'.join(said)}。"
    return f"{title}: {'; '.join(said)}."


def _nearest(product: Product, asked: str, language: Language, near: Near) -> list[_Property]:
    """The one or two things said of the product that are about what was asked; [] for none."""
    things = _properties(product, asked, language)
    if len(things) < FEWEST:
        return []
    cosines = near(
        asked.strip() or asked, [t for each in things for t in (each.called, each.whole)]
    )
    if not cosines:
        return []
    pairs = zip(cosines[::2], cosines[1::2], things, strict=True)
    scores = [max(by_name, whole) + SHARED * each.shared for by_name, whole, each in pairs]
    mean = sum(scores) / len(scores)
    ranked = sorted(zip(scores, range(len(things)), strict=True), reverse=True)
    best = ranked[0][0]
    return [
        things[place]
        for score, place in ranked[:2]
        if score - mean > LEAST and best - score < LEVEL
    ]


def _properties(product: Product, asked: str, language: Language) -> list[_Property]:
    """Every attribute, option and answered question of a product."""
    meant = [(said, named) for said, named in ASPECTS if re.search(said, asked)]
    found = []
    for each in (*product.attributes, *_options(product)):
        shared = _names(each, asked) or any(re.search(n, _all(each.name)) for _, n in meant)
        name, said = each.name.say(language), _say(each, language)
        found.append(_Property(name, f"{name} {each.value.say(language)}", said, False, shared))
    for item in product.questions:
        name, said = item.question.say(language), item.answer.say(language)
        shared = any(re.search(s, _all(item.question)) for s, _ in meant)
        found.append(_Property(name, f"{name} {said}", said, True, shared))
    return found


def _without_names(asked: str, product: Product) -> str:
    """The question without the pieces of the product's names: 保温杯 does not ask about 保温."""
    for name in (*product.title.every(), *product.aliases):
        title = normal(name)
        longest = SequenceMatcher(None, asked, title, autojunk=False).find_longest_match()
        if longest.size >= 3:
            asked = asked[: longest.a] + " " + asked[longest.a + longest.size :]
    return asked


def variants_with(product: Product, words: tuple[str, ...]) -> tuple[str, ...]:
    """Ids of the variants that have one of `words` in an option; 粉色 is found in 樱粉 too."""
    sought = [normal(word).removesuffix("色") or normal(word) for word in words]
    return tuple(
        v.id
        for v in product.variants
        if any(word in _all(option.value) for option in v.options for word in sought)
    )


def option_answer(product: Product, words: tuple[str, ...], language: Language) -> str | None:
    """Whether the product comes in the option that `words` ask for, such as 黑色 or size L.

    None where no word is about an option of the product.
    """
    dimensions = {_all(o.name): o.name for v in product.variants for o in v.options}
    for word in words:
        sought = normal(word)
        if variants_with(product, (word,)):
            return None
        for key, name in dimensions.items():
            if COLOUR.search(sought) and re.search(r"颜色|色号|colou?r", key):
                there = dict.fromkeys(
                    o.value.say(language)
                    for v in product.variants
                    for o in v.options
                    if _all(o.name) == key
                )
                title = product.title.say(language)
                if language == "zh":
                    return f"{title}没有{word}，{name.say(language)}有：{'、'.join(there)}。"
                return f"{title} does not come in {word}; {name.say(language)}: {', '.join(there)}."
    return None


def _answered(
    product: Product, asked: str, language: Language, *, same: bool = False
) -> str | None:
    """The merchant's answer to the closest question about the same thing; or in `same` words."""
    best, answer = 0.0, None
    for item in product.questions:
        for wording in item.question.every():
            written = normal(wording)
            close = fuzz.ratio(written, asked.strip())
            shared = any(re.search(a, asked) and re.search(a, written) for a, _ in ASPECTS)
            if close > best and close >= (30 if shared and not same else 70):
                best, answer = close, item.answer.say(language)
    return answer


def _described(
    product: Product, asked: str, words: tuple[str, ...], language: Language
) -> str | None:
    """The first sentence of the description that is about what was asked."""
    patterns = [said for said, _ in ASPECTS if re.search(said, asked)]
    sought = [match.group() for p in patterns for match in [re.search(p, asked)] if match]
    sought += [normal(word) for word in words]
    for sentence in re.split(r"(?<=[。！？；\n])|(?<=[.!?])\s", product.description.say(language)):
        if any(word and word in normal(sentence) for word in sought):
            return sentence.strip()
    return None


def _options(product: Product) -> list[Attribute]:
    """Each option of the product with all its values, as one attribute."""
    values: dict[str, list[Attribute]] = {}
    for variant in product.variants:
        for option in variant.options:
            values.setdefault(_all(option.name), []).append(option)
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


def _names(attribute: Attribute, asked: str) -> bool:
    return any(len(name) > 1 and normal(name) in asked for name in attribute.name.every())


def _all(text: Text) -> str:
    return normal(" ".join(text.every()))


def _say(attribute: Attribute, language: Language) -> str:
    name, value = attribute.name.say(language), attribute.value.say(language)
    return f"{name}{value}" if language == "zh" else f"{name} {value}"
