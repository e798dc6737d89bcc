from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from retrieval.training import written
from retrieval.training.dataset import Group, drawn, public_groups, split
from retrieval.training.next_item import Row, trails
from retrieval.training.snippets import question_hash, words_of

DATA = os.environ.get("LIVESHOP_TEST_DATA")


@pytest.mark.parametrize(
    ("snippet", "words"),
    [
        (
            "item_weight:  { unit:pounds, normalized_value:{ unit:pounds, value:2 }, value:1.8 }",
            "item weight: 1.8 pounds",
        ),
        ('brand:  { value:"and1" }', "brand: and1"),
        ("it fits { well }", "it fits { well }"),
    ],
)
def test_records_become_words(snippet: str, words: str) -> None:
    assert words_of(snippet) == words


def test_spellings_of_a_question_share_a_hash() -> None:
    assert question_hash("Is it  ＢＩＧ？") == question_hash("is it big? ".strip())
    assert question_hash("is it big?") != question_hash("is it big")


def test_a_question_is_in_one_part_only() -> None:
    groups = [Group("s", f"question {n % 70}", ("a", "b"), (1.0, 0.0)) for n in range(200)]
    parts = split(groups)
    asked = [{group.query for group in part} for part in parts]
    assert all(asked)
    assert len(asked[0] | asked[1] | asked[2]) == sum(map(len, asked))
    assert sum(map(len, parts)) == 200


def test_a_draw_has_one_best_text_and_less_relevant_ones() -> None:
    group = Group("s", "q", ("a", "b", "c", "d"), (1.0, 0.4, 1.0, 0.0))
    for seed in range(20):
        one = drawn(group, 3, random.Random(seed))
        assert sorted(one.grades) == [0.0, 0.4, 1.0]
        assert all(group.grades[group.texts.index(t)] == g for t, g in zip(*one[2:], strict=True))


def test_written_questions_meet_the_attribute_they_ask_for() -> None:
    products = [["item weight: 3 pounds", "color: red"], ["材质：棉", "产地：中国", "电压：220V"]]
    groups = list(written.attribute_groups(products, random.Random(0)))
    assert len(groups) == 5
    for group in groups:
        assert group.grades[0] == 1.0
        assert not any(group.grades[1:])
        assert set(group.texts) in [set(product) for product in products]


def test_overlapping_rows_make_one_trail() -> None:
    rows = [Row("u", ("1", "2"), "3"), Row("u", ("1", "2", "3"), "4"), Row("v", ("9",), "1")]
    assert trails(rows) == {"u": ["1", "2", "3", "4"], "v": ["9", "1"]}


@pytest.mark.skipif(not DATA, reason="needs the public rows, LIVESHOP_TEST_DATA")
def test_no_question_of_the_test_file_trains() -> None:
    from eval.ranking_rows import questions

    data = Path(DATA or "")
    tested = questions(data / "amazon_pqa/semiPQA/attribute_ranking/testseen.csv")
    hashes = {question_hash(asked.question) for asked in tested}
    groups = public_groups(data, 0)
    assert sum(map(len, groups.values())) > 5000
    assert not hashes & {question_hash(g.query) for part in groups.values() for g in part}
