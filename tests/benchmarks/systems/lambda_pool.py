"""jupyter_lambda by its public API, with a service and a home of its own.

Everything that a user gets is on: a process for each environment, metering, logs, durable runs.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from tests.benchmarks.systems.system import WORKERS, System

if TYPE_CHECKING:
    from jupyter_lambda.client.function import Function

PATIENCE_S = 60.0
LOOK_EVERY_S = 0.05
PRELOADED_INIT_MS = 100.0
"""An INIT that imports pandas takes ten times longer."""


class LambdaPool(System):
    def open(self) -> None:
        import jupyter_lambda as jl

        self._home = tempfile.mkdtemp(prefix="lambda-benchmark-")
        self._jl = jl
        # As a script has it: the service is started by the first call, with a worker per core.
        os.environ["JUPYTER_LAMBDA_HOME"] = self._home
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:WORKERS])
        self._deployed: dict[Callable[..., Any], Function] = {}
        self._revisions = 0

    def settle(self) -> None:
        _wait_until(self._cluster_is_there, "the pool is not ready")

    def call(self, function: Callable[..., Any], argument: Any) -> Any:
        return self._deploy(function).invoke(argument)

    def map(self, function: Callable[..., Any], arguments: Sequence[Any]) -> list[Any]:
        return self._deploy(function).map(arguments).results()

    def cold_starts(self, samples: int) -> list[float]:
        """Each sample calls a revision that is deployed and that no environment has run yet."""
        self._preload()
        seen: set[int] = set()
        durations_s = []
        for _ in range(samples):
            function = self._next_revision()
            started = time.perf_counter()
            result = function.invoke()
            durations_s.append(time.perf_counter() - started)
            if result["pid"] in seen:
                raise AssertionError("the call was answered by an environment that was there")
            seen.add(result["pid"])
        return durations_s

    def close(self) -> None:
        self._jl.stop()
        shutil.rmtree(self._home, ignore_errors=True)

    def process_ids(self) -> list[int]:
        return [int(self._jl.status()["pid"])]

    def _deploy(self, function: Callable[..., Any]) -> Function:
        if function not in self._deployed:
            self._deployed[function] = self._jl.function(function)
        return self._deployed[function]

    def _next_revision(self) -> Function:
        from tests.benchmarks import frames

        self._revisions += 1
        function = self._jl.function(env={"REVISION": str(self._revisions)})(frames.total)
        # In a script a function is deployed when it is first needed, and now is before the call.
        if function.configuration["revision"] != self._revisions:
            raise AssertionError("the function was not deployed anew")
        return function

    def _preload(self) -> None:
        """Let every worker meet the imports of the function and have them ready."""
        ready: set[str] = set()

        def every_worker_is_ready() -> bool:
            self._next_revision().invoke()
            attempt = self._jl.get("total").configuration["last"]
            if attempt["init_duration_ms"] < PRELOADED_INIT_MS:
                ready.add(attempt["worker"])
            return len(ready) == WORKERS

        _wait_until(every_worker_is_ready, "a worker still imports with every new environment")

    def _cluster_is_there(self) -> bool:
        pool = self._jl.status()["pool"]
        if pool["state"] == "failed":
            raise RuntimeError(f"the pool did not start: {pool['detail']}")
        workers = [worker for worker in pool["workers"] if not worker["starter"]]
        return pool["state"] == "ready" and len(workers) == WORKERS == len(pool["workers"])


def _wait_until(condition: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{otherwise} after {PATIENCE_S:.0f} s")
        time.sleep(LOOK_EVERY_S)
