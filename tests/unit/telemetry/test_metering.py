from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_lambda.model.invocation import Attempt, Outcome
from jupyter_lambda.model.usage import Usage
from jupyter_lambda.telemetry.metering import billed_duration_ms, usage_of


@pytest.mark.parametrize(
    ("duration_us", "init_us", "billed_ms"),
    [
        (133_610, 80_000, 214),
        (3_016_780, 84_000, 3_101),
        (1_000, None, 1),
        (1_001, None, 2),
        (1, None, 1),
        (0, None, 0),
        (500, 500, 1),
        (500, 501, 2),
    ],
)
def test_billed_duration_rounds_the_sum_up_once(
    duration_us: int, init_us: int | None, billed_ms: int
) -> None:
    assert billed_duration_ms(duration_us, init_us) == billed_ms


@given(st.integers(0, 10**12), st.none() | st.integers(0, 10**8))
def test_billed_duration_covers_what_was_used_by_less_than_a_millisecond(
    duration_us: int, init_us: int | None
) -> None:
    used_us = duration_us + (init_us or 0)
    assert 0 <= billed_duration_ms(duration_us, init_us) * 1000 - used_us < 1000


def test_usage_of_attempts_sums_what_each_used(make_attempt: Callable[..., Attempt]) -> None:
    attempts = [
        make_attempt(billed_duration_ms=4, memory_mb=128, init_us=80_500),
        make_attempt(billed_duration_ms=10, memory_mb=512, outcome=Outcome.TIMEOUT),
        make_attempt(billed_duration_ms=0, memory_mb=512, outcome=Outcome.LOST),
    ]
    assert usage_of(attempts) == Usage(
        requests=3,
        billed_duration_ms=14,
        memory_mb_ms=4 * 128 + 10 * 512,
        init_us=80_500,
        failures=2,
        lost=1,
    )


def test_usage_of_nothing_is_zero() -> None:
    assert usage_of([]) == Usage()
