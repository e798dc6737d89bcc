"""What the gate costs a sentence. Run as liveshop bench gate.

Sentences of replies, true and corrupted, are held against the records they came with, as a
service does it: the figures of the records, and the kind of the goods, are read ahead while the
engine reads the prompt, and each sentence then pays for its own reading and checks, and for the
rules of advertising that it is held against after. Reading the records again from SQL is measured
by bench service. The milliseconds are the processor's: what else the machine does counts for
nothing.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

from assistant.turn.compliance import Compliance, read_rules
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
    compliance = Compliance(read_rules())
    compliance.check(rows[0].reply)
    ahead, judged, lawful, both = [], [], [], []
    for row in rows:
        evidence = evidence_of(row)
        names = tuple(name for p in evidence.products for name in p.title.every())
        goods = " ".join((*(c for p in evidence.products for c in p.category.every()), *names))
        began = time.thread_time()
        prepare(evidence)
        compliance.check("", goods, names)
        read = time.thread_time()
        ahead.append((read - began) * 1000)
        for sentence in sentences_of(row.reply):
            start = time.thread_time()
            check(sentence, evidence, row.language, row.question)
            checked = time.thread_time()
            compliance.check(sentence, goods, names)
            done = time.thread_time()
            judged.append((checked - start) * 1000)
            lawful.append((done - checked) * 1000)
            both.append((done - start) * 1000)
    metrics = {
        "sentence.p50_ms": percentile(both, 50),
        "sentence.p99_ms": percentile(both, 99),
        "grounding.p50_ms": percentile(judged, 50),
        "grounding.p99_ms": percentile(judged, 99),
        "compliance.p50_ms": percentile(lawful, 50),
        "compliance.p99_ms": percentile(lawful, 99),
        "records_ahead.p99_ms": percentile(ahead, 99),
    }
    return Figures("gate", metrics, {"n": options.n, "seed": options.seed})


if __name__ == "__main__":
    sys.exit(main())
