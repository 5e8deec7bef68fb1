from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pytest

from jupyter_lambda.errors import ServiceFault
from jupyter_lambda.model.run import ItemResult, Run
from jupyter_lambda.model.usage import Usage
from jupyter_lambda.stores.database import Database
from jupyter_lambda.stores.journal import Journal
from jupyter_lambda.stores.logs import LogStore
from jupyter_lambda.stores.rows import AttemptRow, LogRow
from jupyter_lambda.stores.runs import RunStore
from jupyter_lambda.stores.spool import Spool
from jupyter_lambda.stores.usage import UsageStore

from .conftest import Record

ID = "aaaaaaaaaaaa"


@pytest.fixture(autouse=True)
def _run(runs: RunStore, make_run: Callable[..., Run]) -> None:
    runs.create(make_run()).result()
    runs.append_items(ID, 0, [b"", b""]).result()


def test_record_keeps_result_attempt_and_lines(
    *,
    database: Database,
    runs: RunStore,
    record: Record,
    make_result: Callable[..., ItemResult],
    make_attempt: Callable[..., AttemptRow],
    make_line: Callable[..., LogRow],
) -> None:
    record(
        results=[make_result(0)],
        attempts=[make_attempt(1, run_id=ID, item=0)],
        lines=[make_line(1, "hello\n", run_id=ID)],
    )
    assert runs.progress(ID).ok == 1
    assert UsageStore(database).usage().requests == 1
    assert len(LogStore(database).entries()) == 2


def test_record_keeps_all_or_nothing(
    *,
    database: Database,
    runs: RunStore,
    spool: Spool,
    make_result: Callable[..., ItemResult],
    make_attempt: Callable[..., AttemptRow],
    make_line: Callable[..., LogRow],
) -> None:
    broken = make_result(1, error_type=object())

    def command(connection: sqlite3.Connection) -> None:
        Journal(spool).record(
            connection, [make_result(0), broken], [make_attempt(1)], [make_line(1, "hello\n")]
        )

    with pytest.raises(ServiceFault):
        database.write(command).result()
    assert runs.progress(ID).settled == 0
    assert UsageStore(database).usage() == Usage()
    assert UsageStore(database).recent() == []
    assert LogStore(database).entries() == []
