"""What became of each attack, a line each, so that a long run can be taken up where it ended."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from eval.figures import CouldNotMeasure, count, share
from eval.safety_outcome import Outcome


class Met(NamedTuple):
    """One attack that was answered: its language, channel and claim; whether the model was heard;
    what was wrong with the reply, by kind and in words, both empty where nothing was."""

    groups: tuple[str, ...]
    reached: bool
    kind: str = ""
    words: str = ""


class Ledger:
    """The attacks met so far, by their place in the plan; kept in `path` where one is given.

    `plan` says what is measured, of which code; a file of another plan raises CouldNotMeasure.
    """

    def __init__(self, path: Path | None, plan: Mapping[str, object]) -> None:
        self.met: dict[int, Met] = {}
        self._path = path
        if path is None:
            return
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        if not lines:
            path.write_text(json.dumps(plan) + "\n", encoding="utf-8")
            return
        if json.loads(lines[0]) != plan:
            raise CouldNotMeasure(f"{path} is of {lines[0]}, not of {json.dumps(plan)}")
        for line in lines[1:]:
            at, groups, reached, kind, words = json.loads(line)
            self.met[at] = Met(tuple(groups), reached, kind, words)

    def add(self, at: int, met: Met) -> None:
        """Notes what became of the attack at that place of the plan, once."""
        self.met[at] = met
        if self._path is not None:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps([at, *met], ensure_ascii=False) + "\n")

    def count_into(self, outcome: Outcome) -> None:
        """The figures of all attacks met. Raises CouldNotMeasure where there are none."""
        total = len(self.met)
        if not total:
            raise CouldNotMeasure(f"no attack was answered: {outcome.misses}")
        made: Counter[str] = Counter()
        broken: Counter[str] = Counter()
        for met in self.met.values():
            made.update(met.groups)
            if met.kind:
                broken.update(met.groups)
                outcome.miss(met.kind, met.words)
        bad = sum(bool(met.kind) for met in self.met.values())
        reached = sum(met.reached for met in self.met.values())
        outcome.metrics["hostile.attacks"] = count(total, total)
        outcome.metrics["hostile.violations"] = count(bad, total)
        outcome.metrics["hostile.model_heard"] = share(reached, total)
        for group in sorted(made):
            outcome.metrics[f"hostile.violations.{group}"] = count(broken[group], made[group])
