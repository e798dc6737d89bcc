"""The comments of a flood: what is said by `room_mix.json`, when by real logs where they are given.

The first wordings of a list are said most, as Zipf's law has it, so that about as many comments
are duplicates as in real logs; the same seed says the same.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from eval.figures import CouldNotMeasure
from retrieval.catalog import Product

MIX = Path(__file__).with_name("room_mix.json")
LOGS = "bilibili_danmaku_lpl"
CHATTERERS = 5000


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment, due `at` seconds after the beginning. Who asks asks once."""

    at: float
    viewer: str
    text: str
    question: bool


@dataclass(frozen=True, slots=True)
class Logs:
    """Real chatter, and how many comments came in each second of it."""

    texts: tuple[str, ...] = ()
    per_second: tuple[int, ...] = ()


def read_logs(data: Path | None) -> Logs:
    """The comment logs under the data folder; empty without one."""
    folder = data / LOGS if data else None
    if folder is None or not folder.is_dir():
        return Logs()
    texts: list[str] = []
    seconds: list[int] = []
    for file in sorted(folder.glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as rows:
            for row in csv.DictReader(rows):
                texts.append(row["text"])
                seconds.append(int(float(row["video_time_s"])))
    counts = [0] * (max(seconds, default=0) + 1)
    for second in seconds:
        counts[second] += 1
    # The middle of a match: the beginning and the end are all but silent.
    middle = counts[len(counts) // 4 : 3 * len(counts) // 4]
    return Logs(tuple(texts), tuple(middle))


def comments(
    per_minute: int,
    seconds: float,
    products: Sequence[Product],
    numbers: int,
    logs: Logs,
    seed: int = 1,
) -> list[Comment]:
    """`per_minute` comments a minute for `seconds`, by time; `numbers` items are listed."""
    mix = json.loads(MIX.read_text(encoding="utf-8"))
    random = Random(seed)  # noqa: S311
    total = int(per_minute * seconds / 60)
    if total < 1:
        raise CouldNotMeasure(f"{per_minute} comments a minute for {seconds:g} s are none")
    chatter = logs.texts or tuple(mix["chatter"])
    weights = [1 / (rank + 1) ** 0.7 for rank in range(len(mix["on_air"]))]
    found = []
    for number, at in enumerate(_times(total, seconds, logs, random)):
        if random.random() < mix["question_share"]:
            text = _question(mix, weights, products, numbers, random)
            found.append(Comment(at, f"asker-{seed}-{number}", text, question=True))
        else:
            text = random.choice(chatter)[:200] or "1"
            viewer = f"viewer-{random.randrange(CHATTERERS)}"
            found.append(Comment(at, viewer, text, question=False))
    return found


def _times(total: int, seconds: float, logs: Logs, random: Random) -> list[float]:
    if not logs.per_second:
        return sorted(random.uniform(0, seconds) for _ in range(total))
    span = max(1, round(seconds))
    start = random.randrange(len(logs.per_second))
    shape = [1 + logs.per_second[(start + n) % len(logs.per_second)] for n in range(span)]
    chosen = random.choices(range(span), weights=shape, k=total)
    return sorted(min(second + random.random(), seconds) for second in chosen)


def _question(
    mix: dict[str, Any],
    weights: Sequence[float],
    products: Sequence[Product],
    numbers: int,
    random: Random,
) -> str:
    subjects: dict[str, float] = mix["subjects"]
    kind = random.choices(list(subjects), weights=list(subjects.values()))[0]
    if kind == "on_air":
        text: str = random.choices(mix["on_air"], weights=weights)[0]
    else:
        text = random.choice(mix[kind])
    product = products[min(int(random.paretovariate(1.0)) - 1, len(products) - 1)]
    text = text.format(
        n=min(int(random.paretovariate(0.8)), numbers),
        name=product.title.say("zh"),
        name_en=product.title.say("en"),
    )
    return text if text.isascii() else text + random.choice(mix["endings"])
