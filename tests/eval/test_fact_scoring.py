"""The scorer of facts, on replies made up to be right and wrong in known ways."""

from __future__ import annotations

import pytest

from eval.fact_scoring import Question, Said, judge
from eval.shop import Shop
from retrieval.catalog import Attribute, Money, Offer, Policy, Product, Text, Variant, stock


def _fen(minor: int) -> Money:
    return Money(minor=minor, currency="CNY")


def _variant(key: str, fen: int, left: int, was: int = 0, option: str = "") -> Variant:
    return Variant(
        id=key,
        price=_fen(fen),
        list_price=_fen(was) if was else None,
        availability=stock(left),
        options=(Attribute(name=Text(zh="颜色"), value=Text(zh=option)),) if option else (),
    )


def _product(key: str, title: str, *variants: Variant, text: str = "") -> Product:
    return Product(id=key, title=Text(zh=title), description=Text(zh=text), variants=variants)


@pytest.fixture
def shop() -> Shop:
    red, grey = _variant("red", 99900, 3, 0, "玛瑙红"), _variant("grey", 150000, 7, 0, "烟白灰")
    products = (
        _product("mug", "珐琅杯 500ml", _variant("m", 12900, 15, 15900), text="补贴最高30元。"),
        _product("pot", "珐琅锅", _variant("p", 89900, 0)),
        _product("bed", "舒适床垫", red, grey),
    )
    flash = Offer(
        id="flash",
        kind="flash_price",
        title=Text(zh="秒杀"),
        product_ids=("pot",),
        amount=_fen(79900),
    )
    shipping = Policy(
        id="ship", kind="shipping", title=Text(zh="运费"), text=Text(zh="满88元包邮。")
    )
    return Shop({product.id: product for product in products}, [flash], [shipping])


PRICE = Question("exact", "price", "zh", "珐琅杯 500ml多少钱", ("mug",))
STOCK = Question("exact", "stock", "zh", "珐琅杯 500ml还有吗", ("mug",))


@pytest.mark.parametrize(
    ("text", "right", "wrong"),
    [
        ("珐琅杯 500ml现在129元，原价159元。", True, 0),
        ("It is ¥129.00 now, in stock.", True, 0),
        ("珐琅杯 500ml 129元，满88元包邮，补贴最高30元。", True, 0),
        ("珐琅杯 500ml现在119元。", False, 1),
        ("珐琅杯 500ml现在129元，比别家省50元。", False, 1),
        ("珐琅杯 500ml现在$129。", False, 1),
        ("珐琅杯 500ml的价格是159元。", False, 0),
        ("珐琅杯 500ml很好看。", False, 0),
        ("一百二十九元，今天只要九块九！", False, 1),
        ("补贴价30元，现在129元。", False, 1),
    ],
)
def test_price(shop: Shop, text: str, right: bool, wrong: int) -> None:
    verdict = judge(PRICE, Said(text, ("mug",)), shop)
    assert (verdict.found, verdict.right, len(verdict.wrong)) == (True, right, wrong)


def test_a_true_price_of_the_other_card_is_no_price_of_this_one(shop: Shop) -> None:
    cards = ("mug", "pot")
    swapped = judge(PRICE, Said("珐琅杯 500ml现在799元，珐琅锅129元。", cards), shop)
    assert (swapped.right, swapped.wrong) == (False, ())
    straight = judge(PRICE, Said("珐琅杯 500ml现在129元，珐琅锅799元。", cards), shop)
    assert straight.right


def test_the_right_price_under_another_product_is_not_found(shop: Shop) -> None:
    verdict = judge(PRICE, Said("129元。", ("pot", "mug")), shop)
    assert (verdict.found, verdict.right) == (False, False)
    assert not judge(PRICE, Said("129元。", ()), shop).found


def test_a_sum_of_a_product_not_shown_is_invented(shop: Shop) -> None:
    assert judge(PRICE, Said("珐琅杯 500ml129元，珐琅锅799元。", ("mug",)), shop).wrong == (
        "799元",
    )


def test_a_sum_from_the_question_may_be_repeated(shop: Shop) -> None:
    asked = Question("exact", "price", "zh", "珐琅杯能不能100元", ("mug",))
    assert judge(asked, Said("100元不行，珐琅杯 500ml是129元。", ("mug",)), shop).wrong == ()


def test_an_offer_changes_the_price(shop: Shop) -> None:
    asked = Question("offer", "price", "zh", "珐琅锅多少钱", ("pot",))
    assert judge(asked, Said("珐琅锅秒杀价799元，平时899元。", ("pot",)), shop).right
    assert not judge(asked, Said("珐琅锅899元。", ("pot",)), shop).right


def test_a_variant_has_its_own_price(shop: Shop) -> None:
    asked = Question("variant", "price", "zh", "舒适床垫烟白灰多少钱", ("bed",), "grey")
    both = "舒适床垫：玛瑙红999元，烟白灰1500元。"
    for text in ("舒适床垫（烟白灰）1,500元", both):
        assert judge(asked, Said(text, ("bed",)), shop).right
    for text in ("床垫999元", "舒适床垫有两种：999元和1500元。"):
        assert not judge(asked, Said(text, ("bed",)), shop).right


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("珐琅杯 500ml有货，还有15件。", True),
        ("有货", True),
        ("It is in stock, 15 left.", True),
        ("There are 15 pieces available.", True),
        ("有货，库存还剩14件。", False),
        ("已售罄。", False),
        ("It's not in stock.", False),
        ("有货，不过已经卖完了。", False),
        ("129元。", False),
    ],
)
def test_stock(shop: Shop, text: str, right: bool) -> None:
    assert judge(STOCK, Said(text, ("mug",)), shop).right is right


def test_sold_out_and_changed_stock(shop: Shop) -> None:
    asked = Question("exact", "stock", "en", "is 珐琅锅 in stock", ("pot",))
    assert judge(asked, Said("珐琅锅 is sold out.", ("pot",)), shop).right
    shop.put_stock("pot", "p", 4)
    assert not judge(asked, Said("珐琅锅 is sold out.", ("pot",)), shop).right
    assert judge(asked, Said("珐琅锅: 4 left.", ("pot",)), shop).right


def test_percent_offers_round_half_up_and_coupons_wait_for_their_code(shop: Shop) -> None:
    mug = shop.products["mug"]
    title = Text(zh="活动")
    shop.offers = [
        Offer(id="p", kind="percent_off", title=title, percent=15, product_ids=("mug",)),
        Offer(id="c", kind="percent_off", title=title, percent=50, code="HALF"),
    ]
    assert shop.price(mug, mug.variants[0]) == 10965


def test_products_of_one_title_may_be_told_apart_by_neither(shop: Shop) -> None:
    shop.products["mug2"] = _product("mug2", "珐琅杯 500ml", _variant("m2", 11900, 4))
    cards = ("mug2", "mug")
    price = Question("exact", "price", "zh", "珐琅杯 500ml多少钱", ("mug", "mug2"))
    stock = Question("exact", "stock", "zh", "珐琅杯 500ml有货吗", ("mug", "mug2"))
    both = "珐琅杯 500ml现在119元。珐琅杯 500ml现在129元。"
    assert judge(price, Said(both, cards), shop).right
    assert judge(price, Said("珐琅杯 500ml现在119元。", ("mug2",)), shop).right
    assert not judge(price, Said("珐琅杯 500ml现在119元。", ("mug",)), shop).right
    assert judge(
        stock, Said("珐琅杯 500ml有货，还有4件。珐琅杯 500ml有货，还有15件。", cards), shop
    ).right
    assert not judge(stock, Said("珐琅杯 500ml有货，还有5件。", cards), shop).right
    assert not judge(stock, Said("珐琅杯 500ml已售罄。", cards), shop).right
