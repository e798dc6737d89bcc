"""Queries for goods, written for this project, put to products of public catalogues.

A kind of goods (those of `retrieval.crossing`) is asked for by its name in either language, with
or without a property (`modifiers.tsv`), in words that do not name it (`goods_questions.tsv`), or,
where the catalogue's terms allow it, in a few words of the product's own title.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from retrieval.crossing import shop_words
from retrieval.passages import cut
from retrieval.training.dataset import Group
from retrieval.training.tables import rows

_ZH_ASKS = ("{}", "{}", "有{}吗", "想买{}", "推荐一款{}", "{}哪个好", "{}多少钱", "有没有好用的{}")
_EN_ASKS = ("{}", "{}", "do you have a {}", "looking for {}", "recommend a {}", "best {}")
_FIELDS = re.compile(r"^  (name|category|style|description): (.*(?:\n    .*)*)$", re.M)
_TITLE = re.compile(r'"商品名称": "(.*?)"')
_STYLES = {
    "christmas": "christmas decoration",
    "halloween": "halloween decoration",
    "easter": "easter decoration",
    "valentine": "valentine gift",
    "bouquet": "flower bouquet",
}
_LOOKED_AT = 40  # products among which the wrong ones are looked for


class Goods(NamedTuple):
    """A product: what tells its kind, lower case, and its text as search ranks it.

    `quoted`: whether words of its title may be asked with.
    """

    named: str
    title: str
    text: str
    quoted: bool = True


class _Kind(NamedTuple):
    english: str
    chinese: tuple[str, ...]
    form: re.Pattern[str]


def goods_of(*texts: str, kind: str = "", quoted: bool = True) -> Goods:
    """A product of its texts, the title first; `kind` is what the catalogue calls it."""
    kind = _STYLES.get(kind, kind)
    text = cut((texts[0], kind, *texts[1:]))
    return Goods(f"{texts[0]} {kind}".lower(), texts[0], text, quoted)


def goods_groups(goods: Sequence[Goods], chance: random.Random, wrong: int = 7) -> Iterator[Group]:
    """A query for each of `goods` that is of a known kind, with its text and `wrong` others.

    Grades are 1 for what is asked for, 0.3 for its kind without the property, 0 for other kinds,
    half of which are those that look most like the query.
    """
    kinds = [frozenset(_kinds_of(one.named)) for one in goods]
    by_kind: dict[str, list[int]] = {}
    for place, mine in enumerate(kinds):
        for kind in mine:
            by_kind.setdefault(kind, []).append(place)
    for place, mine in enumerate(kinds):
        if not mine:
            continue
        kind = max(sorted(mine), key=len)
        query, property_ = _query(goods[place], kind, chance)
        some = chance.sample(range(len(goods)), min(_LOOKED_AT, len(goods)))
        others = [goods[n].text for n in some if kinds[n] and not kinds[n] & mine]
        others.sort(key=lambda text: -_likeness(query, text))
        half = (wrong + 1) // 2
        picked = [
            *others[:half],
            *chance.sample(others[half:], min(wrong - half, len(others[half:]))),
        ]
        found = [(goods[place].text, 1.0), *((text, 0.0) for text in picked)]
        if property_ is not None:
            kin = [n for n in by_kind[kind] if not property_.search(goods[n].text.lower())]
            found[-2:] = [(goods[n].text, 0.3) for n in chance.sample(kin, min(2, len(kin)))]
        yield Group("goods", query, tuple(t for t, _ in found), tuple(g for _, g in found))


def public_goods(data: Path) -> list[Goods]:
    """The products of the public catalogues that may train."""
    found = []
    for one in _lines(data / "litemall_zh/goods.jsonl"):
        values = " ".join(str(value) for value in one["attributes"].values())
        brief = one["brief"] or ""
        # Of this shop only queries written here may train, so that its titles ask nothing.
        found.append(goods_of(one["name"], brief, values, kind=one["category"], quoted=False))
    shop = (data / "ecom_bench/products.json").read_text(encoding="utf-8")
    found += [goods_of(title) for title in _TITLE.findall(shop)]
    listing = (data / "retail_demo_store/products.yaml").read_text(encoding="utf-8")
    for block in listing.split("\n- id:"):
        fields = {name: " ".join(text.split()) for name, text in _FIELDS.findall(block)}
        if {"name", "style", "description"} <= fields.keys():
            found.append(goods_of(fields["name"], fields["description"], kind=fields["style"]))
    for one in json.loads((data / "dummyjson/products.json").read_text(encoding="utf-8")):
        kind = one["category"].replace("-", " ")
        found.append(goods_of(one["title"], one["description"], kind=kind))
    return found


def _query(goods: Goods, kind: str, chance: random.Random) -> tuple[str, re.Pattern[str] | None]:
    """A query that `goods` answers, and the form of the property that it asks for."""
    its, written = _kinds()[kind], _written().get(kind)
    chinese, way = chance.random() < 0.5, chance.random()
    if goods.quoted and way < 0.15:
        return _part(goods.title, chance), None
    if written and way < 0.5:
        return chance.choice(written[chinese]), None
    name = chance.choice(its.chinese) if chinese else kind
    held = [each for each in _modifiers() if each[2].search(goods.named)]
    form = None
    if held and chance.random() < 0.6:
        zh, en, form = chance.choice(held)
        name = f"{zh}{chance.choice(('的', ''))}{name}" if chinese else f"{en} {name}"
    return chance.choice(_ZH_ASKS if chinese else _EN_ASKS).format(name), form


def _part(title: str, chance: random.Random) -> str:
    """Some words of `title` that stand together, or characters where it has no spaces."""
    words = title.split()
    if len(words) < 3:
        size = min(len(title), chance.randint(4, 8))
        start = chance.randint(0, len(title) - size)
        return title[start : start + size]
    size = chance.randint(2, min(4, len(words)))
    start = chance.randint(0, len(words) - size)
    return " ".join(words[start : start + size])


def _likeness(query: str, text: str) -> float:
    """The share of the query's pairs of letters that `text` has too."""
    pairs = {query[n : n + 2].lower() for n in range(max(1, len(query) - 1))}
    return sum(pair in text.lower() for pair in pairs) / len(pairs)


def _kinds_of(named: str) -> Iterator[str]:
    for kind in _kinds().values():
        if any(word in named for word in kind.chinese) or kind.form.search(named):
            yield kind.english


@cache
def _kinds() -> dict[str, _Kind]:
    chinese: dict[str, list[str]] = {}
    for zh, en in shop_words():
        chinese.setdefault(en, []).append(zh)
    return {en: _Kind(en, tuple(zh), _form(en)) for en, zh in chinese.items()}


@cache
def _written() -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Kind -> queries that do not name it, English and Chinese."""
    found = {}
    for kind, english, chinese in rows("goods_questions.tsv", 3):
        if kind not in _kinds():
            raise ValueError(f"goods_questions.tsv: {kind!r} is no kind of shop_words.tsv")
        found[kind] = (tuple(english.split("|")), tuple(chinese.split("|")))
    return found


@cache
def _modifiers() -> list[tuple[str, str, re.Pattern[str]]]:
    return [
        (zh, en, re.compile(rf"{re.escape(zh)}|{_form(en).pattern}"))
        for zh, en in rows("modifiers.tsv", 2)
    ]


def _form(english: str) -> re.Pattern[str]:
    """The word in singular and plural."""
    stem = english if english.endswith("ss") else english.removesuffix("s")
    return re.compile(rf"(?<![a-z]){re.escape(stem)}(?:e?s)?(?![a-z])")


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        yield json.loads(line)
