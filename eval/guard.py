"""Has any score of the dialogues fallen? Run as python -m eval.guard, or liveshop eval guard.

Plays a fixed slice of our dialogues with no engine, or of those that ask for advice, a comparison
or a recommendation on the embedded one, and compares each turn with the baseline committed for that
engine. A wrong figure that the baseline lacks fails; another
score fails when its turns flipped for the worse beyond chance (McNemar's exact test, one-sided, at
5 %).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from eval import figures
from eval.compare import TESTED, mcnemar
from eval.dialogue import add_options, ask, run_of, said_settings
from eval.dialogue_check import DEMO
from eval.dialogue_metrics import metrics
from eval.dialogue_run import Scored, scored
from eval.dialogue_set import OWN, Dialogue, read_dialogues, slice_of
from eval.dialogue_stage import Stage
from eval.figures import CouldNotMeasure, Figures
from eval.samples import Samples

BASELINES = Path(__file__).parent / "baselines"
# What two cores answer in eight minutes; records alone answer faster.
TURNS = {"embedded": 40, "none": 300}
SEED, LEVEL = 7, 0.05
LEAST_SHARED = 0.8
FELL = 1
Outcomes = dict[str, dict[str, bool]]


def main(argv: Sequence[str] | None = None) -> int:
    """Returns 0 when nothing fell, 1 when a score did, 2 when that could not be measured."""
    parser = figures.arguments("eval guard", __doc__ or "")
    add_options(parser)
    parser.add_argument("--turns", type=int, help="turns of the slice")
    parser.add_argument("--baseline", type=Path, metavar="FILE.json")
    parser.add_argument("--update", action="store_true", help="make this run the baseline")
    parser.add_argument("--samples", type=Path, metavar="RUN.jsonl")
    options = parser.parse_args(argv)
    options.turns = options.turns or TURNS[options.engine]
    options.baseline = options.baseline or BASELINES / f"guard_{options.engine}.json"
    fallen: list[str] = []
    status = figures.state(lambda: measure(options, fallen), options)
    for line in fallen:
        sys.stderr.write(f"fell: {line}\n")
    return status or (FELL if fallen else 0)


def measure(options: argparse.Namespace, fallen: list[str]) -> Figures:
    """Plays the slice; puts what fell into `fallen`. With --update it writes the baseline."""
    dialogues = slice_of(played_on(options.engine), options.turns, SEED)
    settings = said_settings(options) | {"turns": options.turns}
    samples = Samples.open(options.samples, run_of(settings))
    ask(dialogues, "liveshop", options, samples)
    found, errors = scored(dialogues, "liveshop", samples, Stage(DEMO))
    if errors or not found:
        raise CouldNotMeasure(f"{errors} turns were not answered")
    now = outcomes(found)
    if options.update:
        options.baseline.parent.mkdir(parents=True, exist_ok=True)
        kept = {"settings": settings, "code": figures.code_version(), "turns": now}
        text = json.dumps(kept, ensure_ascii=False, indent=1, sort_keys=True)
        options.baseline.write_text(text + "\n", encoding="utf-8")
    else:
        fallen += falls(_baseline(options.baseline), now)
    return Figures("guard", metrics(found, seed=options.seed), settings)


def played_on(engine: str) -> list[Dialogue]:
    """The dialogues to draw from: an engine's time goes to those in which it has to speak."""
    everything = read_dialogues(OWN)
    if engine == "none":
        return everything
    return [d for d in everything if any(turn.task for turn in d.turns)]


def outcomes(found: Sequence[Scored]) -> Outcomes:
    """What each score says of each turn; scores that do not apply to a turn are left out."""
    said: Outcomes = {}
    for one in found:
        judged = {name: judge(one) for name, judge in TESTED.items()}
        said[f"{one.dialogue.id}/{one.at}"] = {k: v for k, v in judged.items() if v is not None}
    return said


def _baseline(path: Path) -> Outcomes:
    try:
        turns: Outcomes = json.loads(path.read_text(encoding="utf-8"))["turns"]
    except (OSError, ValueError, KeyError) as error:
        raise CouldNotMeasure(f"{path}: no baseline: {error!r}; make one with --update") from error
    return turns


def falls(before: Mapping[str, Mapping[str, bool]], after: Outcomes) -> list[str]:
    """The scores that fell beyond noise, each with the turns that flipped for the worse."""
    shared = [key for key in before if key in after]
    if len(shared) < LEAST_SHARED * len(after):
        raise CouldNotMeasure(
            f"the baseline has {len(shared)} of {len(after)} turns: make it anew with --update"
        )
    found = []
    for name in TESTED:
        pairs = {
            key: (before[key][name], after[key][name])
            for key in shared
            if name in before[key] and name in after[key]
        }
        lost = [key for key, (old, new) in pairs.items() if old and not new]
        won = sum(new and not old for old, new in pairs.values())
        beyond = len(lost) > won and mcnemar(len(lost), won) / 2 < LEVEL
        if lost and (beyond or name == "no_wrong_figure"):
            found.append(f"{name}: lost {', '.join(lost)}; won {won}")
    return found


if __name__ == "__main__":
    sys.exit(main())
