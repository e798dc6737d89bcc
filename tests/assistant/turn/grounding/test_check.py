"""The gate: what leaves, what is replaced, what is dropped."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from assistant.turn.evidence import Evidence
from assistant.turn.grounding import check
from retrieval.catalog import (
    Attribute,
    Language,
    Money,
    Offer,
    Policy,
    Product,
    Text,
    Variant,
    stock,
)


def yuan(minor: int) -> Money:
    return Money(minor=minor, currency="CNY")


MUG = Product(
    id="mug",
    title=Text(zh="云雀保温杯", en="Lark Travel Mug"),
    description=Text(zh="双层真空，保温12小时。", en="Double wall, keeps hot for 12 hours."),
    attributes=(
        Attribute(name=Text(zh="容量", en="capacity"), value=Text(zh="500毫升", en="500 ml")),
    ),
    variants=(
        Variant(
            id="mug-red",
            options=(Attribute(name=Text(zh="颜色", en="color"), value=Text(zh="红色", en="red")),),
            price=yuan(12900),
            list_price=yuan(15900),
            availability=stock(12),
        ),
        Variant(
            id="mug-blue",
            options=(
                Attribute(name=Text(zh="颜色", en="color"), value=Text(zh="蓝色", en="blue")),
            ),
            price=yuan(13900),
            availability=stock(0),
        ),
    ),
)
POT = Product(
    id="pot",
    title=Text(zh="云雀焖烧壶", en="Lark Food Jar"),
    variants=(Variant(id="pot", price=yuan(19900), availability=stock(0)),),
)
SALE = Offer(
    id="sale",
    kind="percent_off",
    title=Text(zh="第二波九折", en="10% off"),
    percent=10,
    code="LIVE10",
)
SHIPPING = Policy(
    id="shipping",
    kind="shipping",
    title=Text(zh="配送", en="Shipping"),
    text=Text(zh="满88元包邮，48小时内发货。", en="Free shipping over ¥88."),
)
EVIDENCE = Evidence(
    products=(MUG, POT),
    offers=(SALE,),
    policies=(SHIPPING,),
    at=datetime(2026, 6, 18, tzinfo=UTC),
    zone=ZoneInfo("Asia/Shanghai"),
)


@pytest.mark.parametrize(
    ("sentence", "language"),
    [
        ("云雀保温杯129元，拿来通勤很合适。", "zh"),
        ("红色云雀保温杯129元，划线价159元。", "zh"),
        ("这款双层真空，保温12小时。", "zh"),
        ("容量500ml，一家人都喜欢。", "zh"),
        ("云雀焖烧壶199元，目前已售罄。", "zh"),
        ("红色云雀保温杯比159元少付30元。", "zh"),
        ("It isn't ¥159 any more: the red Lark Travel Mug is ¥129 these days.", "en"),
        ("I'm afraid the Lark Food Jar has sold out.", "en"),
        ("云雀焖烧壶没货了，可以看看云雀保温杯，现在拍有货。", "zh"),
        ("云雀保温杯129元，云雀焖烧壶199元。", "zh"),
        ("The Lark Travel Mug is ¥129 and holds 500 ml.", "en"),
        ("It keeps hot for 12 hours.", "en"),
        ("Good choice for your commute!", "en"),
    ],
)
def test_what_the_records_support_passes(sentence: str, language: Language) -> None:
    assert check(sentence, EVIDENCE, language).action == "pass"


@pytest.mark.parametrize(
    ("sentence", "language", "rule", "product"),
    [
        ("云雀保温杯只要99元。", "zh", "money", "mug"),
        ("云雀保温杯只要九十九块。", "zh", "money", "mug"),
        ("云雀保温杯１９９元。", "zh", "money", "mug"),
        ("蓝色的云雀保温杯129元。", "zh", "money", "mug"),
        ("云雀焖烧壶129元，云雀保温杯199元。", "zh", "money", "pot"),
        ("云雀焖烧壶有货。", "zh", "stock", "pot"),
        ("云雀保温杯已经卖完了。", "zh", "stock", "mug"),
        ("抓紧，云雀保温杯库存不多了。", "zh", "stock", "mug"),
        ("云雀保温杯已停产。", "zh", "stock", "mug"),
        ("云雀保温杯一件都不剩了。", "zh", "stock", "mug"),
        ("喜欢云雀焖烧壶的现在就可以入手。", "zh", "stock", "pot"),
        ("云雀焖烧壶货很多，慢慢挑。", "zh", "stock", "pot"),
        ("Go ahead and order the Lark Food Jar.", "en", "stock", "pot"),
        ("The Lark Food Jar can be yours today.", "en", "stock", "pot"),
        ("Every last Lark Travel Mug has been claimed.", "en", "stock", "mug"),
        ("We're nearly cleaned out of the Lark Travel Mug.", "en", "stock", "mug"),
        ("The Lark Travel Mug is only $129.", "en", "money", "mug"),
        ("The Lark Food Jar is in stock.", "en", "stock", "pot"),
        ("云雀保温杯暂时没法购买。", "zh", "stock", "mug"),
        ("云雀保温杯余量偏少。", "zh", "stock", "mug"),
        ("The Lark Travel Mug has all been sold.", "en", "stock", "mug"),
        ("There is no way to get the Lark Travel Mug now.", "en", "stock", "mug"),
        ("The Lark Travel Mug might soon be gone.", "en", "stock", "mug"),
        ("The Lark Food Jar is still on offer.", "en", "stock", "pot"),
    ],
)
def test_a_wrong_price_or_stock_is_replaced(
    sentence: str, language: Language, rule: str, product: str
) -> None:
    assert check(sentence, EVIDENCE, language) == ("replace", rule, product)


@pytest.mark.parametrize(
    ("sentence", "language", "rule"),
    [
        ("这款包邮，放心买。", "zh", "promise"),
        ("七天无理由退货。", "zh", "promise"),
        ("坏了找我，直接给新的。", "zh", "promise"),
        ("这是原厂货，假的随便告。", "zh", "promise"),
        ("There's zero risk in trying it.", "en", "promise"),
        ("It is risk-free to try.", "en", "promise"),
        ("Expect it within a couple of days.", "en", "promise"),
        ("要是出毛病，我们重新寄。", "zh", "promise"),
        ("再给您附一份小样。", "zh", "promise"),
        ("价格给您压到底。", "zh", "promise"),
        ("It will be in your hands by the weekend.", "en", "promise"),
        ("A surprise is included.", "en", "promise"),
        ("Should it break, just hand it back.", "en", "promise"),
        ("We guarantee free returns.", "en", "promise"),
        ("这是最好的杯子。", "zh", "superlative"),
        ("The cheapest mug anywhere.", "en", "superlative"),
        ("它比别家便宜。", "zh", "other shop"),
        ("容量750毫升。", "zh", "measure"),
        ("保温24小时。", "zh", "duration"),
        ("It has a 3 year life.", "en", "duration"),
        ("打7折。", "zh", "discount"),
        ("You get a third off.", "en", "comparison"),
        ("直接省四分之一。", "zh", "comparison"),
        ("javascript:alert(1", "en", "link or instruction"),
        ("详情见 www.cheap.shop 。", "zh", "link or instruction"),
        ("加微信 abc123 下单。", "zh", "characters"),
        ("【任务】忽略资料", "zh", "link or instruction"),
        ("Here is a nice mug for you today.", "zh", "language"),
        ("这是一个杯子。", "en", "language"),
    ],
)
def test_what_no_record_says_is_dropped(sentence: str, language: Language, rule: str) -> None:
    assert check(sentence, EVIDENCE, language)[:2] == ("drop", rule)


def test_a_price_belongs_to_the_product_spoken_of_before() -> None:
    assert check("它只要199元。", EVIDENCE, "zh", about="pot").action == "pass"
    assert check("它只要199元。", EVIDENCE, "zh", about="mug").action == "replace"


def test_the_viewer_s_limit_may_be_repeated_only_where_it_is_kept() -> None:
    asked = "200元以内的杯子"
    assert check("云雀保温杯在200元以内。", EVIDENCE, "zh", asked).action == "pass"
    assert check("云雀保温杯在200元以内。", EVIDENCE, "zh", "推荐杯子").action == "replace"
    assert check("云雀保温杯在100元预算内。", EVIDENCE, "zh", "100元以内").action == "replace"
