from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_lambda.errors import ResourceNotFound, ServiceFault
from jupyter_lambda.stores.database import Database

Command = Callable[[sqlite3.Connection], object]


@pytest.fixture(autouse=True)
def _table(database: Database) -> None:
    database.write(lambda c: c.execute("CREATE TABLE kept (value INTEGER UNIQUE)")).result()


def _keep(value: int) -> Command:
    return lambda connection: connection.execute("INSERT INTO kept VALUES (?)", (value,)).rowcount


def _kept(database: Database) -> list[int]:
    rows = database.read(lambda c: c.execute("SELECT value FROM kept ORDER BY 1").fetchall())
    return [value for (value,) in rows]


def _hold_writer(database: Database) -> threading.Event:
    """Keep the writer busy until the event is set, so that what comes next forms one group."""
    entered, release = threading.Event(), threading.Event()

    def hold(_connection: sqlite3.Connection) -> None:
        entered.set()
        release.wait(10)

    database.write(hold)
    assert entered.wait(10)
    return release


def test_write_gives_the_commands_result_after_the_commit(database: Database) -> None:
    assert database.write(_keep(1)).result() == 1
    assert _kept(database) == [1]


def test_write_survives_reopening(database: Database) -> None:
    database.write(_keep(1))
    database.close()
    again = Database(database.path)
    again.start()
    assert _kept(again) == [1]
    again.close()


def test_writes_that_gather_share_one_transaction(database: Database) -> None:
    release = _hold_writer(database)
    statements: list[str] = []
    trace = database.write(lambda c: c.set_trace_callback(statements.append))
    futures = [database.write(_keep(value)) for value in range(5)]
    release.set()
    trace.result()
    assert [future.result() for future in futures] == [1] * 5
    assert statements.count("COMMIT") == 1
    assert statements.count("SAVEPOINT command") == 5


def test_failing_command_fails_alone(database: Database) -> None:
    def half(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO kept VALUES (99)")
        raise ResourceNotFound("no such thing")

    release = _hold_writer(database)
    first, failing, last = (database.write(c) for c in (_keep(1), half, _keep(2)))
    release.set()
    with pytest.raises(ResourceNotFound, match="no such thing"):
        failing.result()
    assert (first.result(), last.result()) == (1, 1)
    assert _kept(database) == [1, 2]


@pytest.mark.parametrize(
    ("command", "error"),
    [
        (lambda c: c.execute("INSERT INTO nowhere VALUES (1)"), ServiceFault),
        (lambda _c: 1 // 0, ZeroDivisionError),
    ],
)
def test_broken_command_reports_and_leaves_the_writer_usable(
    database: Database, command: Command, error: type[Exception]
) -> None:
    with pytest.raises(error):
        database.write(command).result()
    assert database.write(_keep(1)).result() == 1


def test_full_disk_fails_what_is_pending_and_leaves_the_writer_usable(database: Database) -> None:
    def fill(connection: sqlite3.Connection) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")

    database.write(fill).result()
    big = database.write(lambda c: c.execute("CREATE TABLE big AS SELECT zeroblob(1 << 20)"))
    with pytest.raises(ServiceFault, match=r"state\.db could not be written: .*full"):
        big.result()
    database.write(lambda c: c.execute("PRAGMA max_page_count = 1000000").fetchall()).result()
    assert database.write(_keep(1)).result() == 1
    assert _kept(database) == [1]


def test_lost_transaction_fails_the_whole_group(database: Database) -> None:
    """As when SQLite gives up a transaction by itself, on a full disk or an I/O error."""

    def lose(connection: sqlite3.Connection) -> None:
        connection.execute("ROLLBACK")
        connection.execute("SELECT * FROM nowhere")

    release = _hold_writer(database)
    group = [database.write(command) for command in (_keep(1), lose, _keep(2))]
    release.set()
    for future in group:
        with pytest.raises(ServiceFault):
            future.result()
    assert _kept(database) == []
    assert database.write(_keep(3)).result() == 1


def test_cancelled_write_is_not_done(database: Database) -> None:
    release = _hold_writer(database)
    cancelled = database.write(_keep(1))
    assert cancelled.cancel()
    release.set()
    database.write(_keep(2)).result()
    assert _kept(database) == [2]


def test_read_does_not_wait_for_the_writer(database: Database) -> None:
    database.write(_keep(1)).result()
    inserted, release = threading.Event(), threading.Event()

    def slow(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO kept VALUES (2)")
        inserted.set()
        release.wait(10)

    writing = database.write(slow)
    assert inserted.wait(10)
    assert _kept(database) == [1]
    release.set()
    writing.result()
    assert _kept(database) == [1, 2]


def test_read_sees_one_snapshot(database: Database) -> None:
    def twice(reader: sqlite3.Connection) -> tuple[int, int]:
        first = len(reader.execute("SELECT * FROM kept").fetchall())
        database.write(_keep(1)).result()
        return first, len(_kept(database))

    assert database.read(twice) == (0, 0)
    assert _kept(database) == [1]


def test_read_cannot_write(database: Database) -> None:
    with pytest.raises(ServiceFault, match="could not be read"):
        database.read(_keep(1))
    assert _kept(database) == []


def test_close_commits_what_was_handed_in(database: Database) -> None:
    release = _hold_writer(database)
    pending = database.write(_keep(1))
    closing = threading.Thread(target=database.close)
    closing.start()
    release.set()
    closing.join(10)
    assert pending.result(timeout=0) == 1
    database.close()


@pytest.mark.parametrize("use", [lambda d: d.write(_keep(1)), _kept])
def test_closed_database_says_so(database: Database, use: Callable[[Database], object]) -> None:
    _kept(database)
    database.close()
    with pytest.raises(ServiceFault, match="is closed"):
        use(database)


def test_writer_is_set_up_for_speed_and_readers_for_safety(database: Database) -> None:
    def pragmas(connection: sqlite3.Connection) -> list[object]:
        names = ("journal_mode", "synchronous", "query_only")
        return [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names]

    normal = 1
    assert database.write(pragmas).result()[:3] == ["wal", normal, 0]
    assert database.read(pragmas)[2] == 1


def test_state_file_is_private(database: Database) -> None:
    assert database.path.stat().st_mode & 0o777 == 0o600


def test_start_refuses_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    path.write_text("not a database, and longer than the header of one would be" * 10)
    with pytest.raises(ServiceFault, match=r"other\.db cannot be opened: file is not a database"):
        Database(path).start()
