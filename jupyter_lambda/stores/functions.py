"""Where functions are kept, each with the revisions that runs may still need.

``control`` writes them; everything else reads them by name. A revision never changes once it is
written, so a run that is taken up after a crash finds the code and the configuration with which it
was started, whatever was deployed since.
"""

from __future__ import annotations

import json
import sqlite3
from concurrent.futures import Future
from dataclasses import asdict
from typing import Any

from jupyter_lambda.clock import epoch_us, from_epoch_us
from jupyter_lambda.errors import ResourceNotFound
from jupyter_lambda.model.function import Function, FunctionConfiguration, function_arn
from jupyter_lambda.stores.database import Database
from jupyter_lambda.stores.statements import load_statements

_SQL = load_statements("functions")


class FunctionStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, function: Function) -> Future[None]:
        """Make this revision the function's present one. Its zip is in the code store by now."""
        row = _row(function)

        def command(connection: sqlite3.Connection) -> None:
            connection.execute(_SQL["put_revision"], row)
            connection.execute(_SQL["put"], (function.name, function.revision))

        return self._database.write(command)

    def delete(self, name: str) -> Future[None]:
        """Forget the function; its runs, logs and usage stay.

        Raises (through the future):
            ResourceNotFound: there is none of that name.
        """

        def command(connection: sqlite3.Connection) -> None:
            if connection.execute(_SQL["delete"], (name,)).rowcount == 0:
                raise ResourceNotFound(f"Function not found: {function_arn(name)}")

        return self._database.write(command)

    def forget_revisions(self) -> Future[int]:
        """Remove the revisions that are neither present nor named by a run; how many."""
        return self._database.write(
            lambda connection: connection.execute(_SQL["forget_revisions"]).rowcount
        )

    def get(self, name: str) -> Function:
        """The function of that name, in its present revision.

        Raises:
            ResourceNotFound: there is none.
        """
        return self._one("get", name)

    def get_revision(self, name: str, revision: int) -> Function:
        """A revision, of a function that exists or was deleted.

        Raises:
            ResourceNotFound: it was never made, or no run needed it any more.
        """
        return self._one("get_revision", name, revision)

    def next_revision(self, name: str) -> int:
        """The number for the next revision. It goes on after a delete: runs may name the old."""
        row = self._database.read(
            lambda reader: reader.execute(_SQL["last_revision"], (name,)).fetchone()
        )
        return int(row[0]) + 1

    def all(self) -> list[Function]:
        """Every function in its present revision, by name."""
        rows = self._database.read(lambda reader: reader.execute(_SQL["all"]).fetchall())
        return [_function(row) for row in rows]

    def count(self) -> int:
        row = self._database.read(lambda reader: reader.execute(_SQL["count"]).fetchone())
        return int(row[0])

    def code_digests(self) -> set[str]:
        """The zips that any kept revision refers to."""
        rows = self._database.read(lambda reader: reader.execute(_SQL["code_digests"]).fetchall())
        return {digest for (digest,) in rows}

    def _one(self, statement: str, name: str, *revision: int) -> Function:
        row = self._database.read(
            lambda reader: reader.execute(_SQL[statement], (name, *revision)).fetchone()
        )
        if row is None:
            asked = "".join(f", revision {number}" for number in revision)
            raise ResourceNotFound(f"Function not found: {function_arn(name)}{asked}")
        return _function(row)


def _row(function: Function) -> tuple[Any, ...]:
    return (
        function.name,
        function.revision,
        function.revision_id,
        json.dumps(asdict(function.configuration)),
        function.code_sha256,
        function.code_size_bytes,
        epoch_us(function.created_at),
        epoch_us(function.last_modified),
        json.dumps(function.manifest),
        function.source,
    )


def _function(row: tuple[Any, ...]) -> Function:
    settings = json.loads(row[2])
    settings["preload"] = tuple(settings["preload"])
    return Function(
        configuration=FunctionConfiguration(**settings),
        revision=row[0],
        revision_id=row[1],
        code_sha256=row[3],
        code_size_bytes=row[4],
        created_at=from_epoch_us(row[5]),
        last_modified=from_epoch_us(row[6]),
        manifest=json.loads(row[7]),
        source=row[8],
    )
