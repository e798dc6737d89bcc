"""Reply events: what one turn says, one discriminated union.

A reply is `ReplyStarted`, then any of the middle kinds in any order, then `ReplyFinished`.
Text comes sentence by sentence and has passed the gate: what has been sent stands.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from retrieval.catalog import (
    Attribute,
    Availability,
    Exposure,
    Language,
    Media,
    Money,
    Rating,
    Value,
)

NoticeCode = Literal["ai_generated", "engine_unavailable", "handed_off", "sentence_replaced"]
# The type of event that notes a list shown without a question; replies are noted by their own.
LISTED = "recommendations.shown"
SHOWING = ("reply.shown", LISTED)
STAGES = (
    "understanding",
    "retrieval",
    "facts",
    "ranking",
    "first_sentence",
    "first_token",
    "generation",
    "grounding",
    "total",
)


class ReplyStarted(Value):
    kind: Literal["started"] = "started"
    reply_id: str
    conversation_id: str
    room: str
    language: Language


class TextReleased(Value):
    """One or more whole sentences. `source` says who worded them: records or the model."""

    kind: Literal["text"] = "text"
    text: str
    source: Literal["records", "model"]


class OfferLine(Value):
    """An offer on a card, in the viewer's language."""

    id: str
    text: str
    ends_at: datetime | None = None


class ProductCard(Value):
    """A product as a viewer sees it, in one language. Prices are those a buyer pays now."""

    id: str
    variant_id: str
    title: str
    description: str = ""
    url: str = ""
    media: tuple[Media, ...] = ()
    price: Money
    list_price: Money | None = None
    availability: Availability
    options: tuple[Attribute, ...] = ()
    rating: Rating | None = None
    offers: tuple[OfferLine, ...] = ()
    reasons: tuple[str, ...] = ()
    number: int | None = None
    version: int


class ProductShown(Value):
    """A card, and for the log how it came to be shown, which is not sent to anybody."""

    kind: Literal["product"] = "product"
    card: ProductCard
    exposure: Exposure | None = None


class Cited(Value):
    """A record that the text before relies on, such as product:mug-01, and its version."""

    kind: Literal["citation"] = "citation"
    record: str
    version: int


class Notice(Value):
    kind: Literal["notice"] = "notice"
    code: NoticeCode
    text: str


class ReplyFinished(Value):
    """How it ended; `refused` is a harmful request turned down.

    `timings_ms` has one entry for each of STAGES, milliseconds; 0 for a stage not run.
    """

    kind: Literal["finished"] = "finished"
    reason: Literal["stop", "engine_unavailable", "handed_off", "refused"]
    timings_ms: dict[str, float]


ReplyEvent = Annotated[
    ReplyStarted | TextReleased | ProductShown | Cited | Notice | ReplyFinished,
    Field(discriminator="kind"),
]
