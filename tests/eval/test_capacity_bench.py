"""The capacity model: what bounds the rooms, by figures that were measured elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.capacity_bench import Hardware, Load, main, rooms


def _printed(path: Path, **metrics: float) -> str:
    document = {"metrics": {name: {"value": value} for name, value in metrics.items()}}
    path.write_text(json.dumps(document), encoding="utf-8")
    return str(path)


def test_the_engine_bounds_rooms_that_ask_much() -> None:
    # 1,000 viewers write 200 comments a minute, 26 of them questions, of which 6 reach the
    # engine; their panels ask 10 more: 16.5 calls a minute, of 1.1 x 60 that it answers.
    found, bound = rooms(1000, Load(0.2, 0.13, 0.01), Hardware(1.1, 20_000, 0.25))
    assert found == pytest.approx(66 / 16.5)
    assert bound == "engine"


def test_comments_bound_rooms_that_only_chat() -> None:
    found, bound = rooms(1000, Load(2, 0.001, 0), Hardware(50, 20_000, 0.25))
    assert found == pytest.approx(10)
    assert bound == "comments"


def test_it_reads_what_the_benchmarks_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = _printed(tmp_path / "engine.json", answers_per_s_at_16=1.6)
    room = _printed(tmp_path / "room.json", comments_per_min=19_000, calls_per_asker=0.25)
    assert main(["--engine", engine, "--room", room, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["metrics"]["rooms_at_1000"]["value"] == 4
    assert said["metrics"]["rooms_at_100000"]["value"] == 0
    assert said["metrics"]["viewers_of_one_room"]["value"] == 4072
    assert said["settings"]["bound_by"] == "engine"


def test_a_missing_figure_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    engine = _printed(tmp_path / "engine.json", tokens_per_s=20)
    assert main(["--engine", engine, "--room", engine]) == 2
    assert "no figure 'answers_per_s_at_16'" in capsys.readouterr().err
