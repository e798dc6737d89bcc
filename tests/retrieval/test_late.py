from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from retrieval.errors import ModelRefused
from retrieval.late import LateInteraction, opened, padded
from retrieval.relevance import CrossEncoder
from retrieval.weights import RANKER


class Reader:
    """Reads words as numbers, and counts the texts it reads."""

    dimension = 384

    def __init__(self, name: str) -> None:
        self.name, self.read = name, 0

    def query_states(self, text: str) -> np.ndarray:
        return self.states(text)

    def passage_states(self, texts: list[str]) -> list[np.ndarray]:
        self.read += len(texts)
        return [self.states(text) for text in texts]

    def states(self, text: str) -> np.ndarray:
        rows = [
            np.random.default_rng(sum(map(ord, word))).normal(size=384) for word in text.split()
        ]
        return np.array(rows, np.float32).reshape(-1, 384)


@pytest.fixture
def reader() -> Reader:
    return Reader(json.loads((RANKER / "card.json").read_text())["reader"])


def test_a_text_is_read_once_and_the_oldest_forgotten(reader: Reader) -> None:
    ranker = LateInteraction(RANKER, reader, kept=2)  # type: ignore[arg-type]
    first = ranker.scores("red mug", ["a red mug", "a lamp"])
    assert reader.read == 2
    assert np.array_equal(first, ranker.scores("red mug", ["a red mug", "a lamp"]))
    assert reader.read == 2
    ranker.ahead(["one", "two", "three"])
    ranker.scores("red mug", ["a red mug"])
    assert reader.read == 5, "no more is read ahead than is kept"


def test_scores_do_not_depend_on_the_texts_beside(reader: Reader) -> None:
    ranker = LateInteraction(RANKER, reader)  # type: ignore[arg-type]
    texts = ["red mug", "", "a lamp of glass and steel for the desk", "mug"] * 6
    together = ranker.scores("red mug", texts)
    alone = [ranker.scores("red mug", [text])[0] for text in texts]
    assert np.abs(together - alone).max() < 1e-3
    assert np.isfinite(ranker.scores("", texts)).all()
    assert ranker.scores("red mug", []).shape == (0,)


def test_it_tells_the_same_words_from_others(reader: Reader) -> None:
    ranker = LateInteraction(RANKER, reader)  # type: ignore[arg-type]
    same, other = ranker.scores("red mug", ["red mug", "steel lamp"])
    assert same > other


def test_a_changed_head_and_another_reader_are_refused(reader: Reader, tmp_path: Path) -> None:
    folder = shutil.copytree(RANKER, tmp_path / "ranker")
    with pytest.raises(ModelRefused, match="not for 'another'"):
        LateInteraction(folder, Reader("another"))  # type: ignore[arg-type]
    content = bytearray((folder / "head.onnx").read_bytes())
    content[len(content) // 2] ^= 1
    (folder / "head.onnx").write_bytes(content)
    with pytest.raises(ModelRefused, match=r"head\.onnx: SHA-256"):
        LateInteraction(folder, reader)  # type: ignore[arg-type]


def test_a_folder_opens_by_its_form(tiny_ranker: Path) -> None:
    assert isinstance(opened(tiny_ranker), CrossEncoder)


def test_states_are_padded_and_masked() -> None:
    states, mask = padded([np.ones((2, 4)), np.ones((0, 4)), np.ones((3, 4))], 4)
    assert states.shape == (3, 3, 4)
    assert mask.tolist() == [[1, 1, 0], [1, 0, 0], [1, 1, 1]]
    assert states.sum() == 20


def test_the_shipped_ranker_knows_goods_in_both_languages() -> None:
    ranker = opened(RANKER)
    texts = ["保温杯 500ml 不锈钢", "Mechanical keyboard, 75 keys", "纯棉四件套 1.8米床"]
    for query, right in (("insulated bottle", 0), ("机械键盘", 1), ("bed sheets", 2)):
        assert int(np.argmax(ranker.scores(query, texts))) == right
