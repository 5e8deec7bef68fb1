"""A newcomer runs the benchmarks and gets a figure for every case. Never how fast."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.benchmarks.cases import CASES
from tests.benchmarks.runner import ROOT
from tests.benchmarks.systems import SYSTEMS

SMOKE_TIMEOUT_S = 300


def test_short_benchmark_measures_every_case_of_every_system(tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    finished = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", "--short", "--json", str(figures)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=SMOKE_TIMEOUT_S,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr

    body = json.loads(figures.read_text())
    measured = {(sample["system"], sample["case"]) for sample in body["samples"]}
    assert measured == {
        (system, case)
        for system, entry in SYSTEMS.items()
        if system not in body["skipped"]
        for case in entry.cases
    }
    for case in CASES.values():
        assert f"### {case.title}" in finished.stdout
