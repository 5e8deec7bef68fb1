"""What was acknowledged survives a kill -9 in the middle of the writing, and it all agrees."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import jupyter_lambda
from jupyter_lambda.model.usage import Usage
from jupyter_lambda.stores.database import Database
from jupyter_lambda.stores.logs import LogStore
from jupyter_lambda.stores.runs import RunStore
from jupyter_lambda.stores.scope import Scope
from jupyter_lambda.stores.spool import Spool
from jupyter_lambda.stores.usage import UsageStore

from . import crash_writer
from .crash_writer import RUN_ID, payload_of


class Acknowledged(NamedTuple):
    accepted: int
    settled: int


def _kill_after(home: Path, lines: int) -> Acknowledged:
    """Let the writer acknowledge so many commands, kill it, and say what it had acknowledged."""
    command = [sys.executable, crash_writer.__file__, str(home)]
    root = Path(jupyter_lambda.__file__).parents[1]
    environment = os.environ | {"PYTHONPATH": str(root)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as writer:
        assert writer.stdout is not None
        seen = [writer.stdout.readline() for _ in range(lines)]
        writer.send_signal(signal.SIGKILL)
        seen += writer.stdout.read().splitlines()
    assert writer.returncode == -signal.SIGKILL
    words = [line.split() for line in seen]
    return Acknowledged(
        accepted=max(int(total) for kind, total, *_ in words if kind == "accepted"),
        settled=max(int(rest[0]) + 1 for kind, _, *rest in words if kind == "settled"),
    )


@pytest.fixture(params=[2, 41, 150])
def crashed(request: pytest.FixtureRequest, tmp_path: Path) -> Acknowledged:
    return _kill_after(tmp_path, request.param)


@pytest.fixture
def database(crashed: Acknowledged, tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "state.db")
    database.start()
    yield database
    database.close()


def test_killed_writer_loses_nothing_that_it_acknowledged(
    crashed: Acknowledged, database: Database, tmp_path: Path
) -> None:
    runs = RunStore(database, Spool(tmp_path / "spool"))
    progress = runs.progress(RUN_ID)
    accepted, settled = progress.run.accepted, progress.ok
    assert accepted >= crashed.accepted
    assert settled >= crashed.settled

    items = list(range(accepted))
    assert runs.inputs(RUN_ID, items) == [payload_of(item) for item in items]
    assert runs.unsettled_items(RUN_ID) == list(range(settled, accepted))

    results = runs.results(RUN_ID, limit=accepted, max_bytes=1 << 40).results
    assert [result.item for result in results] == list(range(settled))
    assert [result.payload for result in results] == [payload_of(item) for item in range(settled)]


def test_killed_writer_leaves_bill_log_and_results_in_agreement(
    crashed: Acknowledged, database: Database, tmp_path: Path
) -> None:
    settled = RunStore(database, Spool(tmp_path / "spool")).progress(RUN_ID).ok
    ledger = UsageStore(database)
    assert ledger.usage(Scope(run_id=RUN_ID)) == Usage(
        requests=settled, billed_duration_ms=settled * 2, memory_mb_ms=settled * 2 * 128
    )
    attempts = ledger.recent(limit=settled + 1)
    assert sorted(attempt.item or 0 for attempt in attempts) == list(range(settled))
    assert len(LogStore(database).entries(limit=settled * 2 + 1)) == settled * 2
    check = database.read(lambda reader: reader.execute("PRAGMA integrity_check").fetchall())
    assert check == [("ok",)]
