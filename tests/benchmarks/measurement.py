"""One system, one round, in a process of its own: what ``runner`` starts.

``python -m tests.benchmarks.measurement SYSTEM CASE...`` runs the cases in their order and writes
one JSON object to ``--output``: by case either ``figures`` and ``foreign``, or ``error``. A case
that fails does not stop the others; a system that does not open ends the process.
"""

from __future__ import annotations

import argparse
import json
import traceback
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.benchmarks import workloads
from tests.benchmarks.cases import CASES, Trial
from tests.benchmarks.load import ForeignLoad
from tests.benchmarks.systems import SYSTEMS
from tests.benchmarks.systems.system import System

WARM_UP_CALLS = 4
WARM_UP_EVENTS = 40


def main(argv: list[str] | None = None) -> None:
    arguments = _parse(argv)
    entry = SYSTEMS[arguments.system]
    system = entry.create()
    system.open()
    measured: dict[str, Any] = {}
    with closing(system):
        if "first_call" in entry.cases:
            measured["first_call"] = _measure("first_call", system, arguments)
        system.settle()
        if "first_call" in entry.cases:
            _warm_up(system)
        for name in arguments.cases:
            if name != "first_call":
                measured[name] = _measure(name, system, arguments)
    asked = {name: measured[name] for name in arguments.cases}
    arguments.output.write_text(json.dumps(asked))


def _parse(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.measurement")
    parser.add_argument("system", choices=SYSTEMS)
    parser.add_argument("cases", nargs="+", choices=CASES, metavar="CASE")
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--spawned-at-s", type=float, required=True)
    parser.add_argument("--output", type=Path, required=True)
    return parser.parse_args(argv)


def _warm_up(system: System) -> None:
    """Bring both workers to life, with the function that most cases call."""
    for index in range(WARM_UP_CALLS):
        system.call(workloads.noop, {"i": index})
    system.map(workloads.noop, [{"i": index} for index in range(WARM_UP_EVENTS)])


def _measure(name: str, system: System, arguments: argparse.Namespace) -> dict[str, Any]:
    case = CASES[name]
    size = case.short_size if arguments.short else case.size
    load = ForeignLoad(system.process_ids)
    try:
        with load:
            figures = case.measure(Trial(system, size, arguments.spawned_at_s))
    except Exception as error:  # noqa: BLE001 - the wall around systems that are not ours
        traceback.print_exc()
        return {"error": f"{type(error).__name__}: {error}"}
    return {"figures": figures, "foreign": load.share}


if __name__ == "__main__":
    main()
