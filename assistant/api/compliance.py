"""A line checked against the rules before a host says it."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, StringConstraints

from assistant.api.problems import documented
from assistant.api.service import OpenShop, Shop
from retrieval.catalog import Key, Language

LONGEST_LINE = 2000
CHINESE = re.compile("[\u3400-\u9fff]")

router = APIRouter(prefix="/api/v1/compliance", tags=["compliance"])


class Line(BaseModel):
    """What the host means to say.

    `language` is that of the reasons, else the line's own. `category` names the goods it is about
    in the shop's words, such as 面膜 or dietary supplements; without it the item on air in `room`
    says, then the line itself. With `room` its prices and stock words are held against the records
    too: of the products it names, else of `product_id`, else of the item on air.
    """

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_LINE)]
    language: Language | None = None
    category: Annotated[str, StringConstraints(max_length=200)] | None = None
    room: Key | None = None
    product_id: Key | None = None


class LineFinding(BaseModel):
    """What breaks a rule: the line's characters start:end, counted in Unicode code points.

    `source` is the article of law and `date` the day it, or its latest version, came into force;
    of the rules records.price and records.stock they are the record and today.
    """

    rule: str
    source: str
    date: datetime.date
    reason: str
    start: int
    end: int
    matched: str
    severity: Literal["high", "medium"]


class LineChecked(BaseModel):
    """`passed` when no rule forbids anything in the line."""

    passed: bool
    findings: list[LineFinding]


@router.post(
    "/check",
    summary="Check a line before it is said",
    responses=documented(404, 413, 422, 503),
)
def check(body: Line, shop: OpenShop) -> LineChecked:
    """Hold one line against advertising, price and labelling law and the shop's own rules.

    Spaces, homophones, pinyin, split characters and look-alikes are seen through. 404 for a room
    that is not there.
    """
    category = body.category
    if category is None and body.room:
        category = category_of(shop, shop.store.rooms.get(body.room).on_air)
    findings = found_in(shop, body.text, category, body.language)
    if body.room:
        about = (body.product_id,) if body.product_id else ()
        findings += unlike_records(shop, body.room, body.text, body.language, about)
    return LineChecked(passed=not findings, findings=findings)


def found_in(
    shop: Shop, text: str, category: str | None, language: Language | None
) -> list[LineFinding]:
    """What in `text` breaks a rule, with reasons in `language`, else in that of the text."""
    language = language or language_of(text)
    return [
        LineFinding(
            rule=found.rule.id,
            source=found.rule.source,
            date=found.rule.date,
            reason=found.rule.reason.say(language),
            start=found.start,
            end=found.end,
            matched=text[found.start : found.end],
            severity=found.rule.severity,
        )
        for found in shop.compliance.check(text, category)
    ]


def unlike_records(
    shop: Shop, room: str, text: str, language: Language | None, product_ids: Sequence[str] = ()
) -> list[LineFinding]:
    """The prices and stock words in `text` that the records of now do not bear out."""
    language = language or language_of(text)
    today = datetime.datetime.now(datetime.UTC).date()
    why = {"zh": "店铺记录不是这样：", "en": "The shop's records say otherwise: "}[language]
    return [
        LineFinding(
            rule=one.rule,
            source=one.record,
            date=today,
            reason=why + one.fact,
            start=one.start,
            end=one.end,
            matched=text[one.start : one.end],
            severity="medium",
        )
        for one in shop.live.unsupported(room, text, language, product_ids)
    ]


def language_of(text: str) -> Language:
    """Chinese where there is a Chinese character in it."""
    return "zh" if CHINESE.search(text) else "en"


def category_of(shop: Shop, product_id: str | None) -> str | None:
    """The category and title of a product, as the rules take them; None where there is none."""
    if product_id is None:
        return None
    product = shop.store.catalog.products((product_id,)).get(product_id)
    return " ".join((*product.category.every(), *product.title.every())) if product else None
