"""Dialogues played to a solver, and summed up."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from eval import dialogue
from eval.dialogue_check import DEMO
from eval.dialogue_metrics import metrics
from eval.dialogue_misses import misses
from eval.dialogue_reply import Reply
from eval.dialogue_run import GIVEN_UP, play, scored
from eval.dialogue_set import OWN, Dialogue, read_dialogues
from eval.dialogue_solvers import Asking, Liveshop, Model, Pasted, Plain
from eval.dialogue_stage import Stage
from eval.figures import COULD_NOT_MEASURE, MEASURED, CouldNotMeasure
from eval.samples import Samples

RUN: dict[str, object] = {"settings": {}}
FLASH = Dialogue.model_validate_json(
    """{"id": "flash", "family": "flash", "language": "zh", "on_air": "pangdun-2-500", "turns": [
    {"say": "多少钱", "facts": [[{"price": "pangdun-2-500"}]]},
    {"do": [{"flash": "pangdun-2-500", "amount": "79.00"}], "say": "现在呢",
     "facts": [[{"price": "pangdun-2-500"}]]}]}"""
)


class Clerk:
    """Reads the price from the records it is given, from the second time on a yuan too much."""

    name = "clerk"

    def __init__(self, dearer: int = 0, broken: bool = False) -> None:
        self.heard: list[Asking] = []
        self._dearer, self._broken = dearer, broken

    async def reply(self, asking: Asking) -> Reply:
        self.heard.append(asking)
        if self._broken:
            raise httpx.ConnectError("nobody there")
        price = asking.truth.prices("pangdun-2-500")[0]
        return Reply(f"现在{price + self._dearer:f}元。", milliseconds=5)


async def test_the_solver_meets_the_records_as_the_host_changed_them() -> None:
    stage, samples, clerk = Stage(DEMO), Samples(None, RUN), Clerk()
    await play([FLASH], clerk, stage, samples)
    found, errors = scored([FLASH], "clerk", samples, stage)
    assert [s.reply.text for s in found] == ["现在99.00元。", "现在79.00元。"]
    assert errors == 0
    assert all(s.score.passed for s in found)
    assert clerk.heard[1].before == [("多少钱", "现在99.00元。")]
    assert stage.truth.prices("pangdun-2-500-white") != [79]


async def test_a_wrong_figure_is_counted_and_told(capsys: pytest.CaptureFixture[str]) -> None:
    stage, samples = Stage(DEMO), Samples(None, RUN)
    await play([FLASH], Clerk(dearer=1), stage, samples)
    found, _ = scored([FLASH], "clerk", samples, stage)
    said = metrics(found)
    assert said["wrong_figures"].value == 2
    assert said["helpful"].value == said["grounded"].value == 0
    page = misses(found)
    assert "wrong figure (2)" in page
    assert "100.00元" in page


async def test_what_is_kept_is_not_asked_again() -> None:
    stage, samples, clerk = Stage(DEMO), Samples(None, RUN), Clerk()
    await play([FLASH], clerk, stage, samples)
    await play([FLASH], clerk, stage, samples)
    assert len(clerk.heard) == 2


async def test_failures_of_the_infrastructure_are_counted_apart_and_end_the_run() -> None:
    stage, samples = Stage(DEMO), Samples(None, RUN)
    await play([FLASH], Clerk(broken=True), stage, samples)
    found, errors = scored([FLASH], "clerk", samples, stage)
    assert (found, errors) == ([], 1)
    many = [FLASH.model_copy(update={"id": f"f{n}"}) for n in range(GIVEN_UP)]
    with pytest.raises(CouldNotMeasure, match="in a row"):
        await play(many, Clerk(broken=True), stage, samples)


def _asking(say: str) -> Asking:
    return Asking(say, "zh", "room", "talk", Stage(DEMO).truth, before=[("你好", "在的")])


async def test_liveshop_is_asked_over_rest_and_its_model_part_told_apart() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/api/v1/rooms/room/chat"
        assert json.loads(request.content) == {"message": "多少钱", "conversation_id": "talk"}
        body = {
            "reply_id": "r", "text": "169元。很好。", "language": "zh", "finish_reason": "stop",
            "parts": [{"text": "169元。", "source": "records"},
                      {"text": "很好。", "source": "model"}],
            "products": [{"id": "air-2"}], "timings_ms": {"total": 3.0},
            "citations": [{"record": "product:air-2", "version": 1}],
            "notices": [{"code": "ai_generated", "text": ""}],
        }  # fmt: skip
        return httpx.Response(200, json=body)

    transport = httpx.MockTransport(answer)
    async with httpx.AsyncClient(base_url="http://shop", transport=transport) as client:
        reply = await Liveshop(client).reply(_asking("多少钱"))
    assert (reply.text, reply.model, reply.cards) == ("169元。很好。", ("很好。",), ("air-2",))
    assert "聆拓 Air 2" in reply.evidence[0]


@pytest.mark.parametrize("solver", [Plain, Pasted])
async def test_a_baseline_sends_what_was_said_and_pasted_its_passages(
    solver: type[Plain] | type[Pasted],
) -> None:
    sent: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(json.loads(request.content)["messages"])
        message = {"role": "assistant", "content": "好的。"}
        return httpx.Response(200, json={"choices": [{"message": message}]})

    transport = httpx.MockTransport(answer)
    async with httpx.AsyncClient(base_url="http://llm/v1/", transport=transport) as client:
        reply = await solver(Model(client, "m")).reply(_asking("充电宝多少钱"))
    prompt = json.dumps(sent[0], ensure_ascii=False)
    assert reply.text == "好的。"
    assert "在的" in prompt
    assert ("10000mAh" in prompt) is (solver is Pasted)


def test_the_task_measures_a_baseline_and_goes_on_with_its_samples(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    some = tmp_path / "some.jsonl"
    some.write_text("".join(d.model_dump_json() + "\n" for d in read_dialogues(OWN)[:3]))
    run = ["--data", str(some), "--engine", "none", "--solvers", "bm25", "--json"]
    run += ["--samples", str(tmp_path / "run.jsonl"), "--misses", str(tmp_path / "misses.md")]
    assert dialogue.main(run) == MEASURED
    first = json.loads(capsys.readouterr().out)
    assert dialogue.main(run) == MEASURED
    again = json.loads(capsys.readouterr().out)
    assert first["metrics"] == again["metrics"]
    assert first["metrics"]["bm25.language"]["n"] > 5
    assert (tmp_path / "misses.md").read_text().startswith("# What")


def test_a_model_is_needed_where_only_models_are_to_answer(tmp_path: Path) -> None:
    assert dialogue.main(["--engine", "none", "--solvers", "plain"]) == COULD_NOT_MEASURE
