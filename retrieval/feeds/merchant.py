"""Google Merchant feeds: items of a text or XML feed, grouped into products with variants.

Names, formats and defaults follow Google's product data specification
(https://support.google.com/merchants/answer/7052112).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import takewhile

from retrieval.catalog import Attribute, Money, Offer, Product, Text, Variant, stock
from retrieval.feeds import fields
from retrieval.feeds.merchant_xml import items
from retrieval.feeds.rows import ByteSource, FeedRow, FieldRefused
from retrieval.feeds.tables import Cells, TableRow, table

SALE = Text(zh="限时特价", en="Sale price")

_PRICE = re.compile(r"\s*(?:([A-Za-z]{3})\s*)?([^A-Za-z]*?)\s*(?:([A-Za-z]{3})\s*)?\Z")
_CHOICES = ("color", "size", "material", "pattern", "age_group", "gender")
_FACTS = ("condition", "gtin", "mpn", "energy_efficiency_class", "shipping_weight")
_ENDS = " -–—,，、/|·:：(（[【"


@dataclass(frozen=True, slots=True)
class _Item:
    line: int
    cells: Cells
    variant: Variant
    offer: Offer | None


def read_tsv(source: ByteSource, default_currency: str | None) -> Iterator[FeedRow]:
    """A text feed: a header of attribute names, then one item a row."""
    return _products(table(source, _column), default_currency)


def read_xml(source: ByteSource, default_currency: str | None) -> Iterator[FeedRow]:
    """An RSS 2.0 or Atom feed whose items use the g: namespace."""
    return _products(items(source), default_currency)


def _column(name: str) -> str:
    return name.strip().lower().removeprefix("g:").replace(" ", "_")


def _products(rows: Iterable[TableRow], default_currency: str | None) -> Iterator[FeedRow]:
    """One product for each run of neighbouring rows with one item_group_id, else each row."""
    group, held = "", list[_Item]()
    begun: dict[str, int] = {}
    position = 0
    for row in rows:
        try:
            if row.fault:
                raise row.fault
            of = row.cells.get("item_group_id", [""])[0].strip()
            if held and (not of or of != group):
                yield from _finished(group, held, position)
                held = []
            if of and of != group and of in begun:
                rule = f"rows of a group stand together; this one began on line {begun[of]}"
                raise FieldRefused("item_group_id", of, f"{rule}: sort the feed by item_group_id")
            if len(held) == fields.VARIANTS:
                raise FieldRefused("item_group_id", of, f"at most {fields.VARIANTS} rows a group")
            if of:
                begun.setdefault(of, row.line)
            group = of
            held.append(_item(row, default_currency))
        except FieldRefused as broken:
            yield FeedRow(row.line, row.position, refused=broken.at(row.line))
        position = row.position
    if held:
        yield from _finished(group, held, position)


def _finished(group: str, held: list[_Item], position: int) -> Iterator[FeedRow]:
    line = held[0].line
    try:
        product = _product(group, held)
    except FieldRefused as broken:
        yield FeedRow(line, position, refused=broken.at(line))
        return
    yield FeedRow(line, position, product=product)
    for item in held:
        if item.offer:
            yield FeedRow(line, position, offer=item.offer)


def _item(row: TableRow, default_currency: str | None) -> _Item:
    first = {name: values[0].strip() for name, values in row.cells.items()}
    variant_id = fields.key(first.get("id"), "id")
    price = _money(first.get("price"), "price", default_currency)
    list_price, offer = None, None
    if first.get("sale_price"):
        sale = _money(first["sale_price"], "sale_price", price.currency)
        if sale.currency != price.currency or sale.minor > price.minor:
            raise FieldRefused("sale_price", first["sale_price"], "is not below the price")
        if first.get("sale_price_effective_date"):
            offer = _sale(variant_id, sale, first["sale_price_effective_date"])
        elif sale.minor < price.minor:
            price, list_price = sale, price
    counted = first.get("quantity") or first.get("sell_on_google_quantity")
    quantity = fields.count(counted, "quantity") if counted else None
    named = first.get("availability")
    available = fields.status(named, quantity, "availability") if named else stock(quantity)
    # Options are known only when the group is whole.
    variant = Variant(id=variant_id, price=price, list_price=list_price, availability=available)
    return _Item(row.line, row.cells, variant, offer)


def _money(value: str | None, field: str, default_currency: str | None) -> Money:
    if not value:
        raise FieldRefused(field, "", "needed")
    parts = _PRICE.match(value)
    if not parts or (parts[1] and parts[3]):
        raise FieldRefused(field, value, "has to be an amount and a currency, such as 15.00 USD")
    code = fields.currency(parts[1] or parts[3] or default_currency, field)
    return fields.money(parts[2], field, code)


def _sale(variant_id: str, amount: Money, window: str) -> Offer:
    """The sale price as an offer; a time without offset is UTC, a day without time all of it."""
    field = "sale_price_effective_date"
    try:
        start, end = (part.strip() for part in window.split("/"))
        starts, ends = datetime.fromisoformat(start), datetime.fromisoformat(end)
        if len(end) <= len("2026-11-11"):
            ends += timedelta(days=1)
        starts, ends = (t if t.tzinfo else t.replace(tzinfo=UTC) for t in (starts, ends))
    except (ValueError, OverflowError):
        rule = "has to be two times, such as 2026-11-11T20:00+0800/2026-11-12T02:00+0800"
        raise FieldRefused(field, window, rule) from None
    if starts >= ends:
        raise FieldRefused(field, window, "the second time has to come after the first")
    return fields.build(
        Offer,
        id=f"sale:{variant_id}"[:128],
        kind="flash_price",
        title=SALE,
        variant_ids=(variant_id,),
        amount=amount,
        starts_at=starts,
        ends_at=ends,
    )


def _product(group: str, held: list[_Item]) -> Product:
    cells = held[0].cells
    first = {name: values[0] for name, values in cells.items()}
    chosen = [
        name for name in _CHOICES if len({tuple(item.cells.get(name, ())) for item in held}) > 1
    ]
    variants = tuple(
        item.variant.model_copy(update={"options": tuple(_named(item.cells, chosen))})
        for item in held
    )
    facts = [name for name in _CHOICES if name not in chosen]
    facts += _FACTS if len(held) == 1 else ()
    attributes = [*_named(cells, facts), *_details(cells.get("product_detail", []))]
    description = "\n".join([first.get("description", ""), *cells.get("product_highlight", [])])
    places = [
        (place, None)
        for item in held
        for name in ("image_link", "additional_image_link")
        for cell in item.cells.get(name, [])
        for place in re.split(r",\s*(?=https?://)", cell.strip())
    ]
    category = first.get("product_type") or first.get("google_product_category", "")
    return fields.build(
        Product,
        id=fields.key(group or held[0].variant.id, "item_group_id" if group else "id"),
        title=fields.needed_text(_common_title(held), "title", fields.TITLE),
        description=fields.text(description, "description", fields.DESCRIPTION, lines=True),
        brand=fields.text(first.get("brand"), "brand", fields.NAME),
        category=fields.text(_last_step(category), "product_type", fields.NAME),
        url=fields.address(first.get("link", "").strip(), "link"),
        media=fields.media(places[: fields.MEDIA], "image_link"),
        attributes=tuple(attributes),
        variants=variants,
    )


def _common_title(held: list[_Item]) -> str:
    """What the titles of a group share, where that still says what it is, else the first."""
    titles = [item.cells.get("title", [""])[0].strip() for item in held]
    low, high = min(titles), max(titles)
    same = takewhile(lambda pair: pair[0] == pair[1], zip(low, high, strict=False))
    shared = "".join(letter for letter, _ in same)
    if not all(title[len(shared) :][:1] in ("", *_ENDS) for title in titles):
        # The texts part within a word: what is shared ends with the word before.
        shared = max(shared[: shared.rfind(end) + 1] for end in _ENDS) or (
            "" if shared.isascii() else shared
        )
    shared = shared.rstrip(_ENDS)
    return shared if len(shared) >= 4 else titles[0]


def _last_step(path: str) -> str:
    """The narrowest category of a path such as 'Home > Bedding > Quilts'; '' for a number."""
    step = path.split(">")[-1].strip()
    return "" if step.isdigit() else step


def _named(cells: Cells, names: Iterable[str]) -> Iterator[Attribute]:
    for name in names:
        if name in cells:
            yield fields.attribute(name.replace("_", " "), cells[name][0], name)


def _details(values: list[str]) -> Iterator[Attribute]:
    """product_detail: section:name:value, several of them separated by commas."""
    for value in values:
        for detail in re.split(r",(?=[^,:]*:[^,:]+:)", value):
            _, _, rest = detail.partition(":")
            name, _, worth = rest.partition(":")
            if name.strip() and worth.strip():
                yield fields.attribute(name, worth, "product_detail")
