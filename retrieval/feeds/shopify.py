"""A product export of Shopify: one CSV row a variant or a further picture, grouped by handle.

Both the column names of the sample file since 2025 ("URL handle", "Price") and the older ones
("Handle", "Variant Price") are read:
https://help.shopify.com/en/manual/products/import-export/using-csv
"""

from __future__ import annotations

from collections.abc import Iterator

from retrieval.catalog import Availability, Product, Variant, stock
from retrieval.errors import RetrievalError
from retrieval.feeds import fields
from retrieval.feeds.rows import ByteSource, FeedRow, FieldRefused
from retrieval.feeds.tables import TableRow, table

# The older name of a column, in lower case, and the newer one it became.
_RENAMED = {
    "handle": "url handle",
    "body (html)": "description",
    "product type": "type",
    "custom product type": "type",
    "standardized product type": "product category",
    "variant sku": "sku",
    "variant price": "price",
    "variant compare at price": "compare-at price",
    "compare at price": "compare-at price",
    "variant inventory tracker": "inventory tracker",
    "variant inventory qty": "inventory quantity",
    "variant inventory policy": "continue selling when out of stock",
    "image src": "product image url",
    "image alt text": "image alt text",
    "variant image": "variant image url",
    "published": "published on online store",
}


class _Sheet:
    """The rows of one handle: the first carries the product, each priced one a variant."""

    def __init__(self, row: TableRow, handle: str, currency: str) -> None:
        self.line, self.handle, self._currency = row.line, handle, currency
        self._first = {name: values[0].strip() for name, values in row.cells.items()}
        self._pictures: list[tuple[object, object]] = []
        self._options: dict[str, str] = {}
        self.variants: list[Variant] = []

    @property
    def for_sale(self) -> bool:
        """Whether the shop shows it: drafts, archived and unpublished products stay out."""
        status = self._first.get("status", "active").lower()
        return status == "active" and self._first.get(_PUBLISHED, "true").lower() != "false"

    def add(self, row: TableRow) -> None:
        cell = {name: values[0].strip() for name, values in row.cells.items()}
        if len(self._pictures) < fields.MEDIA:
            self._pictures.append((cell.get("product image url"), cell.get("image alt text")))
            self._pictures.append((cell.get("variant image url"), None))
        if "price" not in cell:
            if "option1 value" in cell or row.line == self.line:
                raise FieldRefused("price", "", "needed")
            return  # a row that only adds a picture
        if len(self.variants) == fields.VARIANTS:
            raise FieldRefused("url handle", self.handle, f"at most {fields.VARIANTS} variants")
        self.variants.append(self._variant(cell, row.columns))

    def _variant(self, cell: dict[str, str], columns: tuple[str, ...]) -> Variant:
        options = []
        for n in ("1", "2", "3"):
            name = cell.get(f"option{n} name") or self._options.get(n, "")
            value = cell.get(f"option{n} value", "")
            self._options[n] = name
            if name and value and (name, value) != ("Title", "Default Title"):
                options.append(fields.attribute(name, value, f"option{n} value"))
        price = fields.money(cell["price"], "price", self._currency)
        list_price = None
        if "compare-at price" in cell:
            before = fields.money(cell["compare-at price"], "compare-at price", self._currency)
            list_price = before if before.minor > price.minor else None
        sku = fields.plain(cell.get("sku"), "sku", 128)
        values = " ".join(option.value.say("en") for option in options).replace("/", " ")
        chosen = "-".join(values.split())
        variant_id = f"{self.handle}:{chosen}"[:128] if chosen else self.handle
        return Variant(
            id=fields.key(variant_id, "option1 value"),
            options=tuple(options),
            price=price,
            list_price=list_price,
            availability=_availability(cell, columns),
            sku=sku,
        )

    def product(self) -> Product:
        first = self._first
        category = first.get("type") or first.get("product category", "").split(">")[-1]
        return fields.build(
            Product,
            id=self.handle,
            title=fields.needed_text(first.get("title"), "title", fields.TITLE),
            description=fields.text(
                first.get("description"), "description", fields.DESCRIPTION, lines=True
            ),
            brand=fields.text(first.get("vendor"), "vendor", fields.NAME),
            category=fields.text(category, "type", fields.NAME),
            media=fields.media(self._pictures[: fields.MEDIA], "product image url"),
            variants=tuple(self.variants),
        )


_PUBLISHED = "published on online store"


def _availability(cell: dict[str, str], columns: tuple[str, ...]) -> Availability:
    """Without a tracker Shopify sells without counting; 'continue' sells beyond the count."""
    counted = cell.get("inventory quantity", "")
    if "inventory tracker" in columns and "inventory tracker" not in cell:
        return Availability(available=True, status="in_stock")
    if not counted:
        return stock(None)
    oversold = counted.startswith("-") and counted[1:].isdigit()
    quantity = 0 if oversold else fields.count(counted, "inventory quantity")
    goes_on = cell.get("continue selling when out of stock", "").lower() in ("continue", "true")
    if quantity == 0 and goes_on:
        return Availability(available=True, status="preorder", quantity=0)
    return stock(quantity)


def _column(name: str) -> str:
    plain = " ".join(name.strip().lower().split())
    return _RENAMED.get(plain, plain)


def read(source: ByteSource, currency: str | None) -> Iterator[FeedRow]:
    """One product for each run of rows with one handle.

    Raises RetrievalError without a currency: the export names none.
    """
    if currency is None:
        raise RetrievalError("currency: a Shopify export names none; give one, such as CNY")
    sheet: _Sheet | None = None
    begun: dict[str, int] = {}
    position = 0
    for row in table(source, _column):
        try:
            if row.fault:
                raise row.fault
            named = row.cells.get("url handle", [""])[0].strip()
            if not named and sheet is None:
                raise FieldRefused("url handle", "", "needed")
            if sheet is None or (named and named != sheet.handle):
                if sheet:
                    yield from _finished(sheet, position)
                sheet = None
                handle = fields.key(named, "url handle")
                if handle in begun:
                    rule = f"rows of a product stand together; it began on line {begun[handle]}"
                    raise FieldRefused("url handle", handle, rule)
                begun[handle] = row.line
                sheet = _Sheet(row, handle, currency)
            sheet.add(row)
        except FieldRefused as broken:
            yield FeedRow(row.line, row.position, refused=broken.at(row.line))
        position = row.position
    if sheet:
        yield from _finished(sheet, position)


def _finished(sheet: _Sheet, position: int) -> Iterator[FeedRow]:
    if not sheet.for_sale or not sheet.variants:
        return  # every variant was refused already, or none is for sale
    try:
        yield FeedRow(sheet.line, position, product=sheet.product())
    except FieldRefused as broken:
        yield FeedRow(sheet.line, position, refused=broken.at(sheet.line))
