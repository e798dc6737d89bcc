"""Answers to product questions: matched with a human's, and held to their evidence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.figures import CouldNotMeasure
from eval.hetpqa import OWN, Row, f1, feed, nearest, read_own, read_rows, scored, support

ROW = Row(
    "het-0", "does it need batteries?", "it takes two aa batteries, not included.",
    "yes, it needs two aa batteries.",
    ("the tiles are glossy", "it takes two aa batteries, not included.", "good for age 12"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        ("yes, it needs two aa batteries.", 1.0),
        ("It needs the two AA batteries, yes", 1.0),
        ("two aa batteries", 2 * 1.0 * 0.5 / 1.5),
        ("I am not sure", 0.0),
        ("", 0.0),
    ],
)
def test_match_is_the_overlap_of_words(answer: str, value: float) -> None:
    assert f1(answer, ROW.answer) == pytest.approx(value)


def test_support_counts_the_telling_words_that_the_evidence_has() -> None:
    assert support("It takes two AA batteries.", ROW) == 1.0
    assert support("two rechargeable batteries", ROW) == pytest.approx(2 / 3)
    assert support("Yes.", ROW) == 0.0


def test_the_nearest_piece_and_the_feed() -> None:
    assert nearest(ROW, 1) == [ROW.evidence]
    product = json.loads(feed([ROW]))
    assert product["description"]["en"].startswith("the tiles are glossy. it takes")


def test_rows_lie_among_the_evidence_of_others(tmp_path: Path) -> None:
    path = tmp_path / "dev.csv"
    lines = ["ASIN\tquestion\tcandidate\tanswer\tsource"]
    lines += [f"A{n}\tq{n}?\tevidence {n}\tanswer {n}\tCQA" for n in range(9)]
    path.write_text("\n".join(lines) + "\n")
    rows = read_rows(path, 3, 1)
    assert rows == read_rows(path, 3, 1)
    assert all(row.evidence in row.told and len(row.told) == 5 for row in rows)
    with pytest.raises(CouldNotMeasure, match=r"none\.csv"):
        read_rows(tmp_path / "none.csv", 3, 1)


def test_chinese_is_compared_by_characters() -> None:
    row = Row("zh-0", "会漏水吗", "倒着放一滴都没漏", "不漏水", ("倒着放一滴都没漏",), "zh")
    assert f1("不漏", row.answer) == pytest.approx(2 * 1.0 * (2 / 3) / (5 / 3))
    assert support("倒着放不漏油", row) == pytest.approx(4 / 5)
    product = json.loads(feed([row]))
    assert product["description"] == {"zh": "倒着放一滴都没漏。"}


def test_our_own_questions_lie_among_the_evidence_of_others_too() -> None:
    rows = read_own(OWN, 20, 1)
    assert len({row.question for row in rows}) == 20
    assert all(row.evidence in row.told and row.language == "zh" for row in rows)


def test_what_was_never_answered_is_left_out() -> None:
    said = scored([ROW, ROW._replace(id="het-1")], {"het-0": ROW.answer, "het-1": None}, "x.")
    assert (said["x.answer_f1"].value, said["x.answer_f1"].n) == (1.0, 1)
