"""Outcomes become durable here: results, attempts and log lines in one transaction.

``invoke`` hands over what environments have answered, in groups as large as the load makes them.
Since an item's result and the attempt that is billed for it are committed together, a crash either
keeps both or neither, and work that is done again after it is the only work that is billed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from jupyter_lambda.model.run import ItemResult
from jupyter_lambda.stores.logs import append_lines
from jupyter_lambda.stores.results import settle_items
from jupyter_lambda.stores.rows import AttemptRow, LogRow
from jupyter_lambda.stores.spool import Spool
from jupyter_lambda.stores.usage import append_attempts


class Journal:
    def __init__(self, spool: Spool) -> None:
        self._spool = spool

    def record(
        self,
        connection: sqlite3.Connection,
        results: Sequence[ItemResult],
        attempts: Sequence[AttemptRow],
        lines: Sequence[LogRow],
    ) -> None:
        """The command for ``Database.write``. What is recorded already is left as it is.

        Lines come before the attempts they belong to, so that a log shows them before END.
        """
        if lines:
            append_lines(connection, lines)
        if attempts:
            append_attempts(connection, attempts)
        if results:
            settle_items(connection, self._spool, results)
