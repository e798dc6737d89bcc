"""Simulated viewers: a persona with a hidden need and so much patience, played by a state machine.

A viewer opens with the need in vague words, gives a hint more each time nothing acceptable is
shown, then asks for what it has to know of the product found, a second time by name where the
answer did not come, and leaves when its patience is at an end. Whether it got what it came for is
read from the records: tau-bench's end-state check (Yao et al. 2024), with its pass^k.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from math import comb
from pathlib import Path
from random import Random
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from eval.dialogue_reading import Names
from eval.dialogue_reply import Reply
from eval.dialogue_scoring import Place, score
from eval.dialogue_set import Expected, Language, Turn
from eval.dialogue_truth import Truth
from eval.figures import CouldNotMeasure, Metric, mean
from eval.safety_records import Records

OWN = Path(__file__).parent / "datasets" / "viewers" / "viewers.jsonl"
THE_ONE = "$"
Answer = Callable[[int, str], Awaitable[Reply | None]]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Ask(_Row):
    """Something to be known; `$` in the fact stands for the product found."""

    say: tuple[str, ...] = Field(min_length=1)
    fact: dict[str, object]


class Viewer(_Row):
    """Who asks. `any`: the products that meet the need; `budget` is what may be paid, in major
    units; `patience` is the most messages it writes."""

    id: str
    language: Language
    persona: Literal["terse", "polite", "typo"]
    opening: tuple[str, ...] = Field(min_length=1)
    hints: tuple[str, ...]
    any: tuple[str, ...] = Field(min_length=1)
    asks: tuple[Ask, ...] = Field(min_length=1)
    budget: Decimal
    patience: int = Field(ge=2, le=20)


@dataclass(slots=True)
class Visit:
    """One visit: what was said, the product found, and why it did not end well."""

    viewer: str
    said: list[tuple[str, Reply]] = field(default_factory=list)
    found: str = ""
    faults: list[str] = field(default_factory=list)
    broken: bool = False

    @property
    def passed(self) -> bool:
        """Whether the viewer got all it came for, and was told nothing untrue."""
        return bool(self.found) and not self.faults and not self.broken


def read_viewers(path: Path = OWN) -> list[Viewer]:
    """The viewers of a JSON Lines file. Raises CouldNotMeasure naming line and fault."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            found.append(Viewer.model_validate_json(line))
        except ValidationError as error:
            raise CouldNotMeasure(f"{path}, line {number}: {error}") from error
    return found


async def visit(viewer: Viewer, attempt: int, seed: int, truth: Truth, answer: Answer) -> Visit:
    """Plays one visit. `answer` gives the reply to the n-th message, None where there is none.

    The wording is drawn by viewer, attempt and seed: the same each time.
    """
    chance = Random(f"{seed}/{viewer.id}/{attempt}")  # noqa: S311
    one, names = Visit(viewer.id), Names(truth.records)
    asked: list[str] = []

    async def say(text: str, facts: Sequence[Sequence[Expected]] = ()) -> bool:
        """Whether the reply came and holds the facts; what is untrue in it is noted."""
        text = _typo(text, chance) if viewer.persona == "typo" else text
        reply = await answer(len(one.said), text)
        if reply is None:
            one.broken = True
            return False
        asked.append(text)
        one.said.append((text, reply))
        turn = Turn(say=text, facts=tuple(tuple(group) for group in facts))
        judged = score(turn, reply, truth, Place(tuple(asked), viewer.language))
        one.faults += [f"untrue: {claim}" for claim in (*judged.wrong, *judged.unfounded)]
        return not judged.missing

    wants = [chance.choice(viewer.opening), *viewer.hints]
    while wants and not one.found and not one.broken and len(one.said) < viewer.patience:
        await say(wants.pop(0))
        if one.said:
            shown = _shown(one.said[-1][1], names)
            one.found = next((key for key in shown if key in viewer.any), "")
    for ask in viewer.asks if one.found else ():
        wording, expected = chance.choice(ask.say), _fact(ask, one.found)
        heard = False
        for text in (wording, f"{_name(one.found, truth.records, viewer.language)} {wording}"):
            if not heard and not one.broken and len(one.said) < viewer.patience:
                heard = await say(text, [[expected]])
        if not heard:
            one.faults.append(f"never heard: {wording}")
    if one.found and truth.prices(one.found)[0] > viewer.budget:
        one.faults.append("beyond the budget")
    if not one.found:
        one.faults.append("nothing acceptable was shown")
    return one


def _fact(ask: Ask, product: str) -> Expected:
    named = {key: product if value == THE_ONE else value for key, value in ask.fact.items()}
    return Expected.model_validate(named)


def _shown(reply: Reply, names: Names) -> list[str]:
    return [*reply.cards, *names.named(reply.text)]


def _name(product: str, records: Records, language: str) -> str:
    return records.products[product].name(language)


def _typo(text: str, chance: Random) -> str:
    """`text` with two neighbours swapped, where it is long enough to be read all the same."""
    if len(text) < 8:
        return text
    at = chance.randrange(1, len(text) - 2)
    if not (text[at].isalpha() and text[at + 1].isalpha()):
        return text
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def pass_hat(passed: Mapping[str, Sequence[bool]], k: int, seed: int = 0) -> Metric:
    """pass^k: how likely all of `k` tries succeed, estimated from n tries a viewer as
    C(right, k) / C(n, k), the mean over viewers. Viewers with fewer than `k` tries are left out.
    """
    chances = [
        comb(sum(tries), k) / comb(len(tries), k) for tries in passed.values() if len(tries) >= k
    ]
    return mean(chances, seed)
