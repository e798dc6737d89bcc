"""Settings: read once, refused with name, value and rule, and written down in one table."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic_core import PydanticUndefined

from assistant.errors import SettingRefused
from assistant.settings import Settings, read_settings

TABLE = Path(__file__).parents[2] / "docs" / "settings.md"


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"LIVESHOP_{name.upper()}", raising=False)


def rows() -> list[str]:
    """The table's rows, one a setting."""
    home = str(Path.home())
    found = []
    for name, field in Settings.model_fields.items():
        default = field.default
        empty = default is None or default is PydanticUndefined
        shown = "" if empty else f"`{str(default).replace(home, '~').replace('*' * 10, 'none')}`"
        found.append(f"| `LIVESHOP_{name.upper()}` | {shown} | {field.description} |")
    return found


def test_every_setting_stands_in_the_table() -> None:
    written = TABLE.read_text(encoding="utf-8").splitlines()
    assert [row for row in rows() if row not in written] == []
    assert len([line for line in written if line.startswith("| `LIVESHOP_")]) == len(rows())


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "99999", "LIVESHOP_PORT has value '99999'"),
        ("TIMEZONE", "Mars/Base", "LIVESHOP_TIMEZONE has value 'Mars/Base'"),
        ("LLM_BASE_URL", "http://127.0.0.1:1/v1", "LIVESHOP_LLM_MODEL is empty"),
        ("EMBEDDINGS", "http", "LIVESHOP_EMBEDDINGS_URL"),
        ("EMBEDDINGS", "sentence-transformers", "LIVESHOP_EMBEDDINGS_MODEL is empty"),
        ("HOST", "0.0.0.0", "LIVESHOP_HOST_KEY"),
        ("REDIS_URL", "http://127.0.0.1", "LIVESHOP_REDIS_URL has value"),
        ("REDIS_URL", "redis://127.0.0.1:6379", "LIVESHOP_DATABASE_URL is missing"),
    ],
)
def test_a_setting_that_cannot_work_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(f"LIVESHOP_{name}", value)
    with pytest.raises(SettingRefused, match=said):
        read_settings()


def test_an_open_address_with_a_key_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVESHOP_HOST", "0.0.0.0")
    monkeypatch.setenv("LIVESHOP_HOST_KEY", "k")
    assert read_settings().host == "0.0.0.0"
    assert "k'" not in repr(read_settings().host_key)
