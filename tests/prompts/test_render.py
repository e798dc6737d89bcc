"""Prompts are rendered with exactly their variables."""

from __future__ import annotations

import pytest

from prompts import PromptVariablesWrong, render

TURN = {"evidence": "e", "said": "s", "task": "t", "question": "$price ${x}"}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_prompt_holds_what_it_was_given_and_nothing_of_it_is_expanded(language: str) -> None:
    assert "$price ${x}" in render(f"turn_{language}", **TURN)
    assert render(f"system_{language}")


def test_a_missing_variable_raises() -> None:
    with pytest.raises(PromptVariablesWrong, match=r"missing \['question'\]"):
        render("turn_en", evidence="e", said="s", task="t")


def test_an_unknown_variable_raises() -> None:
    with pytest.raises(PromptVariablesWrong, match=r"unknown \['mood'\]"):
        render("turn_en", mood="good", **TURN)
