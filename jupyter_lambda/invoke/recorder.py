"""Outcomes on their way into the journal, grouped by what arrives while a commit is under way.

At most one write is in flight, so the group grows with the load by itself. What waits for an
outcome is told after the commit: nothing that was answered can be missing after a crash.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from jupyter_lambda.model.run import ItemResult
from jupyter_lambda.stores.database import Database
from jupyter_lambda.stores.journal import Journal
from jupyter_lambda.stores.rows import AttemptRow, LogRow

logger = logging.getLogger(__name__)
_RETRY_PAUSE_S = 1.0


class Recorder:
    """Groups attempts, item results and log lines into transactions."""

    def __init__(self, database: Database, journal: Journal) -> None:
        self._database = database
        self._journal = journal
        self._results: list[ItemResult] = []
        self._attempts: list[AttemptRow] = []
        self._lines: list[LogRow] = []
        self._committed: list[Callable[[], None]] = []
        self._writing: asyncio.Task[None] | None = None
        self.on_commit: Callable[[list[ItemResult], list[AttemptRow], list[LogRow]], None] = (
            lambda _results, _attempts, _lines: None
        )

    def result(self, result: ItemResult) -> None:
        self._results.append(result)
        self._schedule()

    def attempt(self, attempt: AttemptRow) -> None:
        self._attempts.append(attempt)
        self._schedule()

    def line(self, line: LogRow) -> None:
        self._lines.append(line)
        self._schedule()

    def after_commit(self, tell: Callable[[], None]) -> None:
        """Call ``tell`` once everything handed over before this is committed."""
        self._committed.append(tell)
        self._schedule()

    async def drained(self) -> None:
        while self._writing is not None:
            await asyncio.shield(self._writing)

    def _schedule(self) -> None:
        if self._writing is None:
            self._writing = asyncio.get_running_loop().create_task(self._write())

    async def _write(self) -> None:
        try:
            while self._results or self._attempts or self._lines or self._committed:
                await self._write_group()
        finally:
            self._writing = None

    async def _write_group(self) -> None:
        results, self._results = self._results, []
        attempts, self._attempts = self._attempts, []
        lines, self._lines = self._lines, []
        committed, self._committed = self._committed, []
        while True:
            try:
                await asyncio.wrap_future(
                    self._database.write(
                        lambda connection: self._journal.record(
                            connection, results, attempts, lines
                        )
                    )
                )
                break
            except Exception:
                # A full disk: hold on to the outcomes and try again, rather than lose them.
                logger.exception("the journal could not be written; trying again")
                await asyncio.sleep(_RETRY_PAUSE_S)
        for tell in committed:
            tell()
        self.on_commit(results, attempts, lines)
