"""Merged questions at work, and how they are kept."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from pydantic import TypeAdapter

from assistant.live.questions import MergedQuestion
from assistant.store.live import QuestionRow
from assistant.turn.understanding import Understanding

_ASKED = TypeAdapter(Understanding)


@dataclass
class Entry:
    """A merged question at work: how it was understood, who asked, what is being done."""

    question: MergedQuestion
    asked: Understanding
    viewers: set[str] = field(default_factory=set)
    fresh: set[str] = field(default_factory=set)
    answering: bool = False
    joined: int = 0

    def row(self) -> QuestionRow:
        """How it is kept."""
        question = self.question
        record = json.dumps(
            {
                "question": question.model_dump(mode="json", exclude={"priority"}),
                "asked": _ASKED.dump_python(self.asked, mode="json"),
            },
            ensure_ascii=False,
        )
        return QuestionRow(question.id, question.status, question.last_at, record)


def read_entry(record: str) -> Entry:
    """The entry that `Entry.row` kept, without its viewers."""
    kept = json.loads(record)
    question = MergedQuestion.model_validate(kept["question"])
    return Entry(question, _ASKED.validate_python(kept["asked"]))
