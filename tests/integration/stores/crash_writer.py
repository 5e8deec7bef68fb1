"""A service's writing, in small: run by ``test_crash.py``, which kills it without warning.

Appends inputs and records outcomes without end, many commands in flight at a time, and prints a
line for each one that was acknowledged: ``accepted N`` or ``settled FIRST LAST``.
"""

from __future__ import annotations

import os
import sys
from collections import deque
from concurrent.futures import Future
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from jupyter_lambda.clock import epoch_us
from jupyter_lambda.model.invocation import Outcome
from jupyter_lambda.model.run import ItemResult, Run, RunState
from jupyter_lambda.stores.database import Database
from jupyter_lambda.stores.journal import Journal
from jupyter_lambda.stores.rows import AttemptRow, LogRow
from jupyter_lambda.stores.runs import RunStore
from jupyter_lambda.stores.spool import INLINE_MAX_BYTES, Spool

RUN_ID = "aaaaaaaaaaaa"
GROUP = 20
LARGE_EVERY = 50
STARTED_AT = datetime(2026, 11, 20, tzinfo=UTC)
_IN_FLIGHT = 8


def payload_of(item: int) -> bytes:
    """Now and then one that goes to the spool."""
    return b"%d" % item * (INLINE_MAX_BYTES if item % LARGE_EVERY == 0 else 1)


def request_id_of(item: int) -> bytes:
    return item.to_bytes(16, "big")


def main(home: Path) -> None:
    database = Database(home / "state.db")
    database.start()
    spool = Spool(home / "spool")
    runs = RunStore(database, spool)
    journal = Journal(spool)
    runs.create(Run(RUN_ID, "area", 1, "ab" * 32, RunState.OPEN, STARTED_AT)).result()
    flight: deque[tuple[Future[Any], str]] = deque()
    first = 0
    while True:
        items = range(first, first + GROUP)
        accepted = runs.append_items(RUN_ID, first, [payload_of(item) for item in items])
        settled = database.write(partial(_record, journal, items))
        flight.append((accepted, f"accepted {first + GROUP}\n"))
        flight.append((settled, f"settled {items[0]} {items[-1]}\n"))
        first += GROUP
        while len(flight) > _IN_FLIGHT:
            future, line = flight.popleft()
            future.result()
            os.write(1, line.encode())


def _record(journal: Journal, items: range, connection: Any) -> None:
    started_at_us = epoch_us(STARTED_AT)
    journal.record(
        connection,
        [
            ItemResult(RUN_ID, i, 1, Outcome.OK, request_id_of(i), payload_of(i), None)
            for i in items
        ],
        [_attempt(item, started_at_us) for item in items],
        [
            LogRow(request_id_of(i), 1, "area", "$LATEST", RUN_ID, started_at_us, "stdout", "hi\n")
            for i in items
        ],
    )


def _attempt(item: int, started_at_us: int) -> AttemptRow:
    return AttemptRow(
        request_id=request_id_of(item),
        attempt=1,
        function_name="area",
        version="$LATEST",
        source="run",
        run_id=RUN_ID,
        item=item,
        started_at_us=started_at_us,
        duration_us=1_500,
        init_us=None,
        billed_duration_ms=2,
        memory_mb=128,
        max_memory_used_mb=36,
        outcome="ok",
        error_type=None,
        worker="worker-0",
        environment_id="1",
        log_stream="2026/11/20/[$LATEST]00",
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
