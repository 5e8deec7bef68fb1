from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from jupyter_lambda.clock import epoch_us
from jupyter_lambda.model.function import Function, FunctionConfiguration
from jupyter_lambda.model.invocation import Outcome
from jupyter_lambda.model.run import ItemResult, Run, RunState
from jupyter_lambda.stores.database import Database
from jupyter_lambda.stores.journal import Journal
from jupyter_lambda.stores.rows import AttemptRow, LogRow
from jupyter_lambda.stores.runs import RunStore
from jupyter_lambda.stores.spool import Spool

NOW = datetime(2026, 11, 20, 9, 30, 0, 123456, tzinfo=UTC)

Record = Callable[..., None]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "state.db")
    database.start()
    yield database
    database.close()


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool")


@pytest.fixture
def runs(database: Database, spool: Spool) -> RunStore:
    return RunStore(database, spool)


@pytest.fixture
def record(database: Database, spool: Spool) -> Record:
    """Record outcomes as the data plane does, and wait for the commit."""
    journal = Journal(spool)

    def commit(
        *,
        results: list[ItemResult] | None = None,
        attempts: list[AttemptRow] | None = None,
        lines: list[LogRow] | None = None,
    ) -> None:
        database.write(
            lambda connection: journal.record(
                connection, results or [], attempts or [], lines or []
            )
        ).result()

    return commit


@pytest.fixture
def make_function() -> Callable[..., Function]:
    def make(name: str = "area", **changes: Any) -> Function:
        function = Function(
            configuration=FunctionConfiguration(
                name=name,
                handler="lambda_function.area",
                environment={"MODE": "fast"},
                preload=("numpy",),
            ),
            code_sha256="ab" * 32,
            code_size_bytes=123,
            revision=1,
            revision_id="one",
            created_at=NOW,
            last_modified=NOW,
            manifest={"format": 1},
            source="magic",
        )
        return replace(function, **changes)

    return make


@pytest.fixture
def make_run() -> Callable[..., Run]:
    def make(run_id: str = "aaaaaaaaaaaa", **changes: Any) -> Run:
        run = Run(
            run_id=run_id,
            function_name="area",
            revision=1,
            code_sha256="ab" * 32,
            state=RunState.OPEN,
            created_at=NOW,
        )
        return replace(run, **changes)

    return make


@pytest.fixture
def make_attempt() -> Callable[..., AttemptRow]:
    """An ordinary attempt of request number ``number``, with whatever is to be different."""

    def make(number: int = 1, **changes: Any) -> AttemptRow:
        row = AttemptRow(
            request_id=number.to_bytes(16, "big"),
            attempt=1,
            function_name="area",
            version="$LATEST",
            source="sync",
            run_id=None,
            item=None,
            started_at_us=epoch_us(NOW) + number,
            duration_us=3_010,
            init_us=None,
            billed_duration_ms=4,
            memory_mb=128,
            max_memory_used_mb=36,
            outcome="ok",
            error_type=None,
            worker="worker-0",
            environment_id="1",
            log_stream="2026/11/20/[$LATEST]00",
        )
        return row._replace(**changes)

    return make


@pytest.fixture
def make_line() -> Callable[..., LogRow]:
    def make(number: int, text: str, **changes: Any) -> LogRow:
        row = LogRow(
            request_id=number.to_bytes(16, "big"),
            attempt=1,
            function_name="area",
            version="$LATEST",
            run_id=None,
            timestamp_us=epoch_us(NOW),
            stream="stdout",
            text=text,
        )
        return row._replace(**changes)

    return make


@pytest.fixture
def make_result() -> Callable[..., ItemResult]:
    def make(item: int, outcome: Outcome = Outcome.OK, **changes: Any) -> ItemResult:
        result = ItemResult(
            run_id="aaaaaaaaaaaa",
            item=item,
            attempt=1,
            outcome=outcome,
            request_id=item.to_bytes(16, "big"),
            payload=b"result %d" % item,
            error_type=None,
        )
        return result._replace(**changes)

    return make
