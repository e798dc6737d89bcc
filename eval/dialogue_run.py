"""Plays dialogues to a solver, and scores what it said."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import httpx

from eval.dialogue_reply import Reply
from eval.dialogue_scoring import Place, Score, score
from eval.dialogue_set import Dialogue, Turn
from eval.dialogue_solvers import Asking, Solver
from eval.dialogue_stage import Stage
from eval.figures import CouldNotMeasure
from eval.samples import Sample, Samples

GIVEN_UP = 10  # failures in a row after which the infrastructure is taken to be gone


@dataclass(frozen=True, slots=True)
class Scored:
    """One turn with its reply and what was found in it."""

    solver: str
    dialogue: Dialogue
    at: int
    reply: Reply
    score: Score

    @property
    def turn(self) -> Turn:
        """The turn that was answered."""
        return self.dialogue.turns[self.at]

    @property
    def key(self) -> tuple[str, int]:
        """The same for two runs of the same turn."""
        return self.dialogue.id, self.at


async def play(
    dialogues: Sequence[Dialogue],
    solver: Solver,
    stage: Stage,
    samples: Samples,
    concurrency: int = 1,
    tell: Callable[[str], None] = lambda _: None,
) -> None:
    """Answers what `samples` does not hold yet. Dialogues that change records run alone.

    Raises CouldNotMeasure when the infrastructure fails again and again.
    """
    left = [d for d in dialogues if not samples.whole(solver.name, d.id, len(d.turns))]
    slots = asyncio.Semaphore(concurrency)
    failed = 0

    async def one(dialogue: Dialogue) -> None:
        nonlocal failed
        async with slots:
            went = await _converse(dialogue, solver, stage, samples)
        failed = 0 if went else failed + 1
        if failed >= GIVEN_UP:
            raise CouldNotMeasure(f"{failed} dialogues in a row failed; the samples are kept")
        tell(f"{solver.name} {dialogue.id}")

    await asyncio.gather(*(one(d) for d in left if not d.changes))
    for dialogue in left:
        if dialogue.changes:
            await one(dialogue)


async def _converse(dialogue: Dialogue, solver: Solver, stage: Stage, samples: Samples) -> bool:
    """Plays one dialogue; whether the infrastructure held."""
    attempt = len(samples.of(solver.name, dialogue.id))
    # The service's log keeps a conversation's name for ever.
    room = await asyncio.to_thread(stage.open, dialogue, attempt)
    before: list[tuple[str, str]] = []
    try:
        for at, turn in enumerate(dialogue.turns):
            for change in turn.do:
                await asyncio.to_thread(stage.change, change, room)
            asking = Asking(
                say=turn.say,
                language=dialogue.spoken(turn),
                room=room,
                conversation=room,
                truth=stage.truth,
                on_air=dialogue.on_air,
                before=[*before],
            )
            try:
                reply = await solver.reply(asking)
            except (httpx.HTTPError, ValueError, KeyError) as error:
                samples.add(Sample(solver.name, dialogue.id, at, turn.say, None, repr(error)))
                return False
            samples.add(Sample(solver.name, dialogue.id, at, turn.say, reply))
            before.append((turn.say, reply.text))
    finally:
        if dialogue.changes:
            await asyncio.to_thread(stage.clear, dialogue)
    return True


def scored(
    dialogues: Iterable[Dialogue], solver: str, samples: Samples, stage: Stage
) -> tuple[list[Scored], int]:
    """Every reply with its score, and how many turns the infrastructure failed on.

    The records' changes are played again, so that an old run can be scored by a newer scorer.
    """
    found: list[Scored] = []
    errors = 0
    for dialogue in dialogues:
        stage.truth.reset()
        asked: list[str] = []
        by_turn: Mapping[int, Sample] = {s.turn: s for s in samples.of(solver, dialogue.id)}
        on_air = dialogue.on_air
        for at, turn in enumerate(dialogue.turns):
            for change in turn.do:
                stage.truth.change(change)
                on_air = change.on_air or on_air
            asked.append(turn.say)
            sample = by_turn.get(at)
            if sample is None:
                continue
            if sample.reply is None:
                errors += 1
                continue
            place = Place(
                asked=tuple(asked),
                language=dialogue.spoken(turn),
                on_air=on_air,
                numbers=stage.numbers if dialogue.on_air else None,
            )
            judged = score(turn, sample.reply, stage.truth, place)
            found.append(Scored(solver, dialogue, at, sample.reply, judged))
    stage.truth.reset()
    return found, errors
