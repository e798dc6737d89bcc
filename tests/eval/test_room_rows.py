import json
from pathlib import Path

import pytest

from eval import merging, triage
from eval.figures import CouldNotMeasure


def test_rows_of_our_own_are_well_formed_and_held_apart() -> None:
    pairs = {split: merging.read_pairs(merging.OWN / f"{split}.jsonl") for split in ("dev", "test")}
    both = [pair for split in pairs.values() for pair in split]
    assert sum(pair.same for pair in both) >= 1000
    assert sum(not pair.same for pair in both) >= 1000
    dev, test = ({frozenset((p.a, p.b)) for p in pairs[split]} for split in ("dev", "test"))
    assert not dev & test
    ours = [triage.comments(triage.OWN.with_name(f"{split}.jsonl")) for split in ("dev", "test")]
    assert sum(map(len, ours)) >= 1500
    assert not {row.text for row in ours[0]} & {row.text for row in ours[1]}


def test_given_rows_are_measured_beside_ours(tmp_path: Path) -> None:
    (tmp_path / "triage").mkdir()
    rows = [{"text": "多少钱", "label": "question"}, {"text": "666", "label": "other"}]
    given = "\n".join(json.dumps(row) for row in rows)
    (tmp_path / "triage" / "comments.jsonl").write_text(given, encoding="utf-8")
    metrics = triage.measure(tmp_path).metrics
    assert metrics["data.question.recall"].value == 1
    assert metrics["data.intent.accuracy"].n == 2
    assert "videos.question.recall" not in metrics


def test_rows_of_another_form_are_not_measured(tmp_path: Path) -> None:
    (tmp_path / "pairs.jsonl").write_text('{"a": "x"}\n', encoding="utf-8")
    with pytest.raises(CouldNotMeasure, match="pairs"):
        merging.read_pairs(tmp_path / "pairs.jsonl")
