from __future__ import annotations

from collections.abc import Callable

from jupyter_lambda.model.invocation import Outcome, Source
from jupyter_lambda.stores.rows import AttemptRow, LogRow


def test_attempt_row_says_the_same_as_the_attempt(make_attempt: Callable[..., AttemptRow]) -> None:
    row = make_attempt(7, source="run", run_id="aa", item=3, outcome="timeout", init_us=80_000)
    attempt = row.to_attempt()
    assert AttemptRow.of(attempt) == row
    assert attempt.request_id == "00000000-0000-0000-0000-000000000007"
    assert (attempt.source, attempt.outcome) == (Source.RUN, Outcome.TIMEOUT)
    assert attempt.started_at.isoformat() == "2026-11-20T09:30:00.123463+00:00"


def test_log_row_becomes_a_line(make_line: Callable[..., LogRow]) -> None:
    line = make_line(7, "hello\n", stream="stderr").to_line()
    assert line.request_id == "00000000-0000-0000-0000-000000000007"
    assert (line.stream, line.text, line.version) == ("stderr", "hello\n", "$LATEST")
    assert line.timestamp.isoformat() == "2026-11-20T09:30:00.123456+00:00"
