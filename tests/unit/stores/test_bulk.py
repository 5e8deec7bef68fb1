from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from jupyter_lambda.stores.bulk import insert_rows


@pytest.mark.parametrize("count", [0, 1, 2, 3, 63, 64, 65, 127, 1_000])
def test_insert_rows_keeps_every_row_in_order(count: int) -> None:
    rows = [(number, str(number)) for number in range(count)]
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE kept (id INTEGER PRIMARY KEY, text TEXT)")
        insert_rows(connection, "INSERT INTO kept VALUES (?, ?)", rows)
        assert connection.execute("SELECT * FROM kept ORDER BY rowid").fetchall() == rows


def test_insert_rows_needs_few_statements() -> None:
    statements: list[str] = []
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute("CREATE TABLE kept (id INTEGER)")
        connection.set_trace_callback(statements.append)
        insert_rows(connection, "INSERT INTO kept VALUES (?)", [(n,) for n in range(200)])
    assert len(statements) == 3 + 1
