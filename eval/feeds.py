"""Public catalogues as native feeds: python -m eval.feeds NAME --data DIR --out FEED.

Each function below knows one folder of the data layout. Prices keep every digit they are
written with; reviews are left out; what a folder does not say (a stock count, a picture that
can be reached) stays unsaid in the feed.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

Row = dict[str, Any]

_PERCENT = re.compile(r"(\d{1,3})%")
_BRAND = re.compile(r"([^（(【]{1,12})（([A-Za-z][A-Za-z .&-]{0,30})）")
_OPEN = {"（": "）", "(": ")", "【": "】", "“": "”"}


class _ExactYaml(yaml.CSafeLoader):
    """Safe YAML whose decimals are Decimal, digit for digit."""


_ExactYaml.add_constructor(
    "tag:yaml.org,2002:float", lambda _, node: Decimal(str(node.value).replace("_", ""))
)


def feed_of(name: str, data_dir: Path) -> Iterator[str]:
    """The lines of the native feed of catalogue `name`, read from `data_dir`/`name`.

    Raises KeyError for a name that is not in NAMES and OSError where the files are missing.
    """
    for row in _CATALOGUES[name](data_dir / name):
        kept = {field: value for field, value in row.items() if value not in ("", [], {})}
        yield json.dumps(kept, ensure_ascii=False, default=str)


def retail_demo_store(folder: Path) -> Iterator[Row]:
    """2,465 English products with price and stock; every coupon code is an offer."""
    with (folder / "products.yaml").open(encoding="utf-8") as stream:
        products = yaml.load(stream, Loader=_ExactYaml)  # noqa: S506 - a SafeLoader
    for one in products:
        audience = {"F": "women", "M": "men"}.get(one.get("gender_affinity"), "")
        yield {
            "id": one["id"],
            "title": {"en": one["name"]},
            "description": {"en": one["description"]},
            "category": {"en": one["category"]},
            "currency": "USD",
            "price": one["price"],
            "stock": one["current_stock"],
            "attributes": _named(("style", one["style"]), ("made for", audience)),
            "aliases": one.get("aliases") or [],
        }
    offers = folder / "offers.json"
    if offers.exists():
        for one in _json(offers):
            percent = _PERCENT.search(one["description"])
            for code in one["codes"] if percent else ():
                yield {
                    "type": "offer",
                    "id": f"coupon-{code}",
                    "kind": "percent_off",
                    "title": {"en": f"{one['description']} with code {code}"},
                    "percent": int(percent[1]) if percent else None,
                    "code": code,
                    "stackable": False,
                    "ends_at": one["expiry"],
                }


def litemall_zh(folder: Path) -> Iterator[Row]:
    """239 Chinese goods with attributes and SKUs; the store's questions are its policies."""
    for one in _lines(folder / "goods.jsonl"):
        list_price = one["counter_price"]
        variants = [_sku(one["id"], place, sku) for place, sku in enumerate(one["skus"], 1)]
        row = {
            "id": one["id"],
            "title": {"zh": one["name"]},
            "description": {"zh": "\n".join(_filled(one["brief"], one["detail_text"]))},
            "brand": {"zh": (one["brand"] or "").removesuffix("制造商")},
            "category": {"zh": one["category"]},
            "currency": "CNY",
            "media": [one["pic_url"]] if one["pic_url"] else [],
            "attributes": _named(*one["attributes"].items(), language="zh"),
        }
        if len(variants) == 1:
            row |= {name: variants[0][name] for name in ("price", "stock")}
            if list_price > Decimal(row["price"]):
                row["list_price"] = list_price
        else:
            row["variants"] = variants
        yield row
    kinds = (("运费", "shipping"), ("快递", "shipping"), ("退货", "returns"), ("发票", "invoice"))
    questions = folder / "issues_faq.jsonl"
    for place, one in enumerate(_lines(questions) if questions.exists() else (), 1):
        kind = next((kind for word, kind in kinds if word in one["q"]), None)
        if kind:
            yield {
                "type": "policy",
                "id": f"faq-{place}",
                "kind": kind,
                "title": {"zh": one["q"].rstrip("？?")},
                "text": {"zh": _whole(one["a"])},
            }


def _sku(product_id: str, place: int, sku: Row) -> Row:
    options = json.loads(sku["spec"])
    names = ("规格",) if len(options) == 1 else tuple(f"规格{n}" for n in range(1, 10))
    return {
        "id": f"{product_id}-{place}",
        "options": _named(*zip(names, options, strict=False), language="zh"),
        "price": sku["price"],
        "stock": int(sku["stock"]),
    }


def _whole(text: str) -> str:
    """`text` without a last clause that its source broke off."""
    for place, letter in enumerate(text):
        if letter in _OPEN and _OPEN[letter] not in text[place:]:
            text = text[:place]
            break
    return text.rstrip("，,；;、 \n")


_CATEGORIES = (
    ("洗碗机", "洗碗机"),
    ("油烟机", "油烟机"),
    ("排烟机", "油烟机"),
    ("燃气热水器", "燃气热水器"),
    ("煤气热水器", "燃气热水器"),
    ("热水器", "电热水器"),
    ("热水宝", "电热水器"),
    ("燃气灶", "燃气灶"),
    ("净水", "净饮机"),
    ("冰箱", "冰箱"),
    ("扇", "电风扇"),
)
# What the agents' handbook promises to buyers, by a phrase of the lines that say it.
_HANDBOOK = (
    ("cancel", "returns", "取消订单", ("状态下可取消订单",)),
    ("return", "returns", "退货", ("下可提交退货申请",)),
    ("exchange", "returns", "换货", ("状态下可进行换货", "时才可以进行换货")),
    ("ecard", "payment", "京东E卡支付", ("才可以使用。",)),
    ("price-protection", "price_protection", "价保", ("不考虑是否超出价保期限",)),
)


def ecom_bench(folder: Path) -> Iterator[Row]:
    """52 Chinese appliances. The shop keeps no counts: on sale is in stock, uncounted."""
    for platform in _json(folder / "products.json").values():
        for shop in platform.values():
            for one in shop.values():
                yield _appliance(one)
    handbook = folder / "agent_wiki.md"
    if not handbook.exists():
        return
    lines = [line.strip(" -") for line in handbook.read_text(encoding="utf-8").splitlines()]
    for policy_id, kind, title, phrases in _HANDBOOK:
        said = [line for line in lines if any(phrase in line for phrase in phrases)]
        if said:
            yield {
                "type": "policy",
                "id": policy_id,
                "kind": kind,
                "title": {"zh": title},
                "text": {"zh": "\n".join(dict.fromkeys(said))},
            }


def _appliance(one: Row) -> Row:
    title = one["商品名称"]
    brand = _BRAND.match(title)
    category = next((name for word, name in _CATEGORIES if word in title), "")
    asked = [
        ("怎么安装？安装收费吗？", one["安装说明"]),
        ("保修多久？坏了怎么维修？", one["维修说明"]),
        ("有什么赠品？", _listed(one["赠品信息"])),
        ("安装辅材有哪些？", _listed(one["辅材材料"])),
        ("可以换货成哪些商品？", _listed(one["可换货商品"])),
        *((f"{each['故障名称']}怎么办？", each["故障解决方案"]) for each in one["常见故障"]),
    ]
    return {
        "id": one["商品ID"],
        "title": {"zh": title},
        "description": {"zh": one["商品描述"]},
        "brand": {"zh": brand[1], "en": brand[2]} if brand else "",
        "category": {"zh": category},
        "currency": "CNY",
        "price": one["商品价格"],
        "stock": None,
        "availability": "in_stock" if one["商品状态"] == "已上架" else "out_of_stock",
        "questions": [
            {"question": {"zh": question}, "answer": {"zh": answer.replace("\\n", "\n")}}
            for question, answer in asked
            if answer
        ],
    }


def _listed(entries: Iterable[Row]) -> str:
    return "\n".join("：".join(_filled(*(str(v) for v in one.values()))) for one in entries)


def bestbuy_phones(folder: Path) -> Iterator[Row]:
    """4,862 English phones and accessories of 2012; stock was not recorded."""
    for one in _lines(folder / "products.jsonl.gz"):
        price, list_price = Decimal(one["sale_price"]), Decimal(one["regular_price"])
        details = {
            name: ", ".join(dict.fromkeys(value.split("|")))
            for name, value in one["details"].items()
        }
        told = _filled(one["short_description"], one["long_description"], *one["features"])
        row: Row = {
            "id": one["sku"],
            "title": {"en": one["name"]},
            "description": {"en": "\n".join(told)},
            "brand": {"en": one["manufacturer"]},
            "category": {"en": one["category_path"][-1] if one["category_path"] else ""},
            "currency": "USD",
            "price": one["sale_price"],
            "attributes": _named(("Color", one["color"]), *details.items()),
        }
        if list_price > price:
            row["list_price"] = one["regular_price"]
        if one["review_avg"] and one["review_count"]:
            row["rating"] = {"value": one["review_avg"], "count": int(one["review_count"])}
        yield row


def dummyjson(folder: Path) -> Iterator[Row]:
    """194 invented English products."""
    for one in _json(folder / "products.json"):
        yield {
            "id": str(one["id"]),
            "title": {"en": one["title"]},
            "description": {"en": one["description"]},
            "brand": {"en": one.get("brand", "")},
            "category": {"en": one["category"]},
            "currency": "USD",
            "price": one["price"],
            "stock": one["stock"],
            "sku": one["sku"],
            "media": one["images"],
            "attributes": _named(
                ("warranty", one["warrantyInformation"]),
                ("shipping", one["shippingInformation"]),
                ("returns", one["returnPolicy"]),
            ),
        }


def _named(*pairs: tuple[str, Any], language: str = "en") -> list[Row]:
    return [
        {"name": {language: name}, "value": {language: value}}
        for name, value in pairs
        if name and value
    ]


def _filled(*texts: str) -> list[str]:
    return [text.strip() for text in texts if text and text.strip()]


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)


def _lines(path: Path) -> Iterator[Row]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as stream:
        for line in stream:
            yield json.loads(line, parse_float=Decimal)


_CATALOGUES: dict[str, Callable[[Path], Iterator[Row]]] = {
    one.__name__: one
    for one in (retail_demo_store, litemall_zh, ecom_bench, bestbuy_phones, dummyjson)
}
NAMES = tuple(_CATALOGUES)


def main(arguments: list[str] | None = None) -> int:
    """Writes one feed; 0 when written, 2 when the files could not be read."""
    parser = argparse.ArgumentParser(prog="python -m eval.feeds", description=__doc__)
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds NAME/")
    parser.add_argument("--out", type=Path, required=True, help="the feed to write")
    chosen = parser.parse_args(arguments)
    try:
        lines = list(feed_of(chosen.name, chosen.data))
        chosen.out.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    except (OSError, ValueError, KeyError) as broken:
        sys.stderr.write(f"{chosen.name}: cannot be read: {broken!r}\n")
        return 2
    sys.stderr.write(f"{chosen.out}: {len(lines):,} rows\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
