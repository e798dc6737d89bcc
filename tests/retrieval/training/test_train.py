"""Training on a tiny encoder: it learns, and a kill in between changes nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sentence_transformers", reason="training needs the train extra")

_RUN = """
import sys
from pathlib import Path
from retrieval.training.dataset import Group
from retrieval.training.train import Recipe, train
words = ["mug", "lamp", "a", "b", "c", "杯", "灯"]
groups = [
    Group("words", f"{one} {other}", (one, *(w for w in words if w not in (one, other))),
          (1.0, *(0.0 for w in words if w not in (one, other))))
    for one in words for other in words if one != other
]
recipe = Recipe(draws={"words": 8}, batch=8, tokens=16, rate=3e-3, every=10, patience=99)
train(Path(sys.argv[1]), Path(sys.argv[2]), {"words": groups}, {"words": groups[:12]}, recipe)
"""


def start(base: Path, out: Path) -> subprocess.Popen[bytes]:
    environment = os.environ | {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", _RUN, str(base), str(out)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def finished(process: subprocess.Popen[bytes]) -> None:
    _, said = process.communicate(timeout=300)
    assert process.returncode == 0, said.decode()[-2000:]


def weights(out: Path) -> dict[str, np.ndarray]:
    from safetensors.numpy import load_file

    files = sorted((out / "model").rglob("*.safetensors"))
    assert files
    return {f"{file.name}/{k}": v for file in files for k, v in load_file(file).items()}


@pytest.mark.slow
def test_killed_and_started_again_gives_the_same_weights(tiny_base: Path, tmp_path: Path) -> None:
    whole = start(tiny_base, tmp_path / "whole")
    killed = start(tiny_base, tmp_path / "killed")
    while not any((tmp_path / "killed" / "checkpoints").glob("checkpoint-*/trainer_state.json")):
        assert killed.poll() is None, "it ended before it could be killed"
        time.sleep(0.005)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert not (tmp_path / "killed" / "model").exists()
    finished(start(tiny_base, tmp_path / "killed"))
    finished(whole)
    one, other = weights(tmp_path / "whole"), weights(tmp_path / "killed")
    assert one.keys() == other.keys()
    assert all(np.array_equal(one[name], other[name]) for name in one)


def test_it_learns_what_the_rows_say(tiny_base: Path, tmp_path: Path) -> None:
    from retrieval.training.dataset import Group
    from retrieval.training.train import Recipe, cross_encoder, precision_at_1, train

    words = ["mug", "lamp", "a", "b", "c"]
    groups = [
        Group("words", f"{one} {other}", ("a", "lamp", "b", "mug"), (0.0, 1.0, 0.0, 0.0))
        for one in words
        for other in words
    ]
    recipe = Recipe(
        draws={"words": 8}, batch=5, tokens=16, rate=5e-3, every=10, patience=9, words_frozen=False
    )
    log = train(tiny_base, tmp_path, {"words": groups}, {"words": groups}, recipe)
    measured = [line["eval_p_at_1"] for line in log if "eval_p_at_1" in line]
    assert max(measured) == 1.0
    assert precision_at_1(cross_encoder(tmp_path / "model", 16), groups) == 1.0
