"""Products, offers and policies as rows, and back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from pydantic import TypeAdapter
from sqlalchemy import Row

from assistant.store.words import words
from retrieval.catalog import Attribute, Language, Money, Offer, Policy, Product, Variant

Values = dict[str, Any]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
_OPTIONS = TypeAdapter(tuple[Attribute, ...])


class Changes(NamedTuple):
    """Ids of what a batch brought: new, different from before, and the same as before."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]


def product_values(product: Product) -> Values:
    """The columns of a product's own row that say what it is."""
    return {
        "id": product.id,
        "record": product.model_dump_json(
            exclude={"id", "variants", "version"}, exclude_defaults=True
        ),
        "category_zh": product.category.zh,
        "category_en": product.category.en,
    }


def product_words(product: Product) -> Values:
    """The columns of a product's own row that filters look into."""
    texts = [
        *product.title.every(),
        *product.brand.every(),
        *product.aliases,
        *_attribute_texts(product.attributes),
    ]
    return {"category_words": words(product.category.every()), "words": words(texts)}


def variant_values(product_id: str, position: int, variant: Variant) -> Values:
    """The columns of a variant's row that say what it is."""
    listed = variant.list_price
    return {
        "id": variant.id,
        "product_id": product_id,
        "position": position,
        "price_minor": variant.price.minor,
        "price_currency": variant.price.currency,
        "list_price_minor": listed.minor if listed else None,
        "list_price_currency": listed.currency if listed else None,
        "available": variant.availability.available,
        "status": variant.availability.status,
        "quantity": variant.availability.quantity,
        "sku": variant.sku,
        "options": _OPTIONS.dump_json(variant.options, exclude_defaults=True).decode(),
    }


def variant_words(variant: Variant) -> Values:
    """The column of a variant's row that filters look into."""
    return {"words": words(_attribute_texts(variant.options))}


def _attribute_texts(attributes: Iterable[Attribute]) -> list[str]:
    """Name and value of each attribute, together in each language."""
    return [
        text
        for attribute in attributes
        for text in dict.fromkeys(
            f"{attribute.name.say(language)} {attribute.value.say(language)}"
            for language in LANGUAGES
        )
    ]


def product_json(row: Row[Any], variant_rows: Iterable[Row[Any]]) -> str:
    """One product as the JSON text that pydantic reads fastest."""
    variants = ",".join(_variant_json(variant) for variant in variant_rows)
    rest = row.record[1:]
    comma = "," if len(rest) > 1 else ""
    return (
        f'{{"id":{json.dumps(row.id)},"version":{row.version},"variants":[{variants}]{comma}{rest}'
    )


def _variant_json(row: Row[Any]) -> str:
    listed = "null"
    if row.list_price_minor is not None:
        listed = f'{{"minor":{row.list_price_minor},"currency":"{row.list_price_currency}"}}'
    quantity = "null" if row.quantity is None else row.quantity
    return (
        f'{{"id":{json.dumps(row.id)},"version":{row.version},"sku":{json.dumps(row.sku)},'
        f'"price":{{"minor":{row.price_minor},"currency":"{row.price_currency}"}},'
        f'"list_price":{listed},'
        f'"availability":{{"available":{"true" if row.available else "false"},'
        f'"status":"{row.status}","quantity":{quantity}}},"options":{row.options}}}'
    )


def read_product(row: Row[Any], variant_rows: Iterable[Row[Any]]) -> Product:
    """A product from its row and those of its variants, in their order."""
    return Product.model_validate_json(product_json(row, variant_rows))


def offer_values(offer: Offer) -> Values:
    """The columns of an offer's row, but for `version` and `updated_at`."""
    columns = {
        "kind", "code", "stackable", "starts_at", "ends_at", "amount", "percent", "threshold", "nth"
    }  # fmt: skip
    return {
        "id": offer.id,
        "kind": offer.kind,
        "amount_minor": offer.amount.minor if offer.amount else None,
        "amount_currency": offer.amount.currency if offer.amount else None,
        "percent": offer.percent,
        "threshold_minor": offer.threshold.minor if offer.threshold else None,
        "threshold_currency": offer.threshold.currency if offer.threshold else None,
        "nth": offer.nth,
        "code": offer.code,
        "stackable": offer.stackable,
        "starts_at": offer.starts_at,
        "ends_at": offer.ends_at,
        "record": offer.model_dump_json(exclude={"id", "version", *columns}, exclude_defaults=True),
    }


@lru_cache(maxsize=4096)
def read_offer(row: Row[Any]) -> Offer:
    """An offer from its row; its times are in UTC."""
    return Offer(
        **json.loads(row.record),
        id=row.id,
        version=row.version,
        kind=row.kind,
        amount=_money(row.amount_minor, row.amount_currency),
        percent=row.percent,
        threshold=_money(row.threshold_minor, row.threshold_currency),
        nth=row.nth,
        code=row.code,
        stackable=bool(row.stackable),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
    )


def policy_values(policy: Policy) -> Values:
    """The columns of a policy's row, but for `version` and `updated_at`."""
    record = policy.model_dump_json(exclude={"id", "version", "kind"}, exclude_defaults=True)
    return {"id": policy.id, "kind": policy.kind, "record": record}


@lru_cache(maxsize=1024)
def read_policy(row: Row[Any]) -> Policy:
    return Policy(**json.loads(row.record), id=row.id, version=row.version, kind=row.kind)


def _money(minor: int | None, currency: str | None) -> Money | None:
    if minor is None or currency is None:
        return None
    return Money(minor=minor, currency=currency)
