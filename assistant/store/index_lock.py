"""Who owns the embedded vector index: one process at a time, since Chroma serves no more."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from assistant.errors import IndexLocked


@contextmanager
def owning(folder: Path) -> Iterator[None]:
    """Owns the embedded index in `folder` while entered.

    Raises IndexLocked, naming the process, where another one owns it. The lock goes with its
    process, however that ends.
    """
    folder.mkdir(parents=True, exist_ok=True)
    owner = folder / "owner.pid"
    lock = FileLock(folder / "owner.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        pid = owner.read_text(encoding="utf-8").strip() if owner.exists() else "unknown"
        raise IndexLocked(
            f"{folder}: process {pid} owns the vector index; while the service runs, go through "
            "its HTTP address, or stop it first"
        ) from error
    try:
        owner.write_text(str(os.getpid()), encoding="utf-8")
        yield
    finally:
        owner.unlink(missing_ok=True)
        lock.release()
