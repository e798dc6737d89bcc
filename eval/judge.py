"""A model as judge of kept replies: python -m eval.judge RUN.jsonl --llm-url URL --llm-model NAME

Never the only measure: it is first asked about replies labelled by hand, and its agreement with
them (Cohen's kappa) is printed beside whatever it says. With --against each pair of replies is
shown in both orders, and counts only where both orders agree.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

import httpx

from eval import figures
from eval.dialogue import add_options, model, model_there, where
from eval.dialogue_check import DEMO
from eval.dialogue_expected import Judge
from eval.dialogue_reading import Names
from eval.dialogue_run import Scored, scored
from eval.dialogue_set import chosen, read_dialogues
from eval.dialogue_solvers import Model
from eval.dialogue_stage import Stage
from eval.figures import CouldNotMeasure, Figures, Metric, count, share
from eval.samples import Samples, read_samples

CALIBRATION = Path(__file__).parent / "datasets" / "judge" / "calibration.jsonl"
ONE = (
    "You judge replies of a shop's assistant. A GOOD reply answers the question, agrees with the "
    "FACTS, invents nothing, and is in the question's language. Else it is BAD.\n"
    "QUESTION: {question}\nFACTS: {facts}\nREPLY: {reply}\nSay one word: GOOD or BAD."
)
TWO = (
    "Two assistants of a shop answered. Which reply answers the question better and agrees with "
    "the FACTS?\nQUESTION: {question}\nFACTS: {facts}\nREPLY A: {a}\nREPLY B: {b}\n"
    "Say one letter: A or B."
)


class Labelled(NamedTuple):
    """A reply that somebody has judged by hand."""

    question: str
    facts: str
    reply: str
    good: bool


def main(argv: Sequence[str] | None = None) -> int:
    """Returns 0 when judged, 2 when that could not be done."""
    parser = figures.arguments("eval judge", __doc__ or "")
    add_options(parser)
    parser.add_argument("run", type=Path, nargs="?", metavar="RUN.jsonl", help="kept replies")
    parser.add_argument("--against", type=Path, metavar="OTHER.jsonl")
    parser.add_argument("--solvers", default="liveshop,liveshop", help="of RUN and of OTHER")
    parser.add_argument("--n", type=int, default=30, help="dialogues to judge")
    options = parser.parse_args(argv)
    if not model_there(options):
        parser.error("--engine: a judge is a model; name --llm-url, or --engine embedded")
    return figures.state(lambda: asyncio.run(measure(options)), options)


async def measure(options: argparse.Namespace) -> Figures:
    """Calibrates the judge, then has it judge the kept replies that the options name."""
    one, _, other = options.solvers.partition(",")
    async with model(options) as judge:
        try:
            said = await calibrated(judge, read_labelled())
            if options.run:
                found = _found(options.run, one, options)
                said |= await judged(judge, found)
                if options.against:
                    said |= await preferred(judge, found, _found(options.against, other, options))
        except httpx.HTTPError as error:
            raise CouldNotMeasure(f"the judge does not answer: {error!r}") from error
        settings = {"judge": judge.name, "run": str(options.run), "against": str(options.against)}
    return Figures("judge", said, settings | {"solvers": options.solvers, "n": str(options.n)})


def read_labelled(path: Path = CALIBRATION) -> list[Labelled]:
    """The replies judged by hand."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [Labelled(**row) for row in rows]


async def calibrated(judge: Model, labelled: Sequence[Labelled]) -> dict[str, Metric]:
    """How far the judge agrees with the labels; an answer that is neither word counts as wrong."""
    pairs: list[tuple[bool, bool]] = []
    unread = 0
    for row in labelled:
        said = await good(judge, row.question, row.facts, row.reply)
        unread += said is None
        pairs.append((row.good, (not row.good) if said is None else said))
    agreed = share(sum(a == b for a, b in pairs), len(pairs))
    value = kappa(pairs)
    drawn = [kappa(resampled) for resampled in _resamples(pairs)]
    low, high = sorted(drawn)[int(0.025 * len(drawn))], sorted(drawn)[int(0.975 * len(drawn)) - 1]
    return {
        "calibration.kappa": Metric(value, low, high, len(pairs)),
        "calibration.agreement": agreed,
        "calibration.unread": count(unread, len(pairs)),
    }


def kappa(pairs: Sequence[tuple[bool, bool]]) -> float:
    """Cohen's kappa (1960): agreement beyond what the two shares would give by chance."""
    n = len(pairs)
    agreed = sum(a == b for a, b in pairs) / n
    first, second = sum(a for a, _ in pairs) / n, sum(b for _, b in pairs) / n
    chance = first * second + (1 - first) * (1 - second)
    return 1.0 if chance == 1 else (agreed - chance) / (1 - chance)


def _resamples(pairs: Sequence[tuple[bool, bool]]) -> list[list[tuple[bool, bool]]]:
    random = Random(0)  # noqa: S311
    return [random.choices(pairs, k=len(pairs)) for _ in range(1000)]


async def good(judge: Model, question: str, facts: str, reply: str) -> bool | None:
    """The judge's word on one reply; None where it says neither."""
    prompt = ONE.format(question=question, facts=facts, reply=reply)
    said = await judge.answer([{"role": "user", "content": prompt}])
    word = re.search(r"\b(GOOD|BAD)\b", said.upper())
    return None if word is None else word[1] == "GOOD"


async def judged(judge: Model, found: Sequence[Scored]) -> dict[str, Metric]:
    """The share of replies that the judge calls good, and how far it is of the scorer's mind."""
    verdicts = [(await good(judge, s.turn.say, facts_of(s), s.reply.text), s) for s in found]
    read = [(said, s) for said, s in verdicts if said is not None]
    if not read:
        raise CouldNotMeasure("the judge said neither GOOD nor BAD to any reply")
    return {
        "good": share(sum(said for said, _ in read), len(read)),
        "agrees_with_scorer": share(sum(said == s.score.passed for said, s in read), len(read)),
        "unread": count(len(verdicts) - len(read), len(verdicts)),
    }


async def preferred(
    judge: Model, ours: Sequence[Scored], theirs: Sequence[Scored]
) -> dict[str, Metric]:
    """Which of two replies to one turn the judge prefers, where both orders say the same."""
    others = {s.key: s for s in theirs}
    won = lost = tied = 0
    for one in ours:
        other = others.get(one.key)
        if other is None:
            continue
        first = await _better(judge, one, one.reply.text, other.reply.text)
        second = await _better(judge, one, other.reply.text, one.reply.text)
        if first == "A" and second == "B":
            won += 1
        elif first == "B" and second == "A":
            lost += 1
        else:
            tied += 1
    n = won + lost + tied
    if not n:
        raise CouldNotMeasure("the two files have no turn in common")
    said = {"order_agrees": share(won + lost, n), "undecided": count(tied, n)}
    return said | ({"preferred": share(won, won + lost)} if won + lost else {})


async def _better(judge: Model, one: Scored, a: str, b: str) -> str:
    prompt = TWO.format(question=one.turn.say, facts=facts_of(one), a=a, b=b)
    said = await judge.answer([{"role": "user", "content": prompt}])
    letter = re.search(r"\b([AB])\b", said.upper())
    return letter[1] if letter else ""


def facts_of(one: Scored) -> str:
    """What the records say to a turn, in words: the expected facts and the reply's evidence."""
    stage = Stage(DEMO)
    for turn in one.dialogue.turns[: one.at + 1]:
        for change in turn.do:
            stage.truth.change(change)
    judge = Judge(one.turn, one.reply, stage.truth, Names(stage.truth.records))
    told = [*judge.expectations(), *one.reply.evidence]
    return "; ".join(told)[:800] or "nothing special is expected"


def _found(path: Path, solver: str, options: argparse.Namespace) -> list[Scored]:
    run, held = read_samples(path)
    dialogues = read_dialogues(where(options.data))
    kept = {s.dialogue for s in held if s.solver == solver}
    played = chosen([d for d in dialogues if d.id in kept], options.n, options.seed)
    found, _ = scored(played, solver, Samples(None, run, held), Stage(DEMO))
    if not found:
        raise CouldNotMeasure(f"{path}: no reply of {solver!r}")
    return found


if __name__ == "__main__":
    sys.exit(main())
