from __future__ import annotations

import io
from typing import Any

import pytest

from jupyter_lambda.notebook.progress import (
    LogReporter,
    TerminalReporter,
    progress_html,
    progress_line,
)

FINISHED: dict[str, Any] = {"queued": 0, "running": 0, "finished_at": "2026-12-01T10:01:00+00:00"}


def test_line_of_a_running_run_has_every_count(make_run: Any) -> None:
    assert progress_line(make_run()) == (
        "resize · 812/1,000 ok · 3 failed (2 Sandbox.Timedout, 1 KeyError) · 16 running · "
        "169 queued · p50 210 ms · $0.0041"
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"input_closed": False}, "812/1,000+ ok"),
        ({"input_error": "ValueError: no more"}, "input ended early: ValueError: no more"),
        ({"cancelled": 5}, "5 cancelled"),
    ],
)
def test_line_tells_what_is_unusual(make_run: Any, changes: dict[str, Any], words: str) -> None:
    assert words in progress_line(make_run(**changes))


def test_line_of_a_settled_run_speaks_of_nothing_running(make_run: Any) -> None:
    line = progress_line(make_run(state="failed", ok=997, **FINISHED))
    assert "running" not in line
    assert "queued" not in line


@pytest.mark.parametrize("state", ["running", "failed"])
def test_html_with_failures_says_failed_and_never_looks_complete(make_run: Any, state: str) -> None:
    rendered = progress_html(make_run(state=state))
    assert "3 failed" in rendered
    assert "var(--jp-error-color1" in rendered
    assert "color:var(--jp-success-color1,#2e7d32)" not in rendered


def test_html_of_a_complete_run_has_nothing_left_to_do(make_run: Any) -> None:
    rendered = progress_html(make_run(state="succeeded", ok=1_000, failures={}, **FINISHED))
    assert "color:var(--jp-success-color1,#2e7d32)" in rendered
    assert "%lambda" not in rendered


def test_html_names_the_command_that_leads_on(make_run: Any) -> None:
    assert "%lambda run 5f2c81d09a3e" in progress_html(make_run())
    assert "%lambda retry 5f2c81d09a3e" in progress_html(make_run(state="failed", **FINISHED))


def test_html_of_an_empty_run_divides_by_nothing(make_run: Any) -> None:
    empty = make_run(state="succeeded", accepted=0, ok=0, failures={}, **FINISHED)
    assert "0/0 ok" in progress_html(empty)


def test_html_escapes_error_types(make_run: Any) -> None:
    assert "<img" not in progress_html(make_run(failures={"<img src=x>": 1}))


def test_terminal_rewrites_one_line_and_ends_it_when_settled(make_run: Any) -> None:
    stream = io.StringIO()
    report = TerminalReporter(stream)
    report(make_run())
    report(make_run(state="failed", ok=997, **FINISHED))
    first, last = stream.getvalue().split("\r")[1:]
    assert "\n" not in first
    assert last.endswith("\n")
    assert len(last) > len(first)  # what is left of a longer line is painted over


def test_log_has_a_line_for_each_tenth_and_the_end(make_run: Any) -> None:
    stream = io.StringIO()
    report = LogReporter(stream)
    for ok in (10, 110, 115, 250, 990):
        report(make_run(ok=ok, failures={}))
    report(make_run(ok=1_000, failures={}, state="succeeded", **FINISHED))
    shown = [line.split(" · ")[1] for line in stream.getvalue().splitlines()]
    assert shown == ["110/1,000 ok", "250/1,000 ok", "990/1,000 ok", "1,000/1,000 ok"]
