"""Reading one field: each function returns a value or raises FieldRefused naming the rule."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from retrieval.amounts import read_decimal
from retrieval.catalog import Attribute, Availability, Media, Money, Rating, Text, stock
from retrieval.feeds.rows import FieldRefused
from retrieval.feeds.texts import EMPTY, clean, in_its_language

TITLE, DESCRIPTION, NAME, ATTRIBUTE, ADDRESS = 300, 8_000, 200, 500, 2_048
VARIANTS, ATTRIBUTES, MEDIA, OPTIONS = 500, 200, 50, 10

_CURRENCY = re.compile(r"[A-Za-z]{3}\Z")
_ADDRESS = re.compile(r"(?:https?://[^\s<>\"\\]+|/(?!/)[^\s<>\"\\]*)\Z", re.I)
_UNFIT_KEY = re.compile(
    "[\x00-\x20\x7f-\xa0\u061c\u200b-\u200f\u2028-\u202f\u2060-\u206f\u3000"
    "\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)
_COUNT = re.compile(r"\d{1,10}\Z")

STATUSES = {
    "in_stock": "in_stock",
    "instock": "in_stock",
    "available": "in_stock",
    "limited_availability": "in_stock",
    "low_stock": "low_stock",
    "out_of_stock": "out_of_stock",
    "outofstock": "out_of_stock",
    "sold_out": "out_of_stock",
    "discontinued": "out_of_stock",
    "preorder": "preorder",
    "pre_order": "preorder",
    "presale": "preorder",
    "backorder": "preorder",
    "back_order": "preorder",
    "unknown": "unknown",
}

Item = TypeVar("Item")
Model = TypeVar("Model", bound=BaseModel)


def build(model: Callable[..., Model], **fields: Any) -> Model:
    """`model(**fields)`; a rule of the value that is broken raises FieldRefused."""
    try:
        return model(**fields)
    except ValidationError as broken:
        first = broken.errors(include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        rule = first["msg"].removeprefix("Value error, ")
        if not where and ": " in rule:
            where, rule = rule.split(": ", 1)
        raise FieldRefused(where, fields.get(where, ""), rule) from None


def known(row: Mapping[str, Any], fields: Iterable[str], under: str = "") -> None:
    """Refuses a field that `row` has and `fields` lacks, with the nearest name there is."""
    names = tuple(fields)
    for name in row:
        if name not in names:
            near = get_close_matches(name.lower()[:64], names, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(names)}"
            raise FieldRefused(under + name[:80], row[name], f"no such field; {hint}")


def key(value: object, field: str) -> str:
    """An id: 1 to 128 characters, none of them blank or unseen; a whole number will do."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if value is None or value == "":
        raise FieldRefused(field, "", "needed")
    if not isinstance(value, str):
        raise FieldRefused(field, value, "has to be a text")
    if len(value) > 128:
        raise FieldRefused(field, value, f"at most 128 characters, this has {len(value)}")
    if _UNFIT_KEY.search(value):
        raise FieldRefused(field, value, "an id holds no blank and no unseen character")
    return value


def plain(value: object, field: str, limit: int, *, lines: bool = False) -> str:
    """One text without a language; None gives ''. Numbers are written out."""
    if value is None:
        return ""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise FieldRefused(field, value, "has to be a text")
    return clean(value, field, limit, lines=lines)


def text(value: object, field: str, limit: int, *, lines: bool = False) -> Text:
    """A text in one language, or `{"zh": ..., "en": ...}`; None gives the empty Text."""
    if value is None:
        return EMPTY
    if isinstance(value, Mapping):
        known(value, ("zh", "en"), f"{field}.")
        return Text(
            zh=plain(value.get("zh"), f"{field}.zh", limit, lines=lines),
            en=plain(value.get("en"), f"{field}.en", limit, lines=lines),
        )
    return in_its_language(plain(value, field, limit, lines=lines))


def needed_text(value: object, field: str, limit: int, *, lines: bool = False) -> Text:
    found = text(value, field, limit, lines=lines)
    if not found.every():
        raise FieldRefused(field, "", "needed")
    return found


def currency(value: object, field: str = "currency") -> str:
    """An ISO 4217 code in capitals."""
    if value is None or value == "":
        raise FieldRefused(field, "", "needed: a code of three letters, such as CNY")
    if not isinstance(value, str) or not _CURRENCY.match(value):
        raise FieldRefused(field, value, "has to be a code of three letters, such as CNY")
    return value.upper()


def money(value: object, field: str, code: str) -> Money:
    """An exact amount from a text or a JSON number (int or Decimal), in currency `code`."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise FieldRefused(field, value, 'has to be an amount such as "129.00"')
    if isinstance(value, Decimal):
        if not value.is_finite() or abs(value.adjusted()) > 30:
            raise FieldRefused(field, value, 'has to be an amount such as "129.00"')
        value = format(value, "f")
    try:
        minor = read_decimal(str(value).strip()[:64], code)
    except ValueError as broken:
        raise FieldRefused(field, value, str(broken)) from None
    if minor > 10**13:
        raise FieldRefused(field, value, "at most 10,000,000,000,000 minor units")
    return Money(minor=minor, currency=code)


def count(value: object, field: str, most: int = 10**9) -> int:
    """A whole number of 0 and more."""
    if isinstance(value, Decimal) and value.is_finite() and value == value.to_integral_value():
        value = int(value) if value.adjusted() < 12 else -1
    if isinstance(value, str) and _COUNT.match(value.strip()):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise FieldRefused(field, value, f"has to be a whole number from 0 to {most:,}")
    return value


def status(value: str, quantity: int | None, field: str) -> Availability:
    """Availability from a named status and, where the shop keeps one, a count.

    The two may not contradict each other: what is in stock is not counted 0, what is out of
    stock is not counted 3.
    """
    name = STATUSES.get(value.strip().lower().replace(" ", "_").replace("-", "_")[:64])
    if name is None:
        known_names = "in_stock, low_stock, out_of_stock, preorder, backorder, unknown"
        raise FieldRefused(field, value, f"has to be one of {known_names}")
    if name in ("in_stock", "low_stock"):
        if quantity == 0:
            raise FieldRefused(field, value, "the stock count is 0")
        if quantity is not None and name == "in_stock":
            return stock(quantity)
        return build(Availability, available=True, status=name, quantity=quantity)
    if name == "out_of_stock" and quantity:
        raise FieldRefused(field, value, f"the stock count is {quantity}, not 0")
    return build(Availability, available=name == "preorder", status=name, quantity=quantity)


def moment(value: object, field: str) -> datetime:
    """An ISO 8601 time with its offset; +0800 will do for +08:00."""
    if not isinstance(value, str):
        raise FieldRefused(field, value, "has to be a time such as 2026-11-11T20:00:00+08:00")
    try:
        found = datetime.fromisoformat(value.strip())
    except ValueError:
        rule = "has to be a time such as 2026-11-11T20:00:00+08:00"
        raise FieldRefused(field, value, rule) from None
    if found.tzinfo is None:
        raise FieldRefused(field, value, "a time needs its offset, such as +08:00")
    return found


def address(value: object, field: str) -> str:
    """A web address (http, https) or a path of this shop's own site; None gives ''."""
    if value is None or value == "":
        return ""
    if not isinstance(value, str) or not _ADDRESS.match(value.strip()):
        raise FieldRefused(field, value, "has to start with https://, http:// or a single /")
    found = clean(value, field, ADDRESS) if "&amp;" in value else value.strip()
    if len(found) > ADDRESS:
        raise FieldRefused(field, value, f"at most {ADDRESS:,} characters")
    return found


def media(addresses: Iterable[tuple[object, object]], field: str) -> tuple[Media, ...]:
    """Pictures from (address, alternative text) pairs, repeated and empty ones left out."""
    found: dict[str, Media] = {}
    for place, alt in addresses:
        url = address(place, field)
        if url and url not in found:
            found[url] = Media(url=url, alt=text(alt, f"{field}.alt", TITLE))
    if len(found) > MEDIA:
        raise FieldRefused(field, len(found), f"at most {MEDIA} pictures")
    return tuple(found.values())


def attribute(name: object, value: object, field: str) -> Attribute:
    return Attribute(
        name=needed_text(name, f"{field}.name", NAME),
        value=needed_text(value, f"{field}.value", ATTRIBUTE),
    )


def rating(value: object, votes: object, field: str) -> Rating:
    """A mean of 0 to 5 and the number of votes behind it."""
    try:
        mean = Decimal(str(value).strip()[:32])
    except ArithmeticError:
        mean = Decimal("NaN")
    if isinstance(value, bool) or not mean.is_finite() or not 0 <= mean <= 5:
        raise FieldRefused(f"{field}.value", value, "has to be a number from 0 to 5")
    return Rating(value=float(mean), count=count(votes, f"{field}.count"))


def an_object(value: object, field: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise FieldRefused(field, value, "has to be an object")
    return value


def each(
    value: object, field: str, most: int, read_one: Callable[[Any, str], Item]
) -> tuple[Item, ...]:
    """Every entry of a list read with its own field name, `field[0]` and so on; None gives ()."""
    if value is None:
        return ()
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise FieldRefused(field, value, "has to be a list")
    if len(value) > most:
        raise FieldRefused(field, len(value), f"at most {most:,} entries, this has {len(value):,}")
    return tuple(read_one(one, f"{field}[{place}]") for place, one in enumerate(value))


def names(value: object, field: str) -> tuple[str, ...]:
    """Plain names without a language, each once."""
    found = each(value, field, 200, lambda one, at: plain(one, at, NAME))
    return tuple(dict.fromkeys(name for name in found if name))


def keys(value: object, field: str) -> tuple[str, ...]:
    """Ids, 10,000 at most."""
    return each(value, field, 10_000, key)
