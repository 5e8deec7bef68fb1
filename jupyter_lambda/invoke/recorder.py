"""Outcomes on their way into the journal, grouped by what arrives while a commit is under way.

At most one write is in flight, so the group grows with the load by itself. Where nobody waits for
an answer, as in a run, a group gathers for a moment first. What waits for an outcome is told after
the commit: nothing that was answered can be missing after a crash.
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
_GATHER_S = 0.01
_HERE_MAX_ROWS = 8


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
        self._gathering: asyncio.TimerHandle | None = None
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
        self._begin()

    async def drained(self) -> None:
        """Until everything handed over is committed."""
        if self._waits():
            self._begin()
        while self._writing is not None:
            await asyncio.shield(self._writing)

    def _waits(self) -> bool:
        return bool(self._results or self._attempts or self._lines or self._committed)

    def _schedule(self) -> None:
        if self._writing is None and self._gathering is None:
            loop = asyncio.get_running_loop()
            self._gathering = loop.call_later(_GATHER_S, self._begin)

    def _begin(self) -> None:
        if self._gathering is not None:
            self._gathering.cancel()
            self._gathering = None
        if self._writing is None and not self._written_here():
            self._writing = asyncio.get_running_loop().create_task(self._write())

    def _written_here(self) -> bool:
        """Commit a small group on the spot, for whoever waits for its answer."""
        rows = len(self._results) + len(self._attempts) + len(self._lines)
        if rows > _HERE_MAX_ROWS:
            return False
        group = (self._results, self._attempts, self._lines)
        if not self._database.write_here(
            lambda connection: self._journal.record(connection, *group)
        ):
            return False
        committed, self._committed = self._committed, []
        self._results, self._attempts, self._lines = [], [], []
        self._tell(*group, committed)
        return True

    async def _write(self) -> None:
        try:
            while self._waits():
                await self._write_group()
                if not self._committed:
                    break
        finally:
            self._writing = None
            if self._waits():
                self._schedule()

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
        self._tell(results, attempts, lines, committed)

    def _tell(
        self,
        results: list[ItemResult],
        attempts: list[AttemptRow],
        lines: list[LogRow],
        committed: list[Callable[[], None]],
    ) -> None:
        for tell in committed:
            tell()
        self.on_commit(results, attempts, lines)
