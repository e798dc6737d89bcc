"""Sends simulated viewers to a solver; what is kept of earlier visits is not asked again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import httpx

from eval.dialogue_reply import Reply
from eval.dialogue_solvers import Asking, Solver
from eval.dialogue_stage import Stage
from eval.figures import Metric
from eval.samples import Sample, Samples
from eval.viewers import Viewer, Visit, pass_hat, visit


async def send(
    viewers: Sequence[Viewer],
    tries: int,
    seed: int,
    stage: Stage,
    samples: Samples,
    solver: Solver | None,
    name: str = "",
) -> list[Visit]:
    """Every viewer's visits, `tries` of each. Without a solver only kept replies (of `name`) are
    played, and a visit that lacks one is broken."""
    found = []
    for viewer in viewers:
        for attempt in range(tries):
            guest = _Guest(viewer, attempt, stage, samples, solver, name)
            found.append(await visit(viewer, attempt, seed, stage.truth, guest.answer))
    return found


class _Guest:
    """One visit's line to the solver."""

    def __init__(
        self,
        viewer: Viewer,
        attempt: int,
        stage: Stage,
        samples: Samples,
        solver: Solver | None,
        name: str,
    ) -> None:
        self._viewer, self._stage, self._samples, self._solver = viewer, stage, samples, solver
        self._id = f"viewer.{viewer.id}.{attempt}"
        self._name = solver.name if solver else name
        self._kept = {s.turn: s for s in samples.of(self._name, self._id)}
        self._before: list[tuple[str, str]] = []
        # Half a conversation cannot be gone on with in a service that has forgotten it.
        self._fresh = solver is not None and any(s.reply is None for s in self._kept.values())
        self._room = ""

    async def answer(self, n: int, text: str) -> Reply | None:
        """The kept reply to this message, else the solver's; None where there is neither."""
        kept = self._kept.get(n)
        if kept and kept.reply and kept.say == text and not self._fresh:
            self._before.append((text, kept.reply.text))
            return kept.reply
        if self._solver is None:
            return None
        if not self._room:
            self._room = await asyncio.to_thread(self._stage.room, f"eval-{self._id}")
        asking = Asking(
            say=text,
            language=self._viewer.language,
            room=self._room,
            conversation=self._room,
            truth=self._stage.truth,
            before=[*self._before],
        )
        try:
            reply = await self._solver.reply(asking)
        except (httpx.HTTPError, ValueError, KeyError) as error:
            self._samples.add(Sample(self._name, self._id, n, text, None, repr(error)))
            return None
        self._samples.add(Sample(self._name, self._id, n, text, reply))
        self._before.append((text, reply.text))
        return reply


def visit_figures(visits: Sequence[Visit], tries: int, prefix: str, seed: int) -> dict[str, Metric]:
    """pass^1 and pass^tries over the visits that the infrastructure did not break."""
    passed: dict[str, list[bool]] = {}
    for one in visits:
        if not one.broken:
            passed.setdefault(one.viewer, []).append(one.passed)
    said = {}
    for k in sorted({1, tries}):
        if any(len(each) >= k for each in passed.values()):
            said[f"{prefix}pass_hat_{k}"] = pass_hat(passed, k, seed)
    return said


def visit_misses(visits: Sequence[Visit]) -> str:
    """The visits that did not end well, as a Markdown page."""
    bad = [one for one in visits if not one.passed]
    lines = [f"# Visits that did not end well ({len(bad)} of {len(visits)})", ""]
    for one in bad:
        lines += [f"## {one.viewer}: {'; '.join(one.faults) or 'broken off'}", ""]
        for said, reply in one.said:
            lines += [f"- **{said}**", f"  - {' / '.join(reply.text.splitlines())}"]
        lines += [""]
    return "\n".join(lines)
