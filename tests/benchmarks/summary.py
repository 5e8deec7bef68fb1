"""From samples to medians and ratios. Pure.

A sample is one figure of one round; a ratio is always one of medians, and above 1 means better
than the peer, whichever way the figure counts.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure over all rounds."""

    minimum: float
    median: float
    maximum: float
    rounds: int


def spread(samples: Sequence[float]) -> Spread:
    return Spread(min(samples), statistics.median(samples), max(samples), len(samples))


def percentile(values: Sequence[float], percent: float) -> float:
    """The nearest-rank percentile: always one of the values, never between two."""
    ordered = sorted(values)
    rank = math.ceil(percent / 100 * len(ordered))
    return ordered[max(rank, 1) - 1]


def times_better(ours: float, theirs: float, *, higher_is_better: bool) -> float:
    """How many times better ``ours`` is."""
    better, worse = (ours, theirs) if higher_is_better else (theirs, ours)
    return better / worse if worse else math.inf
