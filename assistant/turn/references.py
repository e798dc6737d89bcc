"""Words that point at a product without naming it: 3号链接, the second one, 这款, it, 刚才那个."""

from __future__ import annotations

import re
from collections.abc import Sequence

from retrieval.amounts import read_amounts
from retrieval.catalog import RoomContext

_NUMERAL = "[零一二两三四五六七八九十百]+"
_PLACE_ZH = {char: at for at, char in enumerate("零一二三四五六七八九十")} | {"两": 2}
_NUMBER = re.compile(
    rf"(?<![\d月年.])(?P<zh>\d{{1,3}}|{_NUMERAL})\s*号(?:链接|宝贝|商品|款|品|袋|橱窗|产品|链|位"
    rf"|的?那[个款])"
    rf"|(?<![\d月年.])(?P<bare>\d{{1,3}}|{_NUMERAL})\s*号(?!发|到|前|之前|晚|开始|下播|开播|直播"
    rf"|能到|可以到|色|电池|楼|线|那天|左右|钢)"
    rf"|(?:链接|宝贝|橱窗)\s*(?:号)?\s*(?P<after>\d{{1,3}}|{_NUMERAL})(?![\d个件元块%折.])"
    rf"|第\s*(?P<nth>\d{{1,3}}|{_NUMERAL})\s*(?:个|号|条)?(?:链接|宝贝|橱窗)"
    r"|\b(?:link|item|product|no\.?|number|num|lot)\s*(?:no\.?|number|#)?\s*(?P<en>\d{1,3}|one"
    r"|two|three|four|five|six|seven|eight|nine|ten)\b(?![.,]\d|\s*(?:%|pieces|pcs|days|left|of\b))"
    r"|(?<![\w&])#\s*(?P<hash>\d{1,3})(?!\d)"
    r"|\b(?P<enth>\d{1,3})(?:st|nd|rd|th) (?:link|listing)\b"
)
_ORDINAL_WORDS = "first second third fourth fifth sixth seventh eighth ninth tenth".split()  # noqa: SIM905
_ORDINAL = re.compile(
    rf"第\s*(?P<zh>\d{{1,2}}|[一二两三四五六七八九十]+)\s*(?:个|款|种|双|条|瓶|台|只|盒|支|张|套"
    rf"|本|箱|包|样|位|件(?!.{{0,4}}(?:半价|打|折|[0零]元|优惠|减|免)))(?!月|星期|礼拜|小时)"
    rf"|\b(?P<en>{'|'.join(_ORDINAL_WORDS)}|1st|2nd|3rd|[4-9]th|10th)\b(?! (?:time|half|order"
    rf"|purchase|day|week|month|hand|class|aid|edition|gen|step|item (?:half|free)|\d))"
    r"(?: (?:one|item|product|option|choice|pick|card)s?| \w+)?"
    r"|(?P<last>最后[一那这]?[个款件种双条瓶台](?!了|吗)|\bthe last (?:one|item|product"
    r"|option)\b(?! left))"
)
_FIRST_FEW = re.compile(
    r"前(?P<zh>[两二三四2-4])[个款件种]|\bthe first (?P<en>two|three|2|3)\b"
    r"|(?P<all>[这那][两几三些][个款件种双]?|它们|两[个款件种]都"
    r"|\b(?:(?:these|those) (?:two"
    r"|three|ones)|both|the two|all of (?:them|these))\b)"
)
_SIDE = re.compile(
    r"(?P<first>(?<!刚才)前[面头一]那?[个款件]|\bthe former\b)|后[面头一]那?[个款件]|\bthe latter\b"
)
_OF_SEVERAL = re.compile(
    r"分别|各(?=是|自|多少|要)|差价|差多少|差了?几|[贵便]宜?多少|哪[个款]|都(?=会|能|可以|是)"
    r"|\b(?:each|both|which (?:one|is)|how much (?:more|less)|(?:price )?(?:gap|difference))\b"
)
_EARLIER = re.compile(
    r"(?:刚才|刚刚|刚|之前|前面|上面)[^，,。？?]{0,5}[那这](?:个|款|件|双|条|瓶|台|只|盒|种)"
    r"|(?:刚才|刚刚|刚|之前|前面|上面)(?:说|讲|看|问|介绍|推荐|聊|提|卖|播)?(?:过|到)?的(?:个|款"
    r"|件|双|条|瓶|台|只|盒|种|商品|宝贝|东西)"
    r"|(?:刚才|刚刚)(?:说|讲|看|问|介绍|推荐|聊|卖)(?:过|到)?的|上一?[个款件]|(?:刚才|刚刚)那"
    r"|\bthe \w+ (?:from )?(?:before|earlier)\b"
    r"|\b(?:previous (?:one|item|product)|(?:the )?earlier (?:one|item)"
    r"|last (?:one )?you (?:showed|mentioned)"
    r"|(?:the )?one (?:from )?(?:before|earlier|(?:that )?you (?:just )?(?:mentioned|showed"
    r"|recommended|talked about))"
    r"|you (?:just )?(?:mentioned|showed|recommended) (?:earlier|before|just now))\b"
)
_ON_AIR = re.compile(
    r"(?:现在|正在|目前|当前)(?:在)?(?:讲|说|卖|播|介绍|展示|试穿|试)"
    r"|(?:手上|手里|身上|(?:主播|你|老板)(?:现在|今天)?(?:穿|戴|拿|背|用)(?:着)?的)(?!.{0,2}号)"
    r"|屏幕上|直播间?(?:里)?(?:这|正)|在播|讲解中"
    r"|\b(?:on (?:air|screen)|(?:you(?:'re| are)|he'?s|she'?s|being|currently|now) (?:showing"
    r"|wearing|holding|presenting|talking about|selling|demoing)|(?:wearing|holding"
    r"|showing) (?:right )?now)\b"
)
_MEASURE = "个款件双条台只瓶盒支把张套本箱包种杯锅被子口枚副顶根串块罐桶卷样片"
_NEAR = re.compile(
    rf"[这此](?:[{_MEASURE}]|一[{_MEASURE}]|东西|玩意|商品|产品|宝贝"
    rf"|[\u4e00-\u9fff]{{0,4}}[{_MEASURE}子机衣裤裙鞋包表灯椅桌床油液膏霜水]|是|还|有|能|会|要|卖"
    rf"|啥|怎|多|咋|为)|^这|本[品款]|咱这|这\s*$|这(?=[?？吗呢啊])"
    r"|\bthis\b(?! (?:week|month|year|morning|evening|afternoon|weekend|time|summer|winter|spring"
    r"|fall|store|shop|stream|live|room|is (?:great|nice|awesome|fun)))"
)
_FAR = re.compile(
    rf"它(?!们)|那(?:[{_MEASURE}]|一[{_MEASURE}])|该(?:款|产品|商品)"
    r"|\b(?:it|its|it's|that one|that|the same one|these|those|they|them)\b(?<!that's)"
)
_FOLLOW_UP = re.compile(
    r"^(?:那|还有|另外|然后|再问|对了|顺便|如果|要是|那么|好的?[,，\s]*那)|呢[?？!！。~\s]*$"
    r"|^(?:and|also|what about|how about|ok(?:ay)? (?:and|so)|so|then|plus|but)\b|\b(?:as well"
    r"|instead|though|too)\??$"
)


# What a thing is called before it has a name, and what its name may say instead.
_KINDS = {
    "衣服": "T恤 卫衣 马甲 衬衫 外套 夹克 毛衣 上衣 裙",
    "上衣": "T恤 卫衣 马甲 衬衫 外套 毛衣",
    "锅": "炒锅 煎锅 炖锅 平底锅 汤锅",
    "clothes": "shirt tee hoodie vest jacket sweater dress jeans",
    "top": "shirt tee hoodie vest sweater",
    "pan": "frying pan skillet",
    "duvet": "quilt",
    "blanket": "quilt throw",
    "headset": "headphones earphones earbuds",
    "earphones": "headphones earbuds",
    "headphones": "earphones earbuds",
    "bottle": "mug tumbler flask",
    "cup": "mug tumbler",
    "sneakers": "shoes",
}


def with_kinds(text: str) -> str:
    """A plain text with more particular words for the kinds of goods in it: 衣服 is a T恤 too."""
    return " ".join([text, *(words for kind, words in _KINDS.items() if kind in text)])


def _worth(said: str) -> int:
    if said.isdigit():
        return int(said)
    if said in _PLACE_ZH:
        return _PLACE_ZH[said]
    found = read_amounts(said if said.isascii() else said + "件")
    return int(found[0].value) if found else 0


def said_numbers(text: str) -> list[int]:
    """The link numbers that a plain text names, in order."""
    found = []
    for match in _NUMBER.finditer(text):
        said = next(filter(None, match.groups()))
        english = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
        found.append(english.index(said) + 1 if said in english else _worth(said))
    return list(dict.fromkeys(found))


def said_places(text: str, size: int) -> list[int]:
    """Places, from 1, in the list shown last that a plain text points at; `size` for the last."""
    found = []
    for match in _ORDINAL.finditer(text):
        if match["last"]:
            found.append(size or 1)
        elif match["zh"]:
            found.append(_worth(match["zh"]))
        elif re.search(
            r" (?:one|item|product|option|choice|pick|card)s?$", match[0]
        ) or not re.match(r"\s*(?!and\b|or\b|vs)\w", text[match.start() + len(match["en"]) :]):
            word = match["en"]
            digits = re.match(r"\d+", word)
            found.append(int(digits[0]) if digits else _ORDINAL_WORDS.index(word) + 1)
    few = _FIRST_FEW.search(text)
    if few and not found and (few["zh"] or few["en"]):
        count = {"两": 2, "二": 2, "三": 3, "四": 4, "two": 2, "three": 3}.get(
            few["zh"] or few["en"]
        )
        found = list(range(1, (count or int(few["zh"] or few["en"])) + 1))
    return list(dict.fromkeys(found))


def said_side(text: str, size: int) -> list[int]:
    """前面那个 and the latter: the first or the last of what was shown."""
    match = _SIDE.search(text)
    return [] if match is None else [1 if match["first"] else size]


def points_at_several(text: str) -> bool:
    """这两款, both, 差多少: all that was shown last."""
    match = _FIRST_FEW.search(text)
    return (match is not None and match["all"] is not None) or _OF_SEVERAL.search(text) is not None


def items_by_number(room: RoomContext, numbers: Sequence[int]) -> list[str | None]:
    """The product behind each number of the room's list; None where the list has no such line."""
    listed = {item.number: item.product_id for item in room.items}
    return [listed.get(number) for number in numbers]


def points_earlier(text: str) -> bool:
    return _EARLIER.search(text) is not None


def points_on_air(text: str) -> bool:
    return _ON_AIR.search(text) is not None


def points_near(text: str) -> bool:
    return _NEAR.search(text) is not None


def points_far(text: str) -> bool:
    return _FAR.search(text) is not None


def follows_up(text: str) -> bool:
    """Whether a question goes on from what was talked about: 那…, and…, …呢."""
    return _FOLLOW_UP.search(text.strip()) is not None
