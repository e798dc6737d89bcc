"""Two runs compared turn by turn, and the guard that a fall sets off."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval import compare, guard
from eval.compare import differences, mcnemar
from eval.dialogue_reply import Reply
from eval.dialogue_set import read_dialogues
from eval.figures import COULD_NOT_MEASURE, MEASURED, CouldNotMeasure
from eval.guard import falls
from eval.samples import Sample, Samples

ROWS = [
    {"id": f"d{n}", "family": "f", "language": "zh",
     "turns": [{"say": f"问{n}", "facts": [[{"price": "air-2"}]]}, {"say": "好的"}]}
    for n in range(8)
]  # fmt: skip


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS))
    return path


def _run(path: Path, right: int) -> Path:
    samples = Samples.open(path, {"settings": {}})
    for n in range(8):
        price = "169" if n < right else "170"
        samples.add(Sample("liveshop", f"d{n}", 0, "问", Reply(f"现在{price}元。")))
        samples.add(Sample("liveshop", f"d{n}", 1, "好的", Reply("好的。")))
    return path


@pytest.mark.parametrize(
    ("lost", "won", "p"), [(0, 0, 1.0), (0, 1, 1.0), (1, 9, 0.0215), (0, 6, 0.03125), (5, 5, 1.0)]
)
def test_mcnemars_exact_p(lost: int, won: int, p: float) -> None:
    assert mcnemar(lost, won) == pytest.approx(p, abs=1e-4)


def test_a_difference_has_its_interval_over_whole_dialogues() -> None:
    pairs = {f"d{n}": [(False, n < 6), (True, True)] for n in range(8)}
    said = differences("helpful", pairs, seed=1)
    assert said["helpful.before"].value == 0.5
    assert said["helpful.difference"].value == pytest.approx(6 / 16)
    assert 0 < said["helpful.difference"].low < 6 / 16 < said["helpful.difference"].high <= 0.5
    assert said["helpful.p"].value == pytest.approx(0.03125)


def test_two_files_are_compared_and_the_flips_told(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a, b = _run(tmp_path / "a.jsonl", 8), _run(tmp_path / "b.jsonl", 3)
    page = tmp_path / "flips.md"
    run = [str(a), str(b), "--data", str(data), "--json", "--flipped", str(page)]
    assert compare.main(run) == MEASURED
    said = json.loads(capsys.readouterr().out)["metrics"]
    assert said["no_wrong_figure.difference"]["value"] == pytest.approx(-5 / 16)
    assert said["helpful.p"]["n"] == 5
    assert "## Lost (5)" in page.read_text()
    assert "现在170元" in page.read_text()


def test_files_without_a_common_turn_are_not_compared(data: Path, tmp_path: Path) -> None:
    other = Samples.open(tmp_path / "c.jsonl", {"settings": {}})
    other.add(Sample("liveshop", "elsewhere", 0, "问", Reply("好")))
    a = _run(tmp_path / "a.jsonl", 8)
    run = [str(a), str(tmp_path / "c.jsonl"), "--data", str(data)]
    assert compare.main(run) == COULD_NOT_MEASURE


def _turns(helpful: int, wrong: int = 0) -> guard.Outcomes:
    return {f"d/{n}": {"helpful": n < helpful, "no_wrong_figure": n >= wrong} for n in range(20)}


def test_the_guard_lets_noise_pass_and_stops_a_fall() -> None:
    assert falls(_turns(18), _turns(18)) == []
    assert falls(_turns(18), _turns(16)) == []
    assert falls(_turns(16), _turns(20)) == []
    (fell,) = falls(_turns(18), _turns(12))
    assert fell.startswith("helpful: lost d/12")


def test_the_guard_stops_one_new_wrong_figure() -> None:
    (fell,) = falls(_turns(18), _turns(18, wrong=1))
    assert fell.startswith("no_wrong_figure: lost d/0")
    assert falls(_turns(18, wrong=1), _turns(18, wrong=1)) == []


def test_a_baseline_of_other_turns_has_to_be_made_anew() -> None:
    with pytest.raises(CouldNotMeasure, match="--update"):
        falls({"gone/0": {}}, _turns(3))


def test_a_baseline_is_made_and_then_held_against(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "read_dialogues", lambda _: read_dialogues(data))
    run = ["--engine", "none", "--baseline", str(tmp_path / "base.json")]
    good, bad = _samples(tmp_path / "good.jsonl", "169"), _samples(tmp_path / "bad.jsonl", "170")
    assert guard.main([*run, "--samples", str(good), "--update"]) == 0
    assert guard.main([*run, "--samples", str(good)]) == 0
    assert guard.main([*run, "--samples", str(bad)]) == guard.FELL


def test_an_engine_plays_dialogues_in_which_it_has_to_speak() -> None:
    asked = guard.played_on("embedded")
    assert len(asked) > 80
    assert all(any(turn.task for turn in dialogue.turns) for dialogue in asked)
    assert len(guard.played_on("none")) > len(asked)


@pytest.mark.slow
def test_the_guard_plays_its_slice_to_a_service_of_its_own(tmp_path: Path) -> None:
    run = ["--engine", "none", "--turns", "8", "--baseline", str(tmp_path / "base.json")]
    assert guard.main([*run, "--update"]) == 0
    kept = json.loads((tmp_path / "base.json").read_text())["turns"]
    assert 4 <= len(kept) <= 8
    assert all(outcome["no_wrong_figure"] for outcome in kept.values())


def _samples(path: Path, price: str) -> Path:
    settings = {"data": "own", "engine": "none", "model": "none", "seed": 1, "concurrency": 1}
    samples = Samples.open(path, {"settings": settings | {"turns": guard.TURNS["none"]}})
    for n in range(8):
        samples.add(Sample("liveshop", f"d{n}", 0, "问", Reply(f"现在{price}元。")))
        samples.add(Sample("liveshop", f"d{n}", 1, "好的", Reply("好的。")))
    return path
