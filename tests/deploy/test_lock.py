"""The hash-locked requirements: every version that is tested, every file by its hash."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PINNED = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(?P<version>[^\s;]+)")


def pins(text: str) -> dict[str, str]:
    found = (PINNED.match(line) for line in text.splitlines())
    return {canonicalize_name(m["name"]): m["version"] for m in found if m}


def test_every_requirement_is_locked_at_the_version_that_is_tested() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    locked = pins(LOCK)
    asked = {canonicalize_name(Requirement(line).name) for line in project["dependencies"]}
    assert asked <= set(locked)
    tested = pins((ROOT / "constraints.txt").read_text(encoding="utf-8"))
    assert {n: v for n, v in locked.items() if tested.get(n, v) != v} == {}


def test_every_locked_file_has_its_hash_and_no_index_is_named() -> None:
    entries = [entry for entry in re.split(r"\n(?=[A-Za-z0-9])", LOCK.strip()) if entry]
    assert len(entries) == len(pins(LOCK)) > 100
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []
    assert "://" not in LOCK


def test_a_waiver_has_a_day_and_a_reason() -> None:
    text = (ROOT / ".ci" / "waivers.toml").read_text(encoding="utf-8")
    for waiver in tomllib.loads(text)["waiver"]:
        assert isinstance(waiver["until"], date)
        assert len(waiver["why"]) > 20, waiver["id"]
        assert canonicalize_name(waiver["package"]) in pins(LOCK)
