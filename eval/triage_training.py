"""Trains the triage of comments. Run as python -m eval.triage_training.

Softmax regression by full-batch gradient descent (Adam, Kingma and Ba 2015) over
eval/datasets/triage/dev.jsonl alone; prints five-fold cross-validated figures, then writes
assistant/live/triage.npz.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.live.triage import BUCKETS, LABELS, pieces

DATASETS = Path(__file__).parent / "datasets" / "triage"
WEIGHTS = Path(__file__).parent.parent / "assistant" / "live" / "triage.npz"
QUESTION_FROM = 0.5
FOLDS, STEPS, RATE, DECAY = 5, 250, 0.05, 3e-4

Matrix = NDArray[np.float32]


def read(path: Path) -> tuple[list[str], NDArray[np.int64]]:
    """Texts and the places of their labels in LABELS. Raises ValueError on an unknown label."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [r["text"] for r in rows], np.array([LABELS.index(r["label"]) for r in rows])


def table(texts: Sequence[str]) -> Matrix:
    """The pieces of each text as one row of BUCKETS values."""
    rows = np.zeros((len(texts), BUCKETS), dtype=np.float32)
    for row, text in zip(rows, texts, strict=True):
        buckets, values = pieces(text)
        np.add.at(row, buckets, values)
    return rows


def fit(rows: Matrix, labels: NDArray[np.int64]) -> tuple[Matrix, Matrix]:
    """Weights (BUCKETS x labels) and bias."""
    wanted = np.eye(len(LABELS), dtype=np.float32)[labels]
    # Rows of one column more: the last stands for the bias.
    rows = np.hstack([rows, np.ones((len(rows), 1), dtype=np.float32)])
    weights = np.zeros((rows.shape[1], len(LABELS)), dtype=np.float32)
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, STEPS + 1):
        scores = rows @ weights
        scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        slope = rows.T @ (scores / scores.sum(axis=1, keepdims=True) - wanted) / len(rows)
        slope += DECAY * weights
        first = 0.9 * first + 0.1 * slope
        second = 0.999 * second + 0.001 * slope**2
        weights -= RATE * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
    return weights[:-1], weights[-1]


def chances(rows: Matrix, weights: Matrix, bias: Matrix) -> Matrix:
    """The probability of each label, one row a text."""
    scores = rows @ weights + bias
    scores = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(scores / scores.sum(axis=1, keepdims=True), dtype=np.float32)


def main(argv: Sequence[str] | None = None) -> int:
    """Returns 0."""
    argparse.ArgumentParser(prog="triage_training", description=__doc__).parse_args(argv)
    texts, labels = read(DATASETS / "dev.jsonl")
    rows = table(texts)
    order = np.random.default_rng(0).permutation(len(texts)) % FOLDS
    held_out = np.zeros((len(texts), len(LABELS)), dtype=np.float32)
    for fold in range(FOLDS):
        weights, bias = fit(rows[order != fold], labels[order != fold])
        held_out[order == fold] = chances(rows[order == fold], weights, bias)
    guess = held_out.argmax(axis=1)
    asks = held_out[:, 0] >= QUESTION_FROM
    hits = int((asks & (labels == 0)).sum())
    lines = [
        f"rows {len(texts)}, labels right {float((guess == labels).mean()):.3f}",
        f"questions: recall {hits / int((labels == 0).sum()):.3f}",
        f"questions: precision {hits / max(int(asks.sum()), 1):.3f}",
    ]
    sys.stdout.write("five-fold cross-validation: " + "; ".join(lines) + "\n")
    weights, bias = fit(rows, labels)
    np.savez_compressed(
        WEIGHTS,
        weights=weights.astype(np.float16),
        bias=bias,
        question_from=np.float32(QUESTION_FROM),
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
