"""A question that names nothing stays with the product at hand; one that names another leaves it.

The shop is the one of `test_understanding`, with a rug whose sizes are said by their number.
"""

from __future__ import annotations

from typing import Any

import pytest

from assistant.turn.at_hand import at_hand
from assistant.turn.understanding import Understanding
from retrieval.catalog import Text
from retrieval.names import NameMatch, ProductNames
from tests.assistant.turn.test_understanding import SHOP, product, read

SIZES = (Text(zh="80×120cm", en="80 × 120 cm"), Text(zh="160×230cm", en="160 × 230 cm"))
SHADES = (Text(zh="雪白", en="Snow white"), Text(zh="05 樱花粉", en="05 Blossom pink"))
MORE = (
    product("rug", "织云客厅地毯", "Cloudweave Living Room Rug", "家居", SIZES),
    product("shoes", "追风越野跑鞋", "Windchaser Trail Shoes", "鞋", SHADES),
    product("shirt", "晨曦牛津纺衬衫", "Daybreak Oxford Shirt", "服饰"),
    product("lamp", "静音风扇灯 30瓦", "Silent Fan Lamp 30 W", "家电"),
    product("toner", "花露保湿露", "Dew Toner", "美妆"),
)


@pytest.fixture(scope="module")
def names() -> ProductNames:
    names = ProductNames()
    for item in (*SHOP, *MORE):
        names.put(item)
    names.put(MORE[-1].model_copy(update={"aliases": ("露",)}))
    return names


def ask(names: ProductNames, text: str, recent: tuple[str, ...], **more: Any) -> Understanding:
    return read(names, text, **({"on_air": None, "recent": recent, "last_shown": recent} | more))


@pytest.mark.parametrize(
    "text",
    [
        "踩上去滑不滑", "几天能晾干", "有没有防滑垫", "好，多少钱一张", "还剩几块", "掉毛不",
        "how many pieces left", "two of them cost?", "do you have it in stock", "pets ok?",
        "is there a zip", "which side goes up for kids", "30的还有没", "静音吗",
    ],
)  # fmt: skip
def test_what_names_nothing_stays_with_the_product_talked_of(
    names: ProductNames, text: str
) -> None:
    got = ask(names, text, ("rug",))
    assert (got.product_ids, got.reference) == (("rug",), "recent")


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("牛津纺衬衫多少钱", "shirt"),
        ("how much is the oxford shirt", "shirt"),
        ("水壶还有货吗", "kettle"),
    ],
)
def test_a_word_that_no_product_at_hand_has_names_another(
    names: ProductNames, text: str, means: str
) -> None:
    assert ask(names, text, ("rug",)).product_ids == (means,)


@pytest.mark.parametrize("text", ["推荐一款台灯", "有没有便宜点的杯子", "any gifts for my dad?"])
def test_looking_for_goods_leaves_the_product_at_hand(names: ProductNames, text: str) -> None:
    got = ask(names, text, ("rug",))
    assert ("recommendation" in got.intents, got.product_ids) == (True, ())


@pytest.mark.parametrize(
    ("text", "variant"),
    [
        ("160的多少钱", "rug-1"),
        ("how much is the 80 one", "rug-0"),
        ("白的还有吗", "shoes-0"),
        ("那粉的呢", "shoes-1"),
        ("05？", "shoes-1"),
        ("white?", "shoes-0"),
        ("blossom pink please", "shoes-1"),
    ],
)
def test_an_option_is_said_by_its_number_or_its_shade(
    names: ProductNames, text: str, variant: str
) -> None:
    own, other = ("rug", "shoes") if variant.startswith("rug") else ("shoes", "rug")
    assert ask(names, text, (other, own)).variant_ids == (variant,)


def test_a_bare_option_asks_for_stock_and_price(names: ProductNames) -> None:
    assert ask(names, "05？", ("shoes",)).intents == ("stock", "price")
    assert ask(names, "49？", ("shoes",)).intents == ("price", "stock")


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("刚才那鞋子掉色吗", "shoes"),
        ("how much were those shoes", "shoes"),
        ("上一个衣服呢", "shirt"),
    ],
)
def test_a_kind_of_goods_picks_among_those_talked_of(
    names: ProductNames, text: str, means: str
) -> None:
    assert ask(names, text, ("rug", "shoes", "shirt"), on_air="mug").product_ids == (means,)


@pytest.mark.parametrize("text", ["差多少钱", "哪个耐脏", "分别多重", "price of each?"])
def test_two_that_were_shown_together_are_meant_together(names: ProductNames, text: str) -> None:
    assert ask(names, text, ("rug", "shoes")).product_ids == ("rug", "shoes")


@pytest.mark.parametrize(
    ("text", "named"), [("露多少钱", True), ("花朵上的露珠好看吗", False), ("要喝多少露", False)]
)
def test_a_name_of_one_character_stands_alone(names: ProductNames, text: str, named: bool) -> None:
    assert any(m.exact for m in names.find(text) if m.product_id == "toner") is named


def test_a_name_beside_a_pointer_is_compared_with_the_product_on_air(names: ProductNames) -> None:
    got = ask(names, "这个和晨曦牛津纺衬衫哪个好", (), on_air="mug")
    assert got.product_ids == ("mug", "shirt")


@pytest.mark.parametrize("part", ["F8025-JE4", "the M10S"])
def test_a_model_s_code_is_a_word_of_a_name(part: str) -> None:
    match = NameMatch("boiler", (), 0.4, False, (0, len(part)))
    assert at_hand(part, (), ProductNames(), [match]).worded == {"boiler"}


@pytest.mark.parametrize("part", ["500ml", "30 w"])
def test_a_number_of_something_is_none(part: str) -> None:
    match = NameMatch("boiler", (), 0.4, False, (0, len(part)))
    assert at_hand(part, (), ProductNames(), [match]).worded == set()


def test_who_wants_to_buy_a_model_by_its_code_means_that_model() -> None:
    names = ProductNames()
    for model in ("M10S Max", "M10 Max", "M10 Pro", "LN7 Ultra"):
        title = f"海川燃气热水器 天然气一级能效增压零冷水恒温静音以旧换新 JSQ27-{model}"
        names.put(product(model, title, f"Haichuan Boiler JSQ27-{model}", "家电"))
    assert ask(names, "想买JSQ27-M10S，要多少钱", ()).product_ids == ("M10S Max",)
    assert ask(names, "想买个热水器，要多少钱", ()).product_ids == ()


@pytest.mark.parametrize(
    "text", ["胖墩一代和二代有什么区别", "What's the difference between Pangdun 500 and Gen 2?"]
)
def test_a_generation_is_one_of_the_family_it_is_compared_with(text: str) -> None:
    names = ProductNames()
    for key, zh, en, aliases in (
        ("pangdun-1", "暖壑 胖墩保温杯 500ml", "Nuanhe Pangdun Mug 500 ml", ("胖墩一代",)),
        ("pangdun-2", "暖壑 胖墩保温杯二代 500ml", "Nuanhe Pangdun Mug Gen 2 500 ml", ("胖墩",)),
        ("yunbu-1", "折屿 云步跑鞋 一代", "Zheyu Yunbu Shoes Gen 1", ()),
        ("yunbu-2", "折屿 云步跑鞋 二代", "Zheyu Yunbu Shoes Gen 2", ()),
    ):
        names.put(product(key, zh, en).model_copy(update={"aliases": aliases}))
    assert set(ask(names, text, ()).product_ids) == {"pangdun-1", "pangdun-2"}


@pytest.mark.parametrize("text", ["选哪个颜色", "深的浅的怎么选", "which colour is better"])
def test_who_chooses_among_options_compares_no_products(names: ProductNames, text: str) -> None:
    got = ask(names, text, ("shoes", "rug"))
    assert got.intents[0] in ("attribute", "stock")
    assert got.product_ids[0] == "shoes"
