"""Fixtures of the HTTP tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.assistant.api.bench import Bench, MakeBench, benches, serving


@pytest.fixture
def make_bench(tmp_path: Path, empty_shop: Path) -> Iterator[MakeBench]:
    """Builds a service with a mug, a lamp and the room `demo`; keywords are settings."""
    with benches(tmp_path, empty_shop) as make:
        yield make


@pytest.fixture(scope="module")
def make_module_bench(
    tmp_path_factory: pytest.TempPathFactory, empty_shop: Path
) -> Iterator[MakeBench]:
    """`make_bench` for a service that a whole module shares."""
    with benches(tmp_path_factory.mktemp("shop"), empty_shop) as make:
        yield make


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    """A service without a host key."""
    return make_bench()


@pytest.fixture
def address(bench: Bench) -> Iterator[str]:
    """The address of the service of `bench`."""
    with serving(bench.app) as url:
        yield url
