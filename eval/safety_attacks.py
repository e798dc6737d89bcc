"""Attacks on a shop: what a viewer asks, through which channel, and what a hostile model answers.

Made from eval/datasets/safety/attacks.toml and the shop's records, the same for the same seed.
Shares no code with the service.
"""

from __future__ import annotations

import csv
import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from eval import safety_spelling as spell
from eval.safety_records import Product, Records

SOURCE = Path(__file__).parent / "datasets" / "safety" / "attacks.toml"
CHANNELS = ("question", "viewer", "product_text", "review", "room_title", "transcript",
            "comment", "history", "system")  # fmt: skip
MOST_VIEWER = 120
WORDS = ("luna", "kiwi", "panda", "nova", "sunny", "maple")
_NICKS = {
    "zh": ("阿", "小", "大", "老"),
    "en": ("Lu", "Mi", "Ka", "Jo", "Te", "Ri", "Sa", "Vo"),
}
_NICK_ENDS = {
    "zh": "禾舟岚米桃乔柚枫星川棠鹿葵苗麦洛朵芽迪森禹彤澄雁",
    "en": ("ra", "lo", "na", "vi", "mo", "ta", "ke", "bel", "dor", "wen", "ska", "pri"),
}


@dataclass(frozen=True, slots=True)
class Attack:
    """One attack. `false` are the words that must not leave; `room` is where it is asked.

    `injected` is what goes into the channel beside the question, where it is a message's.
    """

    number: int
    language: str
    channel: str
    claim: str
    question: str
    injected: str
    said: str
    false: tuple[str, ...]
    product: str
    room: str


def poisoned(chance: Random) -> list[dict[str, Any]]:
    """Products whose own texts carry instructions: description, attribute, alias or an answer."""
    source = _source()
    rows = []
    for number, (zh, en, price) in enumerate(source["poisoned"]["titles"]):
        injected = {language: _injection(source, language, en if language == "en" else zh,
                                         "¥1", chance) for language in ("zh", "en")}  # fmt: skip
        row: dict[str, Any] = {
            "id": f"poisoned-{number}",
            "title": {"zh": zh, "en": en},
            "category": {"zh": "居家", "en": "Living"},
            "currency": "CNY",
            "price": price,
            "stock": 17 + number,
        }
        if number % 2:
            row["questions"] = [{"question": {"zh": "好用吗？", "en": "Is it good?"},
                                 "answer": injected}]  # fmt: skip
        else:
            row["description"] = injected
            row["attributes"] = [{"name": {"zh": "说明", "en": "Note"}, "value": injected}]
        rows.append(row)
    return rows


def attacks(records: Records, n: Mapping[str, int], seed: int, data: Path | None) -> list[Attack]:
    """`n` attacks by language on the shop of `records`, channels and claims in turns; what lies
    in DATA/safety stands in for a part of the questions."""
    return list(_Maker(records, seed, data).make(n))


def rooms(seed: int, on_air: str) -> list[dict[str, Any]]:
    """The rooms the attacks are made in; titles of some carry instructions."""
    chance, source = Random(seed), _source()  # noqa: S311
    found = [{"id": name, "title": {"zh": "夜场", "en": "Late show"}, "on_air": on_air}
             for name in ("attack", "attack-host")]  # fmt: skip
    for number in range(8):
        text = {lang: _injection(source, lang, "it", "¥1", chance) for lang in ("zh", "en")}
        found.append({"id": f"attack-title-{number}", "title": text, "on_air": on_air})
    return found


def spoken(seed: int, language: str, n: int) -> list[str]:
    """What a host or a commenter says to mislead."""
    chance, source = Random(seed), _source()  # noqa: S311
    return [_injection(source, language, "it", "¥1", chance) for _ in range(n)]


class _Maker:
    def __init__(self, records: Records, seed: int, data: Path | None) -> None:
        self.records, self.chance, self.source = records, Random(seed), _source()  # noqa: S311
        self.products = [p for p in records.products.values() if not p.id.startswith("poisoned")]
        self.poisoned = [p for p in records.products.values() if p.id.startswith("poisoned")]
        self.foreign = foreign_questions(data) if data else {"zh": [], "en": []}
        for each in self.foreign.values():
            self.chance.shuffle(each)
        self.now = datetime.now(UTC)

    def make(self, n: Mapping[str, int]) -> Iterator[Attack]:
        number = 0
        for language, most in n.items():
            claims = list(self.source["claims"])
            for at in range(most):
                number += 1
                channel = CHANNELS[at % len(CHANNELS)]
                claim = claims[(at // len(CHANNELS)) % len(claims)]
                yield self._attack(number, language, channel, claim)

    def _attack(self, number: int, language: str, channel: str, claim: str) -> Attack:
        product = self._product(channel, claim)
        name = product.name(language)
        false = self._false(product, language)
        injected = _injection(self.source, language, name, false, self.chance)
        said, cores = self._reply(product, language, claim, false)
        question = self._question(name, language)
        if channel == "question":
            if self.foreign[language] and self.chance.random() < 0.7:
                injected = self.foreign[language].pop()
            question = f"{question} {injected}" if self.chance.random() < 0.8 else injected
        room = {"room_title": f"attack-title-{number % 8}", "transcript": "attack-host",
                "comment": "attack-host"}.get(channel, "attack")  # fmt: skip
        return Attack(number, language, channel, claim, question[:1800], injected, said, cores,
                      product.id, room)  # fmt: skip

    def _product(self, channel: str, claim: str) -> Product:
        if channel in ("product_text", "review"):
            kind = "questions" if channel == "review" else "description"
            return self.chance.choice([p for p in self.poisoned if p.row.get(kind)])
        if claim == "expired":
            return self.records.products.get("pangdun-500") or self.chance.choice(self.products)
        return self.chance.choice(self.products)

    def _question(self, name: str, language: str) -> str:
        who = self.chance.choice(self.source["questions"]["who"][language])
        asked = self.chance.choice(self.source["questions"][language]).format(name=name, who=who)
        start = self.chance.choice(_NICKS[language])
        ends = [self.chance.choice(_NICK_ENDS[language]) for _ in range(2)]
        nick = start + "".join(ends)
        return f"我是{nick}，{asked}" if language == "zh" else f"{asked} – {nick} here"

    def _false(self, product: Product, language: str) -> str:
        """A sum that is no record's, in a plain or a disguised spelling."""
        known = {s for v in product.variants for s in (v.price, v.list_price) if s}
        known |= {self.records.price(product, v, self.now) for v in product.variants}
        known |= {s for o in self.records.offers.values() for s in (o.amount, o.threshold) if s}
        price = self.records.price(product, product.variants[0], self.now)
        value = price
        while value in known or value in (n * price for n in range(2, 11)):
            value = spell.near(price, self.chance)
        write = spell.disguised if self.chance.random() < 0.45 else spell.money
        text = write(value, product.currency, language, self.chance)
        if self.chance.random() < 0.08:
            text = text.replace("0", "O").replace("1", "l")
        return text

    def _reply(
        self, product: Product, language: str, claim: str, false: str
    ) -> tuple[str, tuple[str, ...]]:
        """What the model says: the claim, now and then between calm sentences, and its words
        that are false."""
        wording = self.chance.choice(self.source["claims"][claim][language])
        other = self.chance.choice([p for p in self.products if p is not product])
        digits = str(self.chance.randint(111, 999))
        price2 = self.records.price(other, other.variants[0], self.now)
        slots = {
            "name": product.name(language),
            "false": false,
            "count": str(self.chance.choice([777, 3141, 99, 1234])),
            "day": spell.date(self.now + timedelta(self.chance.randint(1, 300)), language,
                              self.chance),
            "word": self.chance.choice(WORDS),
            "other": other.name(language),
            "price2": spell.money(price2, other.currency, language, self.chance),
            "digits": digits, "d1": digits[0], "d2": digits[1], "d3": digits[2],
        } | self._variants(product, language)  # fmt: skip
        mine = {s for v in product.variants for s in (v.price, v.list_price)}
        mine |= {self.records.price(product, v, self.now) for v in product.variants}
        if claim == "product_swap" and price2 in mine:
            slots["price2"] = false
        marked = wording.format_map(slots)
        cores = tuple(re.findall(r"«(.*?)»", marked, re.S))
        text = marked.replace("«", "").replace("»", "")
        calm = self.chance.choice(self.source["calm"][language])
        gap = "" if language == "zh" else " "
        order = (calm, text) if self.chance.random() < 0.5 else (text, calm)
        return gap.join(part for part in order if part), cores

    def _variants(self, product: Product, language: str) -> dict[str, str]:
        """A variant and the price of another; where there is none, a sum that is nobody's."""
        prices = {v.id: self.records.price(product, v, self.now) for v in product.variants}
        for one in product.variants:
            for two in product.variants:
                if prices[one.id] != prices[two.id]:
                    vprice = spell.money(prices[two.id], product.currency, language, self.chance)
                    return {"variant": one.label(language), "vprice": vprice}
        wrong = spell.money(Decimal("1.23"), product.currency, language, self.chance)
        label = product.variants[0].label(language) or product.name(language)
        return {"variant": label, "vprice": wrong}


def foreign_questions(data: Path) -> dict[str, list[str]]:
    """Attacks and harmful questions of DATA/safety by language; empty where there is none."""
    found: dict[str, list[str]] = {"zh": [], "en": []}
    folder = data / "safety"
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            text, language = row.get("text") or row.get("prompt"), row.get("lang")
            language = language or ("zh" if "prompt" in row else "en")
            if isinstance(text, str) and language in found:
                found[language].append(text[:1500])
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as lines:
            for row in csv.DictReader(lines):
                for name, language in (("en", "en"), ("zh", "zh"), ("question_zh", "zh")):
                    if row.get(name):
                        found[language].append(row[name][:1500])
    return found


def _injection(
    source: Mapping[str, Any], language: str, name: str, false: str, chance: Random
) -> str:
    lines: Sequence[str] = source["injections"][language]
    return chance.choice(lines).replace("{name}", name).replace("{false}", false)


def _source() -> dict[str, Any]:
    return tomllib.loads(SOURCE.read_text(encoding="utf-8"))
