from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from jupyter_lambda.model.invocation import Attempt, Outcome
from jupyter_lambda.telemetry.report import end_line, log_stream_name, report_line, start_line

ID = "8f507cfc-xmpl-4697-b07a-ac58fc914c95"


def test_start_and_end_lines_name_the_request() -> None:
    assert start_line(ID, "$LATEST") == f"START RequestId: {ID} Version: $LATEST\n"
    assert end_line(ID) == f"END RequestId: {ID}\n"


@pytest.mark.parametrize(
    ("changes", "tail"),
    [
        ({}, "\t\n"),
        ({"init_us": 110_100}, "\tInit Duration: 110.10 ms\t\n"),
        (
            {"outcome": Outcome.TIMEOUT, "error_type": "Sandbox.Timedout"},
            "\tStatus: timeout\n",
        ),
        (
            {"outcome": Outcome.CRASH, "error_type": "Runtime.ExitError", "init_us": 80_000},
            "\tInit Duration: 80.00 ms\tStatus: error\tError Type: Runtime.ExitError\n",
        ),
        (
            {"outcome": Outcome.ERROR, "error_type": "KeyError"},
            "\tStatus: error\tError Type: KeyError\n",
        ),
        ({"outcome": Outcome.ERROR}, "\tStatus: error\n"),
    ],
)
def test_report_line_is_aws_own(
    make_attempt: Callable[..., Attempt], changes: dict[str, Any], tail: str
) -> None:
    assert report_line(make_attempt(**changes)) == (
        f"REPORT RequestId: {ID}\tDuration: 3.01 ms\tBilled Duration: 4 ms"
        f"\tMemory Size: 128 MB\tMax Memory Used: 36 MB{tail}"
    )


@pytest.mark.parametrize(
    ("duration_us", "text"),
    [(0, "0.00"), (4, "0.00"), (5, "0.01"), (3_016_780, "3016.78"), (1_125, "1.13")],
)
def test_report_line_rounds_durations_to_two_decimals(
    make_attempt: Callable[..., Attempt], duration_us: int, text: str
) -> None:
    assert f"\tDuration: {text} ms\t" in report_line(make_attempt(duration_us=duration_us))


def test_log_stream_is_named_by_day_version_and_environment() -> None:
    started_at = datetime(2026, 1, 5, 23, 59, tzinfo=UTC)
    assert log_stream_name(started_at, "$LATEST", "ab" * 16) == ("2026/01/05/[$LATEST]" + "ab" * 16)
