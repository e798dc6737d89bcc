"""The catalogue: products and variants, offers and policies, search."""

from __future__ import annotations

import time
from typing import Annotated, Literal

from fastapi import APIRouter, Body, Path, Query, Response
from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    model_validator,
)
from pydantic.json_schema import SkipJsonSchema

from assistant.api.problems import (
    MANY,
    ONE,
    FieldsRefused,
    documented,
    field_problems,
    one_or_many,
)
from assistant.api.service import OpenShop
from retrieval.catalog import (
    Attribute,
    Constraints,
    Currency,
    Media,
    Money,
    Offer,
    Policy,
    Product,
    QuestionAnswer,
    Rating,
    Text,
    Variant,
)

router = APIRouter(prefix="/api/v1", tags=["catalog"])
RecordId = Annotated[str, Path(min_length=1, max_length=128)]
Minor = Annotated[int, Query(ge=0, le=10**13, description="minor units: 9900 for ¥99.00")]
Offers = Annotated[
    Annotated[Offer, Tag(ONE)] | Annotated[list[Offer], Tag(MANY), Field(max_length=1000)],
    Discriminator(one_or_many),
]
Policies = Annotated[
    Annotated[Policy, Tag(ONE)] | Annotated[list[Policy], Tag(MANY), Field(max_length=1000)],
    Discriminator(one_or_many),
]


class ProductPatch(BaseModel):
    """The fields of a product to change. Prices and stock are patched on its variants."""

    model_config = ConfigDict(extra="forbid")

    title: Text | None = None
    description: Text | None = None
    brand: Text | None = None
    category: Text | None = None
    url: str | None = None
    media: tuple[Media, ...] | None = None
    attributes: tuple[Attribute, ...] | None = None
    aliases: tuple[str, ...] | None = None
    questions: tuple[QuestionAnswer, ...] | None = None
    rating: Rating | None = None


class VariantPatch(BaseModel):
    """The fields of a variant to change, at least one.

    `stock` counts pieces, null where the shop keeps no count; `list_price` null takes it away.
    """

    model_config = ConfigDict(extra="forbid", json_schema_extra={"minProperties": 1})

    price: Money | SkipJsonSchema[None] = None
    list_price: Money | None = None
    stock: Annotated[int, Field(ge=0, le=10**9)] | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> VariantPatch:
        if not self.model_fields_set:
            raise ValueError("name at least one of price, list_price, stock")
        if "price" in self.model_fields_set and self.price is None:
            raise ValueError("price: cannot be taken away")
        return self


class VariantEdit(VariantPatch):
    """A change that may say which `version` of the variant it was made from."""

    version: Annotated[
        int | None,
        Field(ge=0, description="409 where the variant has another one by now; null: do not ask"),
    ] = None

    @model_validator(mode="after")
    def _changes_more_than_the_version(self) -> VariantEdit:
        if self.model_fields_set == {"version"}:
            raise ValueError("name at least one of price, list_price, stock")
        return self


class Hit(BaseModel):
    """A product found, with the fused score of the two rankings; higher is better."""

    score: float
    product: Product


class SearchResult(BaseModel):
    products: list[Hit]


@router.get("/products/{id}", summary="One product", responses=documented(404, 422, 503))
def get_product(id: RecordId, shop: OpenShop) -> Product:
    """The product as it is now, with its variants' prices and stock. 404 where there is none."""
    return shop.store.catalog.product(id)


@router.patch(
    "/products/{id}",
    summary="Change a product's texts",
    responses=documented(404, 413, 422, 503),
)
def patch_product(id: RecordId, body: ProductPatch, shop: OpenShop) -> Product:
    """Change the fields given; the search index follows."""
    changes = {name: getattr(body, name) for name in body.model_fields_set}
    try:
        product = shop.store.catalog.patch_product(id, changes)
    except ValidationError as error:
        raise FieldsRefused(*field_problems(error.errors())) from error
    shop.index_changed([id])
    return product


@router.get("/variants/{id}", summary="One variant", responses=documented(404, 422, 503))
def get_variant(id: RecordId, shop: OpenShop) -> Variant:
    """The variant's price and stock as they are now. 404 where there is none."""
    return shop.store.catalog.variant(id)[1]


@router.patch(
    "/variants/{id}",
    summary="Change a price or the stock",
    responses=documented(404, 409, 413, 422, 503),
)
def patch_variant(id: RecordId, body: VariantEdit, shop: OpenShop) -> Variant:
    """Sentences that leave after this one returns say the new price and stock.

    409 where `version` is given and another change came first: nothing is overwritten unseen.
    """
    cleared: list[Literal["list_price", "stock"]] = []
    if "list_price" in body.model_fields_set and body.list_price is None:
        cleared.append("list_price")
    if "stock" in body.model_fields_set and body.stock is None:
        cleared.append("stock")
    return shop.store.catalog.patch_variant(
        id,
        price=body.price,
        list_price=body.list_price,
        stock=body.stock,
        clear=cleared,
        version=body.version,
    )


@router.get("/offers", summary="List offers", responses=documented(503))
def offers(shop: OpenShop) -> list[Offer]:
    """Every offer that has not ended."""
    return list(shop.store.catalog.offers())


@router.put(
    "/offers",
    summary="Add or replace offers",
    responses=documented(413, 422, 503),
)
def put_offers(
    body: Annotated[Offers, Body()],
    shop: OpenShop,
) -> list[Offer]:
    """Put one offer or several by their ids; others stand. Answers every offer not ended."""
    shop.store.catalog.put_offers([body] if isinstance(body, Offer) else body)
    return list(shop.store.catalog.offers())


@router.get("/policies", summary="List policies", responses=documented(503))
def policies(shop: OpenShop) -> list[Policy]:
    """Every policy in force."""
    return list(shop.store.catalog.policies())


@router.put(
    "/policies",
    summary="Add or replace policies",
    responses=documented(413, 422, 503),
)
def put_policies(
    body: Annotated[Policies, Body()],
    shop: OpenShop,
) -> list[Policy]:
    """Put one policy or several by their ids; others stand. Answers every policy in force."""
    shop.store.catalog.put_policies([body] if isinstance(body, Policy) else body)
    return list(shop.store.catalog.policies())


@router.get("/catalog/search", summary="Search products", responses=documented(422, 503))
def search(
    shop: OpenShop,
    response: Response,
    q: Annotated[str, Query(min_length=1, max_length=500, description="words, zh or en")],
    price_min: Minor | None = None,
    price_max: Minor | None = None,
    currency: Annotated[Currency | None, Query(description="of price_min and price_max")] = None,
    in_stock: bool = False,
    category: Annotated[list[str] | None, Query(max_length=20)] = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
) -> SearchResult:
    """Products for a query, best first, by meaning and by words; hard limits hold at this moment.

    Prices are compared with what a buyer pays now, offers included. The header `Server-Timing`
    (W3C) names the milliseconds of the search itself, embedding included.
    """
    begin = time.perf_counter()
    constraints = Constraints(
        price_min=price_min,
        price_max=price_max,
        currency=currency,
        in_stock=in_stock,
        categories=tuple(category or ()),
    )
    candidates = shop.search.retrieve(q, constraints, limit)
    spent = (time.perf_counter() - begin) * 1000
    response.headers["Server-Timing"] = f"search;dur={spent:.1f}"
    products = shop.store.catalog.products(tuple(c.product_id for c in candidates))
    return SearchResult(
        products=[
            Hit(score=c.score, product=products[c.product_id])
            for c in candidates[:limit]
            if c.product_id in products
        ]
    )
