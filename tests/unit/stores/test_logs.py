from __future__ import annotations

from collections.abc import Callable

import pytest

from jupyter_lambda.model.invocation import LogLine
from jupyter_lambda.stores.database import Database
from jupyter_lambda.stores.logs import LogStore
from jupyter_lambda.stores.rows import AttemptRow, LogRow
from jupyter_lambda.stores.scope import EVERYTHING, Scope
from jupyter_lambda.telemetry.transcript import lines_after, newest_lines, position_of

from .conftest import Record

MakeAttempt = Callable[..., AttemptRow]
MakeLine = Callable[..., LogRow]


@pytest.fixture
def logs(database: Database) -> LogStore:
    return LogStore(database)


class Follower:
    """Reads what comes after the last line it has seen, as a live tail does."""

    def __init__(self, logs: LogStore, scope: Scope = EVERYTHING, *, limit: int = 100) -> None:
        self._logs = logs
        self._scope = scope
        self._limit = limit
        self._after = 0
        self.seen: list[LogLine] = []

    def read(self) -> list[str]:
        """The new lines, each as its first word and, of the platform's, the request's number."""
        new: list[LogLine] = []
        while page := self._page():
            new += page
            self._after = page[-1].sequence
        self.seen += new
        return [_short(line) for line in new]

    def _page(self) -> list[LogLine]:
        position = position_of(self._after)
        entries = self._logs.entries(self._scope, position=position, limit=self._limit)
        return lines_after(entries, self._after, self._limit)


def _short(line: LogLine) -> str:
    if line.stream != "platform":
        return line.text.rstrip()
    return f"{line.text.split()[0]} {line.request_id[-1]}"


def test_platform_lines_stand_around_the_handlers(
    logs: LogStore, record: Record, make_line: MakeLine, make_attempt: MakeAttempt
) -> None:
    record(lines=[make_line(1, "one\n"), make_line(1, "two\n")], attempts=[make_attempt(1)])
    assert Follower(logs).read() == ["START 1", "one", "two", "END 1", "REPORT 1"]


def test_attempt_that_printed_nothing_has_its_platform_lines(
    logs: LogStore, record: Record, make_attempt: MakeAttempt
) -> None:
    record(attempts=[make_attempt(1)])
    assert Follower(logs).read() == ["START 1", "END 1", "REPORT 1"]


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_follower_gets_each_line_once_as_it_comes(
    logs: LogStore, record: Record, make_line: MakeLine, make_attempt: MakeAttempt, limit: int
) -> None:
    follower = Follower(logs, limit=limit)
    logs.append([make_line(1, "one\n")]).result()
    assert follower.read() == ["START 1", "one"]
    logs.append([make_line(2, "other\n"), make_line(1, "two\n")]).result()
    assert follower.read() == ["START 2", "other", "two"]
    record(attempts=[make_attempt(1)], lines=[make_line(1, "three\n")])
    assert follower.read() == ["three", "END 1", "REPORT 1"]
    record(attempts=[make_attempt(3), make_attempt(2)])
    assert follower.read() == ["START 3", "END 3", "REPORT 3", "END 2", "REPORT 2"]
    assert follower.read() == []
    assert follower.seen == lines_after(logs.entries(position=0), 0, 100)


def test_second_attempt_of_a_request_starts_anew(
    logs: LogStore, record: Record, make_line: MakeLine, make_attempt: MakeAttempt
) -> None:
    record(lines=[make_line(1, "one\n")], attempts=[make_attempt(1)])
    record(lines=[make_line(1, "two\n", attempt=2)], attempts=[make_attempt(1, attempt=2)])
    assert Follower(logs).read() == [
        *("START 1", "one", "END 1", "REPORT 1"),
        *("START 1", "two", "END 1", "REPORT 1"),
    ]


def test_line_that_comes_after_its_report_does_not_start_again(
    logs: LogStore, record: Record, make_line: MakeLine, make_attempt: MakeAttempt
) -> None:
    record(attempts=[make_attempt(1)])
    logs.append([make_line(1, "late\n")]).result()
    assert Follower(logs).read() == ["START 1", "END 1", "REPORT 1", "late"]


@pytest.mark.parametrize(
    ("scope", "lines"),
    [
        (Scope(function_name="volume"), ["START 2", "two", "END 2", "REPORT 2"]),
        (Scope(run_id="run1"), ["START 3", "three", "END 3", "REPORT 3"]),
        (
            Scope(request_id=(1).to_bytes(16, "big"), function_name="area"),
            ["START 1", "one", "END 1", "REPORT 1"],
        ),
        (Scope(request_id=(1).to_bytes(16, "big"), function_name="volume"), []),
    ],
)
def test_log_is_narrowed_by_the_scope(
    *,
    logs: LogStore,
    record: Record,
    make_line: MakeLine,
    make_attempt: MakeAttempt,
    scope: Scope,
    lines: list[str],
) -> None:
    record(
        lines=[
            make_line(1, "one\n"),
            make_line(2, "two\n", function_name="volume"),
            make_line(3, "three\n", run_id="run1"),
        ],
        attempts=[
            make_attempt(1),
            make_attempt(2, function_name="volume"),
            make_attempt(3, run_id="run1", item=0),
        ],
    )
    assert Follower(logs, scope, limit=2).read() == lines


def test_newest_entries_are_the_last_in_order(
    logs: LogStore, record: Record, make_line: MakeLine, make_attempt: MakeAttempt
) -> None:
    for number in range(1, 6):
        record(lines=[make_line(number, f"{number}\n")], attempts=[make_attempt(number)])
    lines = newest_lines(logs.entries(limit=5), 5)
    assert [_short(line) for line in lines] == ["REPORT 4", "START 5", "5", "END 5", "REPORT 5"]
    assert logs.entries(Scope(function_name="volume")) == []


def test_recording_again_adds_no_platform_lines(
    logs: LogStore, record: Record, make_attempt: MakeAttempt
) -> None:
    record(attempts=[make_attempt(1)])
    follower = Follower(logs)
    follower.read()
    record(attempts=[make_attempt(1)])
    assert follower.read() == []
