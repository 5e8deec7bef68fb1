"""The schema's way from any earlier version to the present: ``sql/migrations/NNNN_title.sql``.

``database`` calls ``migrate`` on the writing connection before anything else. Each step runs in a
transaction of its own together with the new ``PRAGMA user_version``, so a crash leaves the file at
one version or the next, never between.
"""

from __future__ import annotations

import sqlite3
from importlib import resources

from jupyter_lambda.errors import ServiceFault


def load_migrations() -> dict[int, str]:
    """Script by schema version, ascending."""
    folder = resources.files("jupyter_lambda.stores") / "sql" / "migrations"
    scripts = {
        int(entry.name.partition("_")[0]): entry.read_text("utf-8")
        for entry in folder.iterdir()
        if entry.name.endswith(".sql")
    }
    return dict(sorted(scripts.items()))


def migrate(connection: sqlite3.Connection, scripts: dict[int, str]) -> None:
    """Bring the file to the newest version in ``scripts``.

    Raises:
        ServiceFault: a newer jupyter_lambda wrote the file.
    """
    version = schema_version(connection)
    newest = max(scripts)
    if version > newest:
        raise ServiceFault(
            f"the state file has schema version {version}, and this jupyter_lambda knows versions "
            f"up to {newest}: a newer jupyter_lambda wrote it. Upgrade jupyter_lambda, or set "
            "JUPYTER_LAMBDA_HOME to another directory"
        )
    for number, script in scripts.items():
        if number > version:
            _apply(connection, number, script)


def schema_version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _apply(connection: sqlite3.Connection, number: int, script: str) -> None:
    try:
        connection.executescript(
            f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version = {number};\nCOMMIT;"
        )
    except sqlite3.Error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
