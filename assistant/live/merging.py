"""The same question from different viewers becomes one question.

Products and constraints must match before texts may (`Asked.key`), then what the questions are
about, then the words that are left. Nothing here calls a model.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field

from assistant.live.asked import Asked
from retrieval.catalog import Language

_WORDINGS = 32
_ALIKE = 0.75


def same(a: Asked, b: Asked) -> bool:
    """Whether two questions may share one answer."""
    if a.key is None or b.key is None or a.key != b.key:
        return False
    if a.folded == b.folded:
        return True
    if (a.concepts, a.details, a.figures) != (b.concepts, b.details, b.figures):
        return False
    if a.items and b.items and a.items != b.items:
        return False
    if a.rest == b.rest:
        return bool(a.concepts or a.details or a.rest)
    fewer, more = sorted((len(a.rest), len(b.rest)))
    if not a.concepts or a.concepts & _OF_SOME_OBJECT:
        needed = _ALIKE * more
        return fewer >= needed and _shared(a.rest, b.rest) >= needed
    return fewer == 0 or _shared(a.rest, b.rest) >= fewer / 2


_OF_SOME_OBJECT = frozenset(
    (
        "price_money", "stock", "suits", "compatible", "capacity", "contents", "gift", "how_is",
        "recommend", "restock", "separate", "compare_items", "introduce", "storage_how", "cool",
        "fade", "try_on", "hot_water",
    )
)  # fmt: skip
"""Concepts that are said of something, so that every word left may change the question."""


def _shared(a: tuple[str, ...], b: tuple[str, ...]) -> int:
    """How many words two bags have in common. They are short: a Counter of each costs more."""
    left, shared = list(b), 0
    for word in a:
        if word in left:
            left.remove(word)
            shared += 1
    return shared


@dataclass(slots=True)
class OpenQuestion:
    """One question of the room, however many asked it.

    `askers` are viewer ids in the order of asking, each with the language they asked in; the
    oldest are kept up to the merger's bound, `count` goes on. `asked`: of its first wording.
    """

    id: str
    asked: Asked
    count: int = 0
    askers: OrderedDict[str, Language] = field(default_factory=OrderedDict)
    wordings: Counter[str] = field(default_factory=Counter)
    languages: Counter[Language] = field(default_factory=Counter)

    @property
    def wording(self) -> str:
        """The wording that stands for all: the most frequent, of equals the first."""
        return self.wordings.most_common(1)[0][0]


class Merger:
    """The open questions of one room, merged as they come. Not thread-safe; one a room.

    Holds at most `limit` questions and `askers` viewer ids a question. When full, the question
    asked longest ago goes.
    """

    def __init__(self, *, limit: int = 2000, askers: int = 10_000) -> None:
        self._limit, self._askers = limit, askers
        self._open: OrderedDict[str, OpenQuestion] = OrderedDict()
        self._alike: dict[tuple[object, ...], list[str]] = {}

    def __len__(self) -> int:
        return len(self._open)

    def __iter__(self) -> Iterator[OpenQuestion]:
        """The open questions, the one asked longest ago first."""
        return iter(self._open.values())

    def get(self, question_id: str) -> OpenQuestion | None:
        """The open question of this id; None where there is none."""
        return self._open.get(question_id)

    def find(self, asked: Asked) -> OpenQuestion | None:
        """The open question that may share its answer with `asked`; None where there is none."""
        if asked.key is None:
            return None
        for question_id in self._alike.get(_shelf(asked), ()):
            if same(self._open[question_id].asked, asked):
                return self._open[question_id]
        return None

    def add(
        self, question_id: str, text: str, asked: Asked, viewer: str | None, language: Language
    ) -> tuple[OpenQuestion, bool]:
        """The question that `text` now belongs to, and whether it was open before.

        `question_id` names it where it is new. A viewer who asks again counts once.
        Raises ValueError where `question_id` is open and means another question.
        """
        question = self.find(asked)
        joined = question is not None
        if question is None:
            question = self.open(question_id, asked)
        self._open.move_to_end(question.id)
        if viewer is None or viewer not in question.askers:
            question.count += 1
            question.languages[language] += 1
        if viewer is not None and (len(question.askers) < self._askers):
            question.askers.setdefault(viewer, language)
        if text in question.wordings or len(question.wordings) < _WORDINGS:
            question.wordings[text] += 1
        return question, joined

    def open(self, question_id: str, asked: Asked) -> OpenQuestion:
        """A new question, of which it is known that `find` has none. Raises ValueError as `add`."""
        if question_id in self._open:
            raise ValueError(f"question {question_id!r} is open already")
        question = self._open[question_id] = OpenQuestion(question_id, asked)
        self._alike.setdefault(_shelf(asked), []).append(question_id)
        if len(self._open) > self._limit:
            self.close(next(iter(self._open)))
        return question

    def close(self, question_id: str) -> OpenQuestion | None:
        """Takes a question out, to be merged into no more; None where it is not open."""
        question = self._open.pop(question_id, None)
        if question is not None:
            shelf = _shelf(question.asked)
            self._alike[shelf].remove(question_id)
            if not self._alike[shelf]:
                del self._alike[shelf]
        return question


def _shelf(asked: Asked) -> tuple[object, ...]:
    """What must be equal for two questions to be the same: only these are compared."""
    if asked.key is None:
        return ("alone", asked.folded)
    return (asked.key, asked.concepts, asked.details, asked.figures)
