"""Asks the gate about a row's reply: the one place of the evaluation that calls it."""

from __future__ import annotations

import argparse
import asyncio
import io
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from assistant.turn.evidence import Evidence
from assistant.turn.generation import sentences
from assistant.turn.grounding import check, mentioned
from eval.figures import CouldNotMeasure, share
from eval.safety_outcome import Outcome, sample
from eval.safety_rows import Reply, read_replies
from retrieval.catalog import Offer, Policy, Product
from retrieval.feeds import read_feed
from retrieval.normal import normal

OWN = Path(__file__).parent / "datasets" / "safety"
ZONE = ZoneInfo("Asia/Shanghai")
Record = Product | Offer | Policy


@dataclass(frozen=True, slots=True)
class Judged:
    """What the gate let through of a reply, and the rules by which it stopped the rest."""

    released: tuple[str, ...]
    stopped: tuple[tuple[str, str], ...]

    def stops(self, row: Reply) -> bool:
        """Whether what is false in the corrupted `row` did not leave."""
        if not row.wrong:
            return bool(self.stopped)
        return _close(row.wrong) not in _close("".join(self.released))


def measure_replies(options: argparse.Namespace) -> Outcome:
    """The shares of corrupted replies stopped and of correct ones touched, then by field.

    Under `second.` the same of rows in wordings that were once kept back, under `heldout.` of
    those that still are: nobody reads their misses while working on the gate.
    """
    outcome = Outcome()
    brought = sorted((options.data / "safety").glob("replies*.jsonl") if options.data else ())
    for prefix, paths in (
        ("", [OWN / "correct.jsonl", OWN / "corrupted.jsonl", *brought]),
        (
            "second.",
            [
                OWN / f"{name}_{kind}.jsonl"
                for name in ("second", "third", "fourth", "fifth")
                for kind in ("correct", "corrupted")
            ],
        ),
        ("heldout.", [OWN / "heldout_correct.jsonl", OWN / "heldout_corrupted.jsonl"]),
    ):
        rows = [row for path in paths for row in read_replies(path)]
        for correct in (True, False):
            chosen = [row for row in rows if row.correct is correct]
            _measure(outcome, prefix, correct, sample(chosen, options.n, options.seed))
    return outcome


def _measure(outcome: Outcome, prefix: str, correct: bool, rows: Sequence[Reply]) -> None:
    """Adds the figures of correct, or of corrupted, rows."""
    name = prefix + ("correct.touched" if correct else "corrupted.stopped")
    hits: dict[str, list[bool]] = {}
    for row in rows:
        judged = judge(row)
        hit = bool(judged.stopped) if correct else judged.stops(row)
        hits.setdefault(row.field, []).append(hit)
        if hit == correct:
            told = "; ".join(f"{rule}: {text}" for rule, text in judged.stopped)
            kind = "touched" if correct else f"not stopped: {row.field} {row.label}"
            about = ", ".join(str(record["id"]) for record in row.records[:3])
            outcome.miss(prefix + kind, f"{row.reply} [{about}] {told or row.wrong}")
    every = [hit for each in hits.values() for hit in each]
    if every:
        outcome.metrics[name] = share(sum(every), len(every))
    for field, each in sorted(hits.items()) if not correct else ():
        outcome.metrics[f"{name}.{field}"] = share(sum(each), len(each))


def judge(row: Reply) -> Judged:
    """Cuts the reply in sentences as the service does, and takes each to the gate."""
    return asyncio.run(_judge(row))


async def _judge(row: Reply) -> Judged:
    evidence = evidence_of(row)
    released: list[str] = []
    stopped: list[tuple[str, str]] = []
    about: str | None = None
    async for sentence in sentences(_whole(row.reply)):
        verdict = check(sentence, evidence, row.language, row.question, about, "".join(released))
        if verdict.action == "pass":
            released.append(sentence)
            named = mentioned(normal(sentence), evidence)
            about = named[-1].product.id if named else about
        else:
            stopped.append((verdict.rule, sentence))
    return Judged(tuple(released), tuple(stopped))


async def _whole(text: str) -> AsyncIterator[str]:
    yield text


def sentences_of(text: str) -> list[str]:
    """The sentences of `text`, cut as the service cuts them."""

    async def cut() -> list[str]:
        return [sentence async for sentence in sentences(_whole(text))]

    return asyncio.run(cut())


def evidence_of(row: Reply) -> Evidence:
    """The records of a row, as the gate takes them."""
    found = [_record(json.dumps(record, ensure_ascii=False)) for record in row.records]
    return Evidence(
        products=tuple(one for one in found if isinstance(one, Product)),
        offers=tuple(one for one in found if isinstance(one, Offer)),
        policies=tuple(one for one in found if isinstance(one, Policy)),
        at=row.at or datetime.now(UTC),
        zone=ZONE,
    )


@lru_cache(maxsize=4096)
def _record(line: str) -> Record:
    """A record from its native line. Raises CouldNotMeasure where the feed's rules refuse it."""
    row = next(iter(read_feed(io.BytesIO(line.encode()), "jsonl", name="a row's record")))
    record: Any = row.product or row.offer or row.policy
    if record is None:
        raise CouldNotMeasure(f"a row's record: {row.refused}")
    found: Record = record
    return found


def _close(text: str) -> str:
    return "".join(text.split())
