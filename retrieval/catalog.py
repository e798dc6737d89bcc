"""The plain values everything speaks in: money, products, offers, policies, rooms.

All are frozen pydantic models that refuse unknown fields, so that one definition serves
SQL rows, feeds, HTTP bodies and the OpenAPI document. Field names follow the product
subset of the Universal Commerce Protocol where it has a name.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, model_validator

Language = Literal["zh", "en"]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$", description="ISO 4217 code")]
Key = Annotated[str, Field(min_length=1, max_length=128)]


class Value(BaseModel):
    """What every value here is: frozen, and closed to fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Text(Value):
    """One text in Chinese, in English, or in both; an empty string is a missing one."""

    zh: str = ""
    en: str = ""

    def say(self, language: Language) -> str:
        """The text in `language`, or in the other one where that is all there is."""
        first, second = (self.zh, self.en) if language == "zh" else (self.en, self.zh)
        return first or second

    def every(self) -> tuple[str, ...]:
        """Each distinct, non-empty wording."""
        return tuple(dict.fromkeys(text for text in (self.zh, self.en) if text))


class Money(Value):
    """An exact amount: minor units (fen, cents; no decimals for JPY or KRW) and a currency."""

    minor: Annotated[int, Field(ge=0, le=10**13)]
    currency: Currency


class Media(Value):
    """A picture of a product."""

    url: str
    alt: Text = Text()


class Availability(Value):
    """Whether something can be bought now. `quantity` is None where the shop keeps no count."""

    available: bool
    status: Literal["in_stock", "low_stock", "out_of_stock", "preorder", "unknown"]
    quantity: Annotated[int, Field(ge=0, le=10**9)] | None = None


def stock(quantity: int | None, low: int = 5) -> Availability:
    """Availability of `quantity` pieces; `low` and fewer count as low stock."""
    if quantity is None:
        return Availability(available=False, status="unknown")
    if quantity == 0:
        return Availability(available=False, status="out_of_stock", quantity=0)
    status: Literal["low_stock", "in_stock"] = "low_stock" if quantity <= low else "in_stock"
    return Availability(available=True, status=status, quantity=quantity)


class Attribute(Value):
    """A named property: a product's material, or the colour by which a variant is chosen."""

    name: Text
    value: Text


class Variant(Value):
    """What is priced and counted. A product without choices has one variant and no options."""

    id: Key
    options: tuple[Attribute, ...] = ()
    price: Money
    list_price: Money | None = None
    availability: Availability
    sku: str = ""
    version: int = 0

    def label(self, language: Language) -> str:
        """The chosen option values, such as '红色 500毫升' or 'red 500 ml'; '' without options."""
        return " ".join(option.value.say(language) for option in self.options)


class Rating(Value):
    value: Annotated[float, Field(ge=0, le=5)]
    count: Annotated[int, Field(ge=0)]


class QuestionAnswer(Value):
    """A question about a product, answered by the merchant."""

    question: Text
    answer: Text


class Product(Value):
    """An item of the shop. Versions count changes of the record; the store assigns them."""

    id: Key
    title: Text
    description: Text = Text()
    brand: Text = Text()
    category: Text = Text()
    url: str = ""
    media: tuple[Media, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    aliases: tuple[str, ...] = ()
    questions: tuple[QuestionAnswer, ...] = ()
    rating: Rating | None = None
    variants: Annotated[tuple[Variant, ...], Field(min_length=1, max_length=500)]
    version: int = 0

    @model_validator(mode="after")
    def _has_a_title_and_one_currency(self) -> Product:
        if not self.title.every():
            raise ValueError("title: needs a text in zh or en")
        if len({variant.price.currency for variant in self.variants}) > 1:
            raise ValueError("variants: all prices of a product are in one currency")
        if len({variant.id for variant in self.variants}) < len(self.variants):
            raise ValueError("variants: each id may stand once")
        return self

    @property
    def available(self) -> bool:
        return any(variant.availability.available for variant in self.variants)

    @property
    def default_variant(self) -> Variant:
        """The variant a card shows: the cheapest that can be bought, else the cheapest."""
        return min(self.variants, key=lambda v: (not v.availability.available, v.price.minor, v.id))

    def variant(self, variant_id: str) -> Variant | None:
        return next((v for v in self.variants if v.id == variant_id), None)


class Offer(Value):
    """A price rule. Which fields count depends on `kind`:

    - flash_price: `amount` replaces the unit price while the offer runs
    - percent_off: `percent` off the unit price (88折 is 12)
    - amount_off: `amount` off once the covered lines reach `threshold` (满减; 0 for always)
    - nth_item: `percent` off every `nth` piece (第二件半价 is nth 2, percent 50)
    A `code` makes it a coupon that the buyer has to enter. An offer covers the products and
    variants it names, else its categories, else everything.
    """

    id: Key
    kind: Literal["flash_price", "percent_off", "amount_off", "nth_item"]
    title: Text
    product_ids: tuple[Key, ...] = ()
    variant_ids: tuple[Key, ...] = ()
    categories: tuple[str, ...] = ()
    amount: Money | None = None
    percent: Annotated[int, Field(ge=1, le=100)] | None = None
    threshold: Money | None = None
    nth: Annotated[int, Field(ge=2, le=100)] | None = None
    code: str = ""
    stackable: bool = True
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    version: int = 0

    @model_validator(mode="after")
    def _fields_fit_the_kind(self) -> Offer:
        needs = {
            "flash_price": ("amount",),
            "percent_off": ("percent",),
            "amount_off": ("amount",),
            "nth_item": ("percent", "nth"),
        }[self.kind]
        for name in needs:
            if getattr(self, name) is None:
                raise ValueError(f"{name}: an offer of kind {self.kind} needs it")
        if self.kind == "flash_price" and not (self.product_ids or self.variant_ids):
            raise ValueError("product_ids: a flash_price names its products or variants")
        for moment in (self.starts_at, self.ends_at):
            if moment is not None and moment.tzinfo is None:
                raise ValueError("starts_at, ends_at: a time needs its offset, such as +08:00")
        if self.starts_at and self.ends_at and self.starts_at >= self.ends_at:
            raise ValueError("ends_at: has to come after starts_at")
        return self

    def runs_at(self, moment: datetime) -> bool:
        return (self.starts_at is None or self.starts_at <= moment) and (
            self.ends_at is None or moment < self.ends_at
        )

    @property
    def shop_wide(self) -> bool:
        """Whether it names no product, variant or category."""
        return not (self.product_ids or self.variant_ids or self.categories)

    def covers(self, product: Product, variant: Variant) -> bool:
        if self.product_ids or self.variant_ids:
            return product.id in self.product_ids or variant.id in self.variant_ids
        return not self.categories or any(c in self.categories for c in product.category.every())


class Policy(Value):
    """A shop rule that is quoted, never paraphrased: shipping, returns, warranty and the like."""

    id: Key
    kind: Literal["shipping", "returns", "warranty", "payment", "invoice", "price_protection"]
    title: Text
    text: Text
    categories: tuple[str, ...] = ()
    version: int = 0


class RoomItem(Value):
    """One line of the room's numbered list: 3号链接 is the item whose number is 3."""

    number: Annotated[int, Field(ge=1, le=999)]
    product_id: Key


class RoomContext(Value):
    """What a room shows at one moment."""

    id: Key
    title: Text = Text()
    mode: Literal["auto", "review", "off"] = "auto"
    on_air: str | None = None
    items: tuple[RoomItem, ...] = ()
    version: int = 0


class Constraints(Value):
    """Hard limits read from a question; a product that breaks one is never recommended.

    `attributes` maps nothing: each entry is a word that title, options or attributes must hold.
    Prices are in minor units of `currency`, compared with the unit price a buyer pays now.
    """

    price_min: int | None = None
    price_max: int | None = None
    currency: Currency | None = None
    in_stock: bool = False
    categories: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        return self == Constraints()


class Profile(Value):
    """What a viewer's behaviour says: product ids with decayed weights per kind of event."""

    viewer: Key
    viewed: Mapping[str, float] = {}
    clicked: Mapping[str, float] = {}
    carted: Mapping[str, float] = {}
    bought: Mapping[str, float] = {}


class Exposure(Value):
    """One card shown to one viewer, as the ranker's training needs it.

    `propensity` is how likely the product was to stand at `position`, from 0; `chance` how likely
    it was to be shown at all; both are 1 where nothing was left to chance. `features` are the row
    of `retrieval.features` by which it was ranked, zeros left out.
    """

    product_id: Key
    position: Annotated[int, Field(ge=0)] = 0
    propensity: Annotated[float, Field(gt=0, le=1)] = 1.0
    chance: Annotated[float, Field(gt=0, le=1)] = 1.0
    explored: bool = False
    features: Mapping[str, float] = {}


class Records(Protocol):
    """The shop as it is at the moment of each call. Reads block: call them in a thread."""

    def products(self, ids: tuple[str, ...]) -> dict[str, Product]:
        """The products that exist among `ids`, by id."""

    def offers(self) -> tuple[Offer, ...]:
        """Every offer that has not ended, running or to come."""

    def policies(self) -> tuple[Policy, ...]:
        """Every policy in force."""

    def eligible(
        self, constraints: Constraints, among: frozenset[str] | None = None
    ) -> frozenset[str] | None:
        """Ids of the products (of those in `among`) that keep every constraint.

        None where nothing is constrained.
        """
