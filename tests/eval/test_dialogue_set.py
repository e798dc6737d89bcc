"""The dialogues: their form, and the script that checks them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval import dialogue_check
from eval.dialogue_check import DEMO, duplicates, ids
from eval.dialogue_set import OWN, Dialogue, chosen, read_dialogues, slice_of
from eval.figures import CouldNotMeasure
from eval.safety_records import Records
from retrieval.training.snippets import question_hash


def _dialogue(key: str, *say: str, **first: object) -> Dialogue:
    turns: list[dict[str, object]] = [{"say": text} for text in say]
    turns[0] |= first
    row = {"id": key, "family": "facts", "language": "zh", "turns": turns}
    return Dialogue.model_validate_json(json.dumps(row))


def test_our_own_set_is_large_and_without_fault() -> None:
    dialogues = read_dialogues(OWN)
    assert len(dialogues) >= 300
    assert sum(d.on_air is not None for d in dialogues) >= 100
    assert {d.language for d in dialogues} == {"zh", "en"}
    assert [*ids(dialogues, Records.read(DEMO)), *duplicates(dialogues)] == []


def test_an_id_that_no_record_has_is_a_fault() -> None:
    row = _dialogue("a", "多少钱", "好", facts=[[{"price": "no-such-mug"}]])
    assert "no-such-mug" in next(ids([row], Records.read(DEMO)))


def test_near_duplicates_are_named() -> None:
    same = "小胖杯多少钱，能放洗碗机吗"
    found = list(duplicates([_dialogue("a", same, "好的呀"), _dialogue("b", same, "好的哦")]))
    assert found == ["a and b are near duplicates"]


def test_a_question_that_trained_the_ranker_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text(_dialogue("a", "多少钱", "好的").model_dump_json() + "\n")
    card = tmp_path / "card.json"
    card.write_text(json.dumps({"questions": [question_hash("多少钱")]}))
    assert dialogue_check.main(["--data", str(rows), "--card", str(card)]) == 1
    assert "trained on '多少钱'" in capsys.readouterr().out


@pytest.mark.parametrize(
    "fault", [{"price": "a", "stock": "b"}, {"nothing": "a"}, {"answer": "a", "number": 0}]
)
def test_a_row_of_another_form_is_refused_with_its_line(
    tmp_path: Path, fault: dict[str, object]
) -> None:
    row = {"id": "a", "family": "f", "language": "zh", "turns": [{"say": "x"}, {"say": "y"}]}
    rows = tmp_path / "rows.jsonl"
    good = json.dumps(row)
    row["turns"] = [{"say": "x", "facts": [[fault]]}, {"say": "y"}]
    rows.write_text(f"{good}\n{json.dumps(row)}\n")
    with pytest.raises(CouldNotMeasure, match="line 2"):
        read_dialogues(rows)


def test_a_draw_is_fixed_and_covers_the_families() -> None:
    dialogues = read_dialogues(OWN)
    first, again = chosen(dialogues, 40, 1), chosen(dialogues, 40, 1)
    assert first == again
    assert first != chosen(dialogues, 40, 2)
    assert len(first) == 40
    assert len({d.family for d in first}) > 15
    assert 90 <= sum(len(d.turns) for d in slice_of(dialogues, 100, 1)) <= 100
