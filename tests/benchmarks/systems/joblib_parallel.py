"""joblib with its default back end (loky) and its automatic batching, workers kept between maps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tests.benchmarks.systems.system import WORKERS, System


class JoblibParallel(System):
    def open(self) -> None:
        from joblib import Parallel, delayed

        self._delayed = delayed
        self._parallel = Parallel(n_jobs=WORKERS)
        self._parallel.__enter__()

    def settle(self) -> None:
        """The first map started both workers."""

    def call(self, function: Callable[..., Any], argument: Any) -> Any:
        return self.map(function, [argument])[0]

    def map(self, function: Callable[..., Any], arguments: Sequence[Any]) -> list[Any]:
        results: list[Any] = self._parallel(
            self._delayed(function)(argument) for argument in arguments
        )
        return results

    def close(self) -> None:
        from joblib.externals.loky import get_reusable_executor

        self._parallel.__exit__(None, None, None)
        get_reusable_executor().shutdown(wait=True, kill_workers=True)
