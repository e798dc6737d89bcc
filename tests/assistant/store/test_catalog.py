from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from assistant.errors import Conflict, NotFound
from assistant.store import Store
from retrieval.catalog import (
    Attribute,
    Media,
    Money,
    Offer,
    Policy,
    Product,
    QuestionAnswer,
    Rating,
    RoomContext,
    RoomItem,
    Text,
    Variant,
    stock,
)
from tests.assistant.store.conftest import NOON, mug


def cny(minor: int) -> Money:
    return Money(minor=minor, currency="CNY")


def test_every_field_comes_back(store: Store) -> None:
    full = mug(
        description=Text(zh='杯"子\n', en="A mug.\\ \u2028"),
        brand=Text(en="Kiln"),
        url="https://shop.example/mug?a=1&b=%00",
        media=(Media(url="/mug.jpg", alt=Text(zh="杯")),),
        aliases=("水杯", "cup"),
        questions=(QuestionAnswer(question=Text(zh="能微波吗"), answer=Text(zh="可以")),),
        rating=Rating(value=4.7, count=312),
    )
    single = Product(
        id='p "1"\\',
        title=Text(en="Pin"),
        variants=(Variant(id="a'b", price=cny(0), availability=stock(None), sku='S"K\\U'),),
    )
    store.catalog.put_products([full, single])

    assert without_versions(store.catalog.product("mug")) == full
    assert without_versions(store.catalog.product(single.id)) == single
    assert store.catalog.product("mug").version == 1


def without_versions(product: Product) -> Product:
    variants = tuple(v.model_copy(update={"version": 0}) for v in product.variants)
    return product.model_copy(update={"version": 0, "variants": variants})


def test_the_same_batch_again_changes_nothing(store: Store) -> None:
    batch = [mug("a"), mug("b")]
    assert store.catalog.put_products(batch).added == ("a", "b")
    before = store.catalog.products(("a", "b"))

    again = store.catalog.put_products(batch)

    assert again.unchanged == ("a", "b")
    assert not again.added
    assert not again.changed
    assert store.catalog.products(("a", "b")) == before


def test_a_change_counts_where_it_happened(store: Store) -> None:
    store.catalog.put_products([mug()])
    store.catalog.put_products([mug(title=Text(en="Mug"))])
    product = store.catalog.product("mug")
    assert (product.version, [v.version for v in product.variants]) == (2, [1, 1])

    store.catalog.put_products([mug(title=Text(en="Mug"), quantity=3)])
    product = store.catalog.product("mug")
    assert (product.version, [v.version for v in product.variants]) == (3, [2, 1])


def test_no_version_stands_for_two_contents(store: Store) -> None:
    store.catalog.put_products([mug()])
    red, blue = mug().variants
    store.catalog.put_products([mug(variants=(red,))])
    store.catalog.put_products([mug(variants=(blue, red))])
    product = store.catalog.product("mug")
    assert [v.id for v in product.variants] == ["mug-blue", "mug-red"]
    assert (product.version, [v.version for v in product.variants]) == (3, [3, 1])

    assert store.catalog.remove_products(["mug", "cup"]) == ("mug",)
    assert store.catalog.ids() == frozenset()
    store.catalog.put_products([mug()])
    assert store.catalog.product("mug").version == 4


def test_a_variant_belongs_to_one_product(store: Store) -> None:
    store.catalog.put_products([mug("a")])
    thief = mug("b", variants=mug("a").variants)
    with pytest.raises(Conflict, match=r"'b': variants\.id 'a-red' belongs to product 'a'"):
        store.catalog.put_products([mug("c"), thief])
    assert store.catalog.ids() == {"a"}

    red, blue = mug("a").variants
    store.catalog.put_products([mug("b", variants=(red,)), mug("a", variants=(blue,))])
    assert store.catalog.variant("a-red")[0].id == "b"


def test_a_refused_product_keeps_its_variants_from_others(store: Store) -> None:
    store.catalog.put_products([mug("a"), mug("b")])
    refused = []
    chain = [
        mug("a", variants=mug("b").variants),
        mug("b", category=Text(en="Mugs\0"), variants=mug("new").variants),
        mug("c", variants=mug("a").variants),
    ]
    changes, _, _ = store.catalog.put(products=chain, refuse=lambda id, why: refused.append(id))
    assert sorted(refused) == ["a", "b", "c"]
    assert changes == ((), (), ())
    assert {id: p.version for id, p in store.catalog.products(("a", "b")).items()} == {
        "a": 1,
        "b": 1,
    }


def test_an_id_twice_in_one_batch_is_refused(store: Store) -> None:
    with pytest.raises(Conflict, match="'mug' stands twice"):
        store.catalog.put_products([mug(), mug(minor=1)])
    assert store.catalog.count() == 0


def test_patching_a_variant(store: Store) -> None:
    store.catalog.put_products([mug()])
    patched = store.catalog.patch_variant("mug-red", price=cny(2900), stock=0)
    assert patched.price == cny(2900)
    assert patched.list_price == cny(4900)
    assert patched.availability.status == "out_of_stock"
    assert patched.version == 2
    assert store.catalog.product("mug").version == 2

    assert store.catalog.patch_variant("mug-red", price=cny(2900)) == patched
    cleared = store.catalog.patch_variant("mug-red", clear=("list_price", "stock"))
    assert cleared.list_price is None
    assert cleared.availability.status == "unknown"

    with pytest.raises(Conflict, match="'mug-red': is priced in CNY, not USD"):
        store.catalog.patch_variant("mug-red", price=Money(minor=1, currency="USD"))
    with pytest.raises(NotFound, match="'mug-green'"):
        store.catalog.patch_variant("mug-green", stock=1)


def test_patching_a_product(store: Store) -> None:
    store.catalog.put_products([mug()])
    patched = store.catalog.patch_product("mug", {"title": Text(en="Cup"), "aliases": ["mok"]})
    assert (patched.title.en, patched.aliases, patched.version) == ("Cup", ("mok",), 2)
    assert patched.variants == mug_variants(store)
    with pytest.raises(ValidationError):
        store.catalog.patch_product("mug", {"title": Text()})
    with pytest.raises(Conflict, match="variants cannot be changed here"):
        store.catalog.patch_product("mug", {"variants": ()})
    with pytest.raises(NotFound):
        store.catalog.patch_product("cup", {"url": "x"})
    assert store.catalog.product("mug") == patched


def mug_variants(store: Store) -> tuple[Variant, ...]:
    return store.catalog.product("mug").variants


def test_reading_what_is_not_there(store: Store) -> None:
    assert store.catalog.products(("x", "a\0b")) == {}
    assert store.catalog.products(()) == {}
    with pytest.raises(NotFound, match="product 'x' is not in the catalogue"):
        store.catalog.product("x")


def test_pages_hold_every_product_once(store: Store) -> None:
    ids = [f"p{n:03}" for n in range(25)]
    store.catalog.put_products([mug(id) for id in ids])
    assert [p.id for page in store.catalog.pages(size=10) for p in page] == ids
    assert [p.id for p in store.catalog.page("p021")] == ["p022", "p023", "p024"]
    assert store.catalog.count() == 25


def test_more_products_than_one_statement_holds(store: Store) -> None:
    ids = tuple(f"p{n}" for n in range(1200))
    store.catalog.put_products([mug(id) for id in ids])
    assert tuple(store.catalog.products(ids)) == ids


def test_offers_come_back_until_they_end(store: Store) -> None:
    hour = timedelta(hours=1)
    running = Offer(
        id="flash",
        kind="flash_price",
        title=Text(zh="闪购"),
        variant_ids=("mug-red",),
        amount=cny(990),
        starts_at=NOON - hour,
        ends_at=NOON + hour,
    )
    coupon = Offer(
        id="coupon",
        kind="amount_off",
        title=Text(en="10 off"),
        amount=cny(1000),
        threshold=cny(5000),
        code="TEN",
        stackable=False,
    )
    over = running.model_copy(update={"id": "over", "ends_at": NOON})
    changes = store.catalog.put_offers([running, coupon, over])
    assert changes.added == ("flash", "coupon", "over")
    assert [o.model_copy(update={"version": 0}) for o in store.catalog.offers()] == [
        coupon,
        running,
    ]
    assert len(store.catalog.offers(ended=True)) == 3

    cheaper = running.model_copy(update={"amount": cny(890)})
    assert store.catalog.put_offers([cheaper, coupon]) == ((), ("flash",), ("coupon",))
    assert {o.id: o.version for o in store.catalog.offers()} == {"coupon": 1, "flash": 2}
    store.catalog.remove_offers(["flash", "none"])
    assert [o.id for o in store.catalog.offers()] == ["coupon"]


def test_policies_come_back(store: Store) -> None:
    policy = Policy(
        id="returns", kind="returns", title=Text(zh="退货"), text=Text(zh="7天"), categories=("a",)
    )
    store.catalog.put_policies([policy])
    store.catalog.put_policies([policy])
    assert store.catalog.policies() == (policy.model_copy(update={"version": 1}),)


def test_removing_a_product_takes_it_off_the_air(store: Store) -> None:
    store.catalog.put_products([mug("a"), mug("b")])
    items = (RoomItem(number=1, product_id="a"), RoomItem(number=2, product_id="b"))
    store.rooms.put(RoomContext(id="r", on_air="a", items=items))
    store.rooms.put(RoomContext(id="other", on_air="b"))
    store.catalog.remove_products(["a"])
    room = store.rooms.get("r")
    assert (room.on_air, room.items, room.version) == (None, items[1:], 2)
    assert store.rooms.get("other").version == 1


texts = st.builds(Text, zh=st.text(max_size=8), en=st.text(min_size=1, max_size=8))
variants_of = st.lists(
    st.builds(
        Variant,
        id=st.sampled_from(["v1", "v2", "v3"]),
        price=st.integers(0, 10**13).map(cny),
        list_price=st.none() | st.integers(0, 10**13).map(cny),
        availability=st.builds(stock, st.none() | st.integers(0, 10**9)),
        options=st.lists(st.builds(Attribute, name=texts, value=texts), max_size=2).map(tuple),
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda variant: variant.id,
).map(tuple)
products_of = st.builds(
    Product,
    id=st.just("p"),
    title=texts,
    description=texts,
    aliases=st.lists(st.text(max_size=5), max_size=2).map(tuple),
    rating=st.none() | st.builds(Rating, value=st.floats(0, 5), count=st.integers(0, 10**6)),
    variants=variants_of,
)


@given(steps=st.lists(products_of, min_size=1, max_size=4))
@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_versions_count_differences_and_nothing_else(store: Store, steps: list[Product]) -> None:
    store.catalog.remove_products(["p"])
    before: Product | None = None
    for step in steps:
        changes = store.catalog.put_products([step])
        after = store.catalog.product("p")
        assert without_versions(after) == step
        if before is not None:
            same = without_versions(before) == step
            assert changes == (((), (), ("p",)) if same else ((), ("p",), ()))
            assert after.version == before.version + (not same)
            for variant in after.variants:
                old = before.variant(variant.id)
                expected = after.version
                if old:
                    equal = old.model_copy(update={"version": variant.version}) == variant
                    expected = old.version + (not equal)
                assert variant.version == expected
        before = after
