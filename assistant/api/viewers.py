"""What is known of a viewer: read, erased, switched off. Recommendations without a question."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Path, Query
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict

from assistant.api.auth import Caller
from assistant.api.chat import RoomId
from assistant.api.problems import documented
from assistant.api.service import OpenShop, Shop
from assistant.events import LISTED
from retrieval.basket import unit_price
from retrieval.catalog import Constraints, Exposure, Key, Money, Product, Profile, Text
from retrieval.retriever import Candidate

if TYPE_CHECKING:
    from retrieval.ranker import Ranked

router = APIRouter(prefix="/api/v1", tags=["viewers"])
ViewerId = Annotated[str, Path(min_length=1, max_length=128)]
_POOL = 200


class Recommendation(BaseModel):
    """A product worth showing now, at the price a buyer pays now, and why."""

    product: Product
    price: Money
    score: float
    reasons: tuple[Text, ...]


class Recommendations(BaseModel):
    """Best first. `personalized` says whether the viewer's behaviour had a part in the order.

    What the viewer does with these may name `reply_id` in the event's data.
    """

    reply_id: str
    products: list[Recommendation]
    personalized: bool


class KnownEvent(BaseModel):
    """One event of a viewer, as it is kept."""

    source: str
    id: str
    type: str
    room: str | None
    time: datetime
    data: dict[str, Any]


class Viewer(BaseModel):
    """Everything that is kept of a viewer. `profile` is None after an opt-out.

    `records` has the rows of every other table that speak of them."""

    viewer: str
    personalization: bool
    profile: Profile | None
    events: list[KnownEvent]
    records: dict[str, list[dict[str, Any]]]


class Personalization(BaseModel):
    """Whether a viewer's behaviour may order what they are shown."""

    model_config = ConfigDict(extra="forbid")

    enabled: bool


class Erased(BaseModel):
    """How many events the viewer had."""

    erased: int


@router.get(
    "/rooms/{room}/recommendations",
    summary="Products worth showing now",
    responses=documented(404, 422, 503),
)
async def recommendations(
    room: RoomId,
    who: Caller,
    shop: OpenShop,
    viewer: Annotated[Key | None, Query(description="whose behaviour counts")] = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 6,
    price_max: Annotated[int | None, Query(ge=0, le=10**13, description="minor units")] = None,
    currency: Annotated[str | None, Query(pattern=r"^[A-Z]{3}$")] = None,
) -> Recommendations:
    """What the room shows and what is popular, near to what the viewer turned to. In stock only."""
    limits = Constraints(price_max=price_max, currency=currency, in_stock=True)
    return await run_in_threadpool(_recommend, shop, room, who.of(viewer), limit, limits)


@router.get(
    "/viewers/{viewer}",
    summary="Everything known of a viewer",
    responses=documented(422, 503),
)
async def known(viewer: ViewerId, shop: OpenShop) -> Viewer:
    """The profile and every event; for the shop to hand to the viewer who asks."""
    return await run_in_threadpool(_known, shop, viewer)


@router.delete(
    "/viewers/{viewer}",
    summary="Erase a viewer",
    responses=documented(422, 503),
)
async def erase(viewer: ViewerId, shop: OpenShop) -> Erased:
    """Takes the viewer and what they said from every table and from memory. An opt-out stays."""
    gone = await run_in_threadpool(shop.profiles.erase, viewer)
    shop.live.forget(viewer)
    shop.forget(viewer)
    return Erased(erased=gone)


@router.put(
    "/viewers/{viewer}/personalization",
    summary="Switch personalization on or off",
    responses=documented(422, 503),
)
async def personalize(viewer: ViewerId, body: Personalization, shop: OpenShop) -> Personalization:
    """Off: from the next recommendation on, the order does not depend on the viewer at all."""
    await run_in_threadpool(shop.profiles.personalize, viewer, body.enabled)
    return body


def _known(shop: Shop, viewer: str) -> Viewer:
    events = [
        KnownEvent(
            source=event.source,
            id=event.id,
            type=event.type,
            room=event.room,
            time=event.time,
            data=dict(event.data),
        )
        for event in shop.profiles.everything_of(viewer)
    ]
    records = shop.store.erasure.everything_of(viewer)
    del records["events"]
    return Viewer(
        viewer=viewer,
        personalization=shop.profiles.personalized(viewer),
        profile=shop.profiles.of(viewer),
        events=events,
        records=records,
    )


def _recommend(
    shop: Shop, room_id: str, viewer: str | None, limit: int, limits: Constraints
) -> Recommendations:
    """Candidates are what the room lists, then what stands near the viewer's behaviour."""
    from retrieval.exploring import Exploration  # waits: it loads the models' libraries

    room, profile = shop.store.rooms.get(room_id), shop.profiles.of(viewer)
    eligible = shop.store.catalog.eligible(limits)
    allowed = shop.store.catalog.ids() if eligible is None else eligible
    listed = [item.product_id for item in room.items if item.product_id in allowed]
    near = [key for key in shop.ranker.near(profile, room.on_air, _POOL) if key in allowed]
    ids = tuple(dict.fromkeys([*listed, *near]))[:_POOL]
    products = shop.store.catalog.products(ids)
    candidates = [Candidate(product_id=key, score=0.0) for key in ids]
    ranked = shop.ranker.rank("", candidates, products, room, profile)
    reply_id = uuid4().hex
    chosen = (shop.exploration or Exploration()).choose(ranked, products, limit, reply_id)
    _note(shop, reply_id, room_id, viewer, ranked, chosen)
    by_id = {one.product_id: one for one in ranked}
    moment, offers = shop.store.events.now(), shop.store.catalog.offers()
    return Recommendations(
        reply_id=reply_id,
        personalized=profile is not None,
        products=[
            Recommendation(
                product=products[one.product_id],
                price=unit_price(
                    products[one.product_id],
                    products[one.product_id].default_variant,
                    offers,
                    moment,
                ).price,
                score=one.score,
                reasons=one.reasons,
            )
            for one in (by_id[card.product_id] for card in chosen)
        ],
    )


def _note(
    shop: Shop,
    reply_id: str,
    room: str,
    viewer: str | None,
    ranked: Sequence[Ranked],
    chosen: Sequence[Exposure],
) -> None:
    """Keeps what was shown, as replies do, so that what viewers do with it can be told of it."""
    data = {
        "ranker": ranked[0].ranker if ranked else "",
        "arm": ranked[0].arm if ranked else "",
        "shown": [card.model_dump() for card in chosen],
    }
    now = shop.store.events.now()
    shop.store.events.append("liveshop", reply_id, LISTED, room, viewer, now, data)
