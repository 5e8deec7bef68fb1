"""What starting from nothing costs: a new Python that imports numpy and pandas and uses them."""

from __future__ import annotations

import subprocess
import sys
import time

from tests.benchmarks.systems.cold_process import ColdProcess

PROGRAM = """
import numpy, pandas
frame = pandas.DataFrame({"value": numpy.arange(1000)})
print(int(frame["value"].sum()), flush=True)
"""
EXPECTED = sum(range(1000))
SAMPLES_AT_MOST = 3
"""Each takes a second or more, and the rounds add up."""


class FreshInterpreter(ColdProcess):
    def cold_starts(self, samples: int) -> list[float]:
        return [_first_result_s() for _ in range(min(samples, SAMPLES_AT_MOST))]


def _first_result_s() -> float:
    started = time.perf_counter()
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        total = int(process.stdout.readline())
        elapsed = time.perf_counter() - started
    if total != EXPECTED:
        raise AssertionError(f"the fresh interpreter summed to {total}, not {EXPECTED}")
    return elapsed
