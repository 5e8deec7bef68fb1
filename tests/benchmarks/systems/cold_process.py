"""A system that can only be asked for new processes: it keeps none to send calls to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tests.benchmarks.systems.system import System


class ColdProcess(System):
    def open(self) -> None:
        """Nothing runs before a sample is taken."""

    def settle(self) -> None:
        """There is nothing to wait for."""

    def call(self, function: Callable[..., Any], argument: Any) -> Any:
        raise NotImplementedError("a cold process takes no calls")

    def map(self, function: Callable[..., Any], arguments: Sequence[Any]) -> list[Any]:
        raise NotImplementedError("a cold process takes no calls")

    def close(self) -> None:
        """Every process ended with its sample."""
