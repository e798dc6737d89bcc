"""The order of the checks: whatever a sentence is stopped for first is its verdict."""

from __future__ import annotations

from assistant.turn.evidence import Evidence
from assistant.turn.grounding.codes import LINK, foreign_code, unlinked
from assistant.turn.grounding.comparisons import compared
from assistant.turn.grounding.figures import figure_verdict
from assistant.turn.grounding.marks import (
    LEAK,
    MARKUP,
    fragment,
    odd_characters,
    spelled_out,
    wrong_language,
)
from assistant.turn.grounding.mentions import mentioned
from assistant.turn.grounding.prices import money_verdict
from assistant.turn.grounding.promises import broken_promise, policy_quote
from assistant.turn.grounding.properties import false_property, properties_of
from assistant.turn.grounding.said import PASS, Verdict, drop, read
from assistant.turn.grounding.stock_words import stock_verdict
from assistant.turn.grounding.wordings import sentences_of
from assistant.turn.grounding.written import read_figures
from retrieval.catalog import Language


def prepare(evidence: Evidence) -> None:
    """Reads the records ahead, so that the first sentence need not wait for it. Blocks."""
    mentioned("", evidence)
    read_figures(evidence.products)
    for product in evidence.products:
        properties_of(product)
    for policy in evidence.policies:
        for wording in policy.text.every():
            sentences_of(wording)


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
