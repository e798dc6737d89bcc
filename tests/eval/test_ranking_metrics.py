from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.figures import CouldNotMeasure
from eval.ranking_metrics import PerQuestion, auc
from eval.ranking_rows import Asked, pairs, questions, unseen
from retrieval.training.first_stage import Bm25, fused
from retrieval.training.snippets import question_hash


def test_a_question_counts_once_and_ties_keep_their_order() -> None:
    per = PerQuestion()
    per.add([0.1, 0.9, 0.5], [1, 0, 0])
    per.add([0.5, 0.5], [0, 1])
    per.add([1.0], [0])
    metrics = per.metrics("x")
    assert metrics["x.p_at_1"].value == 0
    assert metrics["x.mrr"].value == pytest.approx((1 / 3 + 1 / 2) / 2)
    assert metrics["x.mrr"].n == 2


def test_graded_questions_want_the_best_first() -> None:
    per = PerQuestion()
    per.add([0.9, 0.1, 0.5], [1, 0, 2])
    assert per.metrics("x")["x.p_at_1"].value == 0
    assert 0 < per.metrics("x")["x.ndcg_at_10"].value < 1


def test_auc_by_hand() -> None:
    metric = auc([3, 1, 2, 2], [True, False, True, False])
    assert metric.value == pytest.approx(3.5 / 4)
    assert metric.low < metric.value < metric.high <= 1


def test_bm25_likes_rare_words() -> None:
    texts = ["red cup", "red lamp", "red tea pot"]
    scores = Bm25(texts).scores("red lamp", texts)
    assert scores[1] > scores[0] > scores[2] > 0


def test_fusion_agrees_with_both() -> None:
    assert fused([3, 2, 1], [3, 2, 1]) == sorted(fused([3, 2, 1], [3, 2, 1]), reverse=True)


def test_trained_questions_are_left_out(tmp_path: Path) -> None:
    table = tmp_path / "rows.csv"
    table.write_text(
        "qid\tquestion\tcandidate\tlabel\n"
        "1\tis it big?\tsize: { value:big }\t1\n1\tis it big?\tcolor: { value:red }\t0\n"
        "2\twhat color?\tcolor: { value:red }\t1\n3\tnothing\tx\t0\n"
    )
    asked = questions(table)
    assert asked[0] == Asked("is it big?", ["size: big", "color: red"], [1.0, 0.0])
    kept, left = unseen(asked, frozenset({question_hash("Is it BIG?")}))
    assert ([one.question for one in kept], left) == (["what color?"], 1)


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(CouldNotMeasure, match=r"rows\.csv"):
        questions(tmp_path / "rows.csv")
    (tmp_path / "p.jsonl").write_text(json.dumps({"query": "q", "label": 1}) + "\n")
    with pytest.raises(CouldNotMeasure, match="title"):
        pairs(tmp_path / "p.jsonl", "title")
