"""The log as AWS shows it: a handler's lines between START and END, then REPORT.

The store keeps the handler's lines and the attempts as entries of one growing order. Here each
entry becomes the lines a reader sees: START before the first entry of an attempt, END and REPORT
where the attempt is recorded. Every line has a sequence of its own that never changes, so a
follower who asks for what comes after the last it has seen gets each line exactly once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from jupyter_lambda.model.invocation import LINES_PER_ENTRY, Attempt, LogEntry, LogLine
from jupyter_lambda.telemetry.report import end_line, report_line, start_line

PLATFORM = "platform"

_START, _LINE, _END, _REPORT = range(LINES_PER_ENTRY)


def position_of(sequence: int) -> int:
    """The position of the entry to which a line belongs: not all of its lines may be seen yet."""
    return sequence // LINES_PER_ENTRY


def lines_after(entries: Iterable[LogEntry], after: int, limit: int) -> list[LogLine]:
    """The first ``limit`` lines with a sequence over ``after``."""
    lines = [line for entry in entries for line in lines_of(entry) if line.sequence > after]
    return lines[:limit]


def newest_lines(entries: Iterable[LogEntry], limit: int) -> list[LogLine]:
    """The last ``limit`` lines, oldest first."""
    lines = _lines_of_page(entries)
    return lines[max(0, len(lines) - limit) :]


def _lines_of_page(entries: Iterable[LogEntry]) -> list[LogLine]:
    """START has the true start of an attempt whose record is on the page too. A follower is told
    of it before there is a record, with the time of the first line."""
    page = list(entries)
    started = {
        entry.content.request_id: entry.content.started_at
        for entry in page
        if isinstance(entry.content, Attempt)
    }
    return [
        replace(line, timestamp=started.get(line.request_id, line.timestamp))
        if line.stream == PLATFORM and line.text.startswith("START ")
        else line
        for entry in page
        for line in lines_of(entry)
    ]


def lines_of(entry: LogEntry) -> list[LogLine]:
    first = entry.position * LINES_PER_ENTRY
    content = entry.content
    if isinstance(content, LogLine):
        line = replace(content, sequence=first + _LINE)
        return [_start(content, content.timestamp, first), line] if entry.opens else [line]
    ended_at = content.started_at + timedelta(microseconds=content.duration_us)
    closing = [
        _platform(content, ended_at, first + _END, end_line(content.request_id)),
        _platform(content, ended_at, first + _REPORT, report_line(content)),
    ]
    return [_start(content, content.started_at, first), *closing] if entry.opens else closing


def _start(content: LogLine | Attempt, timestamp: datetime, first: int) -> LogLine:
    text = start_line(content.request_id, content.version)
    return _platform(content, timestamp, first + _START, text)


def _platform(content: LogLine | Attempt, timestamp: datetime, sequence: int, text: str) -> LogLine:
    return LogLine(
        request_id=content.request_id,
        function_name=content.function_name,
        timestamp=timestamp,
        stream=PLATFORM,
        text=text,
        sequence=sequence,
        version=content.version,
    )
