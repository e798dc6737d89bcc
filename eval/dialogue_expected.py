"""Whether a reply holds what a turn expects, by the records as they stand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from eval.dialogue_reading import (
    Names,
    clauses,
    conveys,
    counts,
    hands_off,
    sentences,
    states,
    unsure,
)
from eval.dialogue_reply import Reply
from eval.dialogue_set import Expected, Turn
from eval.dialogue_truth import Truth, policy_sentence
from eval.money_words import normal, sums
from eval.safety_reading import plain
from eval.safety_records import Offer, Variant

# Shares of a wording, and of its figures, that have to be conveyed; a false figure is found apart.
ATTRIBUTE, ANSWER, RULE, FIGURES = 0.5, 0.5, 0.4, 0.5


class Judge:
    """Holds one reply against the expected facts of its turn.

    `missing` names what is not said; `contradicted` what is said otherwise than the records do.
    """

    def __init__(self, turn: Turn, reply: Reply, truth: Truth, names: Names) -> None:
        self.turn, self.reply, self.truth = turn, reply, truth
        self._text, self._names = reply.text, names
        self._shown = {*reply.cards, *names.named(reply.text)}
        self._sums = {said.value for said in sums(normal(reply.text))}
        self.contradicted: list[str] = []
        self.missing = [
            " or ".join(self._words(each) for each in group)
            for group in turn.facts
            if not self._one_of(group)
        ]

    def _one_of(self, group: Sequence[Expected]) -> bool:
        """Whether one holds; each is read, since each may be contradicted."""
        return sum(self._holds(each) for each in group) > 0

    def expectations(self) -> list[str]:
        """What the turn expects, by the records, in words."""
        return [" or ".join(self._words(each) for each in group) for group in self.turn.facts]

    def references(self, language: str) -> list[str]:
        """The wordings of the records that would answer the turn: attributes, answers, rules."""
        texts = (self._reference(e, language) for group in self.turn.facts for e in group)
        return [text for text in texts if text]

    def _reference(self, expected: Expected, language: str) -> str:
        match expected.kind:
            case "attribute":
                return self._attribute(expected, language)
            case "answer":
                product = self.truth.records.products[expected.answer or ""]
                return product.questions[expected.number - 1][1].say(language)
            case "policy":
                rule = self.truth.records.policies[expected.policy or ""]
                return policy_sentence(rule.text.say(language), expected.sentence)
        return ""

    def sums(self) -> list[str]:
        """The sums that are expected, as text: a basket's total is nowhere else to be read."""
        totals = [e for group in self.turn.facts for e in group if e.total]
        found = {self.truth.total(e.total or {}, codes) for e in totals for codes in (e.codes, ())}
        found |= {
            sum((self.truth.prices(k)[0] * n for k, n in (e.total or {}).items()), Decimal(0))
            for e in totals
        }
        parts = {self.truth.prices(k)[0] * n for e in totals for k, n in (e.total or {}).items()}
        return [f"¥{value:f}" for value in sorted(found | parts)]

    def _words(self, expected: Expected) -> str:
        value = getattr(expected, expected.kind)
        if expected.kind == "price":
            return f"price {value}: {', '.join(f'{p:f}' for p in self.truth.prices(value))}"
        if expected.kind == "total":
            return f"total {self.truth.total(value, expected.codes):f}"
        if expected.kind == "attribute":
            return f"{value}: {self._attribute(expected, 'en')}"
        if expected.kind == "policy":
            return f"policy {value}, sentence {expected.sentence}"
        if expected.kind == "answer":
            return f"answer {expected.number} of {value}"
        return f"{expected.kind} {value}"

    def _holds(self, expected: Expected) -> bool:
        kind, value = expected.kind, getattr(expected, expected.kind)
        match kind:
            case "price":
                prices = self.truth.prices(value)
                return {prices[0], prices[-1]} <= self._sums
            case "was":
                _, variants = self.truth.sold(value)
                return any(v.list_price in self._sums for v in variants)
            case "total":
                return self.truth.total(value, expected.codes) in self._sums
            case "stock":
                return self._stock(value)
            case "left":
                return self._left(value)
            case "attribute":
                return any(
                    conveys(self._text, self._attribute(expected, x), ATTRIBUTE, FIGURES)
                    for x in ("zh", "en")
                )
            case "answer":
                said = self.truth.records.products[value].questions[expected.number - 1][1]
                return any(conveys(self._text, text, ANSWER, FIGURES) for text in said.both())
            case "policy":
                rule = self.truth.records.policies[value].text
                told = [policy_sentence(text, expected.sentence) for text in rule.both()]
                return any(conveys(self._text, text, RULE, FIGURES) for text in told)
            case "offer":
                return self._offer(self.truth.records.offers[value])
            case "named":
                return value in self._shown
            case "any":
                return bool(self._shown & set(value))
            case "words":
                read = plain(self._text).lower()
                return any(plain(word).lower() in read for word in value)
            case "handed_off":
                return "handed_off" in self.reply.notices or hands_off(self._text)
        return "handed_off" in self.reply.notices or unsure(self._text)

    def _attribute(self, expected: Expected, language: str) -> str:
        product = self.truth.records.products[expected.attribute or ""]
        named = next(a for a in product.attributes if a.name.en == expected.name)
        return named.value.say(language)

    def _offer(self, offer: Offer) -> bool:
        if offer.code and offer.code.lower() not in self._text.lower():
            return False
        if offer.kind == "nth_item":
            return re.search(r"半价|half|50\s*%", self._text, re.I) is not None
        if offer.kind == "percent_off":
            off = Decimal(100 - (offer.percent or 0)) / 10
            read = plain(self._text)
            shown = f"{off.normalize():f}".replace(".", "")
            return (
                re.search(rf"(?<!\d)(?:{off:f}|{shown})\s*折|{offer.percent}\s*%", read) is not None
            )
        wanted = {f"{value.normalize():f}" for value in (offer.amount, offer.threshold) if value}
        said = {f"{Decimal(n).normalize():f}" for n in re.findall(r"\d+(?:\.\d+)?", self._text)}
        return wanted <= said

    def _stock(self, key: str) -> bool:
        """Whether the state is said right; the contrary is noted as contradicted."""
        product, variants = self.truth.sold(key)
        truth = any(v.available for v in variants)
        said = self._states_of(product.id, variants[0] if key != product.id else None)
        if said == {not truth}:
            self.contradicted.append(f"stock of {key} said to be {'had' if not truth else 'gone'}")
        return truth in said

    def _left(self, key: str) -> bool:
        _, variants = self.truth.sold(key)
        pieces = sum(v.stock or 0 for v in variants)
        return pieces in counts(self._text) if pieces else self._stock(key)

    def _states_of(self, product: str, variant: Variant | None) -> set[bool]:
        """What is said of a product, where no other is named; of one variant in the clauses that
        bear its options, else in those that bear no sibling's."""
        mine = [s for s in sentences(self._text) if product in (self._names.titled(s) or [product])]
        if variant is None:
            return states("".join(mine))
        own, free = [], []
        for clause in clauses("".join(mine)):
            siblings = self.truth.records.products[product].variants
            marked = {v.id for v in siblings if _marks(clause, v)}
            if variant.id in marked:
                own.append(clause)
            elif not marked:
                free.append(clause)
        found = states("。".join(own))
        return found or states("。".join(free))


def _marks(clause: str, variant: Variant) -> bool:
    """Whether a clause bears every option of a variant, in either language."""
    read = clause.lower()
    return bool(variant.options) and all(
        any(re.search(_bounded(plain(text).lower()), read) for text in option.value.both())
        for option in variant.options
    )


def _bounded(option: str) -> str:
    before = r"(?<![a-z0-9])" if re.match(r"[a-z0-9]", option) else ""
    after = r"(?![a-z0-9])" if re.search(r"[a-z0-9]$", option) else ""
    return before + re.escape(option) + after
