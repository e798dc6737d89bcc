"""Scores a reply about price or stock against the shop. It shares no code with the gate."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from eval.money_words import Sum, normal, sums
from eval.shop import Shop
from eval.stock_words import IN_STOCK, LEFT, SOLD_OUT, UNSAID
from retrieval.catalog import Language, Money, Product, Variant

About = Literal["price", "stock"]
MINOR = {"JPY": 1, "KRW": 1}
_CLAUSE = re.compile(r"[。!?;\n、]|(?<!\d),|,(?!\d)|\.(?=\s|$)")


@dataclass(frozen=True, slots=True)
class Question:
    """A question and the record that answers it. `products`: any of them counts, best first."""

    form: str
    about: About
    language: Language
    text: str
    products: tuple[str, ...]
    variant: str | None = None
    room: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """A reply: its text, and the products shown (on cards, else cited), the main one first."""

    text: str
    products: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """`right` is about what was asked, price or stock; `wrong` quotes the sums that nobody gave."""

    found: bool
    right: bool
    wrong: tuple[str, ...]


def judge(question: Question, said: Said, shop: Shop) -> Verdict:
    """Whether the reply shows the product asked about, says the fact, and invents no sum."""
    shown = [shop.products[key] for key in said.products if key in shop.products]
    reply = Reading(said.text, shown)
    wrong = tuple(reply.text[s.start : s.end] for s in invented(question, reply, shop))
    found = bool(shown) and shown[0].id in question.products
    if not found:
        return Verdict(False, False, wrong)
    # Several products may share a title; a reply may mean any of them, or say it of each.
    meant = [product for product in shown if product.id in question.products]
    right = _price_right if question.about == "price" else _stock_right
    return Verdict(True, right(question, reply, meant, shop), wrong)


class Reading:
    """A reply's clauses, each with the shown product it speaks of.

    Titles are taken out first, so that a number within a name is not read as a fact.
    """

    def __init__(self, text: str, shown: Sequence[Product]) -> None:
        self.text = normal(text)
        self.shown = shown
        for at, product in sorted(enumerate(shown), key=lambda pair: -_longest(pair[1])):
            for title in map(normal, product.title.every()):
                pattern = re.compile(re.escape(title).replace(r"\ ", r"\s+"), re.I)
                self.text = pattern.sub(f"⟦{chr(0x2460 + at)}⟧", self.text)
        self.clauses: list[tuple[str, Product | None]] = []
        subject, start = (shown[0] if shown else None), 0
        for end in [*(m.end() for m in _CLAUSE.finditer(self.text)), len(self.text)]:
            clause = self.text[start:end]
            subject = self._named(clause) or subject
            self.clauses.append((clause, subject))
            start = end

    def _named(self, clause: str) -> Product | None:
        if marks := re.findall(r"⟦(.)⟧", clause):
            return self.shown[ord(marks[0]) - 0x2460]
        best = [(self._overlap(clause, product), product) for product in self.shown]
        top = max((score for score, _ in best), default=0.0)
        named = [product for score, product in best if score == top and top >= 0.6]
        return named[0] if named else None

    @staticmethod
    def _overlap(clause: str, product: Product) -> float:
        """The longest run of a title that the clause holds, as a share of the title."""

        def run(title: str) -> float:
            matcher = SequenceMatcher(None, clause.lower(), title.lower(), autojunk=False)
            return matcher.find_longest_match().size / len(title)

        return max(run(normal(title)) for title in product.title.every())

    def about(self, products: Sequence[Product]) -> list[str]:
        """The clauses that speak of one of `products`."""
        return [clause for clause, subject in self.clauses if subject in products]


def _longest(product: Product) -> int:
    return max(len(title) for title in product.title.every())


def invented(question: Question, reply: Reading, shop: Shop) -> list[Sum]:
    """Sums in the reply that are neither a true one of a product shown, nor of the question,
    nor of a policy, nor quoted, with the words before them, from a shown product's own text.
    """
    return [
        said
        for said in sums(reply.text)
        if not stands(said, reply.text, reply.shown, question, shop)
    ]


def stands(
    said: Sum, text: str, products: Sequence[Product], question: Question, shop: Shop
) -> bool:
    """Whether a sum in `text` has a source: `products`, the question or a policy."""
    if any(_equal(said, money) for product in products for money in shop.amounts(product)):
        return True
    given = [question.text, *(t for policy in shop.policies for t in policy.text.every())]
    if any(_alike(said, other) for source in given for other in sums(normal(source))):
        return True
    quote = text[max(0, said.start - 2) : said.end]
    texts = (normal(own) for product in products for own in _texts(product))
    return len(quote) > said.end - said.start and any(quote in own for own in texts)


def _texts(product: Product) -> list[str]:
    texts = [*product.description.every()]
    for attribute in product.attributes:
        texts += attribute.value.every()
    for pair in product.questions:
        texts += [*pair.question.every(), *pair.answer.every()]
    return texts


def _equal(said: Sum, money: Money) -> bool:
    minor = said.value * MINOR.get(money.currency, 100)
    return said.currency in ("", money.currency) and minor == money.minor


def _alike(said: Sum, given: Sum) -> bool:
    same = said.currency == given.currency or "" in (said.currency, given.currency)
    return same and said.value == given.value


def _price_right(question: Question, reply: Reading, meant: Sequence[Product], shop: Shop) -> bool:
    """The live price is said of a product meant, and every other sum said of it has its source.

    Where other variants' prices are said too, the one asked for stands beside its options.
    """
    said = [(clause, each) for clause in reply.about(meant) for each in sums(clause)]
    if not all(stands(each, clause, meant, question, shop) for clause, each in said):
        return False
    asked = [(product, _variant(question, product)) for product in meant]
    return any(
        _says_price(said, product, variant or product.default_variant, shop, variant is not None)
        for product, variant in asked
    )


def _variant(question: Question, product: Product) -> Variant | None:
    return product.variant(question.variant) if question.variant else None


def _says_price(
    said: Sequence[tuple[str, Sum]], product: Product, variant: Variant, shop: Shop, chosen: bool
) -> bool:
    currency = variant.price.currency
    price = shop.price(product, variant)
    right = [c for c, each in said if _equal(each, Money(minor=price, currency=currency))]
    others = {shop.price(product, v) for v in product.variants} - {price}
    mixed = any(
        _equal(each, Money(minor=other, currency=currency)) for _, each in said for other in others
    )
    if not (chosen and mixed):
        return bool(right)
    options = [normal(text) for option in variant.options for text in option.value.every()]
    return any(all(option in clause for option in options) for clause in right)


def _stock_right(question: Question, reply: Reading, meant: Sequence[Product], shop: Shop) -> bool:
    """What is said of stock is so, and a count, if said, is the record's."""
    truths = [shop.availability(product, _variant(question, product)) for product in meant]
    text = UNSAID.sub(" ", "".join(reply.about(meant)))
    sold_out = SOLD_OUT.search(text) is not None
    in_stock = IN_STOCK.search(SOLD_OUT.sub(" ", text)) is not None
    if all(truth.status == "unknown" for truth in truths):
        return not sold_out and not in_stock
    counts = {int(next(g for g in m.groups() if g)) for m in LEFT.finditer(text)}
    if counts - {truth.quantity for truth in truths}:
        return False
    if sold_out and in_stock:
        return len({truth.available for truth in truths}) == 2
    return any(truth.available == in_stock for truth in truths) and (in_stock or sold_out)
