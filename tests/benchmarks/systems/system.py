"""What a system has to be able to do to be measured.

One object lives for one process: ``open``, the first ``call``, ``settle``, then the other
cases, then ``close``. Whatever a method returns has to be the real result, since cases check it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

WORKERS = 2


class System(ABC):
    """A pool of two worker processes, one call at a time in each."""

    @abstractmethod
    def open(self) -> None:
        """Do what a user has to do before the first call; imports belong here too."""

    @abstractmethod
    def settle(self) -> None:
        """Return once both workers take calls."""

    @abstractmethod
    def call(self, function: Callable[..., Any], argument: Any) -> Any:
        """One call and its result."""

    @abstractmethod
    def map(self, function: Callable[..., Any], arguments: Sequence[Any]) -> list[Any]:
        """All results, in the order of the arguments."""

    @abstractmethod
    def close(self) -> None:
        """End every process that ``open`` started."""

    def cold_starts(self, samples: int) -> list[float]:
        """Seconds from asking for a new process to its first DataFrame result, for each sample."""
        raise NotImplementedError(f"{type(self).__name__} has no cold start to measure")

    def process_ids(self) -> list[int]:
        """Processes of the system that are not descendants of this one."""
        return []
