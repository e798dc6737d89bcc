"""The shop as the feed gave it, with what was put since: the truth that replies are held to."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from eval.figures import CouldNotMeasure
from retrieval.catalog import Availability, Money, Offer, Policy, Product, Variant, stock
from retrieval.feeds import read_feed


@dataclass(slots=True)
class Shop:
    """Products by id, offers and policies. It prices by its own few lines, not the service's."""

    products: dict[str, Product] = field(default_factory=dict)
    offers: list[Offer] = field(default_factory=list)
    policies: list[Policy] = field(default_factory=list)

    @classmethod
    def read(cls, feed: Path) -> Shop:
        """The shop of a native feed. Raises CouldNotMeasure where a row is refused."""
        shop = cls()
        with feed.open("rb") as source:
            for row in read_feed(source, "jsonl", name=feed.name):
                if row.refused:
                    raise CouldNotMeasure(f"{feed}: {row.refused}")
                if row.product:
                    shop.products[row.product.id] = row.product
                if row.offer:
                    shop.offers.append(row.offer)
                if row.policy:
                    shop.policies.append(row.policy)
        return shop

    def put_stock(self, product_id: str, variant_id: str, quantity: int) -> None:
        """Notes that a variant now has `quantity` pieces."""
        product = self.products[product_id]
        variants = tuple(
            v.model_copy(update={"availability": stock(quantity)}) if v.id == variant_id else v
            for v in product.variants
        )
        self.products[product_id] = product.model_copy(update={"variants": variants})

    def running(self, product: Product, variant: Variant) -> list[Offer]:
        """Offers that cover the variant; every offer here is taken to run now."""
        return [offer for offer in self.offers if offer.covers(product, variant)]

    def price(self, product: Product, variant: Variant) -> int:
        """What one piece costs a buyer without a coupon now, in minor units."""
        price = variant.price.minor
        mine = [offer for offer in self.running(product, variant) if not offer.code]
        flash = [o.amount.minor for o in mine if o.kind == "flash_price" and o.amount]
        price = min(flash, default=price)
        for offer in mine:
            if offer.kind == "percent_off" and offer.percent:
                # Halves round up, as a till does.
                price = (price * (100 - offer.percent) * 2 + 100) // 200
            elif offer.kind == "amount_off" and offer.amount:
                reached = offer.threshold is None or price >= offer.threshold.minor
                price = max(0, price - offer.amount.minor) if reached else price
        return price

    def availability(self, product: Product, variant: Variant | None) -> Availability:
        """Of the variant, or of the product as a whole: the sum, if every variant is counted."""
        if variant is not None:
            return variant.availability
        if len(product.variants) == 1:
            return product.variants[0].availability
        counts = [v.availability.quantity for v in product.variants]
        if None in counts:
            first = next((v for v in product.variants if v.availability.available), None)
            return (first or product.variants[0]).availability
        return stock(sum(c for c in counts if c is not None))

    def amounts(self, product: Product) -> set[Money]:
        """Every sum that may be said of a product: prices, list prices, its offers' sums."""
        found: set[Money] = set()
        for variant in product.variants:
            currency = variant.price.currency
            found |= {variant.price, Money(minor=self.price(product, variant), currency=currency)}
            found |= {variant.list_price} if variant.list_price else set()
            for offer in self.running(product, variant):
                found |= {sum_ for sum_ in (offer.amount, offer.threshold) if sum_}
        return found
