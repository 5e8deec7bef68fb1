"""Interleaved rounds: A B C … A B C …, every system and round in a fresh process.

Systems that drift together with the machine drift in the same round, which is why only rounds
are compared and only by their medians. What a process says or how it dies is kept with its round.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.benchmarks.systems import SYSTEMS

ROOT = Path(__file__).resolve().parents[2]
MEASUREMENT_TIMEOUT_S = 600
ERROR_LINES = 8


@dataclass(frozen=True, slots=True)
class Sample:
    """One case of one system in one round."""

    system: str
    case: str
    round: int
    figures: dict[str, float] = field(default_factory=dict)
    foreign: float | None = None
    """The part of all CPUs that others used meanwhile; None if too short to tell."""
    error: str | None = None


def run(
    systems: Sequence[str],
    cases: Sequence[str],
    *,
    rounds: int,
    short: bool,
    progress: Callable[[str], None],
) -> list[Sample]:
    """Every system through those of the cases that it takes part in."""
    samples: list[Sample] = []
    for number in range(1, rounds + 1):
        for system in systems:
            wanted = [case for case in cases if case in SYSTEMS[system].cases]
            if not wanted:
                continue
            started = time.perf_counter()
            measured = _measure(system, wanted, short=short)
            samples += [_sample(system, case, number, measured[case]) for case in wanted]
            failed = [case for case in wanted if "error" in measured[case]]
            outcome = f"FAILED: {', '.join(failed)}" if failed else "ok"
            progress(
                f"round {number}/{rounds}  {system:<20} "
                f"{time.perf_counter() - started:6.1f} s  {outcome}"
            )
    return samples


def _measure(system: str, cases: list[str], *, short: bool) -> dict[str, dict[str, Any]]:
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        output = Path(folder) / "figures.json"
        command = [sys.executable, "-m", "tests.benchmarks.measurement", system, *cases]
        command += ["--output", str(output), *(["--short"] if short else [])]
        command += ["--spawned-at-s", repr(time.perf_counter())]
        try:
            finished = subprocess.run(
                command,
                cwd=ROOT,
                capture_output=True,
                text=True,
                timeout=MEASUREMENT_TIMEOUT_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return _all_failed(cases, f"gave no figures within {MEASUREMENT_TIMEOUT_S} s")
        if not output.exists():
            return _all_failed(cases, _last_lines(finished.stderr, finished.returncode))
        measured: dict[str, dict[str, Any]] = json.loads(output.read_text())
        return measured


def _all_failed(cases: list[str], error: str) -> dict[str, dict[str, Any]]:
    return {case: {"error": error} for case in cases}


def _last_lines(stderr: str, exit_code: int) -> str:
    lines = stderr.strip().splitlines()[-ERROR_LINES:]
    return "\n".join([f"the process ended with exit code {exit_code}", *lines])


def _sample(system: str, case: str, number: int, measured: dict[str, Any]) -> Sample:
    return Sample(
        system=system,
        case=case,
        round=number,
        figures=measured.get("figures", {}),
        foreign=measured.get("foreign"),
        error=measured.get("error"),
    )
