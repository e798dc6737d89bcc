"""The one form of figures: intervals, what is printed, exit status."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval import figures
from eval.figures import CouldNotMeasure, Figures


def _figures() -> Figures:
    return Figures("facts", {"a<b": figures.share(9, 10)}, {"n": 10}, infrastructure_errors=2)


def test_wilson_interval_of_a_known_case() -> None:
    metric = figures.share(81, 263)
    assert (round(metric.low, 4), round(metric.high, 4)) == (0.2553, 0.3662)


def test_all_right_is_not_certain() -> None:
    metric = figures.share(100, 100)
    assert metric.value == 1 == metric.high
    assert 0.95 < metric.low < 0.97


@pytest.mark.parametrize(("hits", "n"), [(0, 0), (3, 2), (-1, 2)])
def test_share_of_nothing_is_refused(hits: int, n: int) -> None:
    with pytest.raises(ValueError, match="share of"):
        figures.share(hits, n)


def test_count_keeps_the_number_and_scales_the_interval() -> None:
    metric = figures.count(0, 200)
    assert (metric.value, metric.low, metric.n) == (0, 0, 200)
    assert 3 < metric.high < 4


def test_percentile_holds_its_value_and_is_the_same_twice() -> None:
    values = [float(x) for x in range(101)]
    metric = figures.percentile(values, 50)
    assert metric.value == 50
    assert metric.low < 50 < metric.high
    assert metric == figures.percentile(values, 50)
    assert figures.mean(values).value == 50


def test_json_prints_one_object_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    options = figures.arguments("eval facts", "").parse_args(["--json"])
    assert figures.state(_figures, options) == 0
    out = capsys.readouterr().out
    document = json.loads(out)
    assert out.count("\n") == 1
    assert document["task"] == "facts"
    assert document["metrics"]["a<b"]["n"] == 10
    assert document["infrastructure_errors"] == 2
    assert {"settings", "code", "machine", "seconds", "excluded"} <= set(document)


def test_table_and_page_say_the_figure(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    page = tmp_path / "out.html"
    options = figures.arguments("eval facts", "").parse_args(["--report", str(page)])
    assert figures.state(_figures, options) == 0
    assert "0.9" in capsys.readouterr().out
    text = page.read_text(encoding="utf-8")
    assert "a&lt;b" in text
    assert "a<b" not in text


def test_what_cannot_be_measured_is_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    def measure() -> Figures:
        raise CouldNotMeasure("no data in /nowhere: give --data")

    options = figures.arguments("eval facts", "").parse_args(["--json"])
    assert figures.state(measure, options) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "no data in /nowhere" in said.err
