"""The amounts are AWS's published examples; see https://aws.amazon.com/lambda/pricing/."""

from __future__ import annotations

from decimal import Decimal

import pytest

from jupyter_lambda.model.usage import Usage
from jupyter_lambda.telemetry.billing import amount_text, duration_usd, list_cost, monthly_bill
from jupyter_lambda.telemetry.metering import billed_duration_ms
from jupyter_lambda.telemetry.prices import ARM64, load_prices

X86 = load_prices()
CENT = Decimal("0.01")


def _usage(*, requests: int, billed_ms: int, memory_mb: int, lost: int = 0) -> Usage:
    """So many requests of the same size."""
    return Usage(
        requests=requests,
        billed_duration_ms=requests * billed_ms,
        memory_mb_ms=requests * billed_ms * memory_mb,
        lost=lost,
    )


def test_month_of_three_million_requests_is_billed_past_the_free_tier() -> None:
    usage = _usage(requests=3_000_000, billed_ms=120, memory_mb=1536)
    bill = monthly_bill("2026-11", usage, X86)
    assert usage.gb_seconds == 540_000
    assert bill.free_gb_seconds_used == 400_000
    assert bill.free_requests_used == 1_000_000
    duration_usd = bill.payable_usd - 2_000_000 * X86.request_usd
    assert duration_usd.quantize(CENT) == Decimal("2.33")
    assert bill.payable_usd.quantize(CENT) == Decimal("2.73")
    assert bill.cost.total_usd - bill.free_tier_usd == bill.payable_usd


def test_first_call_of_an_environment_is_billed_with_its_init() -> None:
    billed_ms = billed_duration_ms(133_610, 80_000)
    cost = list_cost(_usage(requests=1, billed_ms=billed_ms, memory_mb=128), X86)
    assert billed_ms == 214
    assert cost.duration_usd.quantize(Decimal("1E-11")) == Decimal("0.00000044583")
    assert cost.requests_usd == Decimal("0.0000002")
    assert cost.price_table == "us-east-1 x86_64 2026-09"


def test_month_of_timeouts_bills_every_attempt_in_full() -> None:
    usage = _usage(requests=3_000_000, billed_ms=3_000, memory_mb=512)
    bill = monthly_bill("2026-11", usage, X86)
    assert usage.gb_seconds == 4_500_000
    payable_duration_usd = bill.payable_usd - 2_000_000 * X86.request_usd
    assert payable_duration_usd.quantize(CENT) == Decimal("68.33")
    assert bill.payable_usd.quantize(CENT) == Decimal("68.73")


def test_duration_price_is_graduated() -> None:
    assert duration_usd(Decimal(7_000_000_000), X86) == Decimal("115000.20")


@pytest.mark.parametrize(
    ("gb_seconds", "usd"),
    [
        ("0", "0"),
        ("7500000000", "100000.5"),
        ("18750000000", "235001.625"),
        ("18750000001", "235001.6250106667"),
    ],
)
def test_duration_price_changes_at_each_tier_of_arm64(gb_seconds: str, usd: str) -> None:
    assert duration_usd(Decimal(gb_seconds), load_prices(ARM64)) == Decimal(usd)


def test_month_within_the_free_tier_is_listed_and_costs_nothing() -> None:
    bill = monthly_bill("2026-11", _usage(requests=1_000, billed_ms=100, memory_mb=128), X86)
    assert bill.cost.total_usd > 0
    assert bill.payable_usd == 0
    assert bill.free_requests_used == 1_000
    assert bill.free_gb_seconds_used == Decimal("12.5")


def test_free_tier_is_taken_off_before_the_tiers_apply() -> None:
    usage = Usage(memory_mb_ms=7_000_000_000 * 1024 * 1000)
    bill = monthly_bill("2026-11", usage, X86)
    assert bill.free_tier_usd == 400_000 * Decimal("0.000015")


def test_lost_attempts_cost_nothing() -> None:
    assert list_cost(Usage(requests=5, failures=5, lost=5), X86).total_usd == 0
    assert monthly_bill("2026-11", Usage(requests=5, lost=5), X86).free_requests_used == 0


@pytest.mark.parametrize(
    ("amount", "text"),
    [("2E-7", "0.0000002"), ("1.500", "1.5"), ("1E+3", "1000"), ("0E-9", "0"), ("0", "0")],
)
def test_amount_text_has_no_exponent(amount: str, text: str) -> None:
    assert amount_text(Decimal(amount)) == text
