from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from jupyter_lambda.model.invocation import Attempt, LogEntry, LogLine
from jupyter_lambda.telemetry.transcript import LogPage, log_page

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


def _words(page: LogPage) -> list[str]:
    return [line.text.split()[0] for line in page.lines]


def test_page_puts_platform_lines_around_the_handlers(entries: list[LogEntry]) -> None:
    page = log_page(entries, after=0, limit=100)
    assert _words(page) == ["START", "one", "two", "END", "REPORT", "START", "END", "REPORT"]
    assert [line.stream for line in page.lines[:3]] == ["platform", "stdout", "stdout"]
    assert page.lines[0].text == f"START RequestId: {ID} Version: $LATEST\n"


def test_page_dates_the_end_by_the_duration(entries: list[LogEntry]) -> None:
    page = log_page(entries, after=0, limit=100)
    start, end = page.lines[5], page.lines[6]
    assert end.timestamp - start.timestamp == timedelta(microseconds=3_010)


@pytest.mark.parametrize("limit", range(1, 9))
def test_following_in_pages_gives_each_line_once(entries: list[LogEntry], limit: int) -> None:
    whole = log_page(entries, after=0, limit=100).lines
    seen: list[LogLine] = []
    after = 0
    while (page := log_page(entries, after=after, limit=limit)).lines:
        seen += page.lines
        after = page.next_sequence
    assert seen == whole
    assert [line.sequence for line in seen] == sorted({line.sequence for line in seen})


def test_page_without_after_is_the_newest_lines(entries: list[LogEntry]) -> None:
    page = log_page(entries, after=None, limit=2)
    assert _words(page) == ["END", "REPORT"]
    assert log_page(entries, after=page.next_sequence, limit=2).lines == []


@pytest.mark.parametrize(("after", "following"), [(None, 0), (7, 7)])
def test_empty_page_keeps_its_place(after: int | None, following: int) -> None:
    assert log_page([], after=after, limit=10) == LogPage([], following)
