"""The standard library's ProcessPoolExecutor, with its fastest start method.

Once with a future per call, and once with calls packed into chunks by ``map``, which is as fast
as a fan-out of no-ops gets when nothing is isolated, recorded or retried.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from tests.benchmarks.systems.system import WORKERS, System

CHUNKS_PER_MAP = 80


class ProcessPool(System):
    def open(self) -> None:
        fork = multiprocessing.get_context("fork")
        self._executor = ProcessPoolExecutor(WORKERS, mp_context=fork)

    def settle(self) -> None:
        """Workers are forked as calls come in; the warm-up brings them up."""

    def call(self, function: Callable[..., Any], argument: Any) -> Any:
        return self._executor.submit(function, argument).result()

    def map(self, function: Callable[..., Any], arguments: Sequence[Any]) -> list[Any]:
        futures = [self._executor.submit(function, argument) for argument in arguments]
        return [future.result() for future in futures]

    def close(self) -> None:
        self._executor.shutdown()


class ChunkedProcessPool(ProcessPool):
    def map(self, function: Callable[..., Any], arguments: Sequence[Any]) -> list[Any]:
        chunksize = max(1, len(arguments) // CHUNKS_PER_MAP)
        return list(self._executor.map(function, arguments, chunksize=chunksize))
