"""The log: what handlers wrote, and where among it each attempt ended.

START, END and REPORT are not stored. Attempts and lines share one growing order of positions, so
the ledger row of an attempt marks by itself where its END and REPORT belong, and
``telemetry.transcript`` renders them when a log is read. Measured over 10,000 attempts that printed
nothing: one more row for each made recording 1.3 to 1.6 times as expensive, three more 2.2 to 3.5
times, and the file up to 3.6 times as large.
"""

from __future__ import annotations

import heapq
import sqlite3
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from itertools import islice
from typing import Any

from jupyter_lambda.model.invocation import LogEntry
from jupyter_lambda.stores.bulk import insert_rows
from jupyter_lambda.stores.database import Database
from jupyter_lambda.stores.rows import AttemptRow, LogRow
from jupyter_lambda.stores.scope import EVERYTHING, Scope
from jupyter_lambda.stores.statements import load_statements
from jupyter_lambda.stores.usage import last_position

_SQL = load_statements("logs")


class LogStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, lines: Sequence[LogRow]) -> Future[None]:
        """Keep lines of attempts that are still running; the journal takes those of ended ones."""
        return self._database.write(lambda connection: append_lines(connection, lines))

    def entries(
        self, scope: Scope = EVERYTHING, *, position: int | None = None, limit: int = 1000
    ) -> list[LogEntry]:
        """Entries in order: the one at ``position`` and ``limit`` past it, or the newest ``limit``.

        They hold at least as many lines, which ``telemetry.transcript`` makes of them.
        """

        def query(reader: sqlite3.Connection) -> list[LogEntry]:
            start = _first_of_newest(reader, scope, limit) if position is None else position
            parameters = {**scope.parameters(), "position": start, "limit": limit + 1}
            lines = reader.execute(_SQL["lines_from"].format(scope=scope.where()), parameters)
            attempts = reader.execute(_SQL["attempts_from"].format(scope=scope.where()), parameters)
            merged = heapq.merge(_lines(lines), _attempts(attempts), key=_position)
            return list(islice(merged, limit + 1))

        return self._database.read(query)


def append_lines(connection: sqlite3.Connection, lines: Sequence[LogRow]) -> None:
    last = last_position(connection)
    rows = [(position, *row) for position, row in enumerate(lines, last + 1)]
    insert_rows(connection, _SQL["insert"], rows)


def _first_of_newest(reader: sqlite3.Connection, scope: Scope, limit: int) -> int:
    statement = _SQL["newest_positions"].format(scope=scope.where())
    (position,) = reader.execute(statement, {**scope.parameters(), "limit": limit}).fetchone()
    return int(position or 0)


def _lines(rows: Iterable[tuple[Any, ...]]) -> Iterable[LogEntry]:
    for position, opens, *row in rows:
        yield LogEntry(position, bool(opens), LogRow._make(row).to_line())


def _attempts(rows: Iterable[tuple[Any, ...]]) -> Iterable[LogEntry]:
    for position, opens, *row in rows:
        yield LogEntry(position, bool(opens), AttemptRow._make(row).to_attempt())


def _position(entry: LogEntry) -> int:
    return entry.position
