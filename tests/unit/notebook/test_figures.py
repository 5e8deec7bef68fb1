from __future__ import annotations

import pytest

from jupyter_lambda.notebook import figures


@pytest.mark.parametrize(
    ("usd", "shown"),
    [
        ("0", "$0"),
        ("0.0000", "$0"),
        ("12.3", "$12.30"),
        ("1234.567", "$1,234.57"),
        ("0.25", "$0.2500"),
        ("0.0041", "$0.0041"),
        ("0.000206", "$0.00021"),
        ("0.0000002", "$0.00000020"),
        ("-0.0000088", "-$0.0000088"),
    ],
)
def test_money_keeps_two_digits_of_small_sums(usd: str, shown: str) -> None:
    assert figures.money(usd) == shown


@pytest.mark.parametrize(
    ("milliseconds", "shown"),
    [
        (None, ""),
        (0, "0 ms"),
        (0.25, "0.25 ms"),
        (210.4, "210 ms"),
        (3_210, "3.2 s"),
        (125_000, "2 min 5 s"),
        (7_380_000, "2 h 3 min"),
    ],
)
def test_duration_grows_its_unit_with_its_size(milliseconds: float | None, shown: str) -> None:
    assert figures.duration(milliseconds) == shown


@pytest.mark.parametrize(
    ("amount", "shown"), [("0", "0"), ("0.02125", "0.02125"), ("1204.56", "1,204.6")]
)
def test_gb_seconds_are_short(amount: str, shown: str) -> None:
    assert figures.gb_seconds(amount) == shown


def test_counted_takes_the_plural_for_all_but_one() -> None:
    assert [figures.counted(n, "item") for n in (0, 1, 1_204)] == [
        "0 items",
        "1 item",
        "1,204 items",
    ]


def test_failures_name_the_most_frequent_first() -> None:
    shown = figures.failures({"KeyError": 1, "Sandbox.Timedout": 2, "AError": 1})
    assert shown == "2 Sandbox.Timedout, 1 AError, 1 KeyError"


def test_moments_are_told_in_local_time() -> None:
    assert figures.moment(None) == ""
    assert figures.moment("2026-12-01T10:00:00+00:00").endswith(":00:00")
    assert figures.time_of_day("2026-12-01T10:00:00.041900+00:00").endswith(":00.041")
