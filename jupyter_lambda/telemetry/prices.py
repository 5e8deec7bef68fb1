"""The dated price table: AWS's list prices for one region and architecture, always in decimal.

``prices.json`` beside this module is the shipped table; ``load_prices`` takes another file of the
same form, such as a team's own price of a GB-second. ``billing`` applies the table.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from importlib import resources
from pathlib import Path
from typing import Any

from jupyter_lambda.errors import InvalidParameterValue

X86_64 = "x86_64"
ARM64 = "arm64"


@dataclass(frozen=True, slots=True)
class DurationTier:
    """A price that holds up to an amount used in one calendar month."""

    up_to_gb_seconds: Decimal | None
    """``None`` in the last tier, which has no end."""
    gb_second_usd: Decimal


@dataclass(frozen=True, slots=True)
class PriceTable:
    region: str
    architecture: str
    as_of: str
    """The month in which the prices were read, ``YYYY-MM``."""
    source: str
    request_usd: Decimal
    duration_tiers: tuple[DurationTier, ...]
    free_requests: int
    """Per calendar month, as are the free GB-seconds."""
    free_gb_seconds: Decimal

    @property
    def name(self) -> str:
        """Region, architecture and date, to be shown beside each amount."""
        return f"{self.region} {self.architecture} {self.as_of}"


def load_prices(architecture: str = X86_64, path: Path | None = None) -> PriceTable:
    """The table for an architecture, from ``path`` or as shipped.

    Raises:
        InvalidParameterValue: the table cannot be read, or lacks the architecture.
    """
    shipped = resources.files("jupyter_lambda.telemetry") / "prices.json"
    try:
        text = shipped.read_text("utf-8") if path is None else path.read_text("utf-8")
        document = json.loads(text, parse_float=Decimal)
        return _table(document, architecture)
    except (OSError, ValueError, KeyError, TypeError, InvalidOperation) as error:
        reason = f"it has no {error}" if isinstance(error, KeyError) else str(error)
        raise InvalidParameterValue(
            f"price table {path or shipped} cannot be used: {reason}. "
            "It must have the fields of the shipped prices.json"
        ) from error


def _table(document: dict[str, Any], architecture: str) -> PriceTable:
    tiers = document["architectures"][architecture]["duration_tiers"]
    return PriceTable(
        region=document["region"],
        architecture=architecture,
        as_of=document["as_of"],
        source=document["source"],
        request_usd=Decimal(document["request_usd"]),
        duration_tiers=tuple(_tier(tier) for tier in tiers),
        free_requests=int(document["free_tier"]["requests"]),
        free_gb_seconds=Decimal(document["free_tier"]["gb_seconds"]),
    )


def _tier(tier: dict[str, Any]) -> DurationTier:
    limit = tier["up_to_gb_seconds"]
    return DurationTier(
        up_to_gb_seconds=None if limit is None else Decimal(limit),
        gb_second_usd=Decimal(tier["gb_second_usd"]),
    )
