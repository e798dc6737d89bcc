from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray

from retrieval import index as module
from retrieval.errors import IndexUnreadable
from retrieval.index import VectorIndex


def rows(n: int, seed: int = 0) -> NDArray[np.float32]:
    made = np.random.default_rng(seed).normal(size=(n, 16)).astype(np.float32)
    return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), np.float32)


def filled(place: Path | str, n: int = 300, name: str = "m@1") -> VectorIndex:
    index = VectorIndex(place, name)
    index.put(keys(n), rows(n), [f"h{i}" for i in range(n)], ["mugs"] * n)
    return index


def keys(n: int) -> list[str]:
    return [f"p{i:05d}" for i in range(n)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Chroma server on loopback, as `chroma run` starts it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("chroma-server")
    command = [str(Path(sys.executable).with_name("chroma")), "run", "--path", str(folder)]
    process = subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env={**os.environ, "ANONYMIZED_TELEMETRY": "False"},
    )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                if httpx.get(f"{url}/api/v2/heartbeat").status_code == 200:
                    break
            except httpx.TransportError:
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(params=["embedded", "server"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    if request.param == "embedded":
        return tmp_path / "index"
    url: str = request.getfixturevalue("server")
    VectorIndex.fresh(url, "m@1").close()
    return url


def test_finds_the_nearest_first(place: Path | str) -> None:
    index = filled(place)
    found = index.search(rows(300)[7], 5)
    exact = np.argsort(-(rows(300) @ rows(300)[7]))[:5]
    assert [key for key, _ in found] == [keys(300)[i] for i in exact]
    assert found[0][1] == pytest.approx(1.0, abs=1e-5)
    assert index.count() == 300
    index.close()


@pytest.mark.parametrize("eligible", [1, 40, 120, 280])
def test_returns_only_eligible_ids(place: Path | str, eligible: int) -> None:
    index = filled(place)
    ids = frozenset(keys(300)[-eligible:])
    found = index.search(rows(300)[7], 30, ids | {"not indexed"})
    assert len(found) == min(30, eligible)
    cosines = rows(300)[-eligible:] @ rows(300)[7]
    assert found[0][1] == pytest.approx(float(cosines.max()), abs=1e-5)
    assert {key for key, _ in found} <= ids
    index.close()


def test_nothing_held_or_nothing_eligible_finds_nothing(place: Path | str) -> None:
    index = VectorIndex(place, "m@1")
    assert index.search(rows(1)[0], 5) == []
    index.put(["a"], rows(1), ["h"], [""])
    assert index.search(rows(1)[0], 5, frozenset()) == []
    assert index.search(rows(1)[0], 5, frozenset({"b"})) == []
    assert index.search(rows(1)[0], 0) == []
    index.close()


def test_puts_replace_and_deletes_forget(place: Path | str) -> None:
    index = filled(place, 10)
    index.put(["p00001"], rows(1, seed=5), ["new"], ["cups"])
    index.delete(["p00002", "never there"])
    held = index.versions()
    assert held["p00001"] == "new"
    assert held["p00000"] == "h0"
    assert "p00002" not in held
    assert index.search(rows(1, seed=5)[0], 1)[0][0] == "p00001"
    index.reset()
    assert index.versions() == {}
    assert index.count() == 0
    index.close()


def test_pages_through_more_than_one_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PAGE", 100)
    index = filled(tmp_path, 250)
    assert len(index.versions()) == 250
    found = index.search(rows(250)[3], 10, frozenset(keys(250)[:120]))
    assert found[0][0] == "p00003"
    index.close()


def test_outlives_a_restart(tmp_path: Path) -> None:
    filled(tmp_path, 20).close()
    again = VectorIndex(tmp_path, "m@1")
    assert again.search(rows(20)[4], 1)[0][0] == "p00004"
    again.close()


def test_refuses_vectors_of_another_model(place: Path | str) -> None:
    filled(place, 5).close()
    with pytest.raises(IndexUnreadable, match=r"'m@1', now set: 'm@2'; rebuild"):
        VectorIndex(place, "m@2")
    fresh = VectorIndex.fresh(place, "m@2")
    assert fresh.count() == 0
    fresh.close()
    VectorIndex.fresh(place, "m@1").close()


def test_a_broken_store_is_refused_and_can_be_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    folder.mkdir()
    (folder / "chroma.sqlite3").write_bytes(b"not a database" * 500)
    with pytest.raises(IndexUnreadable, match="rebuild it from the records"):
        VectorIndex(folder, "m@1")
    index = VectorIndex.fresh(folder, "m@1")
    index.put(["a"], rows(1), ["h"], [""])
    assert index.count() == 1
    assert (tmp_path / "index.unreadable").is_dir()
    index.close()


def test_a_server_that_is_not_there_is_named() -> None:
    with pytest.raises(IndexUnreadable, match="Could not connect"):
        VectorIndex("http://127.0.0.1:9", "m@1")


def test_an_id_removed_by_another_writer_does_no_harm(server: str) -> None:
    VectorIndex.fresh(server, "m@1").close()
    ours, theirs = filled(server), VectorIndex(server, "m@1")
    theirs.delete(["p00007"])
    found = ours.search(rows(300)[7], 10, frozenset(keys(300)[:130]))
    assert len(found) == 10
    assert "p00007" not in dict(found)
    ours.close()
    theirs.close()
