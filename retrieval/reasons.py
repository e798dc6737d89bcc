"""Why a product is worth showing, in a few words that its records make true."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from retrieval.basket import running, unit_price
from retrieval.catalog import Offer, Product, Profile, Records, RoomContext, Text

_LOW = 5
_ENOUGH_SEEN = 3


class Reasons:
    """Short reasons made from records and never from a model."""

    def __init__(
        self, records: Records, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._records, self._now = records, now

    def of(
        self, products: Sequence[Product], room: RoomContext, profile: Profile | None
    ) -> dict[str, tuple[Text, ...]]:
        """Reasons by product id, the most telling first."""
        moment = self._now()
        offers = self._records.offers()
        usual = self._usual_prices(profile, offers, moment)
        return {
            product.id: tuple(
                _reasons(product, room, offers, usual.get(_currency(product)), moment)
            )
            for product in products
        }

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


def _reasons(
    product: Product,
    room: RoomContext,
    offers: Sequence[Offer],
    usual: tuple[int, int] | None,
    moment: datetime,
) -> Iterator[Text]:
    if room.on_air == product.id:
        yield Text(zh="主播正在讲解", en="On air now")
    variant = product.default_variant
    priced = unit_price(product, variant, offers, moment)
    # An offer in the unit price says more than one that needs a threshold or a second piece.
    others = [
        offer
        for offer in running(offers, product, variant, moment)
        if offer.kind in ("amount_off", "nth_item") and not (offer.code or offer.shop_wide)
    ]
    for offer in [*priced.offers, *others][:1]:
        zh, en = offer.title.say("zh"), offer.title.say("en")
        yield Text(zh=f"优惠进行中：{zh}", en=f"Offer running: {en}")
    left = _pieces_left(product)
    if left is not None and 0 < left <= _LOW:
        yield Text(zh=f"仅剩{left}件", en=f"Only {left} left")
    if usual is not None and usual[0] <= priced.price.minor <= usual[1]:
        yield Text(zh="在你常选的价位", en="In the price range you usually choose")


def _pieces_left(product: Product) -> int | None:
    """Pieces of all variants together; None where the shop keeps no count of one."""
    counts = [variant.availability.quantity for variant in product.variants]
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def _currency(product: Product) -> str:
    return product.variants[0].price.currency
