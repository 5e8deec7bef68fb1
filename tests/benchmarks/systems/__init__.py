"""The systems by name: what each needs, and which cases it takes part in.

Nothing is imported until it is measured: an import is part of a first call.
"""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass

from tests.benchmarks.systems.system import System

POOL_CASES = ("first_call", "fan_out", "cpu_10ms", "payload_1mib", "warm_call")


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a system is found and what it can be asked."""

    title: str
    how: str
    """With which of its calls it is measured."""
    location: str
    """``module:class`` below ``tests.benchmarks.systems``."""
    requires: tuple[str, ...]
    cases: tuple[str, ...]

    def missing(self) -> list[str]:
        """The modules it needs that are not installed here."""
        return [name for name in self.requires if importlib.util.find_spec(name) is None]

    def create(self) -> System:
        module_name, _, class_name = self.location.partition(":")
        module = importlib.import_module(f"tests.benchmarks.systems.{module_name}")
        system: System = getattr(module, class_name)()
        return system


SYSTEMS: dict[str, Entry] = {
    "jupyter_lambda": Entry(
        title="jupyter_lambda",
        how="map, invoke",
        location="lambda_pool:LambdaPool",
        requires=("jupyter_lambda", "distributed", "numpy", "pandas"),
        cases=(*POOL_CASES, "cold_start"),
    ),
    "dask": Entry(
        title="Dask",
        how="client.map, submit",
        location="dask_cluster:DaskCluster",
        requires=("distributed",),
        cases=POOL_CASES,
    ),
    "process_pool": Entry(
        title="ProcessPoolExecutor",
        how="submit",
        location="process_pool:ProcessPool",
        requires=("concurrent.futures",),
        cases=POOL_CASES,
    ),
    "process_pool_chunks": Entry(
        title="ProcessPoolExecutor",
        how="map in chunks",
        location="process_pool:ChunkedProcessPool",
        requires=("concurrent.futures",),
        cases=("fan_out",),
    ),
    "joblib": Entry(
        title="joblib",
        how="Parallel",
        location="joblib_parallel:JoblibParallel",
        requires=("joblib",),
        cases=POOL_CASES,
    ),
    "interpreter": Entry(
        title="fresh interpreter",
        how="python -c",
        location="interpreter:FreshInterpreter",
        requires=("numpy", "pandas"),
        cases=("cold_start",),
    ),
    "forkserver": Entry(
        title="multiprocessing",
        how="forkserver, preloaded",
        location="forkserver:PreloadedForkserver",
        requires=("numpy", "pandas"),
        cases=("cold_start",),
    ),
}
