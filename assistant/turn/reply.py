"""A reply while it grows: what was said, shown and cited, and the events that say it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import uuid4

from rapidfuzz import fuzz

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
from assistant.turn.conversation import Question
from assistant.turn.facts import Fact
from assistant.turn.stopwatch import Stopwatch
from retrieval.catalog import Language, RoomContext, Text

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


@dataclass
class Reply:
    """One reply to one question, in one language."""

    question: Question
    room: RoomContext
    language: Language
    watch: Stopwatch
    id: str = field(default_factory=lambda: uuid4().hex)
    said: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    cited: dict[str, int] = field(default_factory=dict)
    stopped: list[str] = field(default_factory=list)
    handed_off: bool = False

    @property
    def text(self) -> str:
        return "".join(self.said)

    def say(self, fact: Fact, *, model: bool = False) -> list[ReplyEvent]:
        """The events that release one statement with the citations not given before."""
        gap = " " if self.said and self.language == "en" else ""
        self.said.append(gap + fact.text)
        self.watch.reached("first_sentence")
        fresh = [c for c in fact.cites if self.cited.get(c.record) != c.version]
        self.cited |= {c.record: c.version for c in fresh}
        text = TextReleased(text=gap + fact.text, source="model" if model else "records")
        return [text, *(Cited(record=c.record, version=c.version) for c in fresh)]

    def show(self, shown: ProductCard) -> ProductShown:
        self.shown.append(shown.id)
        return ProductShown(card=shown)

    def notice(self, code: NoticeCode) -> Notice:
        return Notice(code=code, text=NOTICES[code].say(self.language))

    def finished(
        self, reason: Literal["stop", "engine_unavailable", "handed_off"]
    ) -> ReplyFinished:
        return ReplyFinished(reason=reason, timings_ms=self.watch.timings_ms())

    def repeats(self, sentence: str) -> bool:
        """Whether nearly the same has been said in this reply."""
        return any(fuzz.ratio(sentence, earlier.strip()) > 85 for earlier in self.said)

    def record(self) -> dict[str, Any]:
        """What was shown, as training, audit and hand-off need it."""
        return {
            "text": self.text,
            "shown": [{"product_id": p, "position": n} for n, p in enumerate(self.shown)],
            "cited": self.cited,
            "stopped_by_gate": self.stopped,
            "handed_off": self.handed_off,
            "timings_ms": self.watch.timings_ms(),
        }
