"""What kind of comment this is, at once and without a language model.

A logistic regression over hashed pieces of the text: pairs and triples of Chinese characters,
English words and their neighbours, and the signs of `signs.toml` beside this module. Its weights
come from comments written for this project (`python -m eval.triage_training`).
"""

from __future__ import annotations

import math
import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Literal, get_args
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from retrieval.catalog import Language
from retrieval.terms import plain

Label = Literal[
    "question", "purchase_intent", "complaint", "greeting", "praise", "spam", "abuse", "attack",
    "other",
]  # fmt: skip
LABELS: tuple[Label, ...] = get_args(Label)
BUCKETS = 1 << 13
"""Length of a weight vector; pieces share buckets by chance."""

_READ = 160
_HAN = re.compile(r"[\u3400-\u9fff]")
_RUN = re.compile(r"[\u3400-\u9fff]+|[a-z']+|\d+|[?!]|[^\w\s]")
_REPEATED = re.compile(r"(.)\1{2,}")
_REPEATED_PAIR = re.compile(r"(..)\1{2,}")
_URGENT = re.compile(
    r"急|快点|马上|来不及|最后|秒杀|下播|[!！]{2,}|\b(?:now|hurry|urgent|asap|quick)\b",
    re.IGNORECASE,
)
_SELLS = re.compile(
    r"有货|库存|链接|怎么[买拍]|下单|付款|拍不了|\b(?:link|in stock|left|buy|order|check ?out)\b",
    re.IGNORECASE,
)
_BASE: dict[Label, float] = {
    "question": 0.5, "purchase_intent": 0.3, "complaint": 0.6, "greeting": 0.05, "praise": 0.05,
    "spam": 0.0, "abuse": 0.1, "attack": 0.1, "other": 0.0,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Triage:
    """The kind of a comment. `urgency` and `confidence` (its probability) are 0 to 1."""

    label: Label
    language: Language
    urgency: float
    confidence: float


def triage(text: str) -> Triage:
    """The kind of one comment, in either language; its first 160 characters are read. Pure."""
    buckets, values = pieces(text)
    weights, bias, floor = _model()
    scores = (values @ weights[buckets] + bias).tolist()
    most = max(scores)
    chances = [math.exp(score - most) for score in scores]
    best = 0 if chances[0] >= floor * sum(chances) else scores.index(most)
    label = LABELS[best]
    language: Language = "zh" if _HAN.search(text) else "en"
    return Triage(label, language, _urgency(label, text), chances[best] / sum(chances))


def pieces(text: str) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The buckets of a text's pieces and how much each counts; both of one length, never empty."""
    said = plain(text[:_READ])[0]
    said = _REPEATED_PAIR.sub(r"\1\1", _REPEATED.sub(r"\1\1", said))
    grams = ["all"]
    before = "^"
    for match in _RUN.finditer(said):
        run = match[0]
        if "\u3400" <= run[0] <= "\u9fff":
            framed = f"{'^' if before == '^' else ''}{run}{'$' if match.end() == len(said) else ''}"
            grams += framed
            grams += [framed[i : i + 2] for i in range(len(framed) - 1)]
            grams += [framed[i : i + 3] for i in range(len(framed) - 2)]
        elif run[0].isdigit():
            run = "0" * min(len(run), 6) if len(run) > 2 else run
            grams.append(run)
        elif run[0].isalpha():
            grams += [run, f"{before} {run}"]
            if len(run) > 4:
                grams += [run[:4] + "-", "-" + run[-4:]]
        else:
            grams.append(run)
        before = run
    signs = [name for name, form in _signs() if form.search(said)]
    signs.append(f"long {min(len(said) // 6, 6)}")
    grams = list(dict.fromkeys(grams))
    keys = [
        crc32(gram.encode("utf-8", "surrogatepass")) % BUCKETS
        for gram in grams + ["§" + sign for sign in signs]
    ]
    share = 2.0 / len(grams) ** 0.5
    values = [share] * len(grams) + [1.0] * len(signs)
    return np.array(keys), np.array(values, dtype=np.float32)


@lru_cache(maxsize=1)
def _signs() -> tuple[tuple[str, re.Pattern[str]], ...]:
    source = files("assistant.live").joinpath("signs.toml").read_text(encoding="utf-8")
    signs = tomllib.loads(source)["signs"]
    return tuple((name, re.compile("|".join(forms))) for name, forms in signs.items())


@lru_cache(maxsize=1)
def _model() -> tuple[NDArray[np.float32], NDArray[np.float32], float]:
    """Weights (buckets x labels), bias (labels), and from which chance on a text is a question."""
    with files("assistant.live").joinpath("triage.npz").open("rb") as source:
        stored = np.load(source, allow_pickle=False)
        return (
            stored["weights"].astype(np.float32),
            stored["bias"].astype(np.float32),
            float(stored["question_from"]),
        )


def _urgency(label: Label, text: str) -> float:
    urgency = _BASE[label]
    if label in ("question", "purchase_intent", "complaint"):
        urgency += 0.25 * bool(_URGENT.search(text)) + 0.25 * bool(_SELLS.search(text))
    return min(urgency, 1.0)
