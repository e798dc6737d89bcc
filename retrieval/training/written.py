"""Questions on attributes, written for this project and put to public products.

`attribute_questions.tsv` holds, for names of attributes, their Chinese name and how people ask
for them in both languages. They are asked across languages too, which no public row does.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from retrieval.training.dataset import Group
from retrieval.training.tables import rows


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
        for names, chinese, en, zh in rows("attribute_questions.tsv", 4)
    ]


def attribute_groups(
    products: Sequence[Sequence[str]], chance: random.Random, most: int = 8
) -> Iterator[Group]:
    """Questions about attributes of products, each product being its snippets `name: value`.

    Three in four are asked in the snippets' language. The other snippets are the wrong ones.
    """
    by_name = {name: row for row in asked() for name in (*row.names, row.chinese)}
    for snippets in products:
        named = [(text, by_name.get(re.split("[:：]", text)[0].strip())) for text in snippets]
        known = [(text, row) for text, row in named if row is not None]
        for text, row in chance.sample(known, min(most, len(known))):
            english = re.split("[:：]", text)[0].strip() in row.names
            same = chance.random() < 0.75
            question = chance.choice(row.questions_en if english == same else row.questions_zh)
            wrong = [other for other, its in named if its is not row]
            if wrong:
                chance.shuffle(wrong)
                texts = (text, *wrong[:8])
                yield Group("attributes", question, texts, (1.0, *(0.0 for _ in texts[1:])))


def chinese_products(data: Path) -> list[list[str]]:
    """Attributes of litemall's goods as snippets, a list a product."""
    return [
        [f"{name}：{value}"[:80] for name, value in goods["attributes"].items()]
        for goods in _lines(data / "litemall_zh/goods.jsonl")
    ]


def _lines(path: Path) -> Iterator[dict[str, dict[str, str]]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        yield json.loads(line)
