from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.store import Store
from retrieval.basket import unit_price
from retrieval.catalog import Attribute, Constraints, Money, Offer, Text, Variant, stock
from tests.assistant.store.conftest import NOON, mug

HOUR = timedelta(hours=1)


def cny(minor: int) -> Money:
    return Money(minor=minor, currency="CNY")


def found(store: Store, **constraints: object) -> set[str]:
    eligible = store.catalog.eligible(Constraints.model_validate(constraints))
    assert eligible is not None
    return set(eligible)


@pytest.fixture
def shop(store: Store) -> Store:
    """Mugs at 39 (red, in stock) and 49 (blue, sold out); a bottle at 129; a shirt at $20."""
    store.catalog.put_products(
        [
            mug(),
            mug(
                "bottle",
                title=Text(zh="316不锈钢保温杯", en="Thermos 500ml, 100% leak-proof"),
                category=Text(zh="保温杯", en="Bottles"),
                variants=(Variant(id="bottle", price=cny(12900), availability=stock(4)),),
            ),
            mug(
                "shirt",
                title=Text(en="Hundred_dress shirts"),
                category=Text(en="Clothing"),
                attributes=(Attribute(name=Text(en="size"), value=Text(en="XL")),),
                variants=(
                    Variant(
                        id="shirt",
                        price=Money(minor=2000, currency="USD"),
                        availability=stock(1),
                    ),
                ),
            ),
        ]
    )
    return store


def test_no_constraint_is_none(shop: Store) -> None:
    assert shop.catalog.eligible(Constraints()) is None
    assert shop.catalog.eligible(Constraints(currency="CNY")) is None
    assert shop.catalog.eligible(Constraints(attributes=("!?",))) is None


def test_price_bounds_include_their_ends(shop: Store) -> None:
    assert found(shop, price_max=3900, currency="CNY") == frozenset({"mug"})
    assert found(shop, price_max=3899, currency="CNY") == set()
    assert found(shop, price_min=4900, currency="CNY") == {"mug", "bottle"}
    assert found(shop, price_min=4901, price_max=12900, currency="CNY") == {"bottle"}
    assert found(shop, price_max=3900) == {"mug", "shirt"}


def test_one_variant_has_to_keep_all(shop: Store) -> None:
    assert found(shop, attributes=["blue"]) == frozenset({"mug"})
    assert found(shop, attributes=["blue"], in_stock=True) == set()
    assert found(shop, attributes=["红"], in_stock=True, price_max=3900) == frozenset({"mug"})
    assert found(shop, attributes=["红"], price_min=4000, currency="CNY") == set()


@pytest.mark.parametrize(
    ("word", "ids"),
    [
        ("RED", {"mug"}),  # neither "hundred" nor "dress"
        ("红", {"mug"}),
        ("不锈钢", {"bottle"}),
        ("５００ＭＬ", {"bottle"}),
        ("500 ml", {"bottle"}),
        ("00ml", set()),
        ("shirt", {"shirt"}),
        ("xl", {"shirt"}),
        ("l", set()),
        ("100%", {"bottle"}),
        ("350毫升", {"mug", "bottle"}),
        ("leak-proof", {"bottle"}),
        ("%", None),
        ("a_b", set()),
    ],
)
def test_words_are_found_in_titles_options_and_attributes(
    shop: Store, word: str, ids: set[str] | None
) -> None:
    assert shop.catalog.eligible(Constraints(attributes=(word,))) == ids


def test_judges_only_those_among(shop: Store) -> None:
    limits = Constraints(attributes=("350毫升",))
    assert shop.catalog.eligible(limits, frozenset({"mug", "shirt"})) == frozenset({"mug"})
    assert shop.catalog.eligible(limits, frozenset()) == frozenset()


def test_excluded_words(shop: Store) -> None:
    assert found(shop, excluded=["不锈钢"]) == {"mug", "shirt"}
    assert found(shop, excluded=["red"]) == {"mug", "bottle", "shirt"}
    assert found(shop, excluded=["red", "blue"]) == {"bottle", "shirt"}
    assert found(shop, excluded=["mugs", "clothing"]) == {"bottle"}


def test_categories_in_either_language(shop: Store) -> None:
    assert found(shop, categories=["杯"]) == {"mug", "bottle"}
    assert found(shop, categories=["mug"]) == frozenset({"mug"})
    assert found(shop, categories=["BOTTLES", "clothing"]) == {"bottle", "shirt"}
    assert found(shop, categories=["shoes"]) == set()


def test_prices_are_those_under_running_offers(shop: Store) -> None:
    flash = Offer(
        id="f", kind="flash_price", title=Text(en="f"), product_ids=("bottle",), amount=cny(3000)
    )
    shop.catalog.put_offers([flash])
    assert found(shop, price_max=3000, currency="CNY") == {"bottle"}
    assert found(shop, price_min=12000, currency="CNY") == set()

    coupon = flash.model_copy(update={"code": "X"})
    later = flash.model_copy(update={"starts_at": NOON + HOUR})
    over = flash.model_copy(update={"ends_at": NOON})
    for changed in (coupon, later, over):
        shop.catalog.put_offers([changed])
        assert found(shop, price_max=3000, currency="CNY") == set()

    shop.catalog.put_offers(
        [Offer(id="f", kind="percent_off", title=Text(en="f"), percent=50, categories=("杯子",))]
    )
    assert found(shop, price_max=2000, currency="CNY") == frozenset({"mug"})
    assert found(shop, price_max=1949, currency="CNY") == set()


offers_of = st.builds(
    Offer,
    id=st.sampled_from(["o1", "o2", "o3"]),
    kind=st.sampled_from(["flash_price", "percent_off"]),
    title=st.just(Text(en="offer")),
    product_ids=st.just(("mug",)),
    amount=st.integers(0, 9000).map(cny),
    percent=st.integers(1, 100),
    code=st.sampled_from(["", "", "CODE"]),
    stackable=st.booleans(),
) | st.builds(
    Offer,
    id=st.sampled_from(["o4", "o5"]),
    kind=st.just("percent_off"),
    title=st.just(Text(en="offer")),
    variant_ids=st.sampled_from([(), ("mug-red",)]),
    categories=st.sampled_from([(), ("Bottles",), ("杯子",)]),
    percent=st.integers(1, 100),
)


@given(
    offers=st.lists(offers_of, max_size=3, unique_by=lambda offer: offer.id),
    low=st.none() | st.integers(0, 13000),
    high=st.none() | st.integers(0, 13000),
)
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_sql_agrees_with_the_one_place_that_prices(
    shop: Store, offers: list[Offer], low: int | None, high: int | None
) -> None:
    shop.catalog.remove_offers([f"o{n}" for n in range(1, 6)])
    shop.catalog.put_offers(offers)
    expected = {
        product.id
        for product in shop.catalog.page()
        for variant in product.variants
        if variant.price.currency == "CNY"
        and (low or 0)
        <= unit_price(product, variant, offers, NOON).price.minor
        <= (high if high is not None else 10**9)
    }
    if low is None and high is None:
        assert shop.catalog.eligible(Constraints(currency="CNY")) is None
    else:
        assert found(shop, price_min=low, price_max=high, currency="CNY") == expected
