"""Answers about a product's properties, taken word for word from its record."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from rapidfuzz import fuzz

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


def attribute_answer(
    product: Product, question: str, words: tuple[str, ...], language: Language
) -> str | None:
    """What the record says to `question`, or None where it says nothing.

    Looked for in this order: an answered question of the merchant, an attribute or option by
    its name or by what it is commonly called, an attribute that holds one of `words`, and a
    sentence of the description about the same thing.
    """
    asked = _without_names(normal(question), product)
    title = product.title.say(language)
    answered = _answered(product, asked, language)
    if answered:
        return answered
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
    said = [_say(a, language) for a in found[:3]]
    if language == "zh":
        return f"{title}：{'；'.join(said)}。"
    return f"{title}: {'; '.join(said)}."


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


def _answered(product: Product, asked: str, language: Language) -> str | None:
    """The merchant's answer to the closest question that is about the same thing."""
    best, answer = 0.0, None
    for item in product.questions:
        for wording in item.question.every():
            written = normal(wording)
            close = fuzz.ratio(written, asked.strip())
            shared = any(re.search(a, asked) and re.search(a, written) for a, _ in ASPECTS)
            if close > best and close >= (30 if shared else 70):
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
