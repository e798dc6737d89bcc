"""One sentence of a reply, read once: its names, its amounts, its clauses, whom each is about."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from assistant.turn.evidence import Evidence
from assistant.turn.grounding.mentions import (
    Mention,
    masked,
    mentioned,
    named_in,
    option_spans,
    variants_named,
)
from assistant.turn.grounding.wordings import parts_of, plain, texts_of
from retrieval.amounts import Amount, read_amounts
from retrieval.catalog import Language, Product, Variant

_FOR_NAME = re.compile(r"^\s*(?:的|\(|for|on|gets? you|buys?)?\s*(?:the|this|our|that|a|an)?\s*$")
_EACH = re.compile(r"都|均|分别|各|\b(?:both|each|all|respectively|either)\b")
_IN_TURN = re.compile(
    r"分别|\brespectively\b|\d\s?[a-z\u4e00-\u9fff]{0,3}\s?(?:against|versus|vs\.?|"
    r"对比?)\s?[¥$€£]?\d"
)


_BEFORE = 120


class Verdict(NamedTuple):
    """What is to happen to a sentence. `rule` names what it broke; empty where it passes.

    `replace` asks for the facts of `product_id` in the sentence's place; `drop` for nothing.
    """

    action: Literal["pass", "replace", "drop"]
    rule: str = ""
    product_id: str | None = None


PASS = Verdict("pass")


def drop(rule: str) -> Verdict:
    return Verdict("drop", rule)


def replace(rule: str, product: Product | None) -> Verdict:
    """The record's fact instead, where it is known of which product."""
    return Verdict("replace", rule, product.id) if product else drop(rule)


class Owner(NamedTuple):
    """A product, and the variants of it, that an amount or a word is said of."""

    product: Product
    variants: tuple[Variant, ...]
    named: bool

    @property
    def shown(self) -> tuple[Variant, ...]:
        """The variants named or asked for; where any may be meant, the one that the card shows."""
        if self.named or self.variants != self.product.variants:
            return self.variants
        return (self.product.default_variant,)


@dataclass(frozen=True)
class Said:
    """A sentence in normal form, with what it is held against.

    `about` is the id of the product that the sentence before it spoke of; `question` is what the
    viewer asked; `spoken` is the end of what the model has said before in this reply.
    """

    text: str
    evidence: Evidence
    language: Language
    question: str = ""
    about: str | None = None
    spoken: str = ""

    @cached_property
    def mentions(self) -> list[Mention]:
        return mentioned(self.text, self.evidence)

    @cached_property
    def bare(self) -> str:
        """The text with the names of products blotted out, each character in its place."""
        return masked(self.text, self.mentions)

    @cached_property
    def amounts(self) -> list[Amount]:
        return read_amounts(self.bare)

    @cached_property
    def clauses(self) -> list[tuple[int, int]]:
        return parts_of(self.bare)

    @cached_property
    def products(self) -> list[Product]:
        """Those the sentence names, else the one spoken of before, else all in play."""
        named = named_in(self.mentions, 0, len(self.text))
        before = [p for p in self.evidence.products if p.id == self.about]
        if named or before:
            return named or before
        # 红色有货 speaks of what comes in red.
        coloured = [p for p in self.evidence.products if variants_named(self.bare, p)]
        return coloured or list(self.evidence.products)

    @cached_property
    def spoken_of(self) -> list[Product]:
        """Those the sentence names, else its subject."""
        return named_in(self.mentions, 0, len(self.text)) or self.products[:1]

    @cached_property
    def subject(self) -> Product | None:
        return self.products[0] if self.products else None

    @cached_property
    def _options(self) -> dict[str, list[tuple[int, int]]]:
        return {p.id: option_spans(self.bare, p) for p in self.evidence.products}

    def options(self, product: Product) -> list[tuple[int, int]]:
        """Where the sentence names options of `product`."""
        return self._options[product.id]

    @cached_property
    def wordings(self) -> list[str]:
        """Every wording in the records in play."""
        return [w for p in self.evidence.products for w in texts_of(p, self.evidence)]

    @cached_property
    def own_wordings(self) -> list[str]:
        """Every wording in the records of what the sentence speaks of."""
        return [w for p in self.spoken_of for w in texts_of(p, self.evidence)]

    def clause(self, position: int) -> str:
        """The clause that holds `position`."""
        start, end = self.clause_span(position)
        return self.bare[start:end]

    def clause_span(self, position: int) -> tuple[int, int]:
        return next(((a, b) for a, b in self.clauses if a <= position < b), (0, len(self.bare)))

    def product_at(self, position: int) -> Product | None:
        """The product named last before `position`, or first after it."""
        before = [m.product for m in self.mentions if m.start < position]
        if before:
            return before[-1]
        return self.mentions[0].product if self.mentions else self.subject

    def owners(self, amount: Amount, earlier: int = 0) -> list[Owner]:
        """Of whom `amount` is said; `earlier` is where the amount of its kind before it ended.

        A name right after the amount (199元的焖烧壶), else the one named last before it; all that
        were named since `earlier` where the sentence says both or each, and with 分别 or
        respectively each amount's own in turn.
        """
        following = next((m for m in self.mentions if m.start >= amount.end), None)
        if following and _FOR_NAME.match(self.bare[amount.end : following.start]):
            products = [following.product]
        else:
            since = named_in(self.mentions, earlier, amount.start)
            if len(self.mentions) > 1 and _IN_TURN.search(self.bare):
                products = self._in_turn(amount)
            elif len(since) > 1 and _EACH.search(self.bare[earlier : amount.start]):
                products = since
            else:
                nearest = self.product_at(amount.start)
                products = [nearest] if nearest else []
        return [self._owner(product, amount, earlier) for product in products]

    def _in_turn(self, amount: Amount) -> list[Product]:
        same = [a for a in self.amounts if (a.kind, a.unit) == (amount.kind, amount.unit)]
        names = named_in(self.mentions, 0, len(self.text))
        at = same.index(amount)
        after = [a for a in same if a.start > self.mentions[-1].start]
        if len(names) == len(after) and amount in after:
            return [names[after.index(amount)]]
        return [names[at]] if len(names) == len(same) else names

    def _owner(self, product: Product, amount: Amount, earlier: int) -> Owner:
        """With the variants named since `earlier`, after the amount, or last before both."""
        _, end = self.clause_span(amount.start)
        options = self.options(product)
        other = next(
            (
                a.start
                for a in self.amounts
                if a.start >= amount.end
                and not any(s <= a.start and a.end <= e for s, e in options)
            ),
            end,
        )
        own = self.text[amount.start : amount.end]
        for scope in (
            self._unnamed(earlier, amount.start),
            self._unnamed(amount.end, min(end, other)),
            self._unnamed(0, earlier),
            # Taking it in red? That one is ¥49.
            "" if self.mentions else self.spoken[-_BEFORE:],
        ):
            named = variants_named(scope, product)
            if named and not variants_named(own, product):
                return Owner(product, named, named=True)
        return Owner(product, self.evidence.variants(product), named=False)

    def _unnamed(self, start: int, end: int) -> str:
        return self.bare[start:end]


def read(
    sentence: str,
    evidence: Evidence,
    language: Language,
    question: str = "",
    about: str | None = None,
    spoken: str = "",
) -> Said:
    """The sentence as `Said`."""
    return Said(plain(sentence), evidence, language, question, about, plain(spoken))
