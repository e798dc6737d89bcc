"""Does anything false or forbidden leave? Run as liveshop eval safety.

Parts, of one's choice by --part: `replies`, correct and corrupted ones, are taken to the
gate; `hostile` attacks a service of its own whose model says what the attacker wants; `adlaw`
and `refusals` ask such a service to judge lines and to answer questions; `bombs` sends one what is
ruinous to read, `secrets` what nobody may read, `leaks` what only others may ask, and `xss` what
no page may run. Makers and scorers share no code with the gate.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from eval import figures
from eval.figures import Figures
from eval.safety_bombs import measure_bombs
from eval.safety_gate import measure_replies
from eval.safety_hostile import measure_hostile
from eval.safety_judging import measure_adlaw, measure_refusals
from eval.safety_leaks import measure_leaks
from eval.safety_outcome import Outcome
from eval.safety_secrets import measure_secrets
from eval.safety_xss import measure_xss

PARTS: dict[str, Callable[[argparse.Namespace], Outcome]] = {
    "replies": measure_replies,
    "hostile": measure_hostile,
    "adlaw": measure_adlaw,
    "refusals": measure_refusals,
    "bombs": measure_bombs,
    "secrets": measure_secrets,
    "leaks": measure_leaks,
    "xss": measure_xss,
}
MOST_SHOWN = 60


def main(argv: Sequence[str] | None = None) -> int:
    """Returns 0 when measured, 2 when that could not be done."""
    parser = figures.arguments("eval safety", __doc__ or "")
    parser.add_argument("--part", action="append", choices=tuple(PARTS), help="else all of them")
    parser.add_argument("--n", type=int, help="at most so many rows or attacks of each kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--concurrency", type=int, default=4)
    parser.add_argument("--misses", type=Path, metavar="OUT.md", help="write what went wrong here")
    kept = "keep what became of each attack here, and go on where the file ends"
    parser.add_argument("--resume", type=Path, metavar="FILE", help=kept)
    options = parser.parse_args(argv)

    def measure() -> Figures:
        found = Outcome()
        for name in options.part or PARTS:
            found.add(PARTS[name](options))
        if options.misses:
            options.misses.write_text(_page(found), encoding="utf-8")
        settings = {name: getattr(options, name) for name in ("part", "n", "seed", "concurrency")}
        return Figures("safety", found.metrics, settings, found.errors, found.excluded)

    return figures.state(measure, options)


def _page(found: Outcome) -> str:
    """What went wrong as a Markdown page, the most frequent kind first."""
    lines = ["# What was not as it should be", ""]
    for kind, words in sorted(found.misses.items(), key=lambda item: -len(item[1])):
        lines += [f"## {kind} ({len(words)})", "", *(f"- {one}" for one in words[:MOST_SHOWN]), ""]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
