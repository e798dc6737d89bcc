"""The order of the checks: whatever a sentence is stopped for first is its verdict."""

from __future__ import annotations

import re
from dataclasses import replace

from assistant.turn.evidence import Evidence
from assistant.turn.grounding.codes import LINK, foreign_code, unlinked
from assistant.turn.grounding.comparisons import compared
from assistant.turn.grounding.figures import figure_verdict
from assistant.turn.grounding.marks import (
    LEAK,
    MARKUP,
    fragment,
    mixed_in,
    odd_characters,
    spelled_out,
    wrong_language,
)
from assistant.turn.grounding.mentions import mentioned, option_spans
from assistant.turn.grounding.once import once_each
from assistant.turn.grounding.prices import money_verdict
from assistant.turn.grounding.promises import broken_promise, policy_quote
from assistant.turn.grounding.properties import false_property, properties_of
from assistant.turn.grounding.said import PASS, Said, Verdict, drop, read
from assistant.turn.grounding.stock_words import stock_verdict
from assistant.turn.grounding.wordings import (
    meanings_of,
    plain,
    sentences_of,
    statements_of,
    texts_of,
    words,
)
from assistant.turn.grounding.written import (
    aspects,
    every_attribute_figure,
    figures_in,
    figures_of,
)
from retrieval.amounts import read_amounts
from retrieval.catalog import Language, Product

_SHIPPING = re.compile(r"包邮|邮费|运费|\b(?:shipping|postage|delivery)\b")


def prepare(evidence: Evidence) -> None:
    """Reads the records ahead, so that the first sentence need not wait for it. Blocks."""
    mentioned("", evidence)
    for product in evidence.products:
        _read_ahead(product)
        for wording in texts_of(product, evidence):
            mixed_in(wording)
            figures_in(wording)
    for policy in evidence.policies:
        for wording in policy.text.every():
            sentences_of(wording)


@once_each
def _read_ahead(product: Product) -> None:
    """Everything that a sentence may be held against of what `product` states."""
    properties_of(product)
    option_spans("", product)
    for statement in statements_of(product):
        meanings_of(statement)
    for figure in (*figures_of(product), *every_attribute_figure(product)):
        aspects(figure.clause)
        words(figure.clause)


def borne_out(
    sentence: str, evidence: Evidence, language: Language, about: str | None = None
) -> Verdict:
    """The verdict on the prices and stock words alone of a sentence that a person has written."""
    said = _but_for_rules(read(sentence, evidence, language, about=about))
    if not said.products or policy_quote(said):
        return PASS
    return stock_verdict(said) or money_verdict(said, compared(said).excused) or PASS


def _but_for_rules(said: Said) -> Said:
    """The sentence without the clauses on shipping whose amounts stand in the shop's policies."""
    known = {
        amount.value
        for policy in said.evidence.policies
        for text in policy.text.every()
        for amount in read_amounts(plain(text))
    }
    text = said.text
    for start, end in said.clauses:
        stated = [amount.value for amount in said.amounts if start <= amount.start < end]
        if _SHIPPING.search(text[start:end]) and known.issuperset(stated):
            text = text[:start] + " " * (end - start) + text[end:]
    return replace(said, text=text)


def check(
    sentence: str,
    evidence: Evidence,
    language: Language,
    question: str = "",
    about: str | None = None,
    spoken: str = "",
) -> Verdict:
    """The verdict on one sentence of a reply to `question`.

    `about` is the product that the sentence before it spoke of, `spoken` what the model has said
    in this reply: a promise torn in two is still one.
    """
    if LEAK.search(sentence) or MARKUP.search(sentence):
        return drop("link or instruction")
    said = read(sentence, evidence, language, question, about, spoken)
    said = unlinked(said)
    if LINK.search(said.text):
        return drop("link or instruction")
    if policy_quote(said):
        return PASS
    if odd_characters(sentence, said) or spelled_out(said):
        return drop("characters")
    if wrong_language(said):
        return drop("language")
    if fragment(said):
        return drop("fragment")
    if foreign_code(said):
        return drop("code")
    if rule := broken_promise(said):
        return drop(rule)
    if verdict := stock_verdict(said):
        return verdict
    comparison = compared(said)
    if comparison.verdict:
        return comparison.verdict
    verdict = money_verdict(said, comparison.excused) or figure_verdict(said, comparison.excused)
    if verdict:
        return verdict
    return drop("property") if false_property(said) else PASS
