"""How a run's items were settled: one result per item, and the tallies kept with them.

The journal settles items here, inside its transaction; the run store reads them back in item order.
The first result of an item stands until a retry clears it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from jupyter_lambda.model.invocation import Outcome
from jupyter_lambda.model.run import ItemResult, Run, RunProgress
from jupyter_lambda.stores.bulk import insert_rows
from jupyter_lambda.stores.spool import INLINE_MAX_BYTES, Spool
from jupyter_lambda.stores.statements import load_statements

_SQL = load_statements("results")


class ResultOrder(StrEnum):
    """In which order results are paged, and which of them."""

    BY_ITEM = "page_by_item"
    FAILURES = "page_of_failures"
    """By item, those alone that failed."""
    AS_SETTLED = "page_as_settled"
    """The order in which they were settled; positions in it are not item numbers."""


@dataclass(frozen=True, slots=True)
class ResultPage:
    results: list[ItemResult]
    following: int
    """Where to go on from, in the page's order."""
    at_end: bool
    """Nothing follows of what is settled by now."""


def settle_items(
    connection: sqlite3.Connection, spool: Spool, results: Sequence[ItemResult]
) -> None:
    """Keep the results of items that have none yet, and count exactly those."""
    (last_id,) = connection.execute(_SQL["last_id"]).fetchone()
    insert_rows(connection, _SQL["insert"], [_row(spool, result) for result in results])
    connection.execute(_SQL["add_to_tallies"], (last_id,))


def clear_failed_items(
    connection: sqlite3.Connection,
    run_id: str,
    *,
    items: Iterable[int] | None,
    error_types: Iterable[str] | None,
) -> list[int]:
    """Forget the results of failed and cancelled items, so that they are unsettled again."""
    rows = connection.execute(
        _SQL["failed_items"],
        {
            "run_id": run_id,
            "items": None if items is None else json.dumps(list(items)),
            "error_types": None if error_types is None else json.dumps(list(error_types)),
        },
    ).fetchall()
    cleared = [item for (item,) in rows]
    connection.execute(_SQL["delete_items"], {"run_id": run_id, "items": json.dumps(cleared)})
    connection.execute(_SQL["clear_tallies"], (run_id,))
    connection.execute(_SQL["recount_tallies"], (run_id,))
    return cleared


def unsettled_items(connection: sqlite3.Connection, run: Run) -> list[int]:
    """The accepted items without a result, ascending."""
    rows = connection.execute(_SQL["settled_items"], (run.run_id,)).fetchall()
    settled = {item for (item,) in rows}
    return [item for item in range(run.accepted) if item not in settled]


def attempts_made(
    connection: sqlite3.Connection, run_id: str, items: Sequence[int]
) -> dict[int, int]:
    """How many attempts the ledger has for each of those items; an item without any is absent."""
    rows = connection.execute(_SQL["attempts_made"], {"run_id": run_id, "items": json.dumps(items)})
    return dict(rows.fetchall())


def result_page(
    connection: sqlite3.Connection,
    spool: Spool,
    run_id: str,
    *,
    order: ResultOrder,
    start: int,
    limit: int,
    max_bytes: int,
) -> ResultPage:
    """Results from ``start`` on; at least one, then as many as both limits allow."""
    parameters = {"run_id": run_id, "start": start, "limit": limit + 1}
    results: list[ItemResult] = []
    total_bytes = 0
    place = start - 1
    for row in connection.execute(_SQL[order], parameters):
        this_place, item, attempt, outcome, request_id, error_type, payload, spooled_bytes = row
        total_bytes += len(payload) if spooled_bytes is None else spooled_bytes
        if results and (len(results) == limit or total_bytes > max_bytes):
            return ResultPage(results, following=this_place, at_end=False)
        if spooled_bytes is not None:
            payload = spool.read(run_id, _spool_name(item, attempt), spooled_bytes)
        results.append(
            ItemResult(run_id, item, attempt, Outcome(outcome), request_id, payload, error_type)
        )
        place = this_place
    return ResultPage(results, following=place + 1, at_end=True)


def progress_of(connection: sqlite3.Connection, runs: Sequence[Run]) -> list[RunProgress]:
    """What is settled of each run; the rest of its accepted items counts as queued."""
    run_ids = json.dumps([run.run_id for run in runs])
    tallies: dict[str, list[tuple[str, str, int]]] = {run.run_id: [] for run in runs}
    for run_id, outcome, error_type, items in connection.execute(_SQL["tallies"], (run_ids,)):
        tallies[run_id].append((outcome, error_type, items))
    return [_progress(run, tallies[run.run_id]) for run in runs]


def _progress(run: Run, tallies: list[tuple[str, str, int]]) -> RunProgress:
    ok = cancelled = 0
    failures: dict[str, int] = {}
    for outcome, error_type, items in tallies:
        if outcome == Outcome.OK:
            ok += items
        elif outcome == Outcome.CANCELLED:
            cancelled += items
        else:
            label = error_type or outcome
            failures[label] = failures.get(label, 0) + items
    queued = run.accepted - ok - cancelled - sum(failures.values())
    return RunProgress(run=run, queued=queued, ok=ok, failures=failures, cancelled=cancelled)


def _row(spool: Spool, result: ItemResult) -> tuple[Any, ...]:
    run_id, item, attempt, outcome, request_id, payload, error_type = result
    if len(payload) <= INLINE_MAX_BYTES:
        return (run_id, item, attempt, outcome.value, request_id, error_type, payload, None)
    spool.write(run_id, _spool_name(item, attempt), payload)
    return (run_id, item, attempt, outcome.value, request_id, error_type, None, len(payload))


def _spool_name(item: int, attempt: int) -> str:
    return f"result-{item}-{attempt}"
