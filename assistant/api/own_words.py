"""A host's own words, held against the rules and the records before viewers read them."""

from __future__ import annotations

from typing import Annotated

from fastapi.concurrency import run_in_threadpool
from pydantic import Field, StringConstraints

from assistant.api.compliance import LineFinding, category_of, found_in, unlike_records
from assistant.api.problems import FieldProblem, FieldsRefused, shortened
from assistant.api.service import Shop
from assistant.live.questions import MergedQuestion
from retrieval.catalog import Language

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Despite = Annotated[
    tuple[Annotated[str, Field(max_length=100)], ...],
    Field(
        max_length=20,
        description="rules, by the ids of compliance/check",
    ),
]


async def may_be_said(
    shop: Shop,
    question: MergedQuestion,
    text: str,
    language: Language | None,
    despite: tuple[str, ...],
) -> None:
    """Return where `text` may answer `question`. Raises FieldsRefused with every finding.

    Findings of medium severity whose rule is in `despite` are the host's to judge, since a rule
    can be wrong about a line, and a record late; those of high severity stand.
    """
    found = await run_in_threadpool(_found, shop, question, text, language)
    refused = [one for one in found if one.severity == "high" or one.rule not in despite]
    if refused:
        raise FieldsRefused(*(_problem(one) for one in refused))


def _found(
    shop: Shop, question: MergedQuestion, text: str, language: Language | None
) -> list[LineFinding]:
    product_id = next(iter(question.product_ids), None)
    product_id = product_id or shop.store.rooms.get(question.room).on_air
    found = found_in(shop, text, category_of(shop, product_id), language)
    return found + unlike_records(shop, question.room, text, language, question.product_ids)


def _problem(found: LineFinding) -> FieldProblem:
    rule = f"{found.reason} ({found.rule}, {found.severity}; {found.source})"
    return FieldProblem(field="text", value=shortened(found.matched), rule=rule)
