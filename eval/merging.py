"""Are the same questions merged and others kept apart? Run as liveshop eval merging.

Judges pairs of comments about the same item on air, without a catalogue: our own held-out pairs,
and merging/pairs.jsonl of --data.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from assistant.live.asked import Asked, read_asked
from assistant.live.merging import same
from assistant.turn.understanding import understand
from eval import figures
from eval.figures import CouldNotMeasure, Figures, Metric, percentile, share
from retrieval.catalog import RoomContext
from retrieval.names import ProductNames

OWN = Path(__file__).parent / "datasets" / "merging"
GIVEN = Path("merging") / "pairs.jsonl"
ROOM, NAMES = RoomContext(id="room", on_air="item"), ProductNames()
TIMED = 500


class Pair(NamedTuple):
    """Two comments, and whether they may share one answer."""

    a: str
    b: str
    same: bool


def main(argv: Sequence[str] | None = None) -> int:
    """Returns 0 when measured, 2 when that could not be done."""
    parser = figures.arguments("eval merging", __doc__ or "")
    parser.add_argument("--split", choices=("test", "dev"), default="test", help="of our own pairs")
    parser.add_argument("--misses", type=Path, metavar="OUT.tsv", help="pairs judged wrong, of dev")
    options = parser.parse_args(argv)
    return figures.state(lambda: measure(options), options)


def measure(options: argparse.Namespace) -> Figures:
    """The figures over our own pairs and those of --data that are there."""
    pairs = read_pairs(OWN / f"{options.split}.jsonl")
    metrics = scored(pairs)
    for language, chosen in by_language(pairs).items():
        metrics |= {f"{language}.{name}": one for name, one in scored(chosen).items()}
    if options.data is not None and (options.data / GIVEN).is_file():
        given = scored(read_pairs(options.data / GIVEN))
        metrics |= {f"data.{name}": one for name, one in given.items()}
    metrics |= speed([pair.a for pair in pairs[:TIMED]])
    if options.misses and options.split == "dev":
        wrong = [pair for pair in pairs if judged(pair) != pair.same]
        lines = [f"{pair.same}\t{pair.a}\t{pair.b}" for pair in wrong]
        options.misses.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return Figures("merging", metrics, {"split": options.split, "data": str(options.data)})


def read_pairs(path: Path) -> list[Pair]:
    """Rows of {"a", "b", "same"}. Raises CouldNotMeasure where the file is not of that form."""
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
        return [Pair(row["a"], row["b"], bool(row["same"])) for row in rows]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CouldNotMeasure(f"{path}: {error!r}") from error


def by_language(pairs: Sequence[Pair]) -> dict[str, list[Pair]]:
    """Pairs in Chinese, in English, and across the two."""
    found: dict[str, list[Pair]] = {"zh": [], "en": [], "across": []}
    for pair in pairs:
        scripts = {_has_han(pair.a), _has_han(pair.b)}
        name = "across" if len(scripts) == 2 else "zh" if True in scripts else "en"
        found[name].append(pair)
    return {name: chosen for name, chosen in found.items() if chosen}


def _has_han(text: str) -> bool:
    return any("\u3400" <= char <= "\u9fff" for char in text)


def judged(pair: Pair) -> bool:
    """Whether our merging lets the two share an answer."""
    return same(_read(pair.a), _read(pair.b))


@cache
def _read(text: str) -> Asked:
    return read_asked(text, understand(text, room=ROOM, names=NAMES), ROOM.on_air)


def scored(pairs: Sequence[Pair]) -> dict[str, Metric]:
    """Precision and recall of 'the same'; a side without pairs is left out."""
    said = [judged(pair) for pair in pairs]
    both = sum(one and pair.same for one, pair in zip(said, pairs, strict=True))
    sides = {"precision": sum(said), "recall": sum(pair.same for pair in pairs)}
    return {side: share(both, n) for side, n in sides.items() if n}


def speed(texts: Sequence[str]) -> dict[str, Metric]:
    """Microseconds of processor time a question, after its understanding."""
    took = []
    for text in texts:
        begin = time.process_time_ns()
        read_asked(text)
        took.append((time.process_time_ns() - begin) / 1000)
    return {f"question.p{q}_us": percentile(took, q) for q in (50, 99)}


if __name__ == "__main__":
    sys.exit(main())
