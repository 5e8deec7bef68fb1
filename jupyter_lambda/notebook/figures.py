"""Numbers as people read them: money, durations, sizes, moments and counts.

Used by every view, so that a figure looks the same in a card, a table, a progress line and the
terminal. Nothing here rounds an amount before it is shown.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal


def money(usd: str | Decimal) -> str:
    """``$12.30``, ``$0.0312``, ``$0.00000021``: below a cent, two digits of whatever size."""
    amount = Decimal(usd)
    if amount == 0:
        return "$0"
    sign, amount = ("-" if amount < 0 else ""), abs(amount)
    if amount >= 1:
        return f"{sign}${amount:,.2f}"
    if amount >= Decimal("0.01"):
        return f"{sign}${amount:.4f}"
    return f"{sign}${amount:.{1 - amount.adjusted()}f}"


def duration(milliseconds: float | None) -> str:
    """``0.25 ms``, ``210 ms``, ``3.2 s``, ``2 min 5 s``; nothing for None."""
    if milliseconds is None:
        return ""
    if milliseconds < 1_000:
        small = 0 < milliseconds < 10
        return f"{milliseconds:.2f} ms" if small else f"{milliseconds:.0f} ms"
    seconds = milliseconds / 1_000
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest_s = divmod(round(seconds), 60)
    hours, rest_min = divmod(minutes, 60)
    return f"{hours} h {rest_min} min" if hours else f"{minutes} min {rest_s} s"


def gb_seconds(amount: str) -> str:
    """``0.0213``, ``1,204.5``: four significant digits or one decimal."""
    value = Decimal(amount)
    return f"{value:,.1f}" if value >= 1_000 else f"{value:.4g}" if value else "0"


def moment(iso: str | None) -> str:
    """``2026-12-01 14:03:22`` in this machine's time zone; nothing for None."""
    return "" if iso is None else f"{_local(iso):%Y-%m-%d %H:%M:%S}"


def time_of_day(iso: str) -> str:
    """``14:03:22.041`` in this machine's time zone."""
    local = _local(iso)
    return f"{local:%H:%M:%S}.{local.microsecond // 1000:03d}"


def counted(count: int, noun: str) -> str:
    """``1 item``, ``1,204 items``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def failures(by_type: dict[str, int]) -> str:
    """``2 Sandbox.Timedout, 1 KeyError``: the most frequent first."""
    ordered = sorted(by_type.items(), key=lambda pair: (-pair[1], pair[0]))
    return ", ".join(f"{count:,} {name}" for name, count in ordered)


def _local(iso: str) -> datetime:
    return datetime.fromisoformat(iso).astimezone()
