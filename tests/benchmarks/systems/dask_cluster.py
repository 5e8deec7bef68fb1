"""Dask as a notebook uses it: a LocalCluster of two single-threaded worker processes.

No dashboard and no logs, so it is measured at its best.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

from tests.benchmarks.systems.system import WORKERS, System


class DaskCluster(System):
    def open(self) -> None:
        from distributed import Client, LocalCluster

        self._cluster = LocalCluster(
            n_workers=WORKERS,
            threads_per_worker=1,
            processes=True,
            dashboard_address=None,
            silence_logs=logging.CRITICAL,
        )
        self._client = Client(self._cluster)

    def settle(self) -> None:
        self._client.wait_for_workers(WORKERS)

    def call(self, function: Callable[..., Any], argument: Any) -> Any:
        return self._client.submit(function, argument, pure=False).result()

    def map(self, function: Callable[..., Any], arguments: Sequence[Any]) -> list[Any]:
        futures = self._client.map(function, arguments, pure=False)
        results: list[Any] = self._client.gather(futures)
        return results

    def close(self) -> None:
        self._client.close()
        self._cluster.close()
