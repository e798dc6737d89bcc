"""Are comments sorted right, and how fast? Run as liveshop eval triage.

Measures our own held-out comments; of --data also triage/comments.jsonl and the labelled comments
of live_commerce_comments, beside the rule that a question is what has a question mark.
"""

from __future__ import annotations

import csv
import html
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from assistant.live.triage import triage
from eval import figures
from eval.figures import CouldNotMeasure, Figures, Metric, percentile, share

OWN = Path(__file__).parent / "datasets" / "triage" / "test.jsonl"
GIVEN = Path("triage") / "comments.jsonl"
VIDEOS = Path("live_commerce_comments") / "origin_comments_data.csv"
TIMED = 500


class Row(NamedTuple):
    """One comment; `label` is None where only `asks` is known."""

    text: str
    asks: bool
    label: str | None = None


def main(argv: Sequence[str] | None = None) -> int:
    """Returns 0 when measured, 2 when that could not be done."""
    options = figures.arguments("eval triage", __doc__ or "").parse_args(argv)
    return figures.state(lambda: measure(options.data), options)


def measure(data: Path | None) -> Figures:
    """The figures over our own rows and those of `data` that are there."""
    own = comments(OWN)
    metrics = scored(own, ours) | by_label(own)
    for language in ("zh", "en"):
        chosen = [row for row in own if triage(row.text).language == language]
        metrics |= {f"{language}.{name}": one for name, one in scored(chosen, ours).items()}
    if data is not None and (data / GIVEN).is_file():
        rows = comments(data / GIVEN)
        found = scored(rows, ours) | by_label(rows)
        metrics |= {f"data.{name}": one for name, one in found.items()}
    if data is not None and (data / VIDEOS).is_file():
        rows = videos(data / VIDEOS)
        for prefix, rule in (("videos.", ours), ("videos.question_mark.", has_question_mark)):
            metrics |= {f"{prefix}{name}": one for name, one in scored(rows, rule).items()}
    metrics |= speed([row.text for row in own[:TIMED]])
    return Figures("triage", metrics, {"data": str(data) if data else None})


def comments(path: Path) -> list[Row]:
    """Rows of {"text", "label"}. Raises CouldNotMeasure where the file is not of that form."""
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
        return [Row(row["text"], row["label"] == "question", row["label"]) for row in rows]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CouldNotMeasure(f"{path}: {error!r}") from error


def videos(path: Path) -> list[Row]:
    """The comments under shopping videos that are labelled as questions or not."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["user_question"]]
    return [
        Row(html.unescape(row["comment_text"]), float(row["user_question"]) == 1) for row in rows
    ]


def ours(text: str) -> bool:
    """Whether our triage takes `text` for a question."""
    return triage(text).label == "question"


def has_question_mark(text: str) -> bool:
    """The rule to beat."""
    return "?" in text or "？" in text


def scored(rows: Sequence[Row], asks: Callable[[str], bool]) -> dict[str, Metric]:
    """Recall and precision of questions; a side without rows is left out."""
    said = [asks(row.text) for row in rows]
    both = sum(one and row.asks for one, row in zip(said, rows, strict=True))
    sides = {"recall": sum(row.asks for row in rows), "precision": sum(said)}
    return {f"question.{side}": share(both, n) for side, n in sides.items() if n}


def by_label(rows: Sequence[Row]) -> dict[str, Metric]:
    """How many labels are right."""
    right = sum(triage(row.text).label == row.label for row in rows)
    return {"intent.accuracy": share(right, len(rows))} if rows else {}


def speed(texts: Sequence[str]) -> dict[str, Metric]:
    """Microseconds of processor time a comment."""
    took = []
    for text in texts:
        begin = time.process_time_ns()
        triage(text)
        took.append((time.process_time_ns() - begin) / 1000)
    return {f"comment.p{q}_us": percentile(took, q) for q in (50, 99)}


if __name__ == "__main__":
    sys.exit(main())
