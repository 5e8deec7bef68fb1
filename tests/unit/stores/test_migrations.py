from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_lambda.errors import ServiceFault
from jupyter_lambda.stores.database import Database
from jupyter_lambda.stores.migrations import load_migrations, migrate, schema_version

STEPS = {
    1: "CREATE TABLE kept (value INTEGER);",
    2: "ALTER TABLE kept ADD COLUMN note TEXT NOT NULL DEFAULT 'none';",
    3: "CREATE INDEX kept_by_note ON kept (note);",
}


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    yield connection
    connection.close()


def _schema(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    return connection.execute("SELECT name, sql FROM sqlite_schema ORDER BY name").fetchall()


def test_migrations_are_numbered_without_a_gap() -> None:
    assert list(load_migrations()) == list(range(1, len(load_migrations()) + 1))


def test_migrate_takes_a_new_file_to_the_newest_version(connection: sqlite3.Connection) -> None:
    migrate(connection, load_migrations())
    assert schema_version(connection) == max(load_migrations())
    assert {"functions", "runs", "attempts", "logs"} <= {name for name, _ in _schema(connection)}


@pytest.mark.parametrize("version", STEPS)
def test_migrate_goes_on_from_any_version_and_keeps_the_data(
    connection: sqlite3.Connection, version: int
) -> None:
    migrate(connection, {number: STEPS[number] for number in range(1, version + 1)})
    connection.execute("INSERT INTO kept (value) VALUES (7)")
    migrate(connection, STEPS)
    assert schema_version(connection) == 3
    assert connection.execute("SELECT value, note FROM kept").fetchall() == [(7, "none")]


def test_migrate_twice_changes_nothing(connection: sqlite3.Connection) -> None:
    migrate(connection, STEPS)
    before = _schema(connection)
    migrate(connection, STEPS)
    assert _schema(connection) == before


def test_failing_step_leaves_the_version_before_it(connection: sqlite3.Connection) -> None:
    broken = {**STEPS, 2: "CREATE TABLE half (value); INSERT INTO nowhere VALUES (1);"}
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, broken)
    assert schema_version(connection) == 1
    assert [name for name, _ in _schema(connection)] == ["kept"]


def test_file_of_a_newer_version_is_refused_and_untouched(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 999")
    connection.close()
    with pytest.raises(ServiceFault, match=r"version 999.*Upgrade jupyter_lambda"):
        Database(path).start()
    connection = sqlite3.connect(path)
    assert schema_version(connection) == 999
    assert _schema(connection) == []
    connection.close()
