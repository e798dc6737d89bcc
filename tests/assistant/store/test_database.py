from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

from assistant.errors import Busy, SettingRefused
from assistant.store import Store
from assistant.store.database import Part, read_url
from assistant.store.schema import metadata
from retrieval.catalog import Money
from tests.assistant.store.conftest import mug


def test_migrating_again_changes_nothing(store: Store) -> None:
    store.catalog.put_products([mug()])
    store.migrate()
    assert store.catalog.count() == 1


def test_several_processes_may_migrate_at_once(empty_url: str) -> None:
    code = "import sys; from assistant.store import Store; Store(sys.argv[1]).migrate()"
    children = [subprocess.Popen([sys.executable, "-c", code, empty_url]) for _ in range(2)]
    assert [child.wait(60) for child in children] == [0, 0]
    with Store(empty_url) as opened:
        assert opened.catalog.count() == 0


def test_migrations_make_the_tables_of_the_schema(store: Store) -> None:
    with store.database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        differences = compare_metadata(context, metadata)
    assert differences == []


def test_migrations_make_the_checks_of_the_schema(tmp_path: Path) -> None:
    def tables(path: Path) -> dict[str, str]:
        connection = sqlite3.connect(path)
        rows = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL "
            "AND name NOT LIKE '%version%'"
        ).fetchall()
        connection.close()
        return {name: " ".join(sql.replace(",", " , ").split()) for name, sql in rows}

    with Store(f"sqlite:///{tmp_path / 'migrated.db'}") as store:
        store.migrate()
    engine = create_engine(f"sqlite:///{tmp_path / 'created.db'}")
    metadata.create_all(engine)
    engine.dispose()
    assert tables(tmp_path / "migrated.db") == tables(tmp_path / "created.db")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE variants SET price_minor = -1",
        "UPDATE variants SET price_currency = 'CN'",
        "UPDATE variants SET quantity = -1",
        "UPDATE variants SET status = 'sold'",
        "UPDATE variants SET list_price_minor = 3, list_price_currency = NULL",
        "UPDATE variants SET product_id = 'none'",
        "UPDATE variants SET price_minor = NULL",
        "UPDATE products SET version = 0",
        "DELETE FROM rooms WHERE false; INSERT INTO rooms (id) VALUES ('r')",
        "INSERT INTO events (seq, source, id, type, room, time, received_at, data) "
        "SELECT 1, '', 'i', 't', 'r', updated_at, updated_at, '{}' FROM products",
    ],
)
def test_the_schema_refuses_what_cannot_be(store: Store, change: str) -> None:
    store.catalog.put_products([mug()])
    before = store.catalog.product("mug")
    with pytest.raises(IntegrityError), store.database.write() as connection:  # noqa: PT012
        for statement in change.split("; "):
            connection.execute(text(statement))
    assert store.catalog.product("mug") == before


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE variants SET price_minor = 12.5",
        "UPDATE variants SET price_minor = 'free'",
        "UPDATE variants SET available = 2",
        "UPDATE products SET updated_at = 'yesterday'",
        "UPDATE products SET updated_at = '2026-06-18T12:00:00.000000+08:00'",
    ],
)
def test_sqlite_refuses_values_of_another_type(
    tmp_path: Path, empty_shop: Path, change: str
) -> None:
    file = shutil.copy(empty_shop, tmp_path / "shop.db")
    with Store(f"sqlite:///{file}") as store:
        store.catalog.put_products([mug()])
        with pytest.raises(IntegrityError), store.database.write() as connection:
            connection.execute(text(change))


def test_sqlite_is_set_up_to_last(tmp_path: Path) -> None:
    with (
        Store(f"sqlite:///{tmp_path / 'deep' / 'shop.db'}") as store,
        store.database.read() as connection,
    ):
        said = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert said == {
        "journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000
    }  # fmt: skip


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("shop.db", "is not a URL"),
        ("mysql://localhost/shop", "has kind 'mysql'"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
    ],
)
def test_a_url_that_cannot_work_is_refused(url: str, message: str) -> None:
    with pytest.raises(SettingRefused, match=f"LIVESHOP_DATABASE_URL .*{message}"):
        Store(url)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_uses_psycopg(scheme: str) -> None:
    assert read_url(f"{scheme}://u:p@h/db").drivername == "postgresql+psycopg"


def test_a_database_that_is_away_is_busy_and_keeps_its_password(tmp_path: Path) -> None:
    with (
        Store(f"postgresql://me:hush@/shop?host={tmp_path}") as store,
        pytest.raises(Busy, match="the records at") as caught,
    ):
        store.ping()
    assert "hush" not in str(caught.value)


def test_patches_from_many_threads_are_all_counted(store: Store) -> None:
    store.catalog.put_products([mug()])

    def patch(n: int) -> None:
        store.catalog.patch_variant("mug-red", price=Money(minor=n, currency="CNY"))
        store.catalog.patch_variant("mug-blue", stock=n)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(patch, range(1, 31)))
    product = store.catalog.product("mug")
    assert product.version == 61
    assert [variant.version for variant in product.variants] == [31, 31]


def test_a_reader_never_sees_half_a_write(store: Store) -> None:
    store.catalog.put_products([mug("a", 1), mug("b", 1)])
    done = threading.Event()

    def write() -> None:
        for minor in range(2, 60):
            store.catalog.put_products([mug("a", minor), mug("b", minor)])
        done.set()

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        reads = 0
        while not done.is_set() and not writing.done():
            seen = store.catalog.products(("a", "b"))
            prices = {p.variants[0].price.minor for p in seen.values()}
            assert len(prices) == 1
            assert {p.version for p in seen.values()} == prices
            reads += 1
        writing.result()
    assert reads


def test_another_process_s_change_is_read_at_once(store: Store, url: str) -> None:
    store.catalog.put_products([mug()])
    assert store.catalog.product("mug").version == 1
    with Store(url) as other:
        other.catalog.patch_variant("mug-red", stock=1)
    assert store.catalog.product("mug").variants[0].availability.quantity == 1
    with store.database.write() as connection:
        connection.execute(text("UPDATE variants SET price_minor = 77"))
    assert {v.price.minor for v in store.catalog.product("mug").variants} == {77}


def test_a_write_that_fails_leaves_nothing(store: Store) -> None:
    def fail() -> None:
        with store.database.write(Part.CATALOG) as connection:
            connection.execute(text("INSERT INTO removed_products (id, version) VALUES ('x', 1)"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with store.database.read() as connection:
        assert connection.scalar(text("SELECT count(*) FROM removed_products")) == 0
