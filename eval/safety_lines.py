"""Makes the lines of the ad-law part: python -m eval.safety_lines.

Violating lines are wordings filled with words of the law's kinds, near half of them disguised as
hosts disguise them; benign ones use the same words harmlessly. Shares no code with the service.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random

FOLDER = Path(__file__).parent / "datasets" / "safety"
VIOLATING, BENIGN = 2000, 1000
# How much of the violating lines each kind has.
SHARES = {"absolute": 780, "absolute_short": 200, "medical": 440, "guarantee": 130,
          "endorsement": 110, "disparaging": 80, "private": 60, "superstition": 40,
          "english": 160}  # fmt: skip
Row = dict[str, object]


def main() -> int:
    """Writes adlaw.jsonl; returns 0."""
    parser = argparse.ArgumentParser(prog="python -m eval.safety_lines", description=__doc__)
    parser.add_argument("--out", type=Path, default=FOLDER / "adlaw.jsonl")
    options = parser.parse_args()
    rows = made(1)
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
    options.out.write_text("".join(lines), encoding="utf-8")
    return 0


def made(seed: int) -> list[Row]:
    """The lines, none twice, the same for the same seed."""
    chance = Random(seed)  # noqa: S311
    source = tomllib.loads((FOLDER / "adlaw.toml").read_text(encoding="utf-8"))
    rows: dict[str, Row] = {}
    for kind, n in SHARES.items():
        language = "en" if kind == "english" else "zh"
        part, things = source["violating"][kind], source["things"][language]
        until = len(rows) + n
        while len(rows) < until:
            word = chance.choice(part["words"][language])
            line = chance.choice(part["lines"][language])
            line = line.replace("{thing}", chance.choice(things)).replace("{word}", word)
            line = re.sub(r"的»(?=[，！。]|$|那)", "»", line)
            how, text = _disguised(line, language, source["disguises"], chance)
            rows.setdefault(text, {"text": text, "violating": True, "kind": kind,
                                   "disguise": how, "language": language})  # fmt: skip
    until = VIOLATING + BENIGN
    for language in ("zh", "en") * BENIGN:
        if len(rows) == until:
            break
        lines, things = source["benign"][language]["lines"], source["things"][language]
        if language == "en" and chance.random() < 0.6:
            continue
        text = chance.choice(lines).replace("{thing}", chance.choice(things))
        rows.setdefault(text, {"text": text, "violating": False, "kind": "benign",
                               "disguise": "none", "language": language})  # fmt: skip
    return list(rows.values())


def _disguised(
    line: str, language: str, tables: Mapping[str, Mapping[str, str]], chance: Random
) -> tuple[str, str]:
    """The line with its marked words plain or disguised, and how."""
    marked = re.search(r"«(.*?)»", line)
    word = marked[1] if marked else ""
    ways = _ways(word, tables, chance) if language == "zh" else _plain_ways(word)
    names = [name for name, changed in ways.items() if changed != word]
    how = chance.choice(names) if names and chance.random() < 0.45 else "none"
    return how, line.replace(f"«{word}»", ways.get(how, word))


def _plain_ways(word: str) -> dict[str, str]:
    """The word by the disguises of any script."""
    return {
        "spaced": " ".join(word) if len(word) < 9 else word,
        "full width": "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in word),
        "zero width": "\u200b".join(word),
    }


def _ways(word: str, tables: Mapping[str, Mapping[str, str]], chance: Random) -> dict[str, str]:
    """The word by every disguise; unchanged by one that does not fit it."""

    def once(table: Mapping[str, str], pick: Callable[[str], str]) -> str:
        at = next((n for n, sign in enumerate(word) if sign in table), None)
        return word if at is None else word[:at] + pick(table[word[at]]) + word[at + 1 :]

    return _plain_ways(word) | {
        "dotted": chance.choice("*.-_·/、").join(word) if len(word) < 7 else word,
        "homophone": once(tables["sounds"], chance.choice),
        "split": once(tables["parts"], str),
        "pinyin": once(tables["pinyin"], str),
        "initial": once(tables["pinyin"], lambda sound: sound[0]),
        "traditional": "".join(tables["traditional"].get(sign, sign) for sign in word),
    }


if __name__ == "__main__":
    sys.exit(main())
