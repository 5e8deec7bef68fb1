"""What was used and what it costs: sums of attempts, in decimal amounts.

Pure data. ``telemetry`` computes these; ``stores`` keeps the sums; doors show them.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Usage:
    """Sums over a set of attempts. Whole numbers, so that sums of sums are exact."""

    requests: int = 0
    """Attempts that were started, the lost ones among them."""
    billed_duration_ms: int = 0
    memory_mb_ms: int = 0
    """Sum of configured memory times billed duration; GB-seconds are this / 1024 / 1000."""
    init_us: int = 0
    failures: int = 0
    lost: int = 0
    """The failures whose outcome is unknown: they are not billed."""

    @property
    def billed_requests(self) -> int:
        return self.requests - self.lost

    @property
    def gb_seconds(self) -> Decimal:
        return Decimal(self.memory_mb_ms) / Decimal(1024 * 1000)


@dataclass(frozen=True, slots=True)
class Cost:
    """Dollars at the list price of AWS; the free tier is shown apart, never hidden in the sum."""

    requests_usd: Decimal
    duration_usd: Decimal
    price_table: str
    """Region, architecture and date of the table."""

    @property
    def total_usd(self) -> Decimal:
        return self.requests_usd + self.duration_usd


@dataclass(frozen=True, slots=True)
class MonthlyBill:
    """A calendar month in UTC: list price, what the free tier takes off, and what is left."""

    month: str
    usage: Usage
    cost: Cost
    free_requests_used: int
    free_gb_seconds_used: Decimal
    free_tier_usd: Decimal

    @property
    def payable_usd(self) -> Decimal:
        return self.cost.total_usd - self.free_tier_usd
