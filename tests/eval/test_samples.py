"""A run's samples: kept as they come, gone on with after a crash."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.dialogue_reply import Reply
from eval.figures import CouldNotMeasure
from eval.samples import Sample, Samples, read_samples

RUN = {"settings": {"seed": 1, "model": "m"}, "code": "abc", "machine": "box"}


def _sample(turn: int, text: str | None = "好", error: str = "") -> Sample:
    return Sample("liveshop", "d", turn, "问", Reply(text) if text else None, error)


def test_what_was_kept_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    kept = Samples.open(path, RUN)
    full = Reply("好", model=("好",), cards=("a",), timings_ms={"total": 2.5}, at="2026-06-18")
    kept.add(Sample("liveshop", "d", 0, "问", full))
    run, held = read_samples(path)
    assert run == RUN
    assert held == [Sample("liveshop", "d", 0, "问", full)]


def test_a_run_goes_on_after_a_line_that_a_crash_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    Samples.open(path, RUN).add(_sample(0))
    with path.open("a") as file:
        file.write('{"solver": "live')
    again = Samples.open(path, RUN)
    again.add(_sample(1))
    assert [s.turn for s in read_samples(path)[1]] == [0, 1]
    assert again.whole("liveshop", "d", 2)


def test_a_turn_that_failed_is_not_whole_until_it_is_answered() -> None:
    samples = Samples.open(None, RUN)
    samples.add(_sample(0, None, "gone"))
    assert not samples.whole("liveshop", "d", 1)
    samples.add(_sample(0))
    assert samples.whole("liveshop", "d", 1)
    assert not samples.whole("plain", "d", 1)


def test_a_run_with_other_settings_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    Samples.open(path, RUN)
    with pytest.raises(CouldNotMeasure, match="'seed': 1"):
        Samples.open(path, RUN | {"settings": {"seed": 2}})


def test_a_file_of_another_form_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text('{"solver": "liveshop"}\n')
    with pytest.raises(CouldNotMeasure, match=r"run\.jsonl"):
        read_samples(path)
