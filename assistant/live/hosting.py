"""What a host may do with a merged question, and what each deed makes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from assistant.errors import Conflict
from assistant.live.corrections import prices
from assistant.live.questions import Answer, Deed, Handled, MergedQuestion
from assistant.live.validity import Basis
from assistant.store.live import FeedItem
from retrieval.catalog import Language

SETTLED = frozenset({"answered", "dismissed"})


@dataclass(frozen=True)
class Said:
    """What a host gives with a deed: the words of an answer, or a note for who takes over.

    `by` is the name under which other hosts know them, `despite` what the words do not heed.
    """

    text: str = ""
    language: Language | None = None
    note: str = ""
    by: str = ""
    despite: tuple[str, ...] = ()


def done(
    deed: Deed, question: MergedQuestion, said: Said, basis: Basis, now: datetime
) -> tuple[MergedQuestion, list[FeedItem]]:
    """The question after the deed, and what goes to the feed. Blocks for reading records.

    A deed that has been done already changes nothing. Raises Conflict where the question's
    status does not allow it, or where a draft's records have changed since it was written.
    """
    work: Callable[[MergedQuestion, Said, Basis, datetime], tuple[MergedQuestion, list[FeedItem]]]
    work = {
        "approve": _approve,
        "edit": _by_hand,
        "answer": _by_hand,
        "dismiss": _dismiss,
        "hand-off": _hand_off,
    }[deed]
    if deed == "edit" and not (question.drafts or question.status == "answered"):
        raise _not_now("edit", question, "there is no draft to edit; answer it instead")
    after, items = work(question, said, basis, now)
    if after is not question:
        after.handled = Handled(deed=deed, by=said.by, at=now, despite=said.despite)
    return after, items


def _not_now(deed: str, question: MergedQuestion, why: str) -> Conflict:
    last = question.handled
    who = f"; the last was {last.deed} by {last.by or 'a host'}" if last else ""
    return Conflict(f"question {question.id!r} has status {question.status!r}: {why} ({deed}){who}")


def _approve(
    question: MergedQuestion, said: Said, basis: Basis, now: datetime
) -> tuple[MergedQuestion, list[FeedItem]]:
    if question.status == "answered":
        return question, []
    if question.status != "review" or not question.drafts:
        raise _not_now("approve", question, "there is no draft to approve")
    for draft in question.drafts.values():
        if basis.of(draft.used) != draft.basis:
            raise Conflict(
                f"question {question.id!r}: what its draft says has changed in the records; "
                "a new draft is being written"
            )
    items = [answer_item(question, draft, basis, now) for draft in question.drafts.values()]
    answers = {**question.answers, **question.drafts}
    return question.model_copy(
        update={"status": "answered", "answers": answers, "drafts": {}}
    ), items


def _by_hand(
    question: MergedQuestion, said: Said, basis: Basis, now: datetime
) -> tuple[MergedQuestion, list[FeedItem]]:
    """The host's own words; they stand for every language asked in."""
    language = said.language or question.language
    before = question.answers.get(language)
    if before and before.by == "host" and before.text == said.text:
        return question, []
    if question.status in SETTLED:
        raise _not_now("answer", question, "it is settled")
    draft = question.drafts.get(language)
    answer = Answer(
        reply_id=draft.reply_id if draft else uuid4().hex,
        language=language,
        text=said.text,
        products=draft.products if draft else [],
        by="host",
        used=draft.used if draft else question.product_ids,
        written_at=now,
    )
    answers = {**question.answers, **dict.fromkeys(question.languages or [language], answer)}
    after = question.model_copy(update={"status": "answered", "answers": answers, "drafts": {}})
    return after, [answer_item(question, answer, basis, now, everyone=True)]


def _dismiss(
    question: MergedQuestion, said: Said, basis: Basis, now: datetime
) -> tuple[MergedQuestion, list[FeedItem]]:
    if question.status == "answered":
        raise _not_now("dismiss", question, "it is answered")
    return question.model_copy(update={"status": "dismissed", "drafts": {}}), []


def _hand_off(
    question: MergedQuestion, said: Said, basis: Basis, now: datetime
) -> tuple[MergedQuestion, list[FeedItem]]:
    if question.status in SETTLED:
        raise _not_now("hand-off", question, "it is settled")
    context = " · ".join(filter(None, (question.context, said.note)))
    return question.model_copy(update={"status": "handed_off", "context": context}), []


def answer_item(
    question: MergedQuestion, answer: Answer, basis: Basis, now: datetime, *, everyone: bool = False
) -> FeedItem:
    """An answer as the feed carries it, addressed to those who asked in its language."""
    evidence = basis.evidence(answer.used)
    own = question.languages.get(answer.language, 0)
    told = {product.id: prices(product, evidence) for product in evidence.products}
    return FeedItem(
        question.room,
        f"answer:{question.id}:{question.revision}:{answer.language}",
        "answer",
        now,
        {
            "question_id": question.id,
            "question": question.text,
            "language": answer.language,
            "text": answer.text,
            "by": answer.by,
            "reply_id": answer.reply_id,
            "products": [card.model_dump(mode="json") for card in answer.products],
            "citations": [c.model_dump(mode="json", exclude={"kind"}) for c in answer.citations],
            "askers": question.askers if everyone else own,
            "times": question.times,
            "told": told,
        },
    )
