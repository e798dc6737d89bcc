from __future__ import annotations

from datetime import datetime, timedelta

from retrieval.behaviour import Behaviour
from retrieval.catalog import (
    Attribute,
    Availability,
    Constraints,
    Money,
    Offer,
    Policy,
    Product,
    Profile,
    RoomContext,
    Text,
    Variant,
    stock,
)
from retrieval.combiner import Combiner
from retrieval.ranker import LearnedRanker, Ranked
from retrieval.reasons import Reasons, prices_at
from retrieval.retriever import Candidate

ROOM = RoomContext(id="main", on_air="b")


class Shop:
    def __init__(self, *offers: Offer) -> None:
        self.running = offers

    def products(self, ids: tuple[str, ...]) -> dict[str, Product]:
        return {key: PRODUCTS[key] for key in ids if key in PRODUCTS}

    def offers(self) -> tuple[Offer, ...]:
        return self.running

    def policies(self) -> tuple[Policy, ...]:
        return ()

    def eligible(
        self, constraints: Constraints, among: frozenset[str] | None = None
    ) -> frozenset[str] | None:
        return None


def product(key: str, price: int, *stocks: Availability) -> Product:
    return Product(
        id=key,
        title=Text(en=key),
        variants=tuple(
            Variant(
                id=f"{key}{place}",
                price=Money(minor=price, currency="CNY"),
                availability=availability,
            )
            for place, availability in enumerate(stocks)
        ),
    )


PRODUCTS = {
    "a": product("a", 1000, stock(0)),
    "b": product("b", 2000, stock(50)),
    "c": product("c", 9000, stock(2), stock(1)),
    "d": product("d", 9000, stock(2), stock(None)),
}
CANDIDATES = [
    Candidate(product_id=key, score=1 / (60 + place))
    for place, key in enumerate(("a", "gone", "c", "b", "d"), start=1)
]


def first_stage(now: datetime, *offers: Offer) -> LearnedRanker:
    """A ranker that has weights but no model to judge a question."""
    return LearnedRanker(Shop(*offers), None, Combiner({}), lambda: Behaviour([]), lambda: now)


def ranked(now: datetime, *offers: Offer, profile: Profile | None = None) -> dict[str, Ranked]:
    found = first_stage(now, *offers).rank("mug", CANDIDATES, PRODUCTS, ROOM, profile)
    return {one.product_id: one for one in found}


def test_keeps_the_order_with_the_sold_out_last(noon: datetime) -> None:
    assert list(ranked(noon)) == ["c", "b", "d", "a"]


def test_reasons_are_on_air_and_the_last_pieces(noon: datetime) -> None:
    found = ranked(noon)
    assert found["b"].reasons == (Text(zh="主播正在讲解", en="On air now"),)
    assert found["c"].reasons == (Text(zh="仅剩3件", en="Only 3 left"),)
    assert found["d"].reasons == ()
    assert found["a"].reasons == ()


def test_only_an_offer_that_runs_for_everyone_is_a_reason(noon: datetime) -> None:
    def offer(key: str, **more: object) -> Offer:
        return Offer.model_validate(
            {
                "id": key,
                "kind": "percent_off",
                "title": {"zh": key, "en": key},
                "product_ids": ["d"],
                "percent": 10,
                **more,
            }
        )

    hour = timedelta(hours=1)
    silent = (
        offer("over", ends_at=noon - hour),
        offer("to come", starts_at=noon + hour),
        offer("coupon", code="SAVE"),
        offer("other", product_ids=["zzz"]),
    )
    assert ranked(noon, *silent)["d"].reasons == ()
    running = ranked(noon, *silent, offer("June sale"))
    assert running["d"].reasons == (
        Text(zh="优惠进行中：June sale", en="Offer running: June sale"),
    )
    halves = offer("second half price", kind="nth_item", nth=2, percent=50)
    assert "second half price" in ranked(noon, halves)["d"].reasons[0].en


def test_a_usual_price_range_needs_enough_choices(noon: datetime) -> None:
    few = Profile(viewer="v", clicked={"a": 1.0, "b": 1.0})
    assert len(ranked(noon, profile=few)["b"].reasons) == 1
    enough = Profile(viewer="v", clicked={"a": 1.0}, carted={"b": 1.0}, bought={"a": 1.0, "c": 1.0})
    reasons = ranked(noon, profile=enough)["d"].reasons
    assert reasons == (Text(zh="在你常选的价位", en="In the price range you usually choose"),)


def test_what_is_like_the_item_on_air_is_a_reason(noon: datetime) -> None:
    def like(key: str, brand: str, colour: str, left: int = 9) -> Product:
        return Product(
            id=key,
            title=Text(en=key),
            brand=Text(zh=brand),
            variants=(
                Variant(
                    id=key,
                    options=(Attribute(name=Text(zh="颜色"), value=Text(zh=colour)),),
                    price=Money(minor=100, currency="CNY"),
                    availability=stock(left),
                ),
            ),
        )

    aired = like("jacket", "暖壑", "红色")
    shop = Shop()
    room = RoomContext(id="main", on_air="jacket")
    listed = [
        aired,
        like("scarf", "别家", "红色"),
        like("mug", "暖壑", "蓝色"),
        like("lamp", "", "蓝色"),
        like("hat", "别家", "红色", 0),
    ]
    found = Reasons(shop).of(listed, room, None, prices_at(noon, listed, shop))
    assert [text.zh for text in found["scarf"]] == ["有正在讲解的同款颜色：红色"]
    assert [text.en for text in found["mug"]] == ["Same brand as the item on air: 暖壑"]
    assert found["lamp"] == found["hat"] == ()
    assert found["jacket"] == (Text(zh="主播正在讲解", en="On air now"),)
