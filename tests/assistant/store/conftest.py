"""Every test of the store runs on SQLite, and on PostgreSQL where one can be started."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from assistant.store import Store
from retrieval.catalog import Attribute, Money, Product, Text, Variant, stock
from tests.assistant.store import postgres

NOON = datetime(2026, 6, 18, 12, 0, tzinfo=UTC)
MakeProduct = Callable[..., Product]


def mug(id: str = "mug", minor: int = 3900, quantity: int = 9, **fields: object) -> Product:
    """A mug in red and blue; `minor` and `quantity` are those of the red one."""
    values: dict[str, object] = {
        "id": id,
        "title": Text(zh="马克杯", en="Stoneware mug"),
        "category": Text(zh="杯子", en="Mugs"),
        "attributes": (
            Attribute(name=Text(zh="容量", en="capacity"), value=Text(zh="350毫升", en="350 ml")),
        ),
        "variants": (
            Variant(
                id=f"{id}-red",
                options=(
                    Attribute(name=Text(zh="颜色", en="colour"), value=Text(zh="红色", en="red")),
                ),
                price=Money(minor=minor, currency="CNY"),
                list_price=Money(minor=minor + 1000, currency="CNY"),
                availability=stock(quantity),
            ),
            Variant(
                id=f"{id}-blue",
                options=(
                    Attribute(name=Text(zh="颜色", en="colour"), value=Text(zh="蓝色", en="blue")),
                ),
                price=Money(minor=4900, currency="CNY"),
                availability=stock(0),
            ),
        ),
    }
    return Product.model_validate({**values, **fields})


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    try:
        with postgres.running() as url:
            yield url
    except postgres.NoPostgres as reason:
        pytest.skip(str(reason))


@contextmanager
def database(server: str, template: str = "template1") -> Iterator[tuple[str, str]]:
    """A PostgreSQL database of its own, made after `template`: its name and URL."""
    name = f"shop_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        yield name, server.replace("/postgres?", f"/{name}?")
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture(scope="session")
def postgres_shop(postgres_server: str) -> Iterator[str]:
    """The name of a migrated database to make others after."""
    with database(postgres_server) as (name, url):
        with Store(url) as opened:
            opened.migrate()
        yield name


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without tables, one of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'shop.db'}"
        return
    with database(request.getfixturevalue("postgres_server")) as (_, url):
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path, empty_shop: Path) -> Iterator[str]:
    """The URL of a database with its tables, one of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{shutil.copy(empty_shop, tmp_path / 'shop.db')}"
        return
    server, template = map(request.getfixturevalue, ("postgres_server", "postgres_shop"))
    with database(server, template) as (_, url):
        yield url


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """A store with its tables, whose clock stands at noon."""
    with Store(url, clock=lambda: NOON) as opened:
        yield opened
