"""Finding the product that is named: in full, in part, with typos, beside twins, by options."""

from __future__ import annotations

import json
import random
import time
from pathlib import Path

import pytest

from retrieval.catalog import Attribute, Money, Product, Text, Variant, stock
from retrieval.names import ProductNames

DATA = Path(__file__).parents[3] / "shared" / "data"
PRICE = Money(minor=100, currency="CNY")


def product(
    key: str,
    zh: str = "",
    en: str = "",
    aliases: tuple[str, ...] = (),
    brand: str = "",
    category: str = "",
    options: tuple[tuple[str, ...], ...] = (),
) -> Product:
    chosen: list[tuple[Attribute, ...]] = [
        tuple(Attribute(name=Text(zh=f"选项{n}"), value=Text(zh=v)) for n, v in enumerate(values))
        for values in options
    ]
    return Product(
        id=key,
        title=Text(zh=zh, en=en),
        aliases=aliases,
        brand=Text(zh=brand),
        category=Text(zh=category),
        variants=tuple(
            Variant(id=f"{key}-{n}", options=o, price=PRICE, availability=stock(5))
            for n, o in enumerate(chosen or [()])
        ),
    )


SHOP = (
    product("set", "轻奢纯棉刺绣水洗四件套", category="床品件套"),
    product("set2", "纯棉色织缎纹四件套", category="床品件套"),
    product("wool", "秋冬保暖加厚澳洲羊毛被"),
    product("fine", "秋冬保暖加厚细羊毛被"),
    product("pot", "100年传世珐琅锅"),
    product("potset", "100年传世珐琅锅 全家系列"),
    product("heater", "美的60升超薄双胆扁桶电热水器F6033-UD3(HE)一级能效", aliases=("小胖子",)),
    product("phone", "小米14", "Xiaomi 14", options=(("黑色", "256GB"), ("白色", "512GB"))),
    product("tee", "纯色圆领短袖T恤", "Plain Crew Neck T-Shirt", options=(
        ("红色", "L"), ("红色", "XL"), ("粉红色", "L"), ("蓝色", "L"))),
    product("bottle", "随行保温杯", "Travel Flask", options=(("500毫升",), ("1.5L",))),
    product("mat", "加厚瑜伽垫", options=(("1.8米",), ("2米",))),
    product("pack", "", "Adventure-Ready Expedition Backpack"),
    product("cup", "", "Cup"),
    product("board", "", "Oak Cupboard"),
)  # fmt: skip


@pytest.fixture(scope="module")
def names() -> ProductNames:
    names = ProductNames()
    for item in SHOP:
        names.put(item)
    return names


@pytest.mark.parametrize(
    ("text", "product_id"),
    [
        ("轻奢纯棉刺绣水洗四件套多少钱", "set"),
        ("輕奢純棉刺繡水洗四件套還有貨嗎", "set"),
        ("秋冬保暖加厚细羊毛被 包邮吗", "fine"),
        ("100年传世珐琅锅多少钱", "pot"),
        ("100年传世珐琅锅全家系列多少钱", "potset"),
        ("小米１４有货吗", "phone"),
        ("how much is the xiaomi 14?", "phone"),
        ("ADVENTURE READY EXPEDITION BACKPACK in stock?", "pack"),
        ("小胖子还有吗", "heater"),
        ("how much is the cup", "cup"),
    ],
)
def test_a_whole_name_is_exact(names: ProductNames, text: str, product_id: str) -> None:
    first = names.find(text)[0]
    assert (first.product_id, first.score, first.exact) == (product_id, 1.0, True)


@pytest.mark.parametrize(
    ("text", "product_id"),
    [
        ("刺绣水洗四件套多少钱", "set"),
        ("澳洲羊毛被有货吗", "wool"),
        ("美的F6033-UD3几升", "heater"),
        ("f6033ud3 多少钱", "heater"),
        ("轻奢纯棉刺锈水洗四件套多少钱", "set"),
        ("秋冬保暖加厚奥洲羊毛被", "wool"),
        ("100年传世珐琅锅全家系烈多少钱", "potset"),
        ("is the adventure redy expedition bakpack available", "pack"),
        ("expedition backpacks price", "pack"),
        ("随行杯多少钱", "bottle"),
    ],
)
def test_parts_and_slips_are_found(names: ProductNames, text: str, product_id: str) -> None:
    first = names.find(text)[0]
    assert first.product_id == product_id
    assert first.score >= 0.5
    assert not first.exact


@pytest.mark.parametrize(
    "text",
    [
        "", "   ", "？？", "多少钱", "有货吗", "推荐一个", "包邮吗几天到", "适合冬天吗",
        "3号链接还有吗", "how much is it", "do you ship to Canada", "is it waterproof",
        "a backpack please", "100元以内的礼物",
    ],
)  # fmt: skip
def test_general_words_name_nothing(names: ProductNames, text: str) -> None:
    assert all(match.score < 0.5 for match in names.find(text))


def test_a_word_inside_a_word_is_no_name(names: ProductNames) -> None:
    assert not any(m.exact for m in names.find("any cupboards left") if m.product_id == "cup")


def test_near_twins_stay_visible(names: ProductNames) -> None:
    found = names.find("加厚羊毛被多少钱")[:2]
    assert {match.product_id for match in found} == {"wool", "fine"}
    assert found[1].score > 0.9 * found[0].score


def test_two_names_are_both_found_where_they_stand(names: ProductNames) -> None:
    text = "小米14和随行保温杯一起买"
    found = {match.product_id: text[slice(*match.span)] for match in names.find(text)}
    assert found == {"phone": "小米14", "bottle": "随行保温杯"}


@pytest.mark.parametrize(
    ("product_id", "text", "variants"),
    [
        ("tee", "红色L码还有吗", ("tee-0",)),
        ("tee", "红的有吗", ("tee-0", "tee-1")),
        ("tee", "粉红色", ("tee-2",)),
        ("tee", "xl多少钱", ("tee-1",)),
        ("tee", "it's nice", ()),
        ("bottle", "500ml的", ("bottle-0",)),
        ("bottle", "1500毫升多少钱", ("bottle-1",)),
        ("mat", "一米八的", ("mat-0",)),
        ("mat", "2米", ("mat-1",)),
        ("phone", "白色512G", ("phone-1",)),
        ("nothing", "红色", ()),
    ],
)
def test_option_words_choose_variants(
    names: ProductNames, product_id: str, text: str, variants: tuple[str, ...]
) -> None:
    assert names.variants(product_id, text) == variants


def test_categories_are_given_as_the_shop_writes_them(names: ProductNames) -> None:
    assert names.categories("有什么床品件套推荐") == ("床品件套",)
    assert names.categories("有什么推荐") == ()


def test_changes_count_at_once_and_leave_nothing_behind() -> None:
    names = ProductNames()
    names.put(product("a", "蓝莓果干", category="零食"))
    names.put(product("b", "草莓果干", category="零食"))
    names.put(product("a", "黑加仑果酱", category="酱料"))
    assert not any(match.exact for match in names.find("蓝莓果干多少钱"))
    assert names.find("黑加仑果酱多少钱")[0].product_id == "a"
    assert names.categories("酱料 零食") == ("零食", "酱料")
    names.remove("a")
    names.remove("a")
    assert len(names) == 1
    assert names.categories("酱料") == ()
    names.remove("b")
    assert names.find("草莓果干") == []


def words(count: int, seed: int) -> list[str]:
    letters = random.Random(seed)
    return ["".join(letters.choices("bdfgklmnprst" + "aeiou" * 2, k=6)) for _ in range(count)]


def test_ten_thousand_names_take_milliseconds() -> None:
    vocabulary, picked = words(1500, 1), random.Random(2)
    names = ProductNames()
    titles = {str(n): " ".join(picked.sample(vocabulary, 5)) for n in range(10_000)}
    for key, title in titles.items():
        names.put(product(key, en=title))
    asked = [f"how much is {titles[str(n)]}" for n in range(0, 10_000, 200)]
    names.find(asked[0])
    begun = time.perf_counter()
    found = [names.find(text)[0].product_id for text in asked]
    assert (time.perf_counter() - begun) / len(asked) < 0.05
    assert found == [str(n) for n in range(0, 10_000, 200)]


@pytest.mark.skipif(not DATA.is_dir(), reason="the real catalogues are not here")
def test_real_chinese_goods_are_found_whole_and_in_part() -> None:
    lines = (DATA / "litemall_zh" / "goods.jsonl").read_text(encoding="utf-8").splitlines()
    goods = {row["id"]: row["name"] for row in map(json.loads, lines)}
    names = ProductNames()
    for key, name in goods.items():
        names.put(product(key, name))
    tails = {
        name[-max(4, len(name) * 2 // 3) :]: key
        for key, name in goods.items()
        if sum(name[-max(4, len(name) * 2 // 3) :] in other for other in goods.values()) == 1
    }
    whole = [names.find(f"{name}多少钱")[0] for name in goods.values()]
    exact = sum(m.exact and m.product_id == key for m, key in zip(whole, goods, strict=True))
    assert exact >= 0.99 * len(goods)
    found = {tail: names.find(f"主播，{tail}还有货吗") for tail in tails}
    right = sum(bool(found[tail]) and found[tail][0].product_id == tails[tail] for tail in tails)
    assert right >= 0.95 * len(tails)


def test_a_title_is_whole_without_its_brand_too() -> None:
    names = ProductNames()
    names.put(product("dense", "安睡 60支长绒棉四件套", aliases=("四件套",), brand="安睡"))
    names.put(product("washed", "安睡 水洗棉四件套", aliases=("水洗棉",), brand="安睡"))
    names.put(product("chair", "坐忘 椅子", brand="坐忘"))
    (found,) = names.find("水洗棉四件套有1.8的吗")
    assert (found.product_id, found.exact) == ("washed", True)
    assert not any(match.exact for match in names.find("有椅子吗"))


def test_a_longer_name_whose_words_stand_inside_a_shorter_one() -> None:
    names = ProductNames()
    names.put(product("dense", "安睡 60支长绒棉四件套", aliases=("四件套",)))
    names.put(product("washed", "安睡 水洗棉四件套", aliases=("水洗棉",)))
    assert {m.product_id for m in names.find("水洗棉四件套有1.8的吗")} == {"washed"}
