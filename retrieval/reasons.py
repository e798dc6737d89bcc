"""Why a product is worth showing, in a few words that its records make true."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from retrieval.basket import Priced, running, unit_price
from retrieval.catalog import Money, Offer, Product, Profile, Records, RoomContext, Text
from retrieval.comparing import compared

_LOW = 5
_ENOUGH_SEEN = 3
_COLOUR = frozenset({"颜色", "颜色分类", "color", "colour"})


class Prices(NamedTuple):
    """What products cost at one moment, by id, and the offers that stood then."""

    moment: datetime
    offers: Sequence[Offer]
    of: Mapping[str, Priced]


def prices_at(moment: datetime, products: Sequence[Product], records: Records) -> Prices:
    """The offers are read once, for all that is to be known of the prices."""
    offers = records.offers()
    priced = {p.id: unit_price(p, p.default_variant, offers, moment) for p in products}
    return Prices(moment, offers, priced)


class Reasons:
    """Short reasons made from records and never from a model."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def of(
        self,
        products: Sequence[Product],
        room: RoomContext,
        profile: Profile | None,
        prices: Prices,
    ) -> dict[str, tuple[Text, ...]]:
        """Reasons by product id, the most telling first; what is compared are `products`."""
        usual = self._usual_prices(profile, prices.offers, prices.moment)
        now = {product.id: prices.of[product.id].price for product in products}
        better, aired = compared(products, now), self._on_air(products, room)
        return {
            product.id: (
                *_reasons(product, room, prices),
                *([better[product.id]] if product.id in better else ()),
                *_matches(product, aired),
                *_usual(now[product.id], usual),
            )
            for product in products
        }

    def _on_air(self, products: Sequence[Product], room: RoomContext) -> Product | None:
        if room.on_air is None:
            return None
        found = next((p for p in products if p.id == room.on_air), None)
        return found or self._records.products((room.on_air,)).get(room.on_air)

    def _usual_prices(
        self, profile: Profile | None, offers: Sequence[Offer], moment: datetime
    ) -> dict[str, tuple[int, int]]:
        """Currency -> lowest and highest price, minor units, of what the viewer turned to."""
        if profile is None:
            return {}
        chosen = {*profile.clicked, *profile.carted, *profile.bought}
        prices: dict[str, list[int]] = {}
        for product in self._records.products(tuple(sorted(chosen))).values():
            priced = unit_price(product, product.default_variant, offers, moment)
            prices.setdefault(_currency(product), []).append(priced.price.minor)
        return {
            currency: (min(seen), max(seen))
            for currency, seen in prices.items()
            if len(seen) >= _ENOUGH_SEEN
        }


def _reasons(product: Product, room: RoomContext, prices: Prices) -> Iterator[Text]:
    if room.on_air == product.id:
        yield Text(zh="主播正在讲解", en="On air now")
    # An offer in the unit price says more than one that needs a threshold or a second piece.
    others = [
        offer
        for offer in running(prices.offers, product, product.default_variant, prices.moment)
        if offer.kind in ("amount_off", "nth_item") and not (offer.code or offer.shop_wide)
    ]
    for offer in [*prices.of[product.id].offers, *others][:1]:
        zh, en = offer.title.say("zh"), offer.title.say("en")
        yield Text(zh=f"优惠进行中：{zh}", en=f"Offer running: {en}")
    left = _pieces_left(product)
    if left is not None and 0 < left <= _LOW:
        yield Text(zh=f"仅剩{left}件", en=f"Only {left} left")


def _matches(product: Product, aired: Product | None) -> Iterator[Text]:
    """What the records of the product and of the item on air have in common."""
    if aired is None or aired.id == product.id:
        return
    brands = set(product.brand.every()) & set(aired.brand.every())
    if brands:
        brand = product.brand
        yield Text(
            zh=f"与正在讲解的同品牌：{brand.say('zh')}",
            en=f"Same brand as the item on air: {brand.say('en')}",
        )
    colours = _colours(product)
    for key, colour in _colours(aired).items():
        if key in colours:
            yield Text(
                zh=f"有正在讲解的同款颜色：{colour.say('zh')}",
                en=f"Comes in a colour of the item on air: {colour.say('en')}",
            )
            return


def _colours(product: Product) -> dict[str, Text]:
    """The colours in which the product can be bought now, by how they are written."""
    return {
        colour: option.value
        for variant in product.variants
        if variant.availability.available
        for option in variant.options
        if _COLOUR.intersection(name.lower() for name in option.name.every())
        for colour in option.value.every()[:1]
    }


def _usual(price: Money, usual: Mapping[str, tuple[int, int]]) -> Iterator[Text]:
    bounds = usual.get(price.currency)
    if bounds is not None and bounds[0] <= price.minor <= bounds[1]:
        yield Text(zh="在你常选的价位", en="In the price range you usually choose")


def _pieces_left(product: Product) -> int | None:
    """Pieces of all variants together; None where the shop keeps no count of one."""
    counts = [variant.availability.quantity for variant in product.variants]
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def _currency(product: Product) -> str:
    return product.variants[0].price.currency
