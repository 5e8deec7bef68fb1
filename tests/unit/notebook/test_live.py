from __future__ import annotations

from typing import Any

import pytest
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell

from jupyter_lambda.notebook.live import ProgressBoard

SETTLED: dict[str, Any] = {
    "state": "failed",
    "ok": 997,
    "queued": 0,
    "running": 0,
    "finished_at": "2026-12-01T10:01:00+00:00",
}


@pytest.fixture
def shown(shell: InteractiveShell) -> list[dict[str, Any]]:
    """All that is displayed, in order."""
    shell.display_pub = CapturingDisplayPublisher()
    outputs: list[dict[str, Any]] = shell.display_pub.outputs
    return outputs


def test_run_has_one_display_that_is_updated(shell: Any, shown: list[Any], make_run: Any) -> None:
    board = ProgressBoard(shell)
    for run in (make_run(ok=0), make_run(ok=400), make_run(**SETTLED)):
        board.report(run)
    assert [output["update"] for output in shown] == [False, True, True]
    assert len({output["transient"]["display_id"] for output in shown}) == 1
    assert "997/1,000 ok" in shown[-1]["data"]["text/plain"]
    assert "997/1,000 ok" in shown[-1]["data"]["text/html"]


def test_settled_outcome_is_told_once(shell: Any, shown: list[Any], make_run: Any) -> None:
    board = ProgressBoard(shell)
    for _ in range(3):
        board.report(make_run(**SETTLED))
    assert len(shown) == 1


def test_retry_gets_a_display_of_its_own(shell: Any, shown: list[Any], make_run: Any) -> None:
    board = ProgressBoard(shell)
    board.report(make_run(**SETTLED))
    board.report(make_run(**SETTLED | {"state": "succeeded", "ok": 1_000}, failures={}))
    first, second = shown
    assert not second["update"]
    assert first["transient"]["display_id"] != second["transient"]["display_id"]


def test_next_cell_shows_the_same_display_again(
    shell: Any, shown: list[Any], make_run: Any
) -> None:
    board = ProgressBoard(shell)
    board.report(make_run(ok=10))
    board.rest()
    board.report(make_run(ok=20))
    assert [output["update"] for output in shown] == [False, True, False]
    assert len({output["transient"]["display_id"] for output in shown}) == 1


def test_cell_without_a_report_draws_nothing_when_it_ends(
    shell: Any, shown: list[Any], make_run: Any
) -> None:
    board = ProgressBoard(shell)
    board.report(make_run())
    board.rest()
    count = len(shown)
    board.rest()
    assert len(shown) == count
