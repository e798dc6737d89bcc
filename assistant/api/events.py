"""Events from the room, the shop and the viewers, as CloudEvents 1.0.

Form: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md, structured or batched
JSON. The pair of source and id is unique for ever: sending an event again changes nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.security import HTTPAuthorizationCredentials
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

from assistant.api.auth import bearer, require_host
from assistant.api.chat import RoomId
from assistant.api.problems import (
    MANY,
    ONE,
    FieldProblem,
    FieldsRefused,
    documented,
    field_problems,
    one_or_many,
)
from assistant.api.service import OpenShop, Shop
from retrieval.catalog import Key

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


class Feedback(BaseModel):
    """The data of reply.feedback: what a viewer thinks of one reply."""

    model_config = ConfigDict(extra="forbid")

    reply_id: Key
    value: Literal["up", "down"]
    comment: Annotated[str, Field(max_length=1000)] = ""


class _HasFeedback(BaseModel):
    """So that an error's location begins with `data`."""

    data: Feedback


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
        if self.type == "reply.feedback":
            _HasFeedback.model_validate({"data": self.data})
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
    responses=documented(401, 403, 404, 413, 422, 503),
)
async def send_events(
    room: RoomId,
    body: Annotated[Events, Body()],
    request: Request,
    shop: OpenShop,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
) -> Receipt:
    """Take one event, or a batch of at most 1000. Anyone may send reply.feedback, hosts the rest.

    A single event that breaks a rule is answered 422; in a batch the good ones are taken and the
    others listed under `rejected`.
    """
    sent = body if isinstance(body, list) else [body.model_dump()]
    if any(one.get("type") not in OPEN_TYPES for one in sent):
        require_host(request, credentials)
    good, rejected = _sorted_out(sent)
    if rejected and not isinstance(body, list):
        raise FieldsRefused(*rejected[0].errors)
    return await run_in_threadpool(_append, shop, room, good, rejected)


def _sorted_out(sent: list[dict[str, Any]]) -> tuple[list[CloudEvent], list[Rejected]]:
    """The events that keep the rules, and the others with the rules they break."""
    good: list[CloudEvent] = []
    rejected: list[Rejected] = []
    for index, one in enumerate(sent):
        try:
            good.append(CloudEvent.model_validate(one))
        except ValidationError as error:
            event_id = one.get("id")
            named = event_id[:128] if isinstance(event_id, str) else None
            errors = field_problems(error.errors())
            rejected.append(Rejected(index=index, id=named, errors=errors))
    return good, rejected


def _append(shop: Shop, room: str, good: list[CloudEvent], rejected: list[Rejected]) -> Receipt:
    """Write the events down. Blocks until they are on disk. Raises NotFound for the room."""
    from assistant.store.events import Event  # waits: a start need not load SQL for it

    shop.store.rooms.get(room)
    now = datetime.now(UTC)
    kept = shop.store.events.append_many(
        [
            Event(
                source=event.source,
                id=event.id,
                type=event.type,
                room=room,
                time=event.time or now,
                viewer=event.subject,
                data=event.data,
            )
            for event in good
        ]
    )
    accepted = sum(kept)
    return Receipt(accepted=accepted, duplicate=len(good) - accepted, rejected=rejected)
