"""schema.org Product and ProductGroup in JSON-LD, from JSON files or the pages themselves.

https://schema.org/Product, https://schema.org/Offer, https://schema.org/ProductGroup
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from retrieval.catalog import Attribute, Availability, Money, Product, Variant, stock
from retrieval.feeds import fields
from retrieval.feeds.json_scan import values
from retrieval.feeds.rows import ByteSource, FeedRow, FieldRefused

Node = Mapping[str, Any]

_CHOICES = ("color", "size", "material", "pattern")
_STATUSES = {
    "instock": "in_stock",
    "onlineonly": "in_stock",
    "instoreonly": "in_stock",
    "limitedavailability": "low_stock",
    "outofstock": "out_of_stock",
    "soldout": "out_of_stock",
    "discontinued": "out_of_stock",
    "preorder": "preorder",
    "presale": "preorder",
    "backorder": "preorder",
    "madetoorder": "preorder",
}
DEEPEST = 20


def read(source: ByteSource, default_currency: str | None) -> Iterator[FeedRow]:
    """Each Product or ProductGroup, wherever it stands in the file; other things are passed."""
    for found in values(source):
        if found.fault:
            yield FeedRow(found.line, found.position, refused=found.fault.at(found.line))
            continue
        try:
            for node in _products(found.value, 0):
                yield _row(node, found.line, found.position, default_currency)
        except FieldRefused as broken:
            yield FeedRow(found.line, found.position, refused=broken.at(found.line))


def _row(node: Node, line: int, position: int, default_currency: str | None) -> FeedRow:
    try:
        return FeedRow(line, position, product=_product(node, default_currency))
    except FieldRefused as broken:
        return FeedRow(line, position, refused=broken.at(line))


def _types(node: Node) -> set[str]:
    return {str(one).rsplit("/")[-1].rsplit(":")[-1] for one in _all(node.get("@type"))}


def _products(value: Any, depth: int) -> Iterator[Node]:
    """Products in a value: itself, its list, its @graph, or what a page or a list is about."""
    if depth > DEEPEST:
        raise FieldRefused("@graph", "", f"nested more than {DEEPEST} deep")
    if isinstance(value, list):
        for one in value:
            yield from _products(one, depth + 1)
    elif isinstance(value, Mapping):
        if _types(value) & {"Product", "ProductGroup", "IndividualProduct", "ProductModel"}:
            yield value
        else:
            for name in ("@graph", "mainEntity", "itemListElement", "item"):
                yield from _products(value.get(name), depth + 1)


def _all(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _one(value: Any) -> Any:
    """The first of a list, the name or value of a node, else the value itself."""
    for first in _all(value)[:1]:
        if isinstance(first, Mapping):
            return next((first[n] for n in ("@value", "name", "value", "url") if n in first), None)
        return first
    return None


def _text(value: Any) -> Any:
    """Texts marked as Chinese and English as both, else the first one."""
    marked = {
        str(one["@language"])[:2].lower(): one.get("@value")
        for one in _all(value)
        if isinstance(one, Mapping) and "@language" in one
    }
    both = {name: text for name, text in marked.items() if name in ("zh", "en")}
    return both or _one(value)


def _id(node: Node, field: str) -> str:
    for name in (
        "productID",
        "productGroupID",
        "sku",
        "inProductGroupWithID",
        "@id",
        "mpn",
        "gtin",
    ):
        value = _one(node.get(name))
        if value not in (None, ""):
            text = str(value)
            # An @id is an address: its last part names the thing.
            return fields.key(text.rstrip("/#").rsplit("/", 1)[-1] if "/" in text else text, name)
    raise FieldRefused(field, "", "needed: productID, sku, productGroupID or @id")


def _product(node: Node, default_currency: str | None) -> Product:
    product_id = _id(node, "productID")
    members = [one for one in _all(node.get("hasVariant")) if isinstance(one, Mapping)]
    if len(members) > fields.VARIANTS:
        raise FieldRefused("hasVariant", len(members), f"at most {fields.VARIANTS} variants")
    if members:
        variants = [_variant(_id(one, "sku"), one, node, default_currency) for one in members]
    else:
        variants = [_variant(product_id, node, node, default_currency)]
    pictures = [
        (one if isinstance(one, str) else one.get("contentUrl") or one.get("url"), None)
        for one in _all(node.get("image"))
        if isinstance(one, str | Mapping)
    ]
    return fields.build(
        Product,
        id=product_id,
        title=fields.needed_text(_text(node.get("name")), "name", fields.TITLE),
        description=fields.text(
            _text(node.get("description")), "description", fields.DESCRIPTION, lines=True
        ),
        brand=fields.text(_one(node.get("brand")), "brand", fields.NAME),
        category=fields.text(_category(node.get("category")), "category", fields.NAME),
        url=fields.address(_one(node.get("url")), "url"),
        media=fields.media(pictures[: fields.MEDIA], "image"),
        attributes=_attributes(node, () if members else _CHOICES),
        rating=_rating(node.get("aggregateRating")),
        variants=tuple(variants),
    )


def _category(value: Any) -> Any:
    name = _one(value)
    return name.split(">")[-1].strip() if isinstance(name, str) else name


def _attributes(node: Node, facts: tuple[str, ...]) -> tuple[Attribute, ...]:
    pairs: list[tuple[Any, Any, str]] = [(name, _one(node.get(name)), name) for name in facts]
    for one in _all(node.get("additionalProperty")):
        if isinstance(one, Mapping):
            value, unit = one.get("value"), one.get("unitText")
            whole = f"{value} {unit}" if value is not None and unit else value
            pairs.append((one.get("name"), whole, "additionalProperty"))
    found = [fields.attribute(*pair) for pair in pairs if pair[0] and pair[1] not in (None, "")]
    if len(found) > fields.ATTRIBUTES:
        rule = f"at most {fields.ATTRIBUTES} entries"
        raise FieldRefused("additionalProperty", len(found), rule)
    return tuple(found)


def _variant(variant_id: str, node: Node, parent: Node, default_currency: str | None) -> Variant:
    offers = _all(node.get("offers") or parent.get("offers"))
    offer = next((one for one in offers if isinstance(one, Mapping)), None)
    if offer is None:
        raise FieldRefused("offers", "", "needed: an Offer with price and priceCurrency")
    inner = [one for one in _all(offer.get("offers")) if isinstance(one, Mapping)]
    if "AggregateOffer" in _types(offer) and "price" not in offer and len(inner) == 1:
        offer = inner[0]
    price, list_price = _prices(offer, default_currency)
    options = (
        []
        if node is parent
        else [fields.attribute(name, _one(node[name]), name) for name in _CHOICES if node.get(name)]
    )
    return Variant(
        id=variant_id,
        options=tuple(options),
        price=price,
        list_price=list_price if list_price and list_price.minor > price.minor else None,
        availability=_availability(offer),
        sku=fields.plain(_one(node.get("sku")), "sku", 128),
    )


def _prices(offer: Node, default_currency: str | None) -> tuple[Money, Money | None]:
    """The price now, and the list price where a price specification names one."""
    price, code = offer.get("price"), offer.get("priceCurrency")
    listed = None
    for one in _all(offer.get("priceSpecification")):
        if isinstance(one, Mapping):
            kind = str(one.get("priceType") or "").rsplit("/")[-1]
            code = code or one.get("priceCurrency")
            if kind in ("ListPrice", "StrikethroughPrice", "MSRP", "SRP"):
                listed = one.get("price")
            elif price is None:
                price = one.get("price")
    if price is None and "lowPrice" in offer:
        low, high = offer["lowPrice"], offer.get("highPrice", offer["lowPrice"])
        if str(low) != str(high):
            rule = "a range is no price: give each variant its own Offer"
            raise FieldRefused("offers.lowPrice", f"{low}-{high}", rule)
        price = low
    if price is None:
        raise FieldRefused("offers.price", "", "needed")
    currency = fields.currency(_one(code) or default_currency, "offers.priceCurrency")
    list_price = None if listed is None else fields.money(listed, "priceSpecification", currency)
    return fields.money(_one(price), "offers.price", currency), list_price


def _availability(offer: Node) -> Availability:
    level = offer.get("inventoryLevel")
    counted = level.get("value") if isinstance(level, Mapping) else level
    quantity = None if counted is None else fields.count(counted, "offers.inventoryLevel")
    named = _one(offer.get("availability"))
    if not named:
        return stock(quantity)
    last = str(named).rstrip("/").rsplit("/")[-1]
    return fields.status(_STATUSES.get(last.lower(), last), quantity, "offers.availability")


def _rating(node: Any) -> Any:
    first = next(iter(_all(node)), None)
    if not isinstance(first, Mapping) or first.get("ratingValue") is None:
        return None
    if str(first.get("bestRating", "5")).removesuffix(".0") != "5":
        return None  # another scale than 0 to 5
    votes = first.get("ratingCount", first.get("reviewCount", 0))
    return fields.rating(first["ratingValue"], votes, "aggregateRating")
