"""Records for the makers and scorers of safety rows, read from a native feed by their own reader.

It shares no code with the service: what is true of a price or a stock is worked out here again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

Row = Mapping[str, Any]
LANGUAGES = ("zh", "en")
_WHOLE = ("JPY", "KRW")


@dataclass(frozen=True, slots=True)
class Words:
    """A text in Chinese, English or both."""

    zh: str = ""
    en: str = ""

    @classmethod
    def of(cls, value: Any) -> Words:
        """From the feed's form: an object by language, or one text whose script tells."""
        if isinstance(value, dict):
            return cls(value.get("zh", ""), value.get("en", ""))
        text = str(value or "")
        return cls(zh=text) if any("\u4e00" <= sign <= "\u9fff" for sign in text) else cls(en=text)

    def say(self, language: str) -> str:
        """The text in `language`, else in the other."""
        return (self.zh or self.en) if language == "zh" else (self.en or self.zh)

    def both(self) -> tuple[str, ...]:
        """Each wording there is."""
        return tuple(dict.fromkeys(text for text in (self.zh, self.en) if text))


@dataclass(frozen=True, slots=True)
class Named:
    """An attribute, or an option of a variant."""

    name: Words
    value: Words


@dataclass(frozen=True, slots=True)
class Variant:
    """What is priced and counted. `stock` is None where the shop keeps no count."""

    id: str
    options: tuple[Named, ...]
    price: Decimal
    list_price: Decimal | None
    stock: int | None
    available: bool | None
    sku: str = ""

    def label(self, language: str) -> str:
        """The option values; '' without options."""
        return " ".join(option.value.say(language) for option in self.options)


@dataclass(frozen=True, slots=True)
class Product:
    """A product as the feed tells it; `row` is the feed's own object."""

    id: str
    title: Words
    category: Words
    description: Words
    attributes: tuple[Named, ...]
    currency: str
    variants: tuple[Variant, ...]
    rating: tuple[Decimal, int] | None
    url: str
    aliases: tuple[str, ...]
    questions: tuple[tuple[Words, Words], ...]
    row: Row = field(repr=False, hash=False, compare=False)

    def name(self, language: str) -> str:
        """The title in `language`."""
        return self.title.say(language)

    @property
    def available(self) -> bool | None:
        """Whether any variant can be bought; None where the record does not say."""
        states = [variant.available for variant in self.variants]
        return True if True in states else None if None in states else False

    def texts(self) -> list[str]:
        """Every wording of the record."""
        found = [*self.title.both(), *self.description.both(), *self.category.both()]
        for one in self.attributes:
            found += [*one.name.both(), *one.value.both()]
        for variant in self.variants:
            found += [text for option in variant.options for text in option.value.both()]
        for question, answer in self.questions:
            found += [*question.both(), *answer.both()]
        return found


@dataclass(frozen=True, slots=True)
class Offer:
    """A price rule, as the feed tells it."""

    id: str
    kind: str
    title: Words
    currency: str
    amount: Decimal | None
    threshold: Decimal | None
    percent: int | None
    nth: int | None
    code: str
    products: tuple[str, ...]
    variants: tuple[str, ...]
    categories: tuple[str, ...]
    starts: datetime | None
    ends: datetime | None
    row: Row = field(repr=False, hash=False, compare=False)

    def runs(self, at: datetime) -> bool:
        """Whether it is in force at `at`."""
        return (self.starts is None or self.starts <= at) and (self.ends is None or at < self.ends)

    def covers(self, product: Product, variant: Variant) -> bool:
        """Whether it is for this variant."""
        if self.products or self.variants:
            return product.id in self.products or variant.id in self.variants
        return not self.categories or any(c in self.categories for c in product.category.both())


@dataclass(frozen=True, slots=True)
class Policy:
    """A shop rule."""

    id: str
    kind: str
    title: Words
    text: Words
    row: Row = field(repr=False, hash=False, compare=False)


@dataclass(slots=True)
class Records:
    """One shop."""

    products: dict[str, Product] = field(default_factory=dict)
    offers: dict[str, Offer] = field(default_factory=dict)
    policies: dict[str, Policy] = field(default_factory=dict)

    @classmethod
    def read(cls, feed: Path) -> Records:
        """The records of a native feed."""
        with feed.open(encoding="utf-8") as lines:
            return cls.of(json.loads(line, parse_float=Decimal) for line in lines if line.strip())

    @classmethod
    def of(cls, rows: Iterable[Row]) -> Records:
        """From the feed's objects; rooms are left out."""
        records = cls()
        for row in rows:
            match row.get("type", "product"):
                case "product":
                    records.products[row["id"]] = _product(row)
                case "offer":
                    records.offers[row["id"]] = _offer(row)
                case "policy":
                    policy = Policy(
                        row["id"], row["kind"], Words.of(row["title"]), Words.of(row["text"]), row
                    )
                    records.policies[policy.id] = policy
        return records

    def running(self, product: Product, variant: Variant, at: datetime) -> list[Offer]:
        """The offers in force for a variant."""
        offers = self.offers.values()
        return [offer for offer in offers if offer.runs(at) and offer.covers(product, variant)]

    def price(self, product: Product, variant: Variant, at: datetime) -> Decimal:
        """What one piece costs a buyer without a coupon, order discounts that it reaches left out:
        a flash price first, then every percentage."""
        mine = [offer for offer in self.running(product, variant, at) if not offer.code]
        flash = [o.amount for o in mine if o.kind == "flash_price" and o.amount is not None]
        price = min(flash, default=variant.price)
        for offer in mine:
            if offer.kind == "percent_off" and offer.percent:
                price = cut(price, offer.percent, product.currency)
        return price


def cut(price: Decimal, percent: int, currency: str) -> Decimal:
    """`price` less `percent` per cent; what comes off is rounded half up to the smallest coin."""
    step = Decimal(1) if currency in _WHOLE else Decimal("0.01")
    return price - (price * percent / 100).quantize(step, ROUND_HALF_UP)


def _product(row: Row) -> Product:
    rows = row.get("variants") or [row]
    rating = row.get("rating")
    return Product(
        id=row["id"],
        title=Words.of(row["title"]),
        category=Words.of(row.get("category")),
        description=Words.of(row.get("description")),
        attributes=tuple(_named(row.get("attributes"))),
        currency=row["currency"],
        variants=tuple(_variant(row, each) for each in rows),
        rating=(Decimal(str(rating["value"])), int(rating["count"])) if rating else None,
        url=row.get("url", ""),
        aliases=tuple(row.get("aliases", ())),
        questions=tuple(
            (Words.of(each["question"]), Words.of(each["answer"]))
            for each in row.get("questions", ())
        ),
        row=row,
    )


def _variant(product: Row, row: Row) -> Variant:
    listed = row.get("list_price", product.get("list_price"))
    stock = row.get("stock")
    status = row.get("availability")
    available = None if status in (None, "unknown") else status != "out_of_stock"
    return Variant(
        id=row["id"],
        options=tuple(_named(row.get("options"))) if row is not product else (),
        price=Decimal(str(row.get("price", product.get("price")))),
        list_price=None if listed is None else Decimal(str(listed)),
        stock=stock,
        available=available if stock is None else stock > 0,
        sku=row.get("sku", ""),
    )


def _named(value: Any) -> Iterator[Named]:
    if isinstance(value, dict):
        value = [{"name": name, "value": text} for name, text in value.items()]
    for each in value or ():
        yield Named(Words.of(each["name"]), Words.of(each["value"]))


def _offer(row: Row) -> Offer:
    def amount(name: str) -> Decimal | None:
        return None if row.get(name) is None else Decimal(str(row[name]))

    def moment(name: str) -> datetime | None:
        return datetime.fromisoformat(row[name]) if row.get(name) else None

    return Offer(
        id=row["id"],
        kind=row["kind"],
        title=Words.of(row["title"]),
        currency=row.get("currency", ""),
        amount=amount("amount"),
        threshold=amount("threshold"),
        percent=row.get("percent"),
        nth=row.get("nth"),
        code=row.get("code", ""),
        products=tuple(row.get("product_ids", ())),
        variants=tuple(row.get("variant_ids", ())),
        categories=tuple(row.get("categories", ())),
        starts=moment("starts_at"),
        ends=moment("ends_at"),
        row=row,
    )
