"""How many rooms does given hardware carry? Run as liveshop bench capacity.

Nothing is timed here. What `bench engine --json` and `bench room --json` printed on the hardware
goes through this model, whose every assumption is an option:

- a room's comments a minute are its viewers times --comments;
- the room's calls of the engine are its comments, times the share of questions, times
  `calls_per_asker`, plus one for each question in a panel, viewers times --panel a minute;
- the engine carries --load of `answers_per_s_at_16`, so that a burst finds a place;
- one process takes in `comments_per_min`, which --processes multiplies.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from eval import figures
from eval.figures import CouldNotMeasure, Figures, reading

VIEWERS = (100, 1_000, 10_000, 100_000)
ANSWERS, CALLS, TAKEN = "answers_per_s_at_16", "calls_per_asker", "comments_per_min"


class Load(NamedTuple):
    """What viewers do in a minute, each; `questions` is a share of the comments."""

    comments: float
    questions: float
    panel: float


class Hardware(NamedTuple):
    """Answers a second that may be asked of the engine, comments a minute that may come in, and
    the engine's calls for each viewer who asks in the comments."""

    answers_per_s: float
    comments_per_min: float
    calls_per_asker: float


def main(argv: Sequence[str] | None = None) -> int:
    """Returns 0 when reckoned, 2 when a measurement is missing."""
    parser = figures.arguments("bench capacity", __doc__ or "")
    parser.add_argument("--engine", type=Path, required=True, metavar="ENGINE.json")
    parser.add_argument("--room", type=Path, required=True, metavar="ROOM.json")
    parser.add_argument("--comments", type=float, default=0.2, help="a minute, of one viewer")
    parser.add_argument("--questions", type=float, default=0.13, help="share of the comments")
    parser.add_argument("--panel", type=float, default=0.01, help="questions a minute, one viewer")
    parser.add_argument("--load", type=float, default=0.7, help="share of the engine to use")
    parser.add_argument("--processes", type=int, default=1, help="processes of the service")
    options = parser.parse_args(argv)
    return figures.state(lambda: measure(options), options)


def measure(options: argparse.Namespace) -> Figures:
    """Rooms at each size, what bounds them, and the viewers that one room alone may have."""
    hardware = Hardware(
        options.load * _read(options.engine, ANSWERS),
        options.processes * _read(options.room, TAKEN),
        _read(options.room, CALLS),
    )
    load = Load(options.comments, options.questions, options.panel)
    said = {
        f"rooms_at_{viewers}": reading(math.floor(rooms(viewers, load, hardware)[0]))
        for viewers in VIEWERS
    }
    said["viewers_of_one_room"] = reading(math.floor(rooms(1, load, hardware)[0]))
    settings: dict[str, object] = {
        name: getattr(options, name)
        for name in ("comments", "questions", "panel", "load", "processes")
    }
    settings |= hardware._asdict() | {"bound_by": rooms(1, load, hardware)[1]}
    return Figures("bench capacity", said, settings)


def rooms(viewers: int, load: Load, hardware: Hardware) -> tuple[float, str]:
    """How many rooms of so many viewers, and what bounds them: the engine or the comments."""
    comments = viewers * load.comments
    calls = (comments * load.questions * hardware.calls_per_asker + viewers * load.panel) / 60
    bounds = {
        "engine": hardware.answers_per_s / calls if calls else math.inf,
        "comments": hardware.comments_per_min / comments if comments else math.inf,
    }
    least = min(bounds, key=lambda name: bounds[name])
    if math.isinf(bounds[least]):
        raise CouldNotMeasure("--comments and --panel are 0: nothing bounds the rooms")
    return bounds[least], least


def _read(path: Path, metric: str) -> float:
    try:
        return float(json.loads(path.read_text(encoding="utf-8"))["metrics"][metric]["value"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CouldNotMeasure(f"{path}: no figure {metric!r}: {error!r}") from error


if __name__ == "__main__":
    sys.exit(main())
