"""The head: untrained it ranks by likeness, it learns, and serving says what training says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sentence_transformers", reason="training needs the train extra")

TEXTS = ["保温杯 500ml 不锈钢", "Mechanical keyboard, 75 keys", "纯棉四件套", ""]


def test_untrained_it_ranks_by_likeness(tmp_path: Path) -> None:
    from retrieval.training.late import lies_in, model_in, untrained

    untrained(tmp_path)
    assert lies_in(tmp_path)
    model = model_in(tmp_path)
    for query, right in (("insulated bottle", 0), ("keyboard", 1), ("棉的床品", 2)):
        scores = model.predict([(query, text) for text in TEXTS])
        assert np.isfinite(scores).all()
        assert int(np.argmax(scores)) == right


def test_it_learns_and_serves_what_it_learned(tmp_path: Path) -> None:
    from retrieval.late import LateInteraction
    from retrieval.training.dataset import Group
    from retrieval.training.late import export, model_in, untrained
    from retrieval.training.train import Recipe, precision_at_1, train

    # The opposite of likeness, which an untrained head gets wrong.
    groups = [
        Group("odd", word, (word, "a wholly different text"), (0.0, 1.0))
        for word in ("red mug", "blue lamp", "green bowl", "steel pan", "oak desk", "wool hat")
    ]
    untrained(tmp_path / "base")
    assert precision_at_1(model_in(tmp_path / "base"), groups) == 0
    recipe = Recipe(draws={"odd": 40}, batch=3, rate=1e-3, every=40, patience=9)
    train(tmp_path / "base", tmp_path, {"odd": groups}, {"odd": groups}, recipe)
    model = model_in(tmp_path / "model")
    assert precision_at_1(model, groups) == 1
    export(tmp_path / "model", tmp_path / "ranker", {"name": "odd", "questions": []})
    served = LateInteraction(tmp_path / "ranker").scores("red mug", TEXTS)
    trained = model.predict([("red mug", text) for text in TEXTS])
    # What is kept of a text while serving has 16 bits.
    assert np.abs(served - trained).max() < 0.05
