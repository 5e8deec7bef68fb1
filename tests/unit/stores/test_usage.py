from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jupyter_lambda.clock import epoch_us
from jupyter_lambda.model.function import Function
from jupyter_lambda.model.run import Run, RunState
from jupyter_lambda.model.usage import Usage
from jupyter_lambda.stores.database import Database
from jupyter_lambda.stores.functions import FunctionStore
from jupyter_lambda.stores.rows import AttemptRow
from jupyter_lambda.stores.runs import RunStore
from jupyter_lambda.stores.scope import EVERYTHING, Scope
from jupyter_lambda.stores.usage import UsageStore
from jupyter_lambda.telemetry.metering import usage_of

from .conftest import NOW, Record

MakeAttempt = Callable[..., AttemptRow]
OCTOBER = epoch_us(datetime(2026, 10, 31, 23, 59, 59, 999_999, tzinfo=UTC))


@pytest.fixture
def usage(database: Database) -> UsageStore:
    return UsageStore(database)


@pytest.fixture
def attempts(record: Record, make_attempt: MakeAttempt) -> list[AttemptRow]:
    """Two functions, two months, a run, a failure and a lost attempt; recorded in two groups."""
    rows = [
        make_attempt(1),
        make_attempt(2, started_at_us=OCTOBER, billed_duration_ms=100),
        make_attempt(3, run_id="run1", item=0, outcome="error", duration_us=10),
        make_attempt(4, run_id="run1", item=1, init_us=80_000, duration_us=30),
        make_attempt(5, function_name="volume", memory_mb=512, outcome="timeout"),
        make_attempt(6, run_id="run1", item=2, outcome="lost", billed_duration_ms=0),
    ]
    record(attempts=rows[:4])
    record(attempts=rows[4:])
    return rows


def _of(*rows: AttemptRow) -> Usage:
    return usage_of([row.to_attempt() for row in rows])


def test_recent_attempts_are_read_back_newest_first(
    usage: UsageStore, attempts: list[AttemptRow]
) -> None:
    assert usage.recent() == [row.to_attempt() for row in reversed(attempts)]
    assert usage.recent(limit=1) == [attempts[5].to_attempt()]


@pytest.mark.parametrize(
    ("scope", "numbers"),
    [
        (Scope(function_name="volume"), [5]),
        (Scope(run_id="run1"), [6, 4, 3]),
        (Scope(run_id="run1", function_name="volume"), []),
        (Scope(request_id=(4).to_bytes(16, "big")), [4]),
    ],
)
def test_recent_attempts_are_narrowed_by_the_scope(
    usage: UsageStore, attempts: list[AttemptRow], scope: Scope, numbers: list[int]
) -> None:
    expected = [attempts[number - 1].to_attempt() for number in numbers]
    assert usage.recent(scope) == expected


@pytest.mark.parametrize(
    ("scope", "month", "numbers"),
    [
        (EVERYTHING, None, [1, 2, 3, 4, 5, 6]),
        (EVERYTHING, "2026-10", [2]),
        (EVERYTHING, "2026-11", [1, 3, 4, 5, 6]),
        (EVERYTHING, "2026-12", []),
        (Scope(function_name="area"), None, [1, 2, 3, 4, 6]),
        (Scope(function_name="area"), "2026-11", [1, 3, 4, 6]),
        (Scope(run_id="run1"), None, [3, 4, 6]),
        (Scope(run_id="run1"), "2026-10", []),
        (Scope(request_id=(4).to_bytes(16, "big")), None, [4]),
        (Scope(request_id=(2).to_bytes(16, "big")), "2026-11", []),
    ],
)
def test_usage_is_the_sum_of_what_matches(
    usage: UsageStore,
    attempts: list[AttemptRow],
    scope: Scope,
    month: str | None,
    numbers: list[int],
) -> None:
    assert usage.usage(scope, month) == _of(*(attempts[number - 1] for number in numbers))


def test_usage_by_function_takes_one_month(usage: UsageStore, attempts: list[AttemptRow]) -> None:
    assert usage.usage_by_function("2026-11") == {
        "area": _of(attempts[0], attempts[2], attempts[3], attempts[5]),
        "volume": _of(attempts[4]),
    }


def test_attempt_is_billed_once_however_often_it_is_recorded(
    usage: UsageStore, attempts: list[AttemptRow], record: Record, make_attempt: MakeAttempt
) -> None:
    again = make_attempt(7)
    record(attempts=[attempts[0], again, again, attempts[4]])
    assert usage.usage() == _of(*attempts, again)
    assert len(usage.recent()) == 7


def test_second_attempt_of_a_request_is_billed_too(
    usage: UsageStore, record: Record, make_attempt: MakeAttempt
) -> None:
    rows = [make_attempt(1, outcome="error"), make_attempt(1, attempt=2)]
    record(attempts=rows)
    assert usage.usage() == _of(*rows)


def test_last_attempt_is_told_of_functions_that_exist(
    usage: UsageStore,
    attempts: list[AttemptRow],
    database: Database,
    make_function: Callable[..., Function],
) -> None:
    for name in ("area", "idle"):
        FunctionStore(database).put(make_function(name)).result()
    assert usage.last_attempts() == {"area": attempts[5].to_attempt()}


def test_median_duration_is_that_of_the_run(
    usage: UsageStore, attempts: list[AttemptRow], record: Record, make_attempt: MakeAttempt
) -> None:
    assert usage.median_duration_us("nope") is None
    assert usage.median_duration_us("run1") == 30
    record(attempts=[make_attempt(8, run_id="run1", item=3, duration_us=20)])
    assert usage.median_duration_us("run1") == 20


def test_median_duration_is_kept_with_a_settled_run(
    *,
    usage: UsageStore,
    attempts: list[AttemptRow],
    runs: RunStore,
    make_run: Callable[..., Run],
    record: Record,
    make_attempt: MakeAttempt,
) -> None:
    runs.create(make_run("run1")).result()
    runs.set_state("run1", RunState.FAILED, NOW).result()
    assert usage.median_duration_us("run1") == 30
    runs.set_state("run1", RunState.RUNNING).result()
    record(attempts=[make_attempt(8, run_id="run1", item=3, duration_us=20)])
    assert usage.median_duration_us("run1") == 20


_ROWS = st.lists(
    st.tuples(
        st.integers(1, 30),
        st.integers(1, 2),
        st.sampled_from(["area", "volume"]),
        st.sampled_from([None, "run1", "run2"]),
        st.sampled_from(["ok", "error", "lost"]),
        st.sampled_from([OCTOBER, OCTOBER + 1]),
        st.integers(0, 900_000),
    ),
    max_size=40,
)


@given(groups=st.lists(_ROWS, max_size=4))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_sums_always_agree_with_the_ledger(
    database: Database,
    usage: UsageStore,
    record: Record,
    make_attempt: MakeAttempt,
    groups: list[list[tuple[int, int, str, str | None, str, int, int]]],
) -> None:
    database.write(lambda c: c.execute("DELETE FROM attempts")).result()
    database.write(lambda c: c.execute("DELETE FROM usage_sums")).result()
    for group in groups:
        rows = [
            make_attempt(
                number,
                attempt=attempt,
                function_name=function_name,
                run_id=run_id,
                outcome=outcome,
                started_at_us=started_at_us,
                billed_duration_ms=billed_ms,
            )
            for number, attempt, function_name, run_id, outcome, started_at_us, billed_ms in group
        ]
        record(attempts=rows)
    ledger = usage.recent(limit=1_000)
    assert usage.usage() == usage_of(ledger)
    for name in ("area", "volume"):
        for month in ("2026-10", "2026-11"):
            matching = [
                attempt
                for attempt in ledger
                if attempt.function_name == name and f"{attempt.started_at:%Y-%m}" == month
            ]
            assert usage.usage_by_function(month).get(name, Usage()) == usage_of(matching)
