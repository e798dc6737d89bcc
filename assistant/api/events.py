"""Events from the room, the shop and the viewers, as CloudEvents 1.0.

Form: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md, structured or batched
JSON. The pair of source and id is unique for ever: sending an event again changes nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Generic, Literal, TypeVar

from fastapi import APIRouter, Body, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    model_validator,
)

from assistant.api.access import require_host
from assistant.api.auth import Caller, Who
from assistant.api.catalog import VariantPatch
from assistant.api.chat import RoomId
from assistant.api.problems import (
    MANY,
    ONE,
    FieldProblem,
    FieldsRefused,
    documented,
    field_problems,
    one_or_many,
    shortened,
)
from assistant.api.service import OpenShop, TheService
from assistant.api.webhook import is_signed
from assistant.personal import masked_in
from retrieval.catalog import Key, Offer

if TYPE_CHECKING:
    from assistant.store.events import Event

D = TypeVar("D")

router = APIRouter(prefix="/api/v1/rooms", tags=["events"])
LARGEST_BATCH = 1000
EventType = Literal[
    "live.comment",
    "live.enter",
    "live.like",
    "live.gift",
    "live.follow",
    "live.share",
    "live.transcript",
    "live.product.on_air",
    "live.product.updated",
    "live.offer.updated",
    "live.stream.started",
    "live.stream.ended",
    "shop.view",
    "shop.click",
    "shop.cart",
    "shop.purchase",
    "reply.shown",
    "reply.feedback",
]
OPEN_TYPES = frozenset({"reply.feedback"})
WRITTEN = frozenset({"live.comment", "live.transcript", "reply.feedback"})
OWN_TYPES = frozenset({"shop.view", "shop.click", "shop.cart"})


class Feedback(BaseModel):
    """The data of reply.feedback: what a viewer thinks of one reply."""

    model_config = ConfigDict(extra="forbid")

    reply_id: Key
    value: Literal["up", "down"]
    comment: Annotated[str, Field(max_length=1000)] = ""


class Spoken(BaseModel):
    """The data of live.comment and live.transcript; what else a platform sends is kept."""

    model_config = ConfigDict(extra="allow")

    text: Annotated[str, Field(min_length=1, max_length=4000)]


class ShownNow(BaseModel):
    """The data of live.product.on_air: the item shown, null while there is none."""

    model_config = ConfigDict(extra="forbid")

    product_id: Key | None


class VariantChanged(VariantPatch):
    """The data of live.product.updated: the variant, and what changes of it."""

    variant_id: Key

    @model_validator(mode="after")
    def _changes_more_than_its_name(self) -> VariantChanged:
        if self.model_fields_set == {"variant_id"}:
            raise ValueError("name at least one of price, list_price, stock")
        return self


class OfferEnded(BaseModel):
    """The data of live.offer.updated for an offer that is taken away."""

    model_config = ConfigDict(extra="forbid")

    id: Key
    ended: Literal[True]


def _offer_data(data: Any) -> str:
    return "ended" if isinstance(data, dict) and "ended" in data else "offer"


class _Has(BaseModel, Generic[D]):
    """So that an error's location begins with `data`."""

    data: D


_FORMS: dict[str, type[BaseModel]] = {
    "reply.feedback": _Has[Feedback],
    "live.comment": _Has[Spoken],
    "live.transcript": _Has[Spoken],
    "live.product.on_air": _Has[ShownNow],
    "live.product.updated": _Has[VariantChanged],
    "live.offer.updated": _Has[
        Annotated[
            Annotated[Offer, Tag("offer")] | Annotated[OfferEnded, Tag("ended")],
            Discriminator(_offer_data),
        ]
    ],
}


class CloudEvent(BaseModel):
    """One event. `subject` names the viewer it is about; extension attributes are dropped."""

    specversion: Literal["1.0"]
    id: Key
    source: Annotated[str, Field(min_length=1, max_length=256)]
    type: EventType
    subject: Key | None = None
    time: AwareDatetime | None = None
    datacontenttype: Literal["application/json"] = "application/json"
    data: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _data_is_what_the_type_needs(self) -> CloudEvent:
        form = _FORMS.get(self.type)
        if form is not None:
            form.model_validate({"data": self.data})
        return self


class Rejected(BaseModel):
    """An event of a batch that was not taken: its place from 0, its id, and why."""

    index: int
    id: str | None
    errors: list[FieldProblem]


class Receipt(BaseModel):
    """What became of the events sent. They are on disk when this is answered."""

    accepted: int
    duplicate: int
    rejected: list[Rejected]


Events = Annotated[
    Annotated[CloudEvent, Tag(ONE)]
    | Annotated[list[dict[str, Any]], Tag(MANY), Field(min_length=1, max_length=LARGEST_BATCH)],
    Discriminator(one_or_many),
]


@router.post(
    "/{room}/events",
    status_code=202,
    summary="Send events",
    responses=documented(404, 413, 422, 503),
)
async def send_events(
    room: RoomId,
    body: Annotated[Events, Body()],
    request: Request,
    shop: OpenShop,
    who: Caller,
    service: TheService,
) -> Receipt:
    """Take one event, or a batch of at most 1000.

    Viewers may send reply.feedback, with a token also what they view, click and put in the cart;
    hosts, connectors and signed webhooks send the rest. What a viewer sends is about that viewer.

    A single event that breaks a rule is answered 422; in a batch the good ones are taken and the
    others listed under `rejected`. What is on air, a price, the stock or an offer that an event
    changes is changed when this is answered.
    """
    sent = body if isinstance(body, list) else [body.model_dump()]
    trusted = who.role != "viewer"
    if not trusted:
        closed = any(one.get("type") not in _types_of(who) for one in sent)
        trusted = closed and await is_signed(request)
        if closed and not trusted:
            require_host(who, service)
    good, rejected = _sorted_out(sent)
    receipt = Receipt(accepted=0, duplicate=0, rejected=rejected)
    await run_in_threadpool(shop.store.rooms.get, room)
    said = await shop.live.take(
        room, [_event(one, room, None if trusted else who) for one in good.values()]
    )
    for (index, event), taken in zip(good.items(), said, strict=True):
        if isinstance(taken, bool):
            receipt.accepted += taken
            receipt.duplicate += not taken
        else:
            refused = FieldProblem(field="data", value=shortened(event.data), rule=str(taken))
            receipt.rejected.append(Rejected(index=index, id=event.id, errors=[refused]))
    if receipt.rejected and not isinstance(body, list):
        raise FieldsRefused(*receipt.rejected[0].errors)
    receipt.rejected.sort(key=lambda one: one.index)
    return receipt


def _sorted_out(sent: list[dict[str, Any]]) -> tuple[dict[int, CloudEvent], list[Rejected]]:
    """The events that keep the rules, by their place, and the others with the rules they break."""
    good: dict[int, CloudEvent] = {}
    rejected: list[Rejected] = []
    for index, one in enumerate(sent):
        try:
            good[index] = CloudEvent.model_validate(one)
        except ValidationError as error:
            event_id = one.get("id")
            named = event_id[:128] if isinstance(event_id, str) else None
            errors = field_problems(error.errors())
            rejected.append(Rejected(index=index, id=named, errors=errors))
    return good, rejected


def _types_of(who: Who) -> frozenset[str]:
    """What a viewer may send; nobody else's price, purchase or comment."""
    return OPEN_TYPES if who.anonymous else OPEN_TYPES | OWN_TYPES


def _event(event: CloudEvent, room: str, viewer: Who | None) -> Event:
    """The event as it is kept. One sent by a `viewer` is about them, and its source says so: it
    can take no id that a connector will need."""
    from assistant.store.events import Event  # waits: a start need not load SQL for it

    return Event(
        source=f"viewer/{viewer.viewer or ''}/{event.source}" if viewer else event.source,
        id=event.id,
        type=event.type,
        room=room,
        time=event.time or datetime.now(UTC),
        viewer=viewer.of(event.subject) if viewer else event.subject,
        data=masked_in(event.data) if event.type in WRITTEN else event.data,
    )
