"""A reply while it grows: what was said, shown and cited, and the events that say it.

`say` is the one door for text: whoever worded it, a sentence that breaks a rule stays inside. A
product's own name and a quoted policy are not the shop's claims and may be said; what else a record
holds, such as a description that boasts, may not be repeated.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import uuid4

from rapidfuzz import fuzz

import prompts
from assistant.events import (
    Cited,
    Notice,
    NoticeCode,
    ProductCard,
    ProductShown,
    ReplyEvent,
    ReplyFinished,
    TextReleased,
)
from assistant.turn.compliance import Compliance
from assistant.turn.evidence import Fact
from assistant.turn.generation import Message
from assistant.turn.question import Question
from assistant.turn.refusals import Refusal
from assistant.turn.stopwatch import Stopwatch
from retrieval.catalog import Exposure, Language, Product, RoomContext, Text

NOTICES: dict[NoticeCode, Text] = {
    "ai_generated": Text(zh="由 AI 助手生成", en="Written by an AI assistant"),
    "engine_unavailable": Text(
        zh="模型暂时没有回应，以上内容来自商品资料",
        en="The model did not respond; this comes from the shop's records",
    ),
    "handed_off": Text(zh="已转给主播", en="Passed to the host"),
    "sentence_replaced": Text(
        zh="有一句与商品资料不符，已按资料更正", en="One sentence was corrected from the records"
    ),
}


SENTENCE = re.compile(r"[^。！？!?\n]*?(?:[。！？!?\n]+|\.(?=\s|$)|$)")


@dataclass
class Reply:
    """One reply to one question, in one language."""

    question: Question
    room: RoomContext
    language: Language
    watch: Stopwatch
    compliance: Compliance
    id: str = field(default_factory=lambda: uuid4().hex)
    said: list[str] = field(default_factory=list)
    cards: list[ProductCard] = field(default_factory=list)
    exposures: dict[str, Exposure] = field(default_factory=dict)
    ranker: str = ""
    arm: str = ""
    cited: dict[str, int] = field(default_factory=dict)
    stopped: list[str] = field(default_factory=list)
    handed_off: bool = False
    goods: str | None = None
    quoted: tuple[str, ...] = ()
    evidence: dict[str, int] = field(default_factory=dict)
    prompt: Sequence[Message] = ()
    raw: list[str] = field(default_factory=list)

    @property
    def shown(self) -> list[str]:
        return [card.id for card in self.cards]

    @property
    def text(self) -> str:
        return "".join(self.said)

    def say(
        self, fact: Fact, spare: Callable[[Language], str] | None = None, *, model: bool = False
    ) -> list[ReplyEvent]:
        """The events that release one statement with the citations not given before.

        Where a rule forbids the statement `stopped` names it, and `spare` is said, or nothing.
        """
        if not any(cite.record.startswith("policy:") for cite in fact.cites):
            broken = self._broken(fact.text)
            if broken:
                self.stopped.append(f"{broken}: {fact.text}")
                return self.say(Fact(spare(self.language))) if spare else []
        gap = " " if self.said and self.language == "en" else ""
        self.said.append(gap + fact.text)
        self.watch.reached("first_sentence")
        fresh = [c for c in fact.cites if self.cited.get(c.record) != c.version]
        self.cited |= {c.record: c.version for c in fresh}
        text = TextReleased(text=gap + fact.text, source="model" if model else "records")
        return [text, *(Cited(record=c.record, version=c.version) for c in fresh)]

    def refuse(self, refusal: Refusal) -> list[ReplyEvent]:
        """A sentence instead of an answer; somebody in need is passed to a person too."""
        self.stopped.append(f"refused: {refusal.kind}")
        events = self.say(Fact(refusal.text.say(self.language)))
        if refusal.kind == "self_harm":
            self.handed_off = True
            events.append(self.notice("handed_off"))
        return [*events, self.finished("refused")]

    def about(self, products: Sequence[Product]) -> None:
        """The products in play: what kind of goods is spoken of, and which names may be said."""
        named = [(*p.title.every(), *p.brand.every()) for p in products]
        kinds = [" ".join((*p.category.every(), *p.title.every())) for p in products]
        self.quoted = tuple(text for texts in named for text in texts)
        self.goods = " ".join(kinds) if products else None
        self.evidence = {f"product:{p.id}": p.version for p in products}

    def show(self, card: ProductCard) -> ProductShown:
        """The card, without the sentences and lines of it that may not be said."""
        self.cards.append(card)
        exposure = self.exposures.get(card.id) or Exposure(product_id=card.id)
        described = "".join(s for s in SENTENCE.findall(card.description) if not self._broken(s))
        offers = tuple(offer for offer in card.offers if not self._broken(offer.text))
        reasons = tuple(reason for reason in card.reasons if not self._broken(reason))
        changed = {"description": described, "offers": offers, "reasons": reasons}
        return ProductShown(card=card.model_copy(update=changed), exposure=exposure)

    def _broken(self, text: str) -> str:
        """The id of the first rule that `text` breaks; '' where it may be said."""
        found = self.compliance.check(text, self.goods, self.quoted)
        return found[0].rule.id if found else ""

    def notice(self, code: NoticeCode) -> Notice:
        return Notice(code=code, text=NOTICES[code].say(self.language))

    def finished(
        self, reason: Literal["stop", "engine_unavailable", "handed_off", "refused"]
    ) -> ReplyFinished:
        return ReplyFinished(reason=reason, timings_ms=self.watch.timings_ms())

    def repeats(self, sentence: str) -> bool:
        """Whether nearly the same has been said in this reply."""
        return any(fuzz.ratio(sentence, earlier.strip()) > 85 for earlier in self.said)

    def trace(self, model: str) -> dict[str, Any]:
        """How the reply came about, for who reads it again: what the model was given and said."""
        return {
            "evidence": self.evidence,
            "prompt_version": prompts.version(),
            "prompt": [list(message) for message in self.prompt],
            "model": model if self.prompt else "",
            "raw": "".join(self.raw),
        }

    def record(self) -> dict[str, Any]:
        """What was shown, as training, audit and hand-off need it."""
        return {
            "text": self.text,
            "ranker": self.ranker,
            "arm": self.arm,
            "shown": shown(self.cards, self.exposures),
            "cited": self.cited,
            "stopped_by_gate": self.stopped,
            "handed_off": self.handed_off,
            "timings_ms": self.watch.timings_ms(),
        }


def shown(cards: Iterable[ProductCard], exposures: Mapping[str, Exposure]) -> list[dict[str, Any]]:
    """Cards as the log keeps them: what was shown where, how likely that was, at what price."""
    return [
        {
            **(exposures.get(card.id) or Exposure(product_id=card.id)).model_dump(),
            "position": position,
            "variant_id": card.variant_id,
            "price_minor": card.price.minor,
            "available": card.availability.available,
        }
        for position, card in enumerate(cards)
    ]
