"""What usage costs: the list price of a call or a run, and the bill of a month.

A single call, run or function is priced at the first tier, since the tiers belong to the whole
month. The month's bill applies AWS's graduated tiers, and shows what the free tier takes off apart
from the list price. Amounts are exact decimals; whoever displays one rounds it.
"""

from __future__ import annotations

from decimal import Decimal

from jupyter_lambda.model.usage import Cost, MonthlyBill, Usage
from jupyter_lambda.telemetry.prices import PriceTable


def list_cost(usage: Usage, prices: PriceTable) -> Cost:
    """The price of a small set of attempts, at the first tier and without the free tier."""
    return Cost(
        requests_usd=usage.billed_requests * prices.request_usd,
        duration_usd=usage.gb_seconds * prices.duration_tiers[0].gb_second_usd,
        price_table=prices.name,
    )


def monthly_bill(month: str, usage: Usage, prices: PriceTable) -> MonthlyBill:
    """The bill of a calendar month in UTC. The free tier is taken off before the tiers apply."""
    free_requests = min(usage.billed_requests, prices.free_requests)
    free_gb_seconds = min(usage.gb_seconds, prices.free_gb_seconds)
    list_duration_usd = duration_usd(usage.gb_seconds, prices)
    payable_duration_usd = duration_usd(usage.gb_seconds - free_gb_seconds, prices)
    return MonthlyBill(
        month=month,
        usage=usage,
        cost=Cost(
            requests_usd=usage.billed_requests * prices.request_usd,
            duration_usd=list_duration_usd,
            price_table=prices.name,
        ),
        free_requests_used=free_requests,
        free_gb_seconds_used=free_gb_seconds,
        free_tier_usd=free_requests * prices.request_usd
        + (list_duration_usd - payable_duration_usd),
    )


def duration_usd(gb_seconds: Decimal, prices: PriceTable) -> Decimal:
    """Graduated: each tier's price holds for the part of the amount that falls into it."""
    total = Decimal(0)
    floor = Decimal(0)
    for tier in prices.duration_tiers:
        ceiling = gb_seconds if tier.up_to_gb_seconds is None else tier.up_to_gb_seconds
        total += max(Decimal(0), min(gb_seconds, ceiling) - floor) * tier.gb_second_usd
        floor = ceiling
    return total


def amount_text(amount: Decimal) -> str:
    """A decimal in plain digits, such as ``0.0000002``, where ``str`` might write ``2E-7``."""
    return format(amount.normalize(), "f")
