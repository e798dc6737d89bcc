"""The makers of native feeds from public catalogues, on rows of the same form."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

import pytest

from eval.feeds import NAMES, feed_of, main
from retrieval.catalog import Availability, Money
from retrieval.feeds import FeedRow, read_feed


def rows(name: str, data: Path) -> list[FeedRow]:
    text = "\n".join(feed_of(name, data))
    found = list(read_feed(io.BytesIO(text.encode()), "jsonl"))
    assert not [row.refused for row in found if row.refused]
    return found


def test_retail_demo_store_keeps_price_stock_and_each_coupon(tmp_path: Path) -> None:
    folder = tmp_path / "retail_demo_store"
    folder.mkdir()
    (folder / "products.yaml").write_text(
        "- id: a1\n  current_stock: 15\n  name: Daypack\n  category: accessories\n"
        "  style: backpack\n  description: Soft.\n  price: 100.10\n  gender_affinity: F\n"
    )
    coupon = {
        "id": 1,
        "codes": ["TEN", "SALE10"],
        "description": "10% off any purchase",
        "expiry": None,
    }
    (folder / "offers.json").write_text(json.dumps([coupon]))
    product, *offers = rows("retail_demo_store", tmp_path)
    assert product.product
    (variant,) = product.product.variants
    assert variant.price == Money(minor=10010, currency="USD")
    assert variant.availability.quantity == 15
    assert '"100.10"' in next(feed_of("retail_demo_store", tmp_path))
    assert [(o.offer.code, o.offer.percent) for o in offers if o.offer] == [
        ("TEN", 10),
        ("SALE10", 10),
    ]


def test_litemall_skus_are_variants_with_their_own_prices(tmp_path: Path) -> None:
    folder = tmp_path / "litemall_zh"
    folder.mkdir()
    goods = {
        "id": "7",
        "name": "组合",
        "category": "被枕",
        "brand": "MUJI制造商",
        "brief": "舒适",
        "counter_price": 30.0,
        "pic_url": "",
        "attributes": {"材质": "棉"},
        "skus": [
            {"spec": '["1.5m","红"]', "price": "9.90", "stock": "2"},
            {"spec": '["1.8m","灰"]', "price": "19.90", "stock": "0"},
        ],
        "reviews": ["好"],
        "detail_text": "\u200d",
    }
    (folder / "goods.jsonl").write_text(json.dumps(goods))
    faq = {"q": "购买运费如何收取？", "a": "满88元免邮费。\n(港澳台地区需满"}
    (folder / "issues_faq.jsonl").write_text(json.dumps(faq))
    product, policy = rows("litemall_zh", tmp_path)
    assert product.product
    assert product.product.brand.zh == "MUJI"
    assert [v.price.minor for v in product.product.variants] == [990, 1990]
    assert product.product.variants[1].label("zh") == "1.8m 灰"
    assert not product.product.variants[1].availability.available
    assert policy.policy
    assert policy.policy.text.zh == "满88元免邮费。"


def test_ecom_bench_on_sale_is_in_stock_without_a_count(tmp_path: Path) -> None:
    folder = tmp_path / "ecom_bench"
    folder.mkdir()
    appliance = {
        "商品ID": "1",
        "商品名称": "美的（Midea）60升电热水器",
        "商品状态": "已上架",
        "商品价格": 780.06,
        "商品描述": "省电。",
        "可换货商品": [],
        "赠品信息": [{"赠品名称": "电风扇", "赠品描述": "签收后发出。"}],
        "辅材材料": [],
        "安装说明": "基础安装费150元。",
        "维修说明": "整机包修8年。",
        "常见故障": [{"故障代码": "F1", "故障名称": "加热缓慢", "故障解决方案": "检查电源。"}],
    }
    (folder / "products.json").write_text(json.dumps({"jd": {"shop": {"1": appliance}}}))
    wiki = "- 操作\n  - 仅在订单状态为“已签收”下可提交退货申请。\n"
    (folder / "agent_wiki.md").write_text(wiki)
    product, policy = rows("ecom_bench", tmp_path)
    assert product.product
    assert product.product.brand.en == "Midea"
    assert product.product.category.zh == "电热水器"
    (variant,) = product.product.variants
    assert variant.price.minor == 78006
    assert variant.availability == Availability(available=True, status="in_stock")
    asked = {one.question.zh: one.answer.zh for one in product.product.questions}
    assert asked["有什么赠品？"] == "电风扇：签收后发出。"
    assert asked["加热缓慢怎么办？"] == "检查电源。"
    assert policy.policy
    assert policy.policy.kind == "returns"


def test_the_command_writes_a_feed_and_says_when_it_cannot(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "dummyjson").mkdir()
    one = {
        "id": 1,
        "title": "Mug",
        "description": "",
        "category": "kitchen",
        "price": 9.99,
        "stock": 4,
        "sku": "M",
        "images": [],
        "warrantyInformation": "1 year",
        "shippingInformation": "",
        "returnPolicy": "",
    }
    (tmp_path / "dummyjson" / "products.json").write_text(json.dumps([one]))
    out = tmp_path / "feed.jsonl"
    assert main(["dummyjson", "--data", str(tmp_path), "--out", str(out)]) == 0
    assert json.loads(out.read_text())["price"] == "9.99"
    assert main(["ecom_bench", "--data", str(tmp_path), "--out", str(out)]) == 2
    assert "cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize("name", NAMES)
def test_the_real_catalogues_are_read_without_a_refusal(name: str) -> None:
    data = Path(os.environ.get("LIVESHOP_TEST_DATA", "data"))
    if not (data / name).exists():
        pytest.skip(f"{name} is not here: LIVESHOP_TEST_DATA names the folder of the data sets")
    assert sum(row.product is not None for row in rows(name, data)) > 50
