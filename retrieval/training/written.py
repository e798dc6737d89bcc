"""Questions written for this project, put to public products: attributes and kinds of goods.

`attribute_questions.tsv` holds, for names of attributes, their Chinese name and how people ask
for them in both languages; kinds of goods are those of `retrieval.crossing`. Everything is asked
across languages too, which no public row that may train does.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from retrieval.crossing import shop_words
from retrieval.training.dataset import Group

_ZH_ASKS = ("{}", "有{}吗", "想买{}", "推荐一款{}", "{}哪个好", "{}多少钱")
_EN_ASKS = ("{}", "do you have a {}", "looking for {}", "recommend a {}", "best {}", "{} price")
_NAME = re.compile(r"^  name: (.*)$", re.M)
_TITLE = re.compile(r'"商品名称": "(.*?)"')


class Asked(NamedTuple):
    """How people ask for one attribute."""

    names: frozenset[str]
    chinese: str
    questions_en: tuple[str, ...]
    questions_zh: tuple[str, ...]


def asked() -> list[Asked]:
    """The rows of attribute_questions.tsv; names have spaces, as snippets of words do."""
    return [
        Asked(
            frozenset(name.replace("_", " ") for name in names.split(",")),
            chinese,
            tuple(en.split("|")),
            tuple(zh.split("|")),
        )
        for names, chinese, en, zh in _rows("attribute_questions.tsv", 4)
    ]


def attribute_groups(
    products: Sequence[Sequence[str]], chance: random.Random, most: int = 8
) -> Iterator[Group]:
    """Questions about attributes of products, each product being its snippets `name: value`.

    Three in four are asked in the snippets' language. The other snippets are the wrong ones.
    """
    by_name = {name: row for row in asked() for name in (*row.names, row.chinese)}
    for snippets in products:
        rows = [(text, by_name.get(re.split("[:：]", text)[0].strip())) for text in snippets]
        known = [(text, row) for text, row in rows if row is not None]
        for text, row in chance.sample(known, min(most, len(known))):
            english = re.split("[:：]", text)[0].strip() in row.names
            same = chance.random() < 0.75
            question = chance.choice(row.questions_en if english == same else row.questions_zh)
            wrong = [other for other, its in rows if its is not row]
            if wrong:
                chance.shuffle(wrong)
                texts = (text, *wrong[:8])
                yield Group("attributes", question, texts, (1.0, *(0.0 for _ in texts[1:])))


def goods_groups(titles: Sequence[str], chance: random.Random) -> Iterator[Group]:
    """Kinds of goods asked for in either language, with titles that hold one and others.

    Half of the wrong titles are those, of thirty, that look most like the question.
    """
    words = [(zh, en, re.compile(rf"(?<![a-z]){en}(?:s|es)?(?![a-z])")) for zh, en in shop_words()]
    english = {en: [zh for zh, other, _ in words if other == en] for _, en, _ in words}
    kinds = [
        {en for zh, en, form in words if zh in title or form.search(title.lower())}
        for title in titles
    ]
    for title, mine in zip(titles, kinds, strict=True):
        if not mine:
            continue
        longest = max(sorted(mine), key=len)
        if chance.random() < 0.5:
            question = chance.choice(_ZH_ASKS).format(chance.choice(english[longest]))
        else:
            question = chance.choice(_EN_ASKS).format(longest)
        some = chance.sample(range(len(titles)), min(30, len(titles)))
        wrong = [titles[n] for n in some if not (kinds[n] & mine)]
        wrong.sort(key=lambda other: -len(set(other.lower()) & set(title.lower())))
        texts = (title, *wrong[:2], *wrong[-2:])
        yield Group("goods", question, texts, (1.0, *(0.0 for _ in texts[1:])))


def chinese_products(data: Path) -> list[list[str]]:
    """Attributes of litemall's goods as snippets, a list a product."""
    return [
        [f"{name}：{value}"[:80] for name, value in goods["attributes"].items()]
        for goods in _lines(data / "litemall_zh/goods.jsonl")
    ]


def titles(data: Path) -> list[str]:
    """Titles of the public catalogues that may train, with a brief where there is one."""
    found = [
        f"{goods['name']} {goods['brief'] or ''}".strip()
        for goods in _lines(data / "litemall_zh/goods.jsonl")
    ]
    found += _TITLE.findall((data / "ecom_bench/products.json").read_text(encoding="utf-8"))
    found += _NAME.findall((data / "retail_demo_store/products.yaml").read_text(encoding="utf-8"))
    listed = json.loads((data / "dummyjson/products.json").read_text(encoding="utf-8"))
    products = listed["products"] if isinstance(listed, dict) else listed
    return found + [product["title"] for product in products]


def _lines(path: Path) -> Iterator[dict[str, dict[str, str]]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        yield json.loads(line)


def _rows(name: str, columns: int) -> Iterator[list[str]]:
    text = (files("retrieval.training") / name).read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), start=1):
        row = line.split("\t")
        if len(row) != columns or not all(row):
            raise ValueError(f"{name}, line {number}: {columns} columns, none of them empty")
        yield row
