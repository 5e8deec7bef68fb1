"""Durable maps: a run, its inputs, and what became of each item.

``invoke`` creates a run, appends inputs (acknowledged only after their commit), and lets the
journal settle items. After a crash ``unsettled`` and ``unsettled_items`` say what is still to do.
Items are numbered from 0 without a gap.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from datetime import datetime
from typing import Any

from jupyter_lambda.clock import epoch_us, from_epoch_us
from jupyter_lambda.errors import ResourceConflict, ResourceNotFound
from jupyter_lambda.model.invocation import Codec
from jupyter_lambda.model.run import Run, RunProgress, RunState
from jupyter_lambda.stores import results
from jupyter_lambda.stores.bulk import insert_rows
from jupyter_lambda.stores.database import Database
from jupyter_lambda.stores.results import ResultOrder, ResultPage
from jupyter_lambda.stores.spool import INLINE_MAX_BYTES, Spool
from jupyter_lambda.stores.statements import load_statements

RESULT_PAGE_MAX_BYTES = 8_388_608

_SQL = load_statements("runs")


class RunStore:
    def __init__(self, database: Database, spool: Spool) -> None:
        self._database = database
        self._spool = spool

    def create(self, run: Run) -> Future[None]:
        row = _row(run)

        def command(connection: sqlite3.Connection) -> None:
            connection.execute(_SQL["create"], row)

        return self._database.write(command)

    def append_items(self, run_id: str, first_item: int, payloads: Sequence[bytes]) -> Future[int]:
        """Accept inputs under the numbers from ``first_item`` on; gives the new total.

        Raises (through the future):
            ResourceNotFound: no such run.
            ResourceConflict: its input is closed, or ``first_item`` would leave a gap or overlap.
        """

        def command(connection: sqlite3.Connection) -> int:
            run = _get(connection, run_id)
            _check_accepts(run, first_item)
            rows = [
                self._input_row(run_id, item, payload)
                for item, payload in enumerate(payloads, first_item)
            ]
            insert_rows(connection, _SQL["insert_input"], rows)
            connection.execute(_SQL["accept"], {"run_id": run_id, "added": len(rows)})
            return run.accepted + len(rows)

        return self._database.write(command)

    def close_input(self, run_id: str, error: str | None) -> Future[Run]:
        """No more items will come; an ``open`` run is ``running`` from here on."""
        return self._database.write(
            lambda connection: _update(connection, "close_input", run_id, input_error=error)
        )

    def set_state(
        self, run_id: str, state: RunState, finished_at: datetime | None = None
    ) -> Future[Run]:
        values = {
            "state": state.value,
            "finished_at_us": None if finished_at is None else epoch_us(finished_at),
        }

        def command(connection: sqlite3.Connection) -> Run:
            run = _update(connection, "set_state", run_id, **values)
            if state.settled:
                connection.execute(_SQL["keep_median"], {"run_id": run_id})
            return run

        return self._database.write(command)

    def set_revision(self, run_id: str, revision: int, code_sha256: str) -> Future[Run]:
        """What is still to do of the run goes on with another revision of its function."""
        values = {"revision": revision, "code_sha256": code_sha256}
        return self._database.write(
            lambda connection: _update(connection, "set_revision", run_id, **values)
        )

    def clear_results(
        self,
        run_id: str,
        *,
        items: Iterable[int] | None = None,
        error_types: Iterable[str] | None = None,
    ) -> Future[list[int]]:
        """Unsettle failed and cancelled items for a retry; gives the items, ascending.

        Without a choice of items or error types it takes all of them. An item that succeeded is
        never cleared. The run's state is the caller's to set.
        """

        def command(connection: sqlite3.Connection) -> list[int]:
            _get(connection, run_id)
            return results.clear_failed_items(
                connection, run_id, items=items, error_types=error_types
            )

        return self._database.write(command)

    def delete(self, run_id: str) -> Future[None]:
        """Forget the run, its inputs and its results; what it used stays in the ledger."""

        def command(connection: sqlite3.Connection) -> None:
            _get(connection, run_id)
            for statement in ("delete_inputs", "delete_results", "delete_tallies", "delete_run"):
                connection.execute(_SQL[statement], (run_id,))

        def remove_payloads(deleted: Future[None]) -> None:
            if not deleted.cancelled() and deleted.exception() is None:
                self._spool.remove(run_id)

        future = self._database.write(command)
        future.add_done_callback(remove_payloads)
        return future

    def get(self, run_id: str) -> Run:
        """The run of that id.

        Raises:
            ResourceNotFound: there is none.
        """
        return self._database.read(lambda reader: _get(reader, run_id))

    def progress(self, run_id: str) -> RunProgress:
        """The run with its items counted; what is not settled counts as queued."""
        return self._database.read(
            lambda reader: results.progress_of(reader, [_get(reader, run_id)])[0]
        )

    def newest(self, function_name: str | None = None, limit: int = 20) -> list[RunProgress]:
        """The last runs to be created, newest first, with their items counted."""
        name = "newest" if function_name is None else "newest_of_function"
        parameters = {"function_name": function_name, "limit": limit}

        def query(reader: sqlite3.Connection) -> list[RunProgress]:
            runs = [_run(row) for row in reader.execute(_SQL[name], parameters)]
            return results.progress_of(reader, runs)

        return self._database.read(query)

    def unsettled(self) -> list[Run]:
        """The runs with work left, in the order of their creation."""
        rows = self._database.read(lambda reader: reader.execute(_SQL["unsettled"]).fetchall())
        return [_run(row) for row in rows]

    def unsettled_items(self, run_id: str) -> list[int]:
        """The accepted items without a result, ascending."""
        return self._database.read(
            lambda reader: results.unsettled_items(reader, _get(reader, run_id))
        )

    def next_attempts(self, run_id: str, items: Sequence[int]) -> dict[int, int]:
        """The number of the next attempt, by the ledger; 1 for an item that is absent here."""
        made = self._database.read(lambda reader: results.attempts_made(reader, run_id, items))
        return {item: attempts + 1 for item, attempts in made.items()}

    def inputs(self, run_id: str, items: Sequence[int]) -> list[bytes]:
        """The payloads of those items, in the order asked for.

        Raises:
            ResourceNotFound: the run does not hold one of them.
        """
        parameters = {"run_id": run_id, "items": json.dumps(items)}
        rows = self._database.read(
            lambda reader: reader.execute(_SQL["inputs"], parameters).fetchall()
        )
        found = {item: (payload, spooled_bytes) for item, payload, spooled_bytes in rows}
        missing = [item for item in items if item not in found]
        if missing:
            raise ResourceNotFound(f"Run {run_id} has no item {missing[0]}")
        return [self._input(run_id, item, *found[item]) for item in items]

    def results(
        self,
        run_id: str,
        *,
        order: ResultOrder = ResultOrder.BY_ITEM,
        start: int = 0,
        limit: int = 1000,
        max_bytes: int = RESULT_PAGE_MAX_BYTES,
    ) -> ResultPage:
        """Settled items from ``start`` on. A page never comes out empty by size.

        Raises:
            ResourceNotFound: no such run.
        """

        def query(reader: sqlite3.Connection) -> ResultPage:
            _get(reader, run_id)
            return results.result_page(
                reader,
                self._spool,
                run_id,
                order=order,
                start=start,
                limit=limit,
                max_bytes=max_bytes,
            )

        return self._database.read(query)

    def sweep_spool(self) -> None:
        """Remove the payloads of runs that are gone. For the start, before work."""
        rows = self._database.read(lambda reader: reader.execute(_SQL["run_ids"]).fetchall())
        self._spool.sweep({run_id for (run_id,) in rows})

    def _input_row(self, run_id: str, item: int, payload: bytes) -> tuple[Any, ...]:
        if len(payload) <= INLINE_MAX_BYTES:
            return (run_id, item, payload, None)
        self._spool.write(run_id, f"input-{item}", payload)
        return (run_id, item, None, len(payload))

    def _input(
        self, run_id: str, item: int, payload: bytes | None, spooled_bytes: int | None
    ) -> bytes:
        if payload is not None:
            return payload
        return self._spool.read(run_id, f"input-{item}", spooled_bytes or 0)


def _check_accepts(run: Run, first_item: int) -> None:
    if run.input_closed or run.state.settled:
        raise ResourceConflict(
            f"run {run.run_id} takes no more items: it is {run.state} and its input is closed. "
            "Start a new run"
        )
    if first_item != run.accepted:
        raise ResourceConflict(
            f"run {run.run_id} holds {run.accepted} items, so the next one has the number "
            f"{run.accepted}; got {first_item}"
        )


def _update(connection: sqlite3.Connection, statement: str, run_id: str, **values: object) -> Run:
    connection.execute(_SQL[statement], {"run_id": run_id, **values})
    return _get(connection, run_id)


def _get(connection: sqlite3.Connection, run_id: str) -> Run:
    row = connection.execute(_SQL["get"], (run_id,)).fetchone()
    if row is None:
        raise ResourceNotFound(f"Run not found: {run_id}")
    return _run(row)


def _row(run: Run) -> tuple[Any, ...]:
    return (
        run.run_id,
        run.function_name,
        run.revision,
        run.code_sha256,
        run.codec.value,
        run.state.value,
        epoch_us(run.created_at),
        None if run.finished_at is None else epoch_us(run.finished_at),
        run.input_closed,
        run.input_error,
        run.accepted,
    )


def _run(row: tuple[Any, ...]) -> Run:
    return Run(
        run_id=row[0],
        function_name=row[1],
        revision=row[2],
        code_sha256=row[3],
        codec=Codec(row[4]),
        state=RunState(row[5]),
        created_at=from_epoch_us(row[6]),
        finished_at=None if row[7] is None else from_epoch_us(row[7]),
        input_closed=bool(row[8]),
        input_error=row[9],
        accepted=row[10],
    )
