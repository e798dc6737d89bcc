"""The demo shop: what is written in it agrees with itself."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from assistant.demo_shop.draw import pictures
from retrieval.catalog import Offer, Policy, Product, RoomContext, Text
from retrieval.feeds import read_feed

FOLDER = Path(__file__).parents[2] / "assistant" / "demo_shop"
ROWS = list(read_feed(FOLDER / "shop.jsonl"))
PRODUCTS: dict[str, Product] = {row.product.id: row.product for row in ROWS if row.product}
OFFERS: dict[str, Offer] = {row.offer.id: row.offer for row in ROWS if row.offer}
POLICIES: dict[str, Policy] = {row.policy.id: row.policy for row in ROWS if row.policy}
ROOMS: dict[str, RoomContext] = {row.room.id: row.room for row in ROWS if row.room}
SHOWS: dict[str, tuple[Any, ...]] = {row.room.id: row.run_of_show for row in ROWS if row.room}
NOW = datetime(2026, 11, 22, tzinfo=UTC)

DESCRIBED_IN_CHINESE_ONLY = {"cedar-candle", "lotus-starch"}
DESCRIBED_IN_ENGLISH_ONLY = {"canvas-tote", "phone-lanyard"}
ABSOLUTE = re.compile(
    "最|第一|国家级|世界级|顶级|顶尖|首选|首个|唯一|独家|极致|完美|万能|永久|绝对|领先|全网|史上"
    "|治疗|治愈|疗效|药效|消炎|杀菌|祛斑|减肥|降血|防脱[^？]*有效"
    r"|\bbest\b|\bfinest\b|\bperfect|\bunique\b|\bworld'?s\b|\bcures?\b|\bheals?\b|No\. ?1",
    re.I,
)
UNITS = {
    **{unit: unit for unit in ("ml", "L", "kg", "g/m²", "g", "cm", "mm", "km", "mAh", "Wh")},
    **{unit: unit for unit in ("W", "dB", "Mbps", "K", "%", "rpm")},
    **{"°C": "℃", "℃": "℃", "公里": "km", "微米": "micron", "microns": "micron"},
    **{"小时": "hour", "hours": "hour", "hour": "hour", "分钟": "minute", "minutes": "minute"},
    **{"秒": "second", "seconds": "second", "天": "day", "日": "day", "days": "day"},
    **{"年": "year", "years": "year", "year": "year", "个月": "month", "months": "month"},
    **{"英寸": "inch", "inches": "inch", "inch": "inch", "寸": "inch"},
}
FIGURE = re.compile(
    r"(\d+(?:\.\d+)?)(?:[ -]?("
    + "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))
    + r")(?![A-Za-z]))?"
)
NUMERAL = re.compile("([一二两三四])(?=代|只装|格|口充)")


def figures(text: str) -> set[tuple[str, str]]:
    """Each number of a text with its unit, spelled alike in both languages; '' without one."""
    digits = NUMERAL.sub(lambda found: str("_一二三四".find(found[1].replace("两", "二"))), text)
    found = FIGURE.findall(re.sub(r"(?<=\d),(?=\d{3})", "", digits))
    return {(number, UNITS.get(unit, "")) for number, unit in found}


def numbers(text: str) -> set[str]:
    return {number for number, _ in figures(text)}


def policies_for(product: Product) -> list[Policy]:
    return [
        policy
        for policy in POLICIES.values()
        if not policy.categories or set(policy.categories) & set(product.category.every())
    ]


def record_texts(product: Product) -> list[str]:
    """What a claim about `product` may rest on: title, attributes, options, policies."""
    texts = [product.title, *(policy.text for policy in policies_for(product))]
    named = [*product.attributes, *(o for v in product.variants for o in v.options)]
    joined = [Text(zh=f"{a.name.zh} {a.value.zh}", en=f"{a.name.en} {a.value.en}") for a in named]
    return [text for one in [*texts, *joined] for text in one.every()]


def texts_of(product: Product) -> list[Text]:
    """Every text of a product that stands in both languages."""
    found = [product.title, product.brand, product.category]
    for attribute in (*product.attributes, *(o for v in product.variants for o in v.options)):
        found += [attribute.name, attribute.value]
    for asked in product.questions:
        found += [asked.question, asked.answer]
    return found


each_product = pytest.mark.parametrize("product", PRODUCTS.values(), ids=PRODUCTS)


def test_every_row_is_accepted() -> None:
    assert [str(row.refused) for row in ROWS if row.refused] == []


def test_six_categories_are_well_filled() -> None:
    categories = Counter(product.category for product in PRODUCTS.values())
    assert len(categories) == 6
    assert min(categories.values()) >= 12
    assert 75 <= len(PRODUCTS) <= 90


def test_a_variant_id_is_no_other_products_id() -> None:
    for product in PRODUCTS.values():
        for variant in product.variants:
            assert variant.id not in PRODUCTS or variant.id == product.id


@each_product
def test_texts_stand_in_both_languages(product: Product) -> None:
    for text in [*texts_of(product), *(one.alt for one in product.media)]:
        assert text.zh, text
        assert text.en, text
    assert bool(product.description.zh) is (product.id not in DESCRIBED_IN_ENGLISH_ONLY)
    assert bool(product.description.en) is (product.id not in DESCRIBED_IN_CHINESE_ONLY)


@each_product
def test_both_languages_give_the_same_numbers(product: Product) -> None:
    texts = texts_of(product)
    if len(product.description.every()) == 2:
        texts.append(product.description)
    for text in texts:
        assert numbers(text.zh) == numbers(text.en), text


@each_product
def test_figures_in_prose_rest_on_records(product: Product) -> None:
    known = set().union(*map(figures, record_texts(product)))
    bare = {number for number, _ in known}
    prose = [product.description, *(asked.answer for asked in product.questions)]
    for text in (words for one in prose for words in one.every()):
        for number, unit in figures(text):
            assert (number, unit) in known if unit else number in bare, (number, unit, text)


@each_product
def test_answers_quote_the_records(product: Product) -> None:
    stated = [attribute.value for attribute in product.attributes]
    stated += [policy.text for policy in policies_for(product)]
    clauses = [part for text in stated for part in re.split("[，。；、：（）]", text.zh)]
    for asked in product.questions:
        assert any(len(one) > 1 and one in asked.answer.zh for one in clauses), asked.answer


@each_product
def test_prose_names_no_price(product: Product) -> None:
    prose = [product.description, *texts_of(product)]
    for text in (words for one in prose for words in one.every()):
        assert not re.search(r"[¥￥$]|\d\s*元|\d\s*块钱|yuan|CNY|RMB", text), text


@each_product
def test_prices_and_attributes_are_complete(product: Product) -> None:
    assert 2 <= len(product.attributes) <= 6
    assert product.rating
    assert product.aliases
    for variant in product.variants:
        assert variant.price.currency == "CNY"
        assert variant.list_price
        assert variant.list_price.minor > variant.price.minor
        assert variant.availability.quantity is not None
    labels = [variant.label("zh") for variant in product.variants]
    assert len(set(labels)) == len(labels)


def test_most_products_answer_two_questions() -> None:
    assert all(product.questions for product in PRODUCTS.values())
    answered = [product for product in PRODUCTS.values() if len(product.questions) >= 2]
    assert len(answered) > 0.7 * len(PRODUCTS)


def test_no_absolute_terms() -> None:
    titles = [offer.title for offer in OFFERS.values()]
    titles += [text for policy in POLICIES.values() for text in (policy.title, policy.text)]
    for product in PRODUCTS.values():
        titles += [product.description, *texts_of(product)]
    assert [t for one in titles for t in one.every() if ABSOLUTE.search(t)] == []


def test_every_product_has_its_picture() -> None:
    drawn = {path.stem: path.read_text("utf-8") for path in (FOLDER / "pictures").glob("*.svg")}
    assert set(drawn) == set(PRODUCTS)
    assert drawn == pictures(), "run python -m assistant.demo_shop.draw"
    for product in PRODUCTS.values():
        assert [one.url for one in product.media] == [f"/pictures/{product.id}.svg"]


def test_pictures_are_small_and_only_draw() -> None:
    allowed = {"svg", "path", "rect", "circle", "ellipse", "g", "use"}
    for name, svg in pictures().items():
        assert len(svg.encode()) < 3000, name
        assert "{" not in svg, name
        root = ElementTree.fromstring(svg)
        assert {element.tag.rpartition("}")[2] for element in root.iter()} <= allowed, name
        for element in root.iter():
            assert not any(attribute.startswith("on") for attribute in element.attrib), name
            assert element.get("href", "#").startswith("#"), name


def test_offers_name_what_exists() -> None:
    variants = {v.id for product in PRODUCTS.values() for v in product.variants}
    categories = {c for product in PRODUCTS.values() for c in product.category.every()}
    for offer in OFFERS.values():
        assert offer.title.zh
        assert offer.title.en
        assert set(offer.product_ids) <= set(PRODUCTS)
        assert set(offer.variant_ids) <= variants
        assert set(offer.categories) <= categories
        for money in filter(None, (offer.amount, offer.threshold)):
            for title in offer.title.every():
                assert str(money.minor // 100) in numbers(title), title
        if offer.percent and offer.kind == "percent_off":
            assert str(offer.percent) in numbers(offer.title.en)
            assert str(100 - offer.percent) in numbers(offer.title.zh)


def test_offers_cover_every_kind_and_one_has_ended() -> None:
    assert {offer.kind for offer in OFFERS.values()} == {
        "flash_price", "percent_off", "amount_off", "nth_item",
    }  # fmt: skip
    assert [offer.id for offer in OFFERS.values() if offer.code] == ["coupon-live20"]
    ended = [offer.id for offer in OFFERS.values() if not offer.runs_at(NOW)]
    assert ended == ["flash-pangdun-new-year"]


def test_flash_prices_are_below_the_price() -> None:
    for offer in OFFERS.values():
        if offer.kind == "flash_price":
            assert offer.amount
            for product_id in offer.product_ids:
                for variant in PRODUCTS[product_id].variants:
                    assert offer.amount.minor < variant.price.minor


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
def test_policies_are_short_and_the_same_in_both_languages(policy: Policy) -> None:
    assert numbers(policy.text.zh) == numbers(policy.text.en)
    assert numbers(policy.title.zh) == numbers(policy.title.en)
    assert 2 <= policy.text.zh.count("。") <= 4
    assert 2 <= len(re.findall(r"\.(?: |$)", policy.text.en)) <= 4


def test_each_kind_of_policy_reaches_each_product() -> None:
    kinds = {"shipping", "returns", "warranty", "payment", "invoice", "price_protection"}
    assert {policy.kind for policy in POLICIES.values()} == kinds
    for product in PRODUCTS.values():
        missing = kinds - {policy.kind for policy in policies_for(product)}
        assert missing <= ({"warranty"} if product.category.en == "Snacks & Tea" else set())


def test_rooms_number_what_exists() -> None:
    assert {room.on_air for room in ROOMS.values()} == {"pangdun-500", None}
    for room in ROOMS.values():
        assert [item.number for item in room.items] == list(range(1, len(room.items) + 1))
        listed = {item.product_id for item in room.items}
        assert listed <= set(PRODUCTS)
        assert room.on_air is None or room.on_air in listed
    assert len(ROOMS["demo"].items) == 12


def test_the_show_can_be_played() -> None:
    show = SHOWS["demo"]
    listed = {item.product_id for item in ROOMS["demo"].items}
    counts = {
        v.id: v.availability.quantity for product in PRODUCTS.values() for v in product.variants
    }
    assert {step["do"] for step in show} == {"on_air", "sell_out", "restock", "flash_sale"}
    assert [step["minute"] for step in show] == sorted(step["minute"] for step in show)
    assert len(show) >= 10
    for step in show:
        product = PRODUCTS[step["product_id"]]
        assert product.id in listed
        if step["do"] == "sell_out":
            assert counts[step["variant_id"]]
            counts[step["variant_id"]] = 0
        if step["do"] == "restock":
            assert counts[step["variant_id"]] == 0
            counts[step["variant_id"]] = step["stock"]
        if step["do"] in ("sell_out", "restock"):
            assert product.variant(step["variant_id"])
        if step["do"] == "flash_sale":
            assert step["minutes"] > 0
            assert step["currency"] == "CNY"
            assert float(step["amount"]) * 100 < min(v.price.minor for v in product.variants)


def test_the_hard_cases_stay() -> None:
    sold_out = {product.id for product in PRODUCTS.values() if not product.available}
    assert sold_out == {"lunchbox-4", "ring-light", "yuzu-body-wash", "summer-quilt"}
    small, large = PRODUCTS["pangdun-500"], PRODUCTS["pangdun-750"]
    assert large.default_variant.price.minor < small.default_variant.price.minor
    assert set(small.aliases) & set(large.aliases) == {"胖杯"}
    assert PRODUCTS["fine-wool-quilt"].title.zh.endswith("细羊毛被")
    assert PRODUCTS["wool-quilt"].title.zh.endswith("羊毛被")
    low = [v for p in PRODUCTS.values() for v in p.variants if v.availability.status == "low_stock"]
    assert len(low) >= 8
    by_price = [p for p in PRODUCTS.values() if len({v.price.minor for v in p.variants}) > 1]
    assert len(by_price) >= 12
