"""Colours, materials and hard features: a sentence may name those that the record has.

One property in two languages is one line, so that a Chinese record bears out an English sentence.
Soft words (portable, comfortable, 轻便) are opinion and no fact, and are not looked at.
"""

from __future__ import annotations

import re
from functools import lru_cache

from assistant.turn.grounding.alternatives import alternatives, by_letter
from assistant.turn.grounding.mentions import option_spans
from assistant.turn.grounding.once import once_each
from assistant.turn.grounding.promise_words import UNSURE
from assistant.turn.grounding.said import Said
from assistant.turn.grounding.wordings import plain, statements_of
from retrieval.catalog import Product

_LINES = """
黑色|曜黑|纯黑 = black
白色|(?<=[奶米云月纯本油灰珍])白 = white|off-white|ivory
红色|酒红|砖红|子红 = red|burgundy|maroon
蓝色|雾蓝|天蓝|湖蓝|藏蓝|海军蓝|雾霾蓝 = blue|navy|teal|turquoise
绿色|墨绿|苔绿|薄荷绿|灰绿|橄榄绿|军绿 = green
粉色|樱粉|粉红 = pink
灰色|石墨灰|浅灰|深灰|麻灰 = grey|gray|graphite|charcoal
黄色 = yellow
紫色|浅紫 = purple|lilac|lavender|mauve
棕色|咖啡色|褐色 = brown
橙色|暖橙|橘色 = orange
银色 = silver
金色|玫瑰金 = gold
米色|杏色|驼色|卡其 = beige|apricot|camel|khaki
不锈钢 = stainless steel|stainless-steel
钛 = titanium
铝 = alumini?um
铸铁 = cast[- ]iron
陶瓷|瓷 = ceramic|porcelain|stoneware
玻璃 = glass
硅胶 = silicone
乳胶 = latex
记忆棉 = memory[- ]foam
羊毛 = wool
羊绒 = cashmere
真丝|蚕丝 = silk
亚麻|棉麻 = linen
棉(?!隅|柔巾|花糖|签) = cotton
涤纶|聚酯 = polyester
尼龙|锦纶 = nylon
羽绒|鹅绒|鸭绒 = (?:goose|duck|white) down|down (?:fill|vest|jacket|feather)
莱赛尔|天丝 = lyocell|tencel
莫代尔 = modal
真皮|牛皮|羊皮|皮革 = leather
竹 = bamboo
橡木 = oak
胡桃木 = walnut
塑料 = plastic
帆布 = canvas
法兰绒 = flannel
氮化镓 = gan
防水|防泼|防溅 = waterproof|water[- ]?(?:resist|repel)\\w*|splash[- ]?proof
防风 = windproof|wind[- ]resist\\w*
防晒 = sun[- ]protect\\w*|upf|spf
防摔|抗摔 = shock[- ]?proof|drop[- ]proof
降噪 = noise[- ]cancel\\w*
蓝牙 = bluetooth
无线 = wireless|cordless
快充 = fast[- ]charg\\w*|quick[- ]charg\\w*
无糖|零糖|0糖 = sugar[- ]free|no (?:added )?sugar
低糖 = low[- ]sugar
低脂|脱脂 = low[- ]fat
有机 = organic
素食|纯素 = vegan|vegetarian
无麸质 = gluten[- ]free
无添加 = additive[- ]free|no additives
无香|无香精 = fragrance[- ]free|unscented
无酒精 = alcohol[- ]free
洗碗机 = dishwasher
微波 = microwave
机洗 = machine[- ]wash\\w*
不粘 = non-?stick
防滑 = non-?slip|anti-?slip
抗菌|抑菌|防螨 = anti-?bacterial|anti-?microbial|anti-?mite
敏感肌|敏感肤 = sensitive skin
孕妇 = pregnan\\w*|expecting mothers?
婴儿|宝宝 = bab(?:y|ies)|infants?
防蓝光 = blue[- ]light
磁吸 = magnetic
可折叠|折叠 = fold(?:able|ing|s)?
可充电|充电式 = rechargeable
太阳能 = solar
触控|触摸屏 = touch (?:control|screen|sensor)s?
心率 = heart[- ]rate
血氧 = blood[- ]oxygen|spo2
gps|定位 = gps
nfc = nfc
电磁炉 = induction
手工 = hand-?made
进口 = imported
国产|产自 = made in(?! (?:\\d|two|three|four|five|six|several|many|□))
"""
_NEGATION = re.compile(
    r"(?:不(?!锈|粘|仅|但|只)|非|没有?|无法|\bnot\b|n't|\bno\b|\bwithout\b|"
    r"\bnever\b)[^，。,.;；]{0,10}$"
)


def _property(zh: str, en: str) -> re.Pattern[str]:
    return re.compile(rf"{zh}|(?<![a-z-])(?:{en})(?![a-z])")


_LISTED = [tuple(line.split(" = ")) for line in _LINES.strip().splitlines()]
_PROPERTIES = tuple(_property(zh, en) for zh, en in _LISTED)
_ANY = _property(
    *("|".join(by_letter(alternatives("|".join(words)))) for words in zip(*_LISTED, strict=True))
)


@lru_cache(maxsize=8192)
def properties_in(text: str) -> frozenset[tuple[int, bool]]:
    """The properties a normal text names, each with whether the text denies it."""
    if not _ANY.search(text):
        return frozenset()
    return frozenset(
        (n, bool(_NEGATION.search(text[: match.start()])))
        for n, pattern in enumerate(_PROPERTIES)
        for match in pattern.finditer(text)
    )


@once_each
def properties_of(product: Product) -> frozenset[tuple[int, bool]]:
    """The properties that the record of `product` has, or denies."""
    return frozenset[tuple[int, bool]]().union(
        *(properties_in(plain(text)) for text in statements_of(product))
    )


def false_property(said: Said) -> bool:
    """Whether a clause names a property that the record of what it speaks of does not have."""
    last: list[Product] = []
    for start, end in said.clauses:
        clause = said.bare[start:end]
        named = [m.product for m in said.mentions if start <= m.start < end]
        products = named or last or said.products
        last = products
        for product in products:
            for a, b in option_spans(clause, product):
                clause = clause[:a] + " " * (b - a) + clause[b:]
        claimed = properties_in(clause)
        if not claimed or UNSURE.search(clause) or not products:
            continue
        held = [properties_of(product) for product in products]
        if any(not any(claim in own for own in held) for claim in claimed):
            return True
    return False
