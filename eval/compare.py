"""Which of two runs of dialogues is better, and where? python -m eval.compare A.jsonl B.jsonl

Pairs the same turns of two files of samples, scores both by today's scorers, and tests the
difference: McNemar's exact test (1947), and a bootstrap of whole dialogues for its size.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from eval import figures
from eval.dialogue_check import DEMO
from eval.dialogue_metrics import SHARES, Judged
from eval.dialogue_run import Scored, scored
from eval.dialogue_set import Dialogue, read_dialogues
from eval.dialogue_stage import Stage
from eval.figures import CouldNotMeasure, Figures, Metric, reading
from eval.samples import Samples, read_samples

RESAMPLES = 2000
TESTED: dict[str, Judged] = {"no_wrong_figure": lambda s: not s.score.wrong} | SHARES
Key = tuple[str, int]


def main(argv: Sequence[str] | None = None) -> int:
    """Returns 0 when compared, 2 when that could not be done."""
    parser = figures.arguments("eval compare", __doc__ or "")
    parser.add_argument("before", type=Path, metavar="A.jsonl")
    parser.add_argument("after", type=Path, metavar="B.jsonl")
    parser.add_argument("--solvers", default="liveshop,liveshop", help="of A and of B")
    parser.add_argument("--flipped", type=Path, metavar="OUT.md", help="write flipped turns here")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(argv)
    return figures.state(lambda: measure(options), options)


def measure(options: argparse.Namespace) -> Figures:
    """The differences; with --flipped a page of the turns that changed sides."""
    from eval.dialogue import where

    one, _, other = options.solvers.partition(",")
    dialogues = read_dialogues(where(options.data))
    before = _judged(options.before, one, dialogues)
    after = _judged(options.after, other or one, dialogues)
    shared = [key for key in before if key in after]
    if not shared:
        raise CouldNotMeasure("the two files have no turn in common")
    said: dict[str, Metric] = {}
    for name, judged in TESTED.items():
        pairs = paired(before, after, shared, judged)
        if pairs:
            said |= differences(name, pairs, options.seed)
    if options.flipped:
        options.flipped.write_text(flips(before, after, shared), encoding="utf-8")
    settings = {"before": str(options.before), "after": str(options.after)}
    settings |= {"solvers": options.solvers, "turns": str(len(shared))}
    return Figures("compare", said, settings)


def _judged(path: Path, solver: str, dialogues: Sequence[Dialogue]) -> dict[Key, Scored]:
    run, held = read_samples(path)
    found, _ = scored(dialogues, solver, Samples(None, run, held), Stage(DEMO))
    return {one.key: one for one in found}


def paired(
    before: Mapping[Key, Scored], after: Mapping[Key, Scored], keys: Sequence[Key], judged: Judged
) -> dict[str, list[tuple[bool, bool]]]:
    """What was judged of each turn before and after, by dialogue."""
    pairs: dict[str, list[tuple[bool, bool]]] = {}
    for key in keys:
        old, new = judged(before[key]), judged(after[key])
        if old is not None and new is not None:
            pairs.setdefault(key[0], []).append((old, new))
    return pairs


def differences(
    name: str, pairs: Mapping[str, Sequence[tuple[bool, bool]]], seed: int
) -> dict[str, Metric]:
    """Share before, share after, their difference with its interval, and McNemar's p."""
    old = np.asarray([sum(a for a, _ in turns) for turns in pairs.values()], dtype=np.float64)
    new = np.asarray([sum(b for _, b in turns) for turns in pairs.values()], dtype=np.float64)
    size = np.asarray([len(turns) for turns in pairs.values()], dtype=np.float64)
    n = int(size.sum())
    drawn = np.random.default_rng(seed).integers(len(size), size=(RESAMPLES, len(size)))
    by_draw = (new - old)[drawn].sum(axis=1) / size[drawn].sum(axis=1)
    low, high = np.percentile(by_draw, [2.5, 97.5])
    flat = [pair for turns in pairs.values() for pair in turns]
    lost, won = sum(a and not b for a, b in flat), sum(b and not a for a, b in flat)
    difference = float((new - old).sum() / size.sum())
    return {
        f"{name}.before": reading(float(old.sum() / size.sum()), n),
        f"{name}.after": reading(float(new.sum() / size.sum()), n),
        f"{name}.difference": Metric(difference, float(low), float(high), n),
        f"{name}.p": reading(mcnemar(lost, won), lost + won),
    }


def mcnemar(lost: int, won: int) -> float:
    """The two-sided p of `lost` and `won` flips were both as likely; 1 where nothing flipped."""
    n = lost + won
    tail = sum(math.comb(n, k) for k in range(min(lost, won) + 1))
    return min(1.0, 2 * float(tail) / float(2**n))


def flips(before: Mapping[Key, Scored], after: Mapping[Key, Scored], keys: Sequence[Key]) -> str:
    """The turns that passed in one run alone, lost ones first, as a Markdown page."""
    lines = ["# Turns that changed sides", ""]
    for title, was in (("Lost", True), ("Won", False)):
        chosen = [
            key for key in keys
            if before[key].score.passed is was and after[key].score.passed is not was
        ]  # fmt: skip
        lines += [f"## {title} ({len(chosen)})", ""]
        for key in chosen:
            old, new = before[key], after[key]
            lines += [f"- **{old.turn.say}** ({key[0]}, turn {key[1] + 1})"]
            lines += [f"  - before: {' / '.join(old.reply.text.splitlines())}"]
            lines += [f"  - after: {' / '.join(new.reply.text.splitlines())}"]
        lines += [""]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
