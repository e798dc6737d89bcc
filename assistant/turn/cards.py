"""A product as a viewer sees it: one language, the price of this moment, true reasons."""

from __future__ import annotations

from assistant.events import OfferLine, ProductCard
from assistant.turn.evidence import Evidence
from assistant.turn.wording import say_offer
from retrieval.catalog import Language, Product, RoomContext, Text


def card(
    product: Product,
    evidence: Evidence,
    room: RoomContext,
    language: Language,
    reasons: tuple[Text, ...] = (),
) -> ProductCard:
    """The card of `product`, showing the variant meant or else the one to buy first."""
    meant = evidence.variants(product)
    variant = product.default_variant if product.default_variant in meant else meant[0]
    priced = evidence.priced(product, variant)
    return ProductCard(
        id=product.id,
        variant_id=variant.id,
        title=product.title.say(language),
        description=product.description.say(language)[:160],
        url=product.url,
        media=product.media,
        price=priced.price,
        list_price=priced.list_price,
        availability=variant.availability,
        options=variant.options,
        rating=product.rating,
        offers=tuple(
            OfferLine(
                id=offer.id, text=say_offer(offer, evidence.zone, language), ends_at=offer.ends_at
            )
            # What runs for the whole shop would only repeat itself on every card.
            for offer in [o for o in evidence.running(product) if not o.shop_wide][:2]
        ),
        reasons=tuple(reason.say(language) for reason in reasons[:2]),
        number=next((item.number for item in room.items if item.product_id == product.id), None),
        version=product.version,
    )
