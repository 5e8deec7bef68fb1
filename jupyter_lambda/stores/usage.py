"""The ledger: every attempt once, and the sums that answer what something used.

The journal appends attempts here, inside its transaction. A request id and attempt number that are
recorded already are ignored, and only what was really inserted enters the sums, so recording the
same outcome twice never bills twice.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from jupyter_lambda.model.invocation import Attempt
from jupyter_lambda.model.usage import Usage
from jupyter_lambda.stores.bulk import insert_rows
from jupyter_lambda.stores.database import Database
from jupyter_lambda.stores.rows import AttemptRow
from jupyter_lambda.stores.scope import EVERYTHING, Scope
from jupyter_lambda.stores.statements import load_statements

_SQL = load_statements("usage")


class UsageStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    def recent(self, scope: Scope = EVERYTHING, limit: int = 50) -> list[Attempt]:
        """The last attempts to be recorded, newest first."""
        statement = _SQL["recent"].format(scope=scope.where())
        parameters = {**scope.parameters(), "limit": limit}
        rows = self._database.read(lambda reader: reader.execute(statement, parameters).fetchall())
        return [AttemptRow._make(row).to_attempt() for row in rows]

    def last_attempts(self) -> dict[str, Attempt]:
        """The last attempt of each function that exists and was invoked, by its name."""
        rows = self._database.read(lambda reader: reader.execute(_SQL["last_attempts"]).fetchall())
        attempts = [AttemptRow._make(row).to_attempt() for row in rows]
        return {attempt.function_name: attempt for attempt in attempts}

    def usage(self, scope: Scope = EVERYTHING, month: str | None = None) -> Usage:
        """The sums over a scope, over all time or one month (``YYYY-MM`` in UTC)."""
        name = "sum_of_sums" if scope.request_id is None else "sum_of_attempts"
        statement = _SQL[name].format(scope=scope.where())
        parameters = {**scope.parameters(), "month": month}
        row = self._database.read(lambda reader: reader.execute(statement, parameters).fetchone())
        return Usage(*row)

    def usage_by_function(self, month: str) -> dict[str, Usage]:
        """One month's sums of every function that was invoked in it, deleted ones included."""
        rows = self._database.read(
            lambda reader: reader.execute(_SQL["sums_by_function"], (month,)).fetchall()
        )
        return {name: Usage(*sums) for name, *sums in rows}

    def median_duration_us(self, run_id: str) -> int | None:
        """The median duration of a run's attempts, the lower of two; ``None`` before the first.

        Kept with a settled run, and found among the attempts of one that is not.
        """
        parameters = {"run_id": run_id}

        def query(reader: sqlite3.Connection) -> int | None:
            for name in ("kept_median", "median"):
                row = reader.execute(_SQL[name], parameters).fetchone()
                if row is not None and row[0] is not None:
                    return int(row[0])
            return None

        return self._database.read(query)


def last_position(connection: sqlite3.Connection) -> int:
    """The highest position given to an attempt or a log line so far."""
    return int(connection.execute(_SQL["last_position"]).fetchone()[0])


def append_attempts(connection: sqlite3.Connection, attempts: Sequence[AttemptRow]) -> None:
    """Record the attempts that are not recorded yet, and add exactly those to the sums."""
    last = last_position(connection)
    rows = [(position, *row) for position, row in enumerate(attempts, last + 1)]
    insert_rows(connection, _SQL["insert_attempt"], rows)
    connection.execute(_SQL["add_to_sums"], (last,))
