from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from jupyter_lambda.errors import InvalidParameterValue
from jupyter_lambda.telemetry.prices import ARM64, X86_64, DurationTier, load_prices


def test_shipped_prices_are_dated_and_name_their_source() -> None:
    prices = load_prices()
    assert prices.name == "us-east-1 x86_64 2026-09"
    assert prices.source == "https://aws.amazon.com/lambda/pricing/"
    assert prices.request_usd == Decimal("0.0000002")
    assert (prices.free_requests, prices.free_gb_seconds) == (1_000_000, Decimal(400_000))


@pytest.mark.parametrize(
    ("architecture", "tiers"),
    [
        (
            X86_64,
            [("6e9", "0.0000166667"), ("15e9", "0.000015"), (None, "0.0000133334")],
        ),
        (
            ARM64,
            [("7.5e9", "0.0000133334"), ("18.75e9", "0.0000120001"), (None, "0.0000106667")],
        ),
    ],
)
def test_shipped_prices_have_three_duration_tiers(
    architecture: str, tiers: list[tuple[str | None, str]]
) -> None:
    assert load_prices(architecture).duration_tiers == tuple(
        DurationTier(None if limit is None else Decimal(limit), Decimal(price))
        for limit, price in tiers
    )


def test_prices_of_ones_own_are_read_exactly(tmp_path: Path) -> None:
    table = {
        "as_of": "2027-01",
        "source": "our cluster",
        "region": "basement",
        "request_usd": "0",
        "free_tier": {"requests": 0, "gb_seconds": 0},
        "architectures": {
            "x86_64": {"duration_tiers": [{"up_to_gb_seconds": None, "gb_second_usd": 0.0000001}]}
        },
    }
    path = tmp_path / "prices.json"
    path.write_text(json.dumps(table))
    prices = load_prices(path=path)
    assert prices.name == "basement x86_64 2027-01"
    assert prices.duration_tiers == (DurationTier(None, Decimal("1E-7")),)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"architectures": {"x86_64": {}}}'])
def test_prices_that_cannot_be_read_name_the_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "broken.json"
    path.write_text(text)
    with pytest.raises(InvalidParameterValue, match=r"broken\.json cannot be used"):
        load_prices(path=path)


def test_prices_lack_an_unknown_architecture() -> None:
    with pytest.raises(InvalidParameterValue, match="it has no 'riscv'"):
        load_prices("riscv")
