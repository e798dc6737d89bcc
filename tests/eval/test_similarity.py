"""Likeness of wordings, against figures worked out by hand."""

from __future__ import annotations

import pytest

from eval.similarity import chrf, similarity


def test_the_same_words_are_wholly_alike() -> None:
    assert chrf("Hand wash only.", "hand wash  only.") == pytest.approx(1)
    assert chrf("手洗，不可放洗碗机。", "手洗，不可放洗碗机。") == pytest.approx(1)


def test_recall_counts_twice() -> None:
    # Said "ab", meant "abcd": runs of one and two shared wholly by what is said (precision 1),
    # by 2/4 and 1/3 of what was meant (recall 5/12).
    assert chrf("ab", "abcd") == pytest.approx(5 * (5 / 12) / (4 + 5 / 12))
    assert chrf("abcd", "ab") > chrf("ab", "abcd")


def test_nothing_shared_is_nothing_alike() -> None:
    assert chrf("xyz", "手洗") == 0
    assert chrf("", "手洗") == 0


def test_the_nearest_sentence_of_a_reply_counts() -> None:
    assert similarity("好的。手洗，不可放洗碗机。", ["手洗，不可放洗碗机。"]) == pytest.approx(1)
    assert similarity("好的。", ["手洗。", "好的。"]) == pytest.approx(1)
    assert similarity("", ["手洗。"]) == 0
    assert similarity("好的。", []) is None
