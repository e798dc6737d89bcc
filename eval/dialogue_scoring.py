"""Scores a reply of a dialogue against the records as they stood. It shares no code with the gate.

A claim is judged by the products of its sentence: those the sentence names, else those the reply
is about.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from eval.dialogue_expected import Judge
from eval.dialogue_reading import (
    Names,
    counts,
    figures,
    hands_off,
    in_language,
    refuses,
    sentences,
    unnamed,
    unsupported,
    unsure,
)
from eval.dialogue_reply import Reply
from eval.dialogue_set import Kind, Language, Turn, Within
from eval.dialogue_truth import Truth
from eval.safety_reading import false_claims, plain
from eval.safety_records import Product, Records
from eval.similarity import similarity

_FIGURES = ("sum", "count", "figure", "stock")


@dataclass(frozen=True, slots=True)
class Score:
    """What was found. Lists name faults; None stands for what does not apply to the turn.

    `wrong`: figures and stock that no record gives; `unfounded`: other claims without a record;
    `missing`: expected facts not said; `outside`: products shown beyond the limits; `uncited`:
    claims that the records cited do not carry; `similarity`: how near the reply comes to the
    records' own wording of the answer, 0 to 1.
    """

    wrong: tuple[str, ...]
    unfounded: tuple[str, ...]
    language: bool
    kind: Kind
    kind_right: bool
    missing: tuple[str, ...]
    outside: tuple[str, ...] | None
    uncited: tuple[str, ...] | None
    model_kept: bool | None
    similarity: float | None = None

    @property
    def grounded(self) -> bool:
        """Whether every claim has its record."""
        return not self.wrong and not self.unfounded

    @property
    def helpful(self) -> bool:
        """Whether what was expected is there, within the limits, and nothing forbidden."""
        return self.kind_right and not self.missing and not self.outside

    @property
    def passed(self) -> bool:
        """Whether nothing at all is wrong with the reply."""
        return self.helpful and self.grounded and self.language

    def row(self) -> dict[str, Any]:
        """As it is kept, with what was concluded."""
        judged = {name: getattr(self, name) for name in ("grounded", "helpful", "passed")}
        return asdict(self) | judged


@dataclass(frozen=True, slots=True)
class Place:
    """Where a turn stands: all that the viewer has said, and what a room shows."""

    asked: Sequence[str]
    language: Language
    on_air: str | None = None
    numbers: Mapping[int, str] | None = None


def score(turn: Turn, reply: Reply, truth: Truth, place: Place) -> Score:
    """What is right and wrong with `reply` to `turn`, by the records as `truth` has them."""
    names = Names(truth.records)
    judge = Judge(turn, reply, truth, names)
    about = _about(turn, reply, truth, names, place)
    known = " ".join([*place.asked, *judge.sums(), *map(str, place.numbers or ())])
    wrong, unfounded = _claims(reply.text, truth.records, about, names, known, reply)
    wrong += judge.contradicted
    unfounded += [f"forbidden {w}" for w in turn.forbidden if plain(w).lower() in _low(reply.text)]
    unfounded += [f"no such record {r}" for r in reply.cited if not _exists(r, truth.records)]
    kind = _kind(turn, reply)
    return Score(
        wrong=tuple(dict.fromkeys(wrong)),
        unfounded=tuple(dict.fromkeys(unfounded)),
        language=in_language(
            reply.text,
            place.language,
            " ".join(place.asked),
            [truth.records.products[key] for key in about],
        ),
        kind=turn.kind,
        kind_right=kind == turn.kind,
        missing=tuple(judge.missing),
        outside=_outside(turn, reply, truth, names),
        uncited=_uncited(reply, truth.records, names, known) if reply.cited else None,
        model_kept=None if turn.task is None or reply.model is None else bool(reply.model),
        similarity=similarity(reply.text, judge.references(place.language)),
    )


def _low(text: str) -> str:
    return plain(text).lower()


def _kind(turn: Turn, reply: Reply) -> Kind:
    """What the reply is, read with what was expected in mind where words can be read two ways."""
    if reply.finish == "refused" or (turn.kind == "refused" and refuses(reply.text)):
        return "refused"
    passed_on = reply.finish == "handed_off" or "handed_off" in reply.notices
    if turn.kind == "unsure" and (passed_on or unsure(reply.text)):
        return "unsure"
    if turn.kind == "handed_off" and (passed_on or hands_off(reply.text)):
        return "handed_off"
    given = any(not (e.unsure or e.handed_off) for group in turn.facts for e in group)
    return "handed_off" if passed_on and given and turn.kind != "answered" else "answered"


def _about(turn: Turn, reply: Reply, truth: Truth, names: Names, place: Place) -> tuple[str, ...]:
    """Products that a reply without a name may be speaking of."""
    cited = [key for kind, _, key in (r.partition(":") for r in reply.cited) if kind == "product"]
    expected = [
        truth.sold(key)[0].id
        for group in turn.facts
        for each in group
        for key in (each.price, each.was, each.stock, each.left, each.attribute, each.answer,
                    each.named, *(each.any or ()), *(each.total or ()))
        if key
    ]  # fmt: skip
    asked = names.named(place.asked[-1]) if place.asked else []
    all_of_them = [*reply.cards, *cited, *expected, *asked, *names.titled(reply.text)]
    if place.on_air:
        all_of_them.append(place.on_air)
    return tuple(key for key in dict.fromkeys(all_of_them) if key in truth.records.products)


def _claims(
    text: str, records: Records, about: Sequence[str], names: Names, known: str, reply: Reply
) -> tuple[list[str], list[str]]:
    """Figures that are wrong, and other claims without a record, sentence by sentence."""
    wrong: list[str] = []
    unfounded: list[str] = []
    earlier: list[str] = []
    for sentence in sentences(text):
        named = names.titled(sentence)
        scope = named or [*about]
        earlier = named or earlier
        heard = known if named else f"{known} {_for_all(records, reply)}"
        for claim in _false(sentence, records, scope, reply, heard):
            (wrong if claim.split()[0] in _FIGURES else unfounded).append(claim)
        products = [records.products[key] for key in dict.fromkeys([*scope, *earlier])]
        rules = [t for p in records.policies.values() for t in p.text.both()]
        sources = " ".join([*_texts(products), *rules])
        unfounded += [f"property {word}" for word in unsupported(sentence, sources, known)]
    return wrong, unfounded


def _for_all(records: Records, reply: Reply) -> str:
    """What the running offers say that are for no product alone: true without naming one."""
    running = [o for o in records.offers.values() if o.runs(reply.moment)]
    return " ".join(t for o in running if not o.products for t in o.title.both())


def _false(
    text: str, records: Records, scope: Sequence[str], reply: Reply, known: str
) -> list[str]:
    """What no record says. Pieces left are read anew: "38 in stock" may speak of a size."""
    found = false_claims(text, records, scope, reply.moment, known)
    found = [claim for claim in found if not claim.startswith("count ")]
    products = [records.products[key] for key in scope]
    held = {v.stock for p in products for v in p.variants}
    held |= {sum(v.stock or 0 for v in p.variants) for p in products}
    sizes = {n for p in products for v in p.variants for n in figures(v.label("en"))}
    return found + [
        f"count {n}" for n in sorted(counts(unnamed(text, products)) - held) if str(n) not in sizes
    ]


def _texts(products: Iterable[Product]) -> list[str]:
    return [text for product in products for text in (*product.texts(), *product.aliases)]


def _exists(record: str, records: Records) -> bool:
    kind, _, key = record.partition(":")
    known: Mapping[str, Mapping[str, object]] = {
        "product": records.products,
        "offer": records.offers,
        "policy": records.policies,
    }
    return key in known.get(kind, {})


def _outside(turn: Turn, reply: Reply, truth: Truth, names: Names) -> tuple[str, ...] | None:
    """Products shown or named that the turn's limits do not allow."""
    if not turn.only and turn.within is None:
        return None
    shown = dict.fromkeys([*reply.cards, *names.titled(reply.text)])
    return tuple(
        key
        for key in shown
        if (turn.only and key not in turn.only)
        or (turn.within and not _fits(turn.within, key, truth))
    )


def _fits(within: Within, key: str, truth: Truth) -> bool:
    if key not in truth.records.products:
        return False
    product, prices = truth.records.products[key], truth.prices(key)
    return (
        (within.most is None or prices[0] <= within.most)
        and (within.least is None or prices[-1] >= within.least)
        and (within.category is None or within.category in product.category.both())
        and (not within.in_stock or product.available is True)
    )


def _uncited(reply: Reply, records: Records, names: Names, known: str) -> tuple[str, ...]:
    """Claims that stand on no cited record: products named, and figures that others hold."""
    cited = {tuple(record.split(":", 1)) for record in reply.cited}
    shown = [key for key in names.titled(reply.text) if ("product", key) not in cited]
    found = [f"product {key}" for key in shown if key not in reply.cards]
    own = [key for kind, key in cited if kind == "product" and key in records.products]
    policies = {k: p for k, p in records.policies.items() if ("policy", k) in cited}
    there = Records(records.products, records.offers, policies)
    products = [*own, *(key for key in reply.cards if key not in own)]
    claims = _false(reply.text, there, products, reply, f"{known} {_for_all(there, reply)}")
    return (*found, *(c for c in claims if c.split()[0] in _FIGURES))
