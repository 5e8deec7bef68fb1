"""``python -m tests.benchmarks``: measure, report, and say with the exit code how it went.

0: every case ran and every bar holds. 1: a case failed, or a bar does not hold. A short run is a
smoke test: it shows the bars but does not judge them.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.benchmarks import report, runner
from tests.benchmarks.cases import CASES
from tests.benchmarks.systems import SYSTEMS
from tests.benchmarks.systems.system import WORKERS

DISTRIBUTIONS = ("jupyter_lambda", "distributed", "joblib", "numpy", "pandas")


def main(argv: Sequence[str] | None = None) -> int:
    arguments = _parse(argv)
    skipped = {name: missing for name in arguments.systems if (missing := SYSTEMS[name].missing())}
    systems = [name for name in arguments.systems if name not in skipped]
    machine = _machine()
    samples = runner.run(
        systems,
        arguments.cases,
        rounds=arguments.rounds,
        short=arguments.short,
        progress=lambda line: print(line, file=sys.stderr, flush=True),
    )
    print(_heading(arguments, machine))
    print(report.render(samples, skipped))
    if arguments.json:
        body = {"machine": machine, "skipped": skipped, "samples": [asdict(s) for s in samples]}
        arguments.json.write_text(json.dumps(body, indent=1) + "\n")
    failed = any(sample.error for sample in samples)
    missed = any(result.verdict == "FAIL" for result in report.bar_results(samples))
    return int(failed or (missed and not arguments.short))


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description="Measure jupyter_lambda side by side with its peers, two workers each.",
    )
    parser.add_argument("--rounds", type=int, default=None, help="5; with --short, 1")
    parser.add_argument("--cases", type=_names(CASES), default=list(CASES), metavar="A,B,...")
    parser.add_argument("--systems", type=_names(SYSTEMS), default=list(SYSTEMS), metavar="A,B,...")
    parser.add_argument("--short", action="store_true", help="small sizes; bars are not judged")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write every sample")
    arguments = parser.parse_args(argv)
    if arguments.rounds is None:
        arguments.rounds = 1 if arguments.short else 5
    return arguments


def _names(known: dict[str, Any]) -> Any:
    """A comma-separated choice of ``known``, in the order of ``known``."""

    def parse(text: str) -> list[str]:
        asked = text.split(",")
        unknown = [name for name in asked if name not in known]
        if unknown:
            raise argparse.ArgumentTypeError(
                f"{', '.join(unknown)}: unknown; choose from {', '.join(known)}"
            )
        return [name for name in known if name in asked]

    return parse


def _machine() -> dict[str, Any]:
    installed = {}
    for name in DISTRIBUTIONS:
        try:
            installed[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return {
        "cpus": os.cpu_count(),
        "load_average": os.getloadavg()[0],
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "distributions": installed,
    }


def _heading(arguments: argparse.Namespace, machine: dict[str, Any]) -> str:
    versions = ", ".join(f"{name} {text}" for name, text in machine["distributions"].items())
    size = "short sizes" if arguments.short else "full sizes"
    return (
        f"## Benchmarks: {arguments.rounds} interleaved rounds, {size}, {WORKERS} workers each\n\n"
        f"{machine['cpus']} CPUs, {machine['system']}, Python {machine['python']}; {versions}; "
        f"load average at the start {machine['load_average']:.2f}\n"
    )


if __name__ == "__main__":
    sys.exit(main())
