"""Rooms: what a host sets up and changes while the show runs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import uuid4

from fastapi import APIRouter, Body, Query
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from assistant.api.access import may_enter
from assistant.api.auth import Caller
from assistant.api.chat import RoomId
from assistant.api.problems import MANY, ONE, documented, one_or_many, refuse
from assistant.api.service import OpenShop, Shop, TheService
from assistant.errors import LiveshopError
from assistant.events import ProductCard
from retrieval.catalog import Key, Language, RoomContext, RoomItem

router = APIRouter(prefix="/api/v1/rooms", tags=["rooms"])
Rooms = Annotated[
    Annotated[RoomContext, Tag(ONE)]
    | Annotated[list[RoomContext], Tag(MANY), Field(max_length=100)],
    Discriminator(one_or_many),
]


class OnAir(BaseModel):
    """The item shown now; null while there is none."""

    model_config = ConfigDict(extra="forbid")

    product_id: Key | None


class Mode(BaseModel):
    """auto answers, review holds the public feed for the host, off answers nothing."""

    model_config = ConfigDict(extra="forbid")

    mode: Literal["auto", "review", "off"]


class Items(BaseModel):
    """The room's numbered list, whole."""

    model_config = ConfigDict(extra="forbid")

    items: Annotated[tuple[RoomItem, ...], Field(max_length=999)]


@router.get("", summary="List rooms", responses=documented(503))
async def rooms(who: Caller, service: TheService, shop: OpenShop) -> list[RoomContext]:
    """Every room that the caller may enter, by id."""
    found = await run_in_threadpool(shop.store.rooms.all)
    return [room for room in found if await may_enter(service, who, room.id)]


@router.put(
    "",
    summary="Add or replace rooms",
    responses=documented(413, 422, 503),
)
def put_rooms(body: Annotated[Rooms, Body()], shop: OpenShop) -> list[RoomContext]:
    """Put one room or several; others stand. Versions are the store's to count.

    A product that is not in the catalogue is refused before anything is put.
    """
    given = [body] if isinstance(body, RoomContext) else body
    for room in given:
        _check(shop, room.on_air, room.items)
    return [shop.store.rooms.put(room) for room in given]


@router.get("/{room}", summary="One room", responses=documented(404, 422, 503))
def get_room(room: RoomId, shop: OpenShop) -> RoomContext:
    """The room as it is now. 404 where there is none."""
    return shop.store.rooms.get(room)


@router.get(
    "/{room}/on-air", summary="The card of the item on air", responses=documented(404, 422, 503)
)
def get_on_air(
    room: RoomId, shop: OpenShop, service: TheService, locale: Language | None = None
) -> ProductCard | None:
    """The item on air as viewers see it now, offers included; null while there is none."""
    from assistant.turn.cards import card  # waits: the turn's stages take seconds to load
    from assistant.turn.evidence import read_evidence

    settings = service.settings
    context = shop.store.rooms.get(room)
    if context.on_air is None:
        return None
    evidence = read_evidence(shop.store.catalog, (context.on_air,), settings.timezone)
    if not evidence.products:
        return None
    return card(evidence.products[0], evidence, context, locale or settings.locale, ())


@router.get(
    "/{room}/cards",
    summary="Cards of products as they are now",
    responses=documented(404, 422, 503),
)
def get_cards(
    room: RoomId,
    shop: OpenShop,
    service: TheService,
    id: Annotated[list[Key], Query(min_length=1, max_length=50)],
    variant: Annotated[tuple[Key, ...], Query(max_length=50)] = (),
    locale: Language | None = None,
) -> list[ProductCard]:
    """The cards of these products, in their order; what is not in the catalogue is left out.

    A card shows the cheapest variant of its product among `variant`, or among all.
    """
    from assistant.turn.cards import card  # waits: the turn's stages take seconds to load
    from assistant.turn.evidence import read_evidence

    settings, context = service.settings, shop.store.rooms.get(room)
    ids = tuple(dict.fromkeys(id))
    evidence = read_evidence(shop.store.catalog, ids, settings.timezone, variant)
    language = locale or settings.locale
    return [card(product, evidence, context, language) for product in evidence.products]


@router.put(
    "/{room}/on-air",
    summary="Say which item is on air",
    responses=documented(404, 413, 422, 503),
)
async def put_on_air(room: RoomId, body: OnAir, shop: OpenShop) -> RoomContext:
    """Replies that begin after this one returns know the item; the room's log has it."""
    from assistant.store.events import Event  # waits: a start need not load SQL for it

    await run_in_threadpool(shop.store.rooms.get, room)
    await run_in_threadpool(_check, shop, body.product_id, ())
    event = Event(
        source="host",
        id=uuid4().hex,
        type="live.product.on_air",
        room=room,
        time=datetime.now(UTC),
        data={"product_id": body.product_id},
    )
    for said in await shop.live.take(room, [event]):
        if isinstance(said, LiveshopError):
            raise said
    return await run_in_threadpool(shop.store.rooms.get, room)


@router.put(
    "/{room}/mode",
    summary="Answer, hold for review, or be silent",
    responses=documented(404, 413, 422, 503),
)
def put_mode(room: RoomId, body: Mode, shop: OpenShop) -> RoomContext:
    """While the mode is off, chat in the room answers 409."""
    return shop.store.rooms.set_mode(room, body.mode)


@router.put(
    "/{room}/items",
    summary="Number the room's items",
    responses=documented(404, 413, 422, 503),
)
def put_items(room: RoomId, body: Items, shop: OpenShop) -> RoomContext:
    """Replace the numbered list (3号链接 is number 3). A number stands once."""
    shop.store.rooms.get(room)
    _check(shop, None, body.items)
    return shop.store.rooms.set_items(room, body.items)


def known_product(shop: Shop, product_id: str | None) -> None:
    """Raise FieldsRefused for a product that is not in the catalogue."""
    if product_id is not None and product_id not in shop.store.catalog.products((product_id,)):
        raise refuse("product_id", product_id, "no such product; import it first")


def _check(shop: Shop, on_air: str | None, items: tuple[RoomItem, ...]) -> None:
    """Raise FieldsRefused for a number that stands twice and for products that are not there."""
    numbers = [item.number for item in items]
    for index, number in enumerate(numbers):
        if number in numbers[:index]:
            raise refuse(f"items[{index}].number", number, "each number may stand once")
    named = [(f"items[{index}].product_id", item.product_id) for index, item in enumerate(items)]
    if on_air is not None:
        named.insert(0, ("on_air", on_air))
    known = shop.store.catalog.products(tuple(product_id for _, product_id in named))
    for field, product_id in named:
        if product_id not in known:
            raise refuse(field, product_id, "no such product; import it first")
