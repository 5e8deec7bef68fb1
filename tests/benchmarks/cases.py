"""What is measured: each case with its size, its figures and the bar it has to reach.

A case gets a system that is open and, but for ``first_call``, settled and warm. It runs, checks
the results outside the measured time, and returns its figures.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.benchmarks import workloads
from tests.benchmarks.summary import percentile
from tests.benchmarks.systems.system import WORKERS, System

MIB = 1 << 20
WARM_UP_CALLS = 8
"""So that a system has met the function before it is timed, as ``noop`` has been met already."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One system, once through one case."""

    system: System
    size: int
    spawned_at_s: float
    """When the process was started, on the monotonic clock that all processes share: a first call
    counts from there, with imports and the opening of the system."""


@dataclass(frozen=True, slots=True)
class Metric:
    key: str
    title: str
    higher_is_better: bool
    decimals: int


@dataclass(frozen=True, slots=True)
class Bar:
    """How many times better than a peer the first metric of the case has to be."""

    peer: str
    at_least: float


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    title: str
    metrics: tuple[Metric, ...]
    """The first one is the one that ratios and bars are about."""
    size: int
    short_size: int
    measure: Callable[[Trial], dict[str, float]]
    peer: str
    """The system that ratios are taken against."""
    bar: Bar | None = None


def first_call(trial: Trial) -> dict[str, float]:
    result = trial.system.call(workloads.noop, {"i": 7})
    elapsed_s = time.perf_counter() - trial.spawned_at_s
    _check(result == 7)
    return {"first_result_s": elapsed_s}


def fan_out(trial: Trial) -> dict[str, float]:
    events = [{"i": index, "key": "value"} for index in range(trial.size)]
    started = time.perf_counter()
    results = trial.system.map(workloads.noop, events)
    elapsed_s = time.perf_counter() - started
    _check(results == list(range(trial.size)))
    return {"calls_per_s": trial.size / elapsed_s}


def cpu_10ms(trial: Trial) -> dict[str, float]:
    events = [{"i": index} for index in range(trial.size)]
    trial.system.map(workloads.burn, events[:WARM_UP_CALLS])
    started = time.perf_counter()
    results = trial.system.map(workloads.burn, events)
    elapsed_s = time.perf_counter() - started
    _check(results == list(range(trial.size)))
    ideal_s = trial.size * workloads.BURN_S / WORKERS
    return {"efficiency": ideal_s / elapsed_s}


def payload_1mib(trial: Trial) -> dict[str, float]:
    payloads = [os.urandom(MIB) for _ in range(trial.size)]
    trial.system.map(workloads.reverse, payloads[:WARM_UP_CALLS])
    started = time.perf_counter()
    results = trial.system.map(workloads.reverse, payloads)
    elapsed_s = time.perf_counter() - started
    _check(results == [payload[::-1] for payload in payloads])
    return {"calls_per_s": trial.size / elapsed_s}


def warm_call(trial: Trial) -> dict[str, float]:
    durations_ms = []
    for index in range(trial.size):
        started = time.perf_counter()
        result = trial.system.call(workloads.noop, {"i": index})
        durations_ms.append((time.perf_counter() - started) * 1e3)
        _check(result == index)
    return _p50_p99(durations_ms)


def cold_start(trial: Trial) -> dict[str, float]:
    return _p50_p99([sample_s * 1e3 for sample_s in trial.system.cold_starts(trial.size)])


def _p50_p99(durations_ms: list[float]) -> dict[str, float]:
    return {"p50_ms": percentile(durations_ms, 50), "p99_ms": percentile(durations_ms, 99)}


def _check(correct: bool) -> None:
    if not correct:
        raise AssertionError("the system returned wrong results, so its time says nothing")


CALLS_PER_S = Metric("calls_per_s", "calls/s", higher_is_better=True, decimals=0)
EFFICIENCY = Metric("efficiency", "efficiency", higher_is_better=True, decimals=3)
FIRST_RESULT_S = Metric("first_result_s", "s", higher_is_better=False, decimals=3)
P50_MS = Metric("p50_ms", "p50 ms", higher_is_better=False, decimals=3)
P99_MS = Metric("p99_ms", "p99 ms", higher_is_better=False, decimals=3)

CASES: dict[str, Case] = {
    case.name: case
    for case in (
        Case(
            name="first_call",
            title="First call: fresh process to first result",
            metrics=(FIRST_RESULT_S,),
            size=1,
            short_size=1,
            measure=first_call,
            peer="dask",
            bar=Bar("dask", at_least=4),
        ),
        Case(
            name="fan_out",
            title="Fan-out of no-op calls over small dicts",
            metrics=(CALLS_PER_S,),
            size=10_000,
            short_size=500,
            measure=fan_out,
            peer="dask",
            bar=Bar("dask", at_least=20),
        ),
        Case(
            name="cpu_10ms",
            title="Calls of 10 ms CPU, part of the two-worker ideal",
            metrics=(EFFICIENCY,),
            size=300,
            short_size=40,
            measure=cpu_10ms,
            peer="dask",
        ),
        Case(
            name="payload_1mib",
            title="1 MiB in and 1 MiB out",
            metrics=(CALLS_PER_S,),
            size=100,
            short_size=10,
            measure=payload_1mib,
            peer="dask",
        ),
        Case(
            name="warm_call",
            title="One warm call at a time, round trip",
            metrics=(P50_MS, P99_MS),
            size=300,
            short_size=20,
            measure=warm_call,
            peer="dask",
            bar=Bar("dask", at_least=8),
        ),
        Case(
            name="cold_start",
            title="Cold start with numpy and pandas: new environment to first DataFrame result",
            metrics=(P50_MS, P99_MS),
            size=20,
            short_size=2,
            measure=cold_start,
            peer="interpreter",
            bar=Bar("interpreter", at_least=30),
        ),
    )
}
