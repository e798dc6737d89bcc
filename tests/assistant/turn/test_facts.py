"""Sentences made from records."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from assistant.turn.evidence import Evidence
from assistant.turn.facts import (
    Asked,
    facts,
    listing_fact,
    missing_number_fact,
    unknown_fact,
)
from retrieval.catalog import (
    Attribute,
    Language,
    Money,
    Offer,
    Policy,
    Product,
    QuestionAnswer,
    RoomContext,
    RoomItem,
    Text,
    Variant,
    stock,
)


def yuan(minor: int) -> Money:
    return Money(minor=minor, currency="CNY")


def colour(zh: str, en: str) -> tuple[Attribute, ...]:
    return (Attribute(name=Text(zh="颜色", en="color"), value=Text(zh=zh, en=en)),)


MUG = Product(
    id="mug",
    title=Text(zh="云雀保温杯", en="Lark Mug"),
    category=Text(zh="水杯", en="drinkware"),
    description=Text(zh="杯盖一键开合。内胆可拆洗。"),
    attributes=(
        Attribute(name=Text(zh="容量", en="capacity"), value=Text(zh="500毫升", en="500 ml")),
    ),
    questions=(QuestionAnswer(question=Text(zh="能装咖啡吗"), answer=Text(zh="可以装咖啡。")),),
    variants=(
        Variant(
            id="red",
            options=colour("红色", "red"),
            price=yuan(12900),
            list_price=yuan(15900),
            availability=stock(12),
        ),
        Variant(
            id="blue", options=colour("蓝色", "blue"), price=yuan(13900), availability=stock(0)
        ),
    ),
    version=3,
)
POT = Product(
    id="pot",
    title=Text(zh="云雀焖烧壶", en="Lark Jar"),
    attributes=(
        Attribute(name=Text(zh="容量", en="capacity"), value=Text(zh="800毫升", en="800 ml")),
    ),
    variants=(Variant(id="pot", price=yuan(19900), availability=stock(3)),),
)
FLASH = Offer(
    id="flash",
    kind="flash_price",
    title=Text(zh="直播限时价", en="Live flash price"),
    product_ids=("pot",),
    amount=yuan(14900),
    ends_at=datetime(2026, 6, 18, 12, 30, tzinfo=UTC),
    version=2,
)
POLICIES = (
    Policy(
        id="s",
        kind="shipping",
        title=Text(zh="配送"),
        text=Text(zh="满88元包邮。", en="Free over ¥88."),
    ),
    Policy(
        id="r", kind="returns", title=Text(zh="退货"), text=Text(zh="七天无理由。", en="7 days.")
    ),
    Policy(
        id="r-cup",
        kind="returns",
        title=Text(zh="水杯退货"),
        text=Text(zh="水杯拆封不退。", en="Opened cups stay sold."),
        categories=("水杯",),
    ),
)


def evidence(*products: Product, variants: tuple[str, ...] = ()) -> Evidence:
    return Evidence(
        products=products,
        offers=(FLASH,),
        policies=POLICIES,
        at=datetime(2026, 6, 18, 12, tzinfo=UTC),
        zone=ZoneInfo("Asia/Shanghai"),
        variant_ids=variants,
    )


def say(
    intent: str,
    *products: Product,
    language: Language = "zh",
    variants: tuple[str, ...] = (),
    question: str = "",
    **asked: object,
) -> str:
    found = facts(
        Asked(question, (intent,), **asked),  # type: ignore[arg-type]
        evidence(*products, variants=variants),
        language,
    )
    return " ".join(fact.text for fact in found)


@pytest.mark.parametrize(
    ("language", "variants", "expected"),
    [
        ("zh", ("red",), "云雀保温杯（红色）现在129元（划线价159元）。"),
        ("zh", (), "云雀保温杯现在129元到139元：红色 129元，蓝色 139元。"),
        ("en", ("blue",), "Lark Mug (blue) is ¥139 now."),
    ],
)
def test_a_price_names_the_variant_or_all_of_them(
    language: Language, variants: tuple[str, ...], expected: str
) -> None:
    assert say("price", MUG, language=language, variants=variants) == expected


def test_a_flash_price_is_the_price_and_says_until_when() -> None:
    expected = "云雀焖烧壶现在149元（划线价199元），直播限时价，6月18日20:30结束。"
    assert say("price", POT) == expected
    cites = facts(Asked("", ("price",)), evidence(POT), "zh")[0].cites
    assert {c.record: c.version for c in cites} == {"product:pot": 0, "offer:flash": 2}


@pytest.mark.parametrize(
    ("language", "variants", "expected"),
    [
        ("zh", (), "云雀保温杯：红色有货，还有12件；蓝色已售罄。"),
        ("en", (), "Lark Mug: red in stock, 12 left; blue sold out."),
        ("zh", ("blue",), "云雀保温杯（蓝色）已售罄。"),
        ("en", ("blue",), "Lark Mug (blue) is sold out."),
    ],
)
def test_stock_is_told_variant_by_variant(
    language: Language, variants: tuple[str, ...], expected: str
) -> None:
    assert say("stock", MUG, language=language, variants=variants) == expected


def test_an_option_is_known_by_a_piece_of_its_name() -> None:
    assert say("attribute", MUG, attributes=("蓝",)) == "云雀保温杯（蓝色）已售罄。"
    assert say("price", MUG, attributes=("蓝色",)) == "云雀保温杯（蓝色）现在139元。"


def test_an_option_that_does_not_exist_is_denied_with_those_that_do() -> None:
    assert say("stock", MUG, attributes=("黑色",)) == "云雀保温杯没有黑色，颜色有：红色、蓝色。"


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("容量多大", "云雀保温杯：容量500毫升。"),
        ("能装多少毫升", "云雀保温杯：容量500毫升。"),
        ("能装咖啡么", "可以装咖啡。"),
        ("有什么颜色", "云雀保温杯：红色有货，还有12件；蓝色已售罄。"),
        ("可以洗吗", "内胆可拆洗。"),
    ],
)
def test_an_attribute_is_told_in_the_record_s_words(question: str, expected: str) -> None:
    assert say("attribute", MUG, question=question) == expected


def test_what_no_record_says_is_said_to_be_unknown() -> None:
    fact = facts(Asked("产地是哪里", ("attribute",)), evidence(POT), "zh")[0]
    assert not fact.known
    assert "不确定" in fact.text


def test_a_policy_is_quoted_and_the_category_s_own_comes_first() -> None:
    assert say("returns", MUG) == "水杯拆封不退。"
    assert say("returns", POT) == "七天无理由。"
    assert say("shipping", language="en") == "Free over ¥88."


def test_two_products_are_compared_by_what_both_records_state() -> None:
    assert say("comparison", MUG, POT) == (
        "云雀保温杯 129元到139元，云雀焖烧壶 149元；容量：500毫升 和 800毫升。"
    )


def test_several_pieces_are_priced_together() -> None:
    assert say("price", POT, quantity=2).endswith("云雀焖烧壶2件一共298元。")


def test_a_list_for_when_no_model_speaks() -> None:
    fact = listing_fact(evidence(MUG, POT), "en")
    assert fact is not None
    assert fact.text == "Have a look: Lark Mug ¥129; Lark Jar ¥149."
    unsure = listing_fact(evidence(MUG), "zh", sure=False)
    assert unsure is not None
    assert unsure.text == "你问的是不是这里面的：云雀保温杯 129元？"
    assert listing_fact(evidence(), "en") is None


def test_a_number_that_is_not_on_the_list() -> None:
    room = RoomContext(id="r", items=(RoomItem(number=1, product_id="mug"),))
    assert missing_number_fact(room, "zh").text == "没有这个编号的商品，现在是1号到1号。"
    assert "no numbered items" in missing_number_fact(RoomContext(id="r"), "en").text


def test_two_products_asked_for_together_get_one_total() -> None:
    assert say("price", POT, MUG, variants=("red",), together=((POT, 1), (MUG, 1))).endswith(
        "云雀焖烧壶1件、云雀保温杯（红色）1件一共278元。"
    )
    assert "一共" not in say(
        "price", POT, MUG, together=((POT, 1), (MUG, 1))
    )  # red and blue differ


@pytest.mark.parametrize(
    "question", ["蓝色的有吗", "does it come in blue", "is the blue available"]
)
def test_an_option_that_is_asked_for_is_answered_by_its_stock(question: str) -> None:
    answer = say("attribute", MUG, question=question, variants=("blue",))
    assert answer == "云雀保温杯（蓝色）已售罄。"


def test_what_no_record_says_falls_back_on_the_rule_talked_of_before() -> None:
    question = "用过的呢"
    assert say("attribute", POT, question=question) == unknown_fact("zh").text
    assert say("attribute", POT, question=question, rule="returns") == say("returns", POT)


def test_pieces_of_two_products_are_priced_together() -> None:
    told = say("price", POT, MUG, variants=("red",), together=((POT, 2), (MUG, 3)))
    assert told.endswith("云雀焖烧壶2件、云雀保温杯（红色）3件一共685元。")
