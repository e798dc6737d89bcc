"""The report: one page that needs nothing beside it, and says what a run found."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from functools import cache

from eval.dialogue_check import DEMO
from eval.dialogue_metrics import by_part, metrics
from eval.dialogue_reply import Reply
from eval.dialogue_report import page
from eval.dialogue_run import Scored, scored
from eval.dialogue_set import Dialogue
from eval.dialogue_stage import Stage
from eval.figures import Figures, Metric
from eval.samples import Sample, Samples
from eval.svg_plots import against, bars, distribution, intervals, steps
from eval.viewers import Visit

DIALOGUE = Dialogue.model_validate_json(
    """{"id": "d", "family": "facts", "language": "zh", "turns": [
    {"say": "<b>多少钱</b>", "facts": [[{"price": "air-2"}]]}, {"say": "好的"}]}"""
)


def _found(solver: str, text: str) -> list[Scored]:
    samples = Samples(None, {"settings": {}})
    reply = Reply(
        text, cards=("air-2",), stopped=("price: 现在1元。",), milliseconds=120,
        timings_ms={"first_sentence": 20.0},
    )  # fmt: skip
    samples.add(Sample(solver, "d", 0, "多少钱", reply))
    samples.add(Sample(solver, "d", 1, "好的", Reply("好的。", milliseconds=80)))
    return scored([DIALOGUE], solver, samples, Stage(DEMO))[0]


@cache
def _page() -> str:
    found = {"liveshop": _found("liveshop", "现在170元。"), "plain": _found("plain", "不知道。")}
    ours = found["liveshop"]
    said = metrics(ours) | metrics(ours, "same.") | metrics(found["plain"], "plain.")
    figures = Figures("dialogue", said | by_part(ours), {"seed": 1})
    visits = {"liveshop": [Visit("v", found="air-2"), Visit("v", faults=["never heard: 价"])]}
    earlier = {"metrics": {"helpful": {"value": 0.25, "low": 0.1, "high": 0.4, "n": 9}}}
    return page(figures.document(1.0), found, visits, earlier)


def test_the_page_needs_nothing_from_elsewhere() -> None:
    text = _page()
    assert not re.search(r"https?://|<script|<link|@import|url\(", text)
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text


def test_what_a_viewer_wrote_is_no_markup() -> None:
    text = _page()
    assert "<b>多少钱</b>" not in text
    assert "&lt;b&gt;多少钱&lt;/b&gt;" in text


def test_it_tells_figures_faults_decisions_and_an_earlier_run() -> None:
    text = _page()
    for said in (
        "wrong_figures",
        "sum 170元",
        "price: 现在1元。",
        "never heard: 价",
        "0.250 <small>",
    ):
        assert said in text, said
    for title in ("Latency", "Quality against cost", "Reliability", "Exposure", "Worst replies"):
        assert f">{title}<" in text, title


def test_every_plot_is_well_formed() -> None:
    half = Metric(0.5, 0.4, 0.6, 10)
    plots = [
        intervals({"a & b": {"x": half, "y": half}}, ["x", "y"], "t"),
        distribution({"x": [1.0, 20.0, 300.0], "none": []}, "t"),
        against({"x": (half, Metric(90, 80, 100, 5))}, "t"),
        steps({"x": [0.9, 0.8], "none": []}, "t"),
        bars({"p": 3, "q": 1}, "t"),
    ]
    for plot in plots:
        assert ET.fromstring(plot).tag == "svg"
    assert distribution({}, "t") == against({}, "t") == steps({}, "t") == bars({}, "t") == ""
