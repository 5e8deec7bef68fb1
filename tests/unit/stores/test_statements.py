from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

import pytest

from jupyter_lambda.stores.statements import load_statements

NOUNS = ["functions", "logs", "results", "runs", "usage"]


def test_statements_are_loaded_by_name() -> None:
    statements = load_statements("functions")
    assert statements["count"] == "SELECT COUNT(*) FROM functions"
    assert statements["delete"] == "DELETE FROM functions WHERE name = ?"


@pytest.mark.parametrize("noun", NOUNS)
def test_every_statement_is_named_once_and_used(noun: str) -> None:
    folder = Path(str(resources.files("jupyter_lambda.stores")))
    names = re.findall(r"-- name: (\w+)", (folder / "sql" / f"{noun}.sql").read_text())
    source = (folder / f"{noun}.py").read_text()
    assert sorted(names) == sorted(set(names))
    assert set(names) - set(re.findall(r'"(\w+)"', source)) == set()


def test_every_sql_file_has_its_module() -> None:
    folder = resources.files("jupyter_lambda.stores") / "sql"
    files = sorted(e.name.removesuffix(".sql") for e in folder.iterdir() if e.name.endswith(".sql"))
    assert files == NOUNS
