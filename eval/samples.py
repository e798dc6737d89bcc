"""The samples of a run, kept line by line as they come, so that a run can go on where it ended."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from eval.dialogue_reply import Reply
from eval.figures import CouldNotMeasure


@dataclass(frozen=True, slots=True)
class Sample:
    """One reply of one solver to one turn. With an `error` of the infrastructure there is none."""

    solver: str
    dialogue: str
    turn: int
    say: str
    reply: Reply | None
    error: str = ""

    def row(self) -> dict[str, Any]:
        """As it is kept."""
        fields = {name: getattr(self, name) for name in ("solver", "dialogue", "turn", "say")}
        return fields | {"reply": self.reply.row() if self.reply else None, "error": self.error}

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Sample:
        """From a kept row."""
        reply = Reply.of(row["reply"]) if row["reply"] else None
        fields = {name: row[name] for name in ("solver", "dialogue", "turn", "say")}
        return cls(**fields, reply=reply, error=row.get("error", ""))


@dataclass(slots=True)
class Samples:
    """A file of samples; its first line tells of the run. Without a path it is kept in memory."""

    path: Path | None
    run: Mapping[str, Any]
    held: list[Sample] = field(default_factory=list)

    @classmethod
    def open(cls, path: Path | None, run: Mapping[str, Any]) -> Self:
        """Goes on with what the file holds, if the run there had the same `settings`.

        Raises CouldNotMeasure where it had others, and for a file of another form.
        """
        if path is None or not path.exists() or not path.stat().st_size:
            samples = cls(path, run)
            samples._write(dict(run))
            return samples
        before, held = read_samples(path)
        if before.get("settings") != run["settings"]:
            raise CouldNotMeasure(
                f"{path}: made with {before.get('settings')}, not with {run['settings']}; "
                "name another file or remove it"
            )
        with path.open("rb+") as file:
            # A line that a crash cut off would swallow the next one.
            file.seek(0, os.SEEK_END)
            if file.tell():
                file.seek(-1, os.SEEK_END)
                if file.read(1) != b"\n":
                    file.write(b"\n")
        return cls(path, before, held)

    def add(self, sample: Sample) -> None:
        """Keeps one sample; it is on the disk when this returns."""
        self.held.append(sample)
        self._write(sample.row())

    def whole(self, solver: str, dialogue: str, turns: int) -> bool:
        """Whether every turn of a dialogue has its reply."""
        mine = self.of(solver, dialogue)
        return len(mine) >= turns and all(s.reply for s in mine[:turns])

    def of(self, solver: str, dialogue: str) -> list[Sample]:
        """The latest sample of each turn, in order."""
        latest = {s.turn: s for s in self.held if (s.solver, s.dialogue) == (solver, dialogue)}
        return [latest[turn] for turn in sorted(latest)]

    def _write(self, row: Mapping[str, Any]) -> None:
        if self.path is None:
            return
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")
            file.flush()
            os.fsync(file.fileno())


def read_samples(path: Path) -> tuple[dict[str, Any], list[Sample]]:
    """What a file tells of its run, and its samples; a last line cut off is left out.

    Raises CouldNotMeasure for a file of another form.
    """
    try:
        lines = list(_objects(path))
        if not lines or "settings" not in lines[0]:
            raise ValueError("the first line does not tell of a run")
        return lines[0], [Sample.of(line) for line in lines[1:]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CouldNotMeasure(f"{path}: no file of samples: {error!r}") from error


def _objects(path: Path) -> Iterator[dict[str, Any]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        if not line.strip():
            continue
        try:
            yield json.loads(line)
        except ValueError:
            if number + 1 < len(lines):
                continue  # cut off by a crash; the run went on after it
