"""What every test may use: a fixed clock and an empty shop."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assistant.store import Store

NOON = datetime(2026, 6, 18, 12, 0, tzinfo=UTC)


@pytest.fixture
def noon() -> datetime:
    return NOON


@pytest.fixture(scope="session")
def empty_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database to copy: migrating takes longer than most tests."""
    file = tmp_path_factory.mktemp("records") / "empty.db"
    with Store(f"sqlite:///{file}") as store:
        store.migrate()
    return file


@pytest.fixture
def store(tmp_path: Path, empty_shop: Path) -> Iterator[Store]:
    """An empty store in a file of its own, `shop.db` under `tmp_path`."""
    file = shutil.copy(empty_shop, tmp_path / "shop.db")
    with Store(f"sqlite:///{file}") as opened:
        yield opened
