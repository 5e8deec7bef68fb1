"""One SQLite file, one writing connection in a thread of its own, readers beside it.

``write`` hands a command to the writer, which runs all that have gathered in one transaction, each
in a savepoint so that a failing one fails alone, and resolves the futures after the commit. A
resolved future therefore means durable: it survives the death of this process. ``write_here`` does
the same without the two changes of thread, where the writer is idle. ``read`` runs in the
calling thread on a connection that cannot write; in WAL mode it never waits for the writer.
A single writing connection is also what keeps SQLite before 3.51.3 clear of its WAL-reset fault.
"""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from jupyter_lambda.errors import LambdaError, ServiceFault
from jupyter_lambda.stores.migrations import load_migrations, migrate

logger = logging.getLogger(__name__)

T = TypeVar("T")

_GROUP_MAX_COMMANDS = 256
_BUSY_TIMEOUT_S = 5.0
_WRITER_CACHE_KIB = 32_768
"""Keeps the random-ordered index of request ids in memory up to about a million attempts."""
_WAL_KEPT_BYTES = 67_108_864
_CHECKPOINT_BYTES = 4_194_304
_LOOK_AT_WAL_EVERY = 64


@dataclass(eq=False, slots=True)
class _Write:
    command: Callable[[sqlite3.Connection], Any]
    future: Future[Any]
    result: Any = None
    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class _Reader:
    connection: sqlite3.Connection
    lock: threading.Lock
    """Held during a read, so that ``close`` does not end the connection under it."""


class Database:
    """The state file. ``start`` before use, ``close`` at the end."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._commands: queue.SimpleQueue[_Write | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._open = False
        self._writer: threading.Thread | None = None
        self._connection: sqlite3.Connection | None = None
        self._turn = threading.Lock()
        """Held by whichever thread uses the writing connection."""
        self._commits = 0
        self._local = threading.local()
        self._readers: list[_Reader] = []

    def start(self) -> None:
        """Create or open the file, bring its schema up to date and start the writer.

        Raises:
            ServiceFault: the file is not a database of ours, or a newer version wrote it.
        """
        try:
            connection = self._connect_writer()
        except (OSError, sqlite3.Error) as error:
            raise ServiceFault(
                f"the state file {self.path} cannot be opened: {error}. Set JUPYTER_LAMBDA_HOME "
                "to a directory on a local disk that you can write to"
            ) from error
        self._connection = connection
        self._writer = threading.Thread(
            target=self._run, args=(connection,), name="jupyter-lambda-writer", daemon=True
        )
        self._open = True
        self._writer.start()

    def close(self) -> None:
        """Commit what was handed in, then close every connection. Idempotent."""
        with self._lock:
            if not self._open:
                return
            self._open = False
            self._commands.put(None)
            readers, self._readers = self._readers, []
        for reader in readers:
            with reader.lock:
                reader.connection.close()
        if self._writer is not None:
            self._writer.join()

    def write(self, command: Callable[[sqlite3.Connection], T]) -> Future[T]:
        """Run ``command`` in the writer's next transaction.

        The command must neither commit nor roll back. An error that it raises comes back through
        the future, and whatever it had written is undone.
        """
        future: Future[T] = Future()
        with self._lock:
            if not self._open:
                raise self._closed()
            self._commands.put(_Write(command, future))
        return future

    def write_here(self, command: Callable[[sqlite3.Connection], None]) -> bool:
        """Run a short command in this thread, in a transaction of its own; durable on True.

        False where the writer is busy, has something to do first, or the command failed: then
        nothing was written, and ``write`` is the way.
        """
        if not self._commands.empty() or not self._turn.acquire(blocking=False):
            return False
        try:
            self._commits += 1
            due = self._commits % _LOOK_AT_WAL_EVERY == 0 and self._checkpoint_is_due()
            if due or not self._open or self._connection is None:
                return False
            write = _Write(command, Future())
            self._commit(self._connection, [write])
            return write.error is None
        finally:
            self._turn.release()

    def _checkpoint_is_due(self) -> bool:
        try:
            return os.stat(f"{self.path}-wal").st_size > _CHECKPOINT_BYTES
        except OSError:
            return False

    def read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        """Run ``query`` here and now, on one snapshot of what is committed."""
        try:
            reader = self._reader()
            connection = reader.connection
            if connection.in_transaction:
                return query(connection)  # Within another read of this thread: the same snapshot.
            with reader.lock:
                connection.execute("BEGIN")
                try:
                    return query(connection)
                finally:
                    connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise self._fault("read", error) from error

    def _run(self, connection: sqlite3.Connection) -> None:
        running = True
        while running:
            group, running = self._next_group()
            if group:
                with self._turn:
                    self._commit(connection, group)
                    if self._checkpoint_is_due():
                        connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        with self._turn:
            self._connection = None
            connection.close()

    def _next_group(self) -> tuple[list[_Write], bool]:
        """What has gathered, waiting for the first; and whether more may come."""
        group: list[_Write] = []
        write = self._commands.get()
        while write is not None:
            if write.future.set_running_or_notify_cancel():
                group.append(write)
            if len(group) == _GROUP_MAX_COMMANDS:
                return group, True
            try:
                write = self._commands.get_nowait()
            except queue.Empty:
                return group, True
        return group, False

    def _commit(self, connection: sqlite3.Connection, group: list[_Write]) -> None:
        try:
            connection.execute("BEGIN IMMEDIATE")
            for write in group:
                self._execute(connection, write)
            connection.execute("COMMIT")
        except Exception as error:
            logger.exception("a transaction on %s was lost", self.path)
            with contextlib.suppress(sqlite3.Error):
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
            for write in group:
                write.error = self._fault("written", error)
        for write in group:
            if write.error is None:
                write.future.set_result(write.result)
            else:
                write.future.set_exception(write.error)

    def _execute(self, connection: sqlite3.Connection, write: _Write) -> None:
        """Run one command; its failure stays its own unless SQLite gave up the transaction."""
        connection.execute("SAVEPOINT command")
        try:
            write.result = write.command(connection)
        except LambdaError as error:
            write.error = error
        except sqlite3.Error as error:
            if not connection.in_transaction:
                raise
            write.error = self._fault("written", error)
        except Exception as error:
            logger.exception("a command on %s failed", self.path)
            write.error = error
        if write.error is not None:
            connection.execute("ROLLBACK TO command")
        connection.execute("RELEASE command")

    def _reader(self) -> _Reader:
        """This thread's own, which the first read makes."""
        reader: _Reader | None = getattr(self._local, "reader", None)
        if reader is not None and self._open:
            return reader
        with self._lock:
            if not self._open:
                raise self._closed()
            reader = _Reader(self._connect(), threading.Lock())
            reader.connection.execute("PRAGMA query_only = ON")
            reader.connection.execute("PRAGMA wal_autocheckpoint = 0")
            self._readers.append(reader)
        self._local.reader = reader
        return reader

    def _connect_writer(self) -> sqlite3.Connection:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        connection = self._connect()
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(f"PRAGMA cache_size = -{_WRITER_CACHE_KIB}")
            connection.execute(f"PRAGMA journal_size_limit = {_WAL_KEPT_BYTES}")
            # Checkpoints wait for the disk: the writer's thread does them, between its groups.
            connection.execute("PRAGMA wal_autocheckpoint = 0")
            migrate(connection, load_migrations())
        except BaseException:
            connection.close()
            raise
        return connection

    def _connect(self) -> sqlite3.Connection:
        """A connection used by one thread at a time, though ``close`` may end it from another."""
        return sqlite3.connect(
            self.path,
            timeout=_BUSY_TIMEOUT_S,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=256,
        )

    def _closed(self) -> ServiceFault:
        return ServiceFault(f"the state file {self.path} is closed: the service is shutting down")

    def _fault(self, action: str, error: Exception) -> ServiceFault:
        return ServiceFault(
            f"the state file {self.path} could not be {action}: {error}. "
            "Check the free space and the permissions of its directory"
        )
