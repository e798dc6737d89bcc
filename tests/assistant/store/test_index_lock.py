from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from assistant.errors import IndexLocked
from assistant.store.index_lock import owning


def test_one_process_owns_the_index(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib; from assistant.store.index_lock import owning\n"
        "with owning(pathlib.Path(sys.argv[1])): print('owned', flush=True); sys.stdin.read()"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, stdin=subprocess.PIPE
    )
    assert child.stdout
    assert child.stdin
    with child.stdout, child.stdin:
        assert child.stdout.readline() == b"owned\n"
        with pytest.raises(IndexLocked, match=f"process {child.pid} owns"), owning(tmp_path):
            pass
        child.kill()
        child.wait()
    with owning(tmp_path):
        pass
