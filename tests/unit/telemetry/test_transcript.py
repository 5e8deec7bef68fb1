from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from jupyter_lambda.model.invocation import Attempt, LogEntry, LogLine
from jupyter_lambda.telemetry.transcript import lines_after, newest_lines, position_of

ID = "8f507cfc-xmpl-4697-b07a-ac58fc914c95"
STARTED_AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def _printed(position: int, text: str, *, opens: bool = False) -> LogEntry:
    line = LogLine(ID, "area", STARTED_AT, "stdout", text)
    return LogEntry(position, opens, line)


@pytest.fixture
def entries(make_attempt: Callable[..., Attempt]) -> list[LogEntry]:
    """Two lines and the end of their attempt, then an attempt that printed nothing."""
    return [
        _printed(5, "one\n", opens=True),
        _printed(6, "two\n"),
        LogEntry(9, False, make_attempt()),
        LogEntry(10, True, make_attempt(started_at=STARTED_AT + timedelta(seconds=1))),
    ]


def _words(lines: list[LogLine]) -> list[str]:
    return [line.text.split()[0] for line in lines]


def test_lines_of_the_platform_stand_around_the_handlers(entries: list[LogEntry]) -> None:
    lines = lines_after(entries, after=0, limit=100)
    assert _words(lines) == ["START", "one", "two", "END", "REPORT", "START", "END", "REPORT"]
    assert [line.stream for line in lines[:3]] == ["platform", "stdout", "stdout"]
    assert lines[0].text == f"START RequestId: {ID} Version: $LATEST\n"


def test_lines_at_the_end_are_dated_by_the_duration(entries: list[LogEntry]) -> None:
    start, end, _report = lines_after(entries, after=0, limit=100)[5:]
    assert end.timestamp - start.timestamp == timedelta(microseconds=3_010)


@pytest.mark.parametrize("limit", range(1, 9))
def test_following_in_pages_gives_each_line_once(entries: list[LogEntry], limit: int) -> None:
    seen: list[LogLine] = []
    after = 0
    while lines := lines_after(_entries_from(entries, after), after, limit):
        seen += lines
        after = lines[-1].sequence
    assert seen == lines_after(entries, after=0, limit=100)
    assert [line.sequence for line in seen] == sorted({line.sequence for line in seen})


def _entries_from(entries: list[LogEntry], after: int) -> list[LogEntry]:
    return [entry for entry in entries if entry.position >= position_of(after)]


@pytest.mark.parametrize(
    ("limit", "words"), [(0, []), (2, ["END", "REPORT"]), (4, ["REPORT", "START", "END", "REPORT"])]
)
def test_newest_lines_are_the_last_ones(
    entries: list[LogEntry], limit: int, words: list[str]
) -> None:
    assert _words(newest_lines(entries, limit)) == words
