"""What a host sees beside the queue: one question whole, who is muted, the list, lines to say."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field

from assistant.api.chat import RoomId
from assistant.api.problems import documented, refuse
from assistant.api.questions import QuestionId
from assistant.api.service import OpenShop, TheService
from assistant.live.lines import Drafting, HostLines, LineKind
from assistant.live.listed import MOST_LISTED, as_shown
from assistant.live.questions import MergedQuestion
from assistant.live.validity import Basis
from retrieval.catalog import Key, Language, Product

router = APIRouter(prefix="/api/v1/rooms", tags=["rooms"])
MOST_VIEWERS = 200


class QuestionInFull(BaseModel):
    """A question with the first of the viewers who asked it."""

    question: MergedQuestion
    viewers: list[str]


class Muted(BaseModel):
    """The viewers whose comments are not answered."""

    viewers: list[str]


class ListedProduct(BaseModel):
    """A product of the room's list: its record, and what buyers see of it now.

    `number` is null for the item on air where the list does not have it. `shown` has the form of
    the feed's `product` items.
    """

    number: int | None
    product: Product
    shown: dict[str, Any]


class LinesWanted(BaseModel):
    """`highlights` of an item, the `transition` to one, or answers to what the `crowd` asks.

    `product_id` is the item meant: without it that on air, for a transition the next of the list.
    """

    model_config = ConfigDict(extra="forbid")

    kind: LineKind
    product_id: Key | None = None
    language: Annotated[
        Language | None, Field(description="of the lines; without it the shop's own")
    ] = None


@router.get(
    "/{room}/questions/{id}",
    summary="One question",
    responses=documented(404, 422, 503),
)
async def question(room: RoomId, id: QuestionId, shop: OpenShop) -> QuestionInFull:
    """The question as it is now, whatever its status, and who asked it."""
    await run_in_threadpool(shop.store.rooms.get, room)
    found = await shop.live.desk(room).question(id)
    viewers = await run_in_threadpool(shop.store.live.askers, id, MOST_VIEWERS)
    return QuestionInFull(question=found, viewers=viewers)


@router.get(
    "/{room}/mute",
    summary="Who is muted",
    responses=documented(404, 422, 503),
)
def muted(room: RoomId, shop: OpenShop) -> Muted:
    """The viewers who are muted in the room, by id."""
    shop.store.rooms.get(room)
    return Muted(viewers=sorted(shop.store.live.mutes(room)))


@router.get(
    "/{room}/items",
    summary="The numbered list with prices and stock",
    responses=documented(404, 422, 503),
)
def items(room: RoomId, shop: OpenShop, service: TheService) -> list[ListedProduct]:
    """The room's list in its order, the item on air before it where it has no number."""
    context = shop.store.rooms.get(room)
    ids = [item.product_id for item in context.items][:MOST_LISTED]
    if context.on_air and context.on_air not in ids:
        ids.insert(0, context.on_air)
    basis = Basis(shop.store.catalog, context, service.settings.timezone)
    numbers = {item.product_id: item.number for item in context.items}
    return [
        ListedProduct(
            number=numbers.get(product.id),
            product=product,
            shown=as_shown(product, basis.evidence((product.id,)), context),
        )
        for product in basis.evidence(ids).products
    ]


@router.post(
    "/{room}/lines",
    summary="Draft lines to say",
    responses=documented(404, 413, 422, 503),
)
async def lines(room: RoomId, body: LinesWanted, shop: OpenShop, service: TheService) -> HostLines:
    """Lines from records as they are now; no model is asked. 422 where no item is meant."""
    await run_in_threadpool(shop.store.rooms.get, room)
    asked = await shop.live.desk(room).queue() if body.kind == "crowd" else []

    def drafted() -> HostLines:
        context = shop.store.rooms.get(room)
        language = body.language or service.settings.locale
        basis = Basis(shop.store.catalog, context, service.settings.timezone)
        drafting = Drafting(basis, shop.compliance, language)
        if body.kind == "crowd":
            return drafting.crowd(asked)
        on_air, order = context.on_air, [item.product_id for item in context.items]
        meant = body.product_id or on_air
        if body.kind == "transition" and body.product_id is None:
            after = order[order.index(on_air) + 1 :] if on_air in order else order
            meant = after[0] if after else None
        if meant is None:
            raise refuse("product_id", None, "no item is on air or next: name one")
        product = shop.store.catalog.product(meant)
        if body.kind == "highlights":
            return drafting.highlights(product)
        before = shop.store.catalog.products((on_air,)).get(on_air) if on_air else None
        return drafting.transition(before, product)

    return await run_in_threadpool(drafted)
