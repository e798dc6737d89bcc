"""Draft lines for the host to say: of an item, on the way to the next, to the crowd's questions.

Every line is put together from records as they are read now, without a model, and passes the
rules like a reply; what a merchant wrote freely, such as an attribute, passes the gate too. What
does not pass is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel

from assistant.events import Cited
from assistant.live.questions import MergedQuestion
from assistant.live.validity import Basis
from assistant.turn.compliance import Compliance
from assistant.turn.evidence import Evidence, Fact, cite
from assistant.turn.facts import Asked, facts, stock_fact
from assistant.turn.grounding import check
from assistant.turn.prices import offer_fact, price_fact
from assistant.turn.wording import closed
from retrieval.catalog import Language, Product

LineKind = Literal["highlights", "transition", "crowd"]
MOST_ATTRIBUTES = 4
MOST_QUESTIONS = 5


class HostLine(BaseModel):
    """A line to say. `askers` counts the viewers who asked for it, 0 for a line of our own;
    `question` is what they asked, in the words of one of them."""

    text: str
    citations: list[Cited]
    question_id: str | None = None
    question: str = ""
    askers: int = 0


class HostLines(BaseModel):
    """Lines in the order in which they would be said; `left_out` did not pass."""

    lines: list[HostLine]
    left_out: int = 0


class Drafting:
    """Writes the lines of one request. Blocks for reading records."""

    def __init__(self, basis: Basis, compliance: Compliance, language: Language) -> None:
        self._basis, self._compliance, self._language = basis, compliance, language
        self._lines = HostLines(lines=[])

    def highlights(self, product: Product) -> HostLines:
        """What records say for one item: its price, what it is, stock and offers."""
        evidence = self._basis.evidence((product.id,))
        self._add(price_fact(product, evidence, self._language), evidence)
        for attribute in product.attributes[:MOST_ATTRIBUTES]:
            name, value = attribute.name.say(self._language), attribute.value.say(self._language)
            mark = "：" if self._language == "zh" else ": "
            text = closed(f"{name}{mark}{value}", self._language)
            if check(text, evidence, self._language).action == "pass":
                self._add(Fact(text, (cite(product),)), evidence)
            else:
                self._lines.left_out += 1
        self._add(stock_fact(product, evidence, self._language), evidence)
        if evidence.running(product):
            self._add(offer_fact(product, evidence, self._language), evidence)
        return self._lines

    def transition(self, before: Product | None, product: Product) -> HostLines:
        """From the item on air to `product`: its number, its name, what it costs."""
        evidence = self._basis.evidence((product.id,))
        number = next((i.number for i in self._basis.room.items if i.product_id == product.id), 0)
        title = product.title.say(self._language)
        if self._language == "zh":
            first = f"{before.title.zh or before.title.en}先讲到这里，" if before else ""
            place = f"{number}号链接，" if number else ""
            text = f"{first}接下来看{place}{title}。"
        else:
            first = f"That was {before.title.say('en')}. " if before else ""
            place = f"item {number}, " if number else ""
            text = f"{first}Next is {place}{title}."
        self._add(Fact(text, (cite(product),)), evidence)
        self._add(price_fact(product, evidence, self._language), evidence)
        if evidence.running(product):
            self._add(offer_fact(product, evidence, self._language), evidence)
        return self._lines

    def crowd(self, questions: Sequence[MergedQuestion]) -> HostLines:
        """Answers to what most viewers ask and records know, the most asked first."""
        asked = sorted(questions, key=lambda question: -question.askers)
        for question in asked:
            if len(self._lines.lines) == MOST_QUESTIONS:
                break
            evidence = self._basis.evidence(question.product_ids)
            meant = Asked(question.text, question.intents)
            found = [f for f in facts(meant, evidence, self._language) if f.known]
            if found and not self._compliance.check(question.text):
                text = (" " if self._language == "en" else "").join(f.text for f in found[:2])
                self._add(Fact(text, found[0].cites), evidence, question)
        return self._lines

    def _add(self, fact: Fact, evidence: Evidence, question: MergedQuestion | None = None) -> None:
        """Keep a statement that breaks no rule."""
        product = evidence.products[0] if evidence.products else None
        goods = " ".join((*product.category.every(), *product.title.every())) if product else None
        if self._compliance.check(fact.text, goods):
            self._lines.left_out += 1
            return
        line = HostLine(text=fact.text, citations=list(fact.cites))
        if question:
            line.question_id, line.question = question.id, question.text
            line.askers = question.askers
        self._lines.lines.append(line)
