"""The judge, at the wire: calibrated before it is believed, and shown both orders."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from eval.dialogue_check import DEMO
from eval.dialogue_reply import Reply
from eval.dialogue_run import Scored, scored
from eval.dialogue_set import Dialogue
from eval.dialogue_solvers import Model
from eval.dialogue_stage import Stage
from eval.judge import calibrated, facts_of, judged, kappa, preferred, read_labelled
from eval.samples import Sample, Samples

DIALOGUE = Dialogue.model_validate_json(
    """{"id": "d", "family": "facts", "language": "zh", "turns": [
    {"say": "多少钱", "facts": [[{"price": "air-2"}]]}, {"say": "好的"}]}"""
)


@asynccontextmanager
async def _model(says: Callable[[str], str]) -> Any:
    def answer(request: httpx.Request) -> httpx.Response:
        prompt = json.loads(request.content)["messages"][0]["content"]
        message = {"role": "assistant", "content": says(prompt)}
        return httpx.Response(200, json={"choices": [{"message": message}]})

    transport = httpx.MockTransport(answer)
    async with httpx.AsyncClient(base_url="http://llm/v1/", transport=transport) as client:
        yield Model(client, "m")


def _found(text: str) -> list[Scored]:
    samples = Samples(None, {"settings": {}})
    samples.add(Sample("liveshop", "d", 0, "多少钱", Reply(text)))
    return scored([DIALOGUE], "liveshop", samples, Stage(DEMO))[0]


@pytest.mark.parametrize(
    ("pairs", "value"),
    [
        ([(True, True), (False, False)], 1.0),
        ([(True, False), (False, True)], -1.0),
        ([(True, True), (True, False), (False, True), (False, False)], 0.0),
        ([(True, True)], 1.0),
    ],
)
def test_cohens_kappa(pairs: list[tuple[bool, bool]], value: float) -> None:
    assert kappa(pairs) == pytest.approx(value)


async def test_a_judge_that_knows_the_labels_agrees_and_one_that_praises_all_does_not() -> None:
    labelled = read_labelled()
    good = {row.reply for row in labelled if row.good}
    assert len(labelled) >= 40

    def knows(prompt: str) -> str:
        reply = re.search(r"REPLY: (.*)\n", prompt)
        return "GOOD" if reply and reply[1] in good else "bad."

    async with _model(knows) as judge:
        assert (await calibrated(judge, labelled))["calibration.kappa"].value == 1.0
    async with _model(lambda _: "GOOD") as judge:
        assert (await calibrated(judge, labelled))["calibration.kappa"].value == 0.0
    async with _model(lambda _: "maybe") as judge:
        said = await calibrated(judge, labelled)
        assert said["calibration.unread"].value == len(labelled)


async def test_the_judge_sees_the_facts_and_is_held_against_the_scorer() -> None:
    found = _found("现在169元。")
    assert "169" in facts_of(found[0])
    async with _model(lambda _: "GOOD") as judge:
        said = await judged(judge, found)
    assert (said["good"].value, said["agrees_with_scorer"].value) == (1.0, 1.0)


async def test_a_preference_counts_only_where_both_orders_agree() -> None:
    ours, theirs = _found("现在169元。"), _found("不知道。")

    def right(prompt: str) -> str:
        return "A" if "A: 现在169元" in prompt else "B"

    async with _model(right) as judge:
        assert (await preferred(judge, ours, theirs))["preferred"].value == 1.0
    async with _model(lambda _: "A") as judge:
        said = await preferred(judge, ours, theirs)
    assert said["order_agrees"].value == 0.0
    assert "preferred" not in said
