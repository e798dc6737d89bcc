"""A merged question: what many viewers asked, once, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from assistant.events import Cited, ProductCard
from retrieval.catalog import Language

Deed = Literal["approve", "edit", "dismiss", "answer", "hand-off"]
Status = Literal["waiting", "review", "answered", "handed_off", "dismissed", "expired", "shed"]
OPEN: tuple[Status, ...] = ("waiting", "review")
FOR_THE_HOST: tuple[Status, ...] = (*OPEN, "handed_off")
MOST_WORDINGS = 5


class Answer(BaseModel):
    """What was written in answer, in one language.

    `basis` stands for the records it relies on, `used` for their products: the answer is true
    while the same records give the same basis. `feed_id` is its item in the feed, 0 for a draft.
    """

    reply_id: str
    language: Language
    text: str
    products: list[ProductCard] = []
    citations: list[Cited] = []
    by: Literal["assistant", "host"] = "assistant"
    used: tuple[str, ...] = ()
    basis: str = ""
    written_at: datetime
    feed_id: int = 0


class Handled(BaseModel):
    """The last thing a host did with a question. `by` is the name they gave, '' for none.

    `despite` names what their words were said in spite of: rules, and records that say otherwise.
    """

    deed: Deed
    by: str
    at: datetime
    despite: tuple[str, ...] = ()


class ReportLine(BaseModel):
    """One merged question of a report; `despite` as in Handled."""

    text: str
    askers: int
    status: Status
    answer: str
    despite: tuple[str, ...] = ()


class MergedQuestion(BaseModel):
    """One question of a room's queue. `askers` counts viewers, `times` comments.

    `text` is its representative wording, `wordings` are others of it. `revision` counts how often
    it was opened again, since what it relied on had changed. `context` tells a person who takes
    it over what they need to know.
    """

    id: str
    room: str
    origin: Literal["comment", "chat"] = "comment"
    status: Status = "waiting"
    text: str
    language: Language
    label: str = "question"
    intents: tuple[str, ...] = ()
    product_ids: tuple[str, ...] = ()
    askers: int = 0
    times: int = 0
    languages: dict[Language, int] = {}
    wordings: list[str] = []
    urgency: float = 0.0
    first_at: datetime
    last_at: datetime
    opened_at: datetime
    revision: int = 1
    answers: dict[Language, Answer] = {}
    drafts: dict[Language, Answer] = {}
    context: str = ""
    handled: Handled | None = None
    priority: Annotated[float, Field(description="what the scheduler gives it now")] = 0.0

    @property
    def wanted(self) -> list[Language]:
        """The languages of its askers that have no answer yet, the most asked first."""
        order = sorted(self.languages, key=lambda language: -self.languages[language])
        return [language for language in order if language not in self.answers]
