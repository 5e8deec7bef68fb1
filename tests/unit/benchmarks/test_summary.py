from __future__ import annotations

import math

import pytest

from tests.benchmarks.summary import Spread, percentile, spread, times_better


@pytest.mark.parametrize(("percent", "expected"), [(0, 1), (1, 1), (50, 50), (99, 99), (100, 100)])
def test_percentile_is_the_nearest_rank(percent: float, expected: float) -> None:
    assert percentile(range(100, 0, -1), percent) == expected


def test_percentile_of_few_values_is_one_of_them() -> None:
    assert percentile([3.0, 1.0, 2.0], 50) == 2.0
    assert percentile([3.0, 1.0, 2.0], 99) == 3.0


def test_spread_takes_the_median_of_unsorted_rounds() -> None:
    assert spread([5.0, 1.0, 3.0]) == Spread(1.0, 3.0, 5.0, rounds=3)


@pytest.mark.parametrize(
    ("ours", "theirs", "higher_is_better", "expected"),
    [
        (200.0, 100.0, True, 2.0),
        (200.0, 100.0, False, 0.5),
        (1.0, 10.0, False, 10.0),
        (0.0, 10.0, False, math.inf),
    ],
)
def test_times_better_is_above_one_for_the_better_side(
    ours: float, theirs: float, higher_is_better: bool, expected: float
) -> None:
    assert times_better(ours, theirs, higher_is_better=higher_is_better) == expected
