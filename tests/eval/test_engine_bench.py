"""The engine's benchmark against a fake engine of known speed."""

from __future__ import annotations

import json

import pytest

from eval.engine_bench import main
from tests.fake_engine import FakeEngine, Reply

REPLY = Reply("杯身轻巧。适合上班带。", first_token_s=0.1, next_token_s=0.02)


def test_its_figures_are_the_engine_s(capsys: pytest.CaptureFixture[str]) -> None:
    with FakeEngine(REPLY) as engine:
        options = ["--base-url", engine.base_url, "--model", engine.model]
        assert main([*options, "--n", "2", "--json"]) == 0
        first, second = (request.prompt for request in engine.requests[:2])
    metrics = json.loads(capsys.readouterr().out)["metrics"]
    assert set(metrics) == {
        "cold.first_token_ms",
        "warm.first_token_ms",
        "first_sentence_ms",
        "tokens_per_s",
        "answers_per_s_at_16",
    }
    assert metrics["warm.first_token_ms"]["value"] >= 100
    assert metrics["first_sentence_ms"]["value"] >= 180
    assert 5 < metrics["tokens_per_s"]["value"] <= 50
    assert first[:3] != second[:3]


def test_no_server(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--base-url", "http://127.0.0.1:9/v1", "--model", "m", "--json"]) == 2
    assert "does not answer" in capsys.readouterr().err
