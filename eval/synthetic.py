"""A made-up shop of any size, the same for the same seed: bilingual, priced, with variants."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import NamedTuple

from retrieval.catalog import Attribute, Money, Product, Rating, Text, Variant, stock

Pair = tuple[str, str]


class Kind(NamedTuple):
    """A kind of product: its name, what it may be made of, do, and come in; prices in yuan."""

    category: Pair
    names: tuple[Pair, ...]
    materials: tuple[Pair, ...]
    features: tuple[Pair, ...]
    sizes: tuple[Pair, ...]
    low: int
    high: int


def _pairs(text: str) -> tuple[Pair, ...]:
    split = (entry.split("|") for entry in text.split(";"))
    return tuple((zh.strip(), en.strip()) for zh, en in split)


def _kind(
    category: str, names: str, materials: str, features: str, sizes: str, low: int, high: int
) -> Kind:
    return Kind(
        _pairs(category)[0],
        _pairs(names),
        _pairs(materials),
        _pairs(features),
        _pairs(sizes),
        low,
        high,
    )


_CLOTHES = "S码|size S;M码|size M;L码|size L;XL码|size XL"
_KINDS = (
    _kind(
        "杯壶|drinkware",
        "保温杯|vacuum flask;马克杯|mug;运动水壶|sports bottle;茶壶|teapot;随行杯|travel tumbler",
        "316不锈钢|316 stainless steel;陶瓷|ceramic;高硼硅玻璃|borosilicate glass;钛|titanium",
        "12小时保温|keeps drinks hot for 12 hours;一键开盖|opens with one push;防漏|leakproof;"
        "带茶隔|with a tea strainer",
        "350毫升|350 ml;500毫升|500 ml;750毫升|750 ml",
        39,
        399,
    ),
    _kind(
        "女装|women's clothing",
        "连衣裙|dress;衬衫|blouse;防晒外套|sun-protective jacket;半身裙|skirt;针织开衫|cardigan",
        "纯棉|pure cotton;桑蚕丝|mulberry silk;亚麻|linen;羊毛混纺|wool blend",
        "收腰显瘦|nipped at the waist;UPF50+防晒|UPF 50+;可机洗|machine washable;"
        "轻薄透气|light and airy",
        _CLOTHES,
        79,
        899,
    ),
    _kind(
        "男装|men's clothing",
        "冲锋衣|shell jacket;休闲裤|chinos;Polo衫|polo shirt;羽绒服|down jacket;T恤|T-shirt",
        "纯棉|pure cotton;锦纶|nylon;白鹅绒|white goose down;聚酯纤维|polyester",
        "防泼水|water repellent;四面弹|four-way stretch;抗皱|wrinkle resistant;立领|stand collar",
        _CLOTHES,
        69,
        1299,
    ),
    _kind(
        "手机配件|phone accessories",
        "手机壳|phone case;数据线|charging cable;充电宝|power bank;无线耳机|wireless earphones;"
        "车载支架|car mount",
        "硅胶|silicone;尼龙编织|braided nylon;铝合金|aluminium alloy;ABS塑料|ABS plastic",
        "快充|fast charging;主动降噪|active noise cancelling;磁吸|magnetic;防摔|drop proof",
        "USB-C接口|USB-C;Lightning接口|Lightning;双接口|both connectors",
        19,
        599,
    ),
    _kind(
        "护肤|skin care",
        "保湿面霜|moisturising cream;防晒霜|sunscreen;氨基酸洁面|amino acid cleanser;精华液|serum;"
        "面膜|sheet mask",
        "玻尿酸|hyaluronic acid;烟酰胺|niacinamide;神经酰胺|ceramide;积雪草|centella",
        "敏感肌可用|suits sensitive skin;无香精|fragrance free;清爽不油腻|not greasy;"
        "早晚可用|for morning and night",
        "30毫升|30 ml;50毫升|50 ml;100毫升|100 ml",
        49,
        799,
    ),
    _kind(
        "零食|snacks",
        "坚果礼盒|mixed nuts gift box;牛肉干|beef jerky;黑巧克力|dark chocolate;"
        "冻干草莓|freeze-dried strawberries;曲奇饼干|butter cookies",
        "无添加蔗糖|no added cane sugar;进口原料|imported ingredients;非油炸|not fried;"
        "全麦|wholegrain",
        "独立小包装|single packs;送礼体面|makes a good gift;办公室分享|for the office;"
        "开袋即食|ready to eat",
        "250克|250 g;500克|500 g;1千克|1 kg",
        15,
        299,
    ),
    _kind(
        "厨房电器|kitchen appliances",
        "空气炸锅|air fryer;破壁机|high-speed blender;电热水壶|electric kettle;电饭煲|rice cooker;"
        "咖啡机|coffee machine",
        "食品级304不锈钢|food-grade 304 steel;不粘涂层|non-stick coating;耐热玻璃|heat-proof glass;"
        "PP塑料|PP plastic",
        "24小时预约|24-hour timer;静音|quiet;一键清洗|one-touch cleaning;触控面板|touch panel",
        "1.5升|1.5 l;3升|3 l;5升|5 l",
        89,
        1999,
    ),
    _kind(
        "运动户外|sports and outdoors",
        "跑步鞋|running shoes;瑜伽垫|yoga mat;双肩包|backpack;帐篷|tent;登山杖|trekking poles",
        "飞织网面|knit mesh;天然橡胶|natural rubber;牛津布|Oxford cloth;碳纤维|carbon fibre",
        "缓震回弹|cushioned and springy;防滑|non-slip;防雨|rainproof;可折叠|foldable",
        "标准款|standard;加大款|large;儿童款|for children",
        59,
        1599,
    ),
    _kind(
        "家纺|bedding",
        "四件套|four-piece bedding set;夏凉被|summer quilt;乳胶枕|latex pillow;浴巾|bath towel;"
        "床垫|mattress topper",
        "60支长绒棉|60s long-staple cotton;天丝|Tencel;天然乳胶|natural latex;水洗棉|washed cotton",
        "A类母婴标准|class A, safe for babies;不起球|does not pill;可拆洗|removable cover;"
        "吸水快干|dries fast",
        "1.5米床|1.5 m bed;1.8米床|1.8 m bed;2米床|2 m bed",
        49,
        1299,
    ),
    _kind(
        "母婴|mother and baby",
        "婴儿推车|baby stroller;学饮杯|sippy cup;纸尿裤|nappies;连体衣|romper;积木|building blocks",
        "有机棉|organic cotton;食品级硅胶|food-grade silicone;榉木|beech wood;PPSU|PPSU",
        "圆角防护|rounded edges;可水洗|washable;不含双酚A|BPA free;轻便易携|light to carry",
        "0-6个月|0-6 months;6-12个月|6-12 months;1-3岁|1-3 years",
        29,
        1899,
    ),
)
_BRANDS = _pairs(
    "山岚|Shanlan;北汀|Beiting;青禾|Qinghe;木汐|Muxi;云栖里|Yunqili;拾光|Shiguang;远帆|Yuanfan;"
    "南屿|Nanyu;乐沐|Lemu;锦时|Jinshi;白鹭|Bailu;初见|Chujian;星野|Xingye;澄物|Chengwu;"
    "暖川|Nuanchuan;素白|Subai;岭上|Lingshang;小满|Xiaoman;和光|Heguang;半夏|Banxia"
)
_COLOURS = _pairs(
    "红色|red;黑色|black;米白色|off-white;雾霾蓝|haze blue;墨绿色|dark green;浅粉色|light pink;"
    "深灰色|dark grey;奶茶色|milk-tea brown;鹅黄色|light yellow;藏青色|navy"
)
_STYLES = _pairs(
    "轻奢|understated;日系|Japanese-style;复古|vintage;简约|minimalist;户外|outdoor;商务|business;"
    "通勤|commuter;居家|home;便携|portable;经典|classic;夏季|summer;冬季|winter"
)
_LEAD = (
    "每一件都经过质检，{0}，{1}。{2}材质，日常使用更省心，适合{3}场景。",
    "Every piece is inspected: {0}, {1}. Made of {2}, easy to live with, for a {3} look.",
)


def products(n: int, seed: int = 0) -> Iterator[Product]:
    """`n` products in Chinese and English, prices in CNY; the same ones for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - not a secret
    return (_product(number, chance) for number in range(n))


def questions(n: int, seed: int = 0) -> Iterator[str]:
    """`n` shopping questions about such products, Chinese and English by turns."""
    chance = random.Random(seed)  # noqa: S311 - not a secret
    for number in range(n):
        kind = chance.choice(_KINDS)
        name, colour = chance.choice(kind.names), chance.choice(_COLOURS)
        material, feature = chance.choice(kind.materials), chance.choice(kind.features)
        if number % 2:
            yield chance.choice(
                (
                    f"{colour[1]} {name[1]}",
                    f"is there a {name[1]} made of {material[1]}",
                    f"{name[1]} {feature[1]}",
                )
            )
        else:
            yield chance.choice(
                (
                    f"{colour[0]}的{name[0]}",
                    f"有没有{material[0]}的{name[0]}",
                    f"{name[0]} {feature[0]}",
                )
            )


def _product(number: int, chance: random.Random) -> Product:
    kind = chance.choice(_KINDS)
    name, brand, style = chance.choice(kind.names), chance.choice(_BRANDS), chance.choice(_STYLES)
    material, features = chance.choice(kind.materials), chance.sample(kind.features, 2)
    model = f"{chance.choice('ABCDEFHKLMNPRSTX')}{chance.randint(100, 9999)}"
    zh, en = (
        _LEAD[side].format(features[0][side], features[1][side], material[side], style[side])
        for side in (0, 1)
    )
    base = chance.randint(kind.low, kind.high) * 100 - chance.choice((0, 10, 100))
    key = f"item-{number:06d}"
    return Product(
        id=key,
        title=Text(
            zh=f"{brand[0]} {style[0]}{material[0]}{name[0]} {model}",
            en=f"{brand[1]} {style[1]} {name[1]} {model}, {material[1]}",
        ),
        description=Text(zh=zh, en=en),
        brand=_text(brand),
        category=_text(kind.category),
        url=f"https://shop.example/{key}",
        attributes=(
            Attribute(name=Text(zh="材质", en="material"), value=_text(material)),
            Attribute(name=Text(zh="卖点", en="feature"), value=_text(features[0])),
        ),
        aliases=(model,),
        rating=Rating(value=chance.randint(38, 50) / 10, count=chance.randint(0, 5000)),
        variants=tuple(_variants(key, kind, base, chance)),
    )


def _variants(key: str, kind: Kind, base: int, chance: random.Random) -> Iterator[Variant]:
    sizes = kind.sizes[: chance.randint(1, len(kind.sizes))]
    for colour in chance.sample(_COLOURS, chance.randint(1, 3)):
        for step, size in enumerate(sizes):
            price = base + step * base // 10 // 100 * 100
            cut = chance.random() < 0.3
            variant = f"{key}-{_COLOURS.index(colour)}{step}"
            yield Variant(
                id=variant,
                options=(
                    Attribute(name=Text(zh="颜色", en="colour"), value=_text(colour)),
                    Attribute(name=Text(zh="规格", en="size"), value=_text(size)),
                ),
                price=Money(minor=price, currency="CNY"),
                list_price=Money(minor=price * 5 // 4, currency="CNY") if cut else None,
                availability=stock(chance.choice((0, 2, 5, 20, 80, 300))),
                sku=variant.upper(),
            )


def _text(pair: Pair) -> Text:
    return Text(zh=pair[0], en=pair[1])
