"""What every test may use: small products, a fixed clock."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

NOON = datetime(2026, 6, 18, 12, 0, tzinfo=UTC)


@pytest.fixture
def noon() -> datetime:
    return NOON
