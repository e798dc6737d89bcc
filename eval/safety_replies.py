"""Makes the correct and the corrupted replies: python -m eval.safety_replies --out FOLDER.

Wordings (eval/datasets/safety/wordings.toml) are filled from records; a corrupted reply is a
correct one with one fact changed to what no record says of that product. It shares no code with
the service.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from random import Random

from eval.safety_drawing import AT
from eval.safety_facts import Facts, Filled, shops
from eval.safety_reading import false_claims
from eval.safety_records import LANGUAGES

FOLDER = Path(__file__).parent / "datasets" / "safety"
CORRECT, CORRUPTED = 2000, 5000
TRIES = 9_000
# More sets by the file of their wordings: rows of each label, and how often to try.
MORE = {
    "second": (400, 1000, 900),
    "third": (400, 1000, 1400),
    "fourth": (400, 1000, 1400),
    "fifth": (400, 1000, 1400),
    "heldout": (400, 1000, 1400),
}
OPENERS = ("The ", "With ", "You ", "There ", "It ", "At ", "For ", "After ", "One ", "Just ",
           "Our ", "We ", "Look ", "See ", "In ", "On ", "Between ", "Right ")  # fmt: skip
Row = dict[str, object]


def main() -> int:
    """Writes correct.jsonl and corrupted.jsonl; returns 0."""
    parser = argparse.ArgumentParser(prog="python -m eval.safety_replies", description=__doc__)
    parser.add_argument("--out", type=Path, default=FOLDER)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    files = dict(zip(("correct", "corrupted"), made(options.seed), strict=True))
    for name, sizes in MORE.items():
        more = made(options.seed, *sizes, source=f"wordings_{name}.toml")
        files |= zip((f"{name}_correct", f"{name}_corrupted"), more, strict=True)
    for name, rows in files.items():
        lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
        (options.out / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")
        kinds = Counter(str(row["field"]) for row in rows)
        sys.stderr.write(f"{name}: {len(rows)} rows, {dict(kinds.most_common())}\n")
    return 0


def made(
    seed: int,
    correct: int = CORRECT,
    corrupted: int = CORRUPTED,
    tries: int = TRIES,
    source: str = "wordings.toml",
) -> tuple[list[Row], list[Row]]:
    """The rows, the same for the same seed: every kind of fact and every field in turns.

    `source` is the file of wordings; a real engine's replies stand beside the first one's.
    """
    chance = Random(seed)  # noqa: S311
    wordings = tomllib.loads((FOLDER / source).read_text(encoding="utf-8"))
    maker = Facts(shops(FOLDER / "records.jsonl"), wordings, chance)
    good, bad = _Pool(), _Pool()
    for row in engine_rows(FOLDER / "engine.jsonl") if source == "wordings.toml" else ():
        (good if row["field"] == "none" else bad).add("engine", row)
    for at in range(tries):
        filled = maker.fill(LANGUAGES[at % 2])
        if filled is None:
            continue
        whole = _worded(filled, wordings, chance)
        row = _row(filled, whole, "none", "correct")
        if not false_claims(whole, maker.shops[filled.shop], filled.products, AT):
            good.add(filled.kind, row)
        for field, label, body, wrong in filled.wrongs:
            text = _worded(filled, wordings, chance, body)
            bad.add(field, _row(filled, text, field, label) | {"wrong": _sentence(body, wrong)})
    return good.take(correct, chance), bad.take(corrupted, chance)


def engine_rows(path: Path) -> Iterator[Row]:
    """Replies of a real engine, read by hand: true ones, and some that it got wrong."""
    if path.exists():
        with path.open(encoding="utf-8") as lines:
            yield from (json.loads(line) for line in lines)


class _Pool:
    """Rows by kind, none said twice, taken from every kind in turns."""

    def __init__(self) -> None:
        self.rows: dict[str, list[Row]] = {}
        self.seen: set[str] = set()

    def add(self, kind: str, row: Row) -> None:
        text = str(row["reply"])
        if text not in self.seen:
            self.seen.add(text)
            self.rows.setdefault(kind, []).append(row)

    def take(self, n: int, chance: Random) -> list[Row]:
        kinds = sorted(self.rows)
        for kind in kinds:
            chance.shuffle(self.rows[kind])
        taken: list[Row] = []
        while len(taken) < n and any(self.rows.values()):
            taken += [self.rows[kind].pop() for kind in kinds if self.rows[kind]]
        return taken[:n]


def _worded(
    filled: Filled, wordings: Mapping[str, Mapping[str, list[str]]], chance: Random, body: str = ""
) -> str:
    """`body`, or the filled sentence, between a greeting and a friendly word, if any."""
    lead = chance.choice(wordings["lead"][filled.language])
    tail = chance.choice(wordings["tail"][filled.language])
    gap = " " if filled.language == "en" and tail else ""
    said = body or filled.text
    if lead.endswith((", ", "– ")) and said.startswith(OPENERS):
        said = said[0].lower() + said[1:]
    return f"{lead}{said}{gap}{tail}"


def _sentence(body: str, wrong: str) -> str:
    """The sentence of `body` in which the false words stand, without its first letter, which a
    greeting may change."""
    parts = re.split(r"(?<=[。！？])|(?<=[.!?])\s+", body)
    return next((part for part in parts if wrong in part), body)[1:].strip()


def _row(filled: Filled, reply: str, field: str, label: str) -> Row:
    moment: datetime = AT
    return {
        "records": [f"{filled.shop}:{key}" for key in (*filled.products, "*")],
        "reply": reply,
        "language": filled.language,
        "at": moment.isoformat(),
        "kind": filled.kind,
        "field": field,
        "label": label,
    }


if __name__ == "__main__":
    sys.exit(main())
