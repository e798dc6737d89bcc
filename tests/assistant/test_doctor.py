"""What the doctor finds, and what it says to do."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from assistant.cli.doctor import checked
from assistant.settings import Settings
from tests.fake_engine import FakeEngine
from tests.running_demo import free_port


def found(home: Path, **settings: object) -> dict[str, tuple[bool, str]]:
    given = Settings(_env_file=None, home=home, port=free_port(), **settings)  # type: ignore[arg-type]
    return {name: (fault, text) for name, text, fault in checked(given)}


def test_all_is_well(tmp_path: Path) -> None:
    with FakeEngine() as engine:
        said = found(tmp_path, llm_base_url=engine.base_url, llm_model=engine.model)
    assert [name for name, (fault, _) in said.items() if fault] == []
    assert "no database yet" in said["records"][1]


@pytest.mark.parametrize(
    ("name", "settings", "remedy"),
    [
        ("records", {"database_url": "postgresql://u@127.0.0.1:1/x"}, "LIVESHOP_DATABASE_URL"),
        ("index", {"chroma_url": "http://127.0.0.1:1"}, "LIVESHOP_CHROMA_URL"),
        ("bus", {"redis_url": "redis://127.0.0.1:1"}, "LIVESHOP_REDIS_URL"),
        ("llm", {"engine_model": "/nowhere/x.gguf"}, "give the path of a GGUF"),
        ("ranker", {"ranker_folder": "/nowhere"}, "liveshop train ranker"),
    ],
)
def test_a_fault_says_what_to_do(
    tmp_path: Path, name: str, settings: dict[str, object], remedy: str
) -> None:
    fault, text = found(tmp_path, **settings)[name]
    assert fault
    assert remedy in text


def test_a_model_that_is_not_there_and_a_port_that_is_taken(tmp_path: Path) -> None:
    with FakeEngine() as engine, socket.create_server(("127.0.0.1", 0)) as taken:
        given = Settings(
            _env_file=None,
            home=tmp_path,
            port=taken.getsockname()[1],
            llm_base_url=engine.base_url,
            llm_model="other",
        )
        taken.close()
        said = {name: text for name, text, fault in checked(given) if fault}
    assert f"has {engine.model}, not 'other'" in said["llm"]
