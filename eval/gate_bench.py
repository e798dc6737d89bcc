"""What the gate costs a sentence. Run as liveshop bench gate.

Sentences of replies, true and corrupted, are held against the records they came with, as a
service does it: the figures of the records are read ahead while the engine reads the prompt, and
each sentence then pays for its own reading and checks. Reading the records again from SQL is
measured by bench service.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

from assistant.turn.grounding import check, prepare
from eval import figures
from eval.figures import CouldNotMeasure, Figures, percentile
from eval.safety_gate import OWN, evidence_of, sentences_of
from eval.safety_outcome import sample
from eval.safety_rows import read_replies

SENTENCES = 2000


def main(argv: Sequence[str] | None = None) -> int:
    """Returns 0 when measured, 2 when that could not be done."""
    parser = figures.arguments("bench gate", __doc__ or "")
    parser.add_argument("--n", type=int, default=SENTENCES, help="how many replies")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(argv)
    return figures.state(lambda: measure(options), options)


def measure(options: argparse.Namespace) -> Figures:
    """Milliseconds a sentence, and those of reading a turn's records ahead."""
    rows = [
        row
        for name in ("correct.jsonl", "corrupted.jsonl")
        for row in sample(list(read_replies(OWN / name)), options.n // 2, options.seed)
    ]
    if not rows:
        raise CouldNotMeasure(f"no replies in {OWN}")
    ahead, judged = [], []
    for row in rows:
        evidence = evidence_of(row)
        began = time.perf_counter()
        prepare(evidence)
        read = time.perf_counter()
        ahead.append((read - began) * 1000)
        for sentence in sentences_of(row.reply):
            start = time.perf_counter()
            check(sentence, evidence, row.language, row.question)
            judged.append((time.perf_counter() - start) * 1000)
    metrics = {
        "sentence.p50_ms": percentile(judged, 50),
        "sentence.p99_ms": percentile(judged, 99),
        "records_ahead.p99_ms": percentile(ahead, 99),
    }
    return Figures("gate", metrics, {"n": options.n, "seed": options.seed})


if __name__ == "__main__":
    sys.exit(main())
