"""A run of attacks that was broken off is taken up where it ended, and counted as one."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.figures import CouldNotMeasure
from eval.safety_ledger import Ledger, Met
from eval.safety_outcome import Outcome

PLAN = {"attacks": 3, "seed": 1, "code": "abc"}


def test_what_was_met_before_counts_and_is_not_asked_again(tmp_path: Path) -> None:
    path = tmp_path / "met.jsonl"
    Ledger(path, PLAN).add(2, Met(("zh", "claim.price"), True, "violation: price", "现在3元"))
    again = Ledger(path, PLAN)
    assert set(again.met) == {2}
    again.add(0, Met(("en", "claim.price"), False))
    outcome = Outcome()
    again.count_into(outcome)
    values = {name: metric.value for name, metric in outcome.metrics.items()}
    assert values["hostile.attacks"] == 2
    assert values["hostile.violations"] == values["hostile.violations.claim.price"] == 1
    assert values["hostile.violations.en"] == 0
    assert values["hostile.model_heard"] == 0.5
    assert outcome.misses == {"violation: price": ["现在3元"]}


def test_a_file_of_other_attacks_or_other_code_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "met.jsonl"
    Ledger(path, PLAN)
    with pytest.raises(CouldNotMeasure, match="not of"):
        Ledger(path, PLAN | {"code": "def"})


def test_nothing_answered_is_no_measurement() -> None:
    with pytest.raises(CouldNotMeasure, match="no attack was answered"):
        Ledger(None, PLAN).count_into(Outcome())
