"""The CPU that others used while a phase ran: all that was busy, less our own processes.

Own processes are the descendants of the measuring process and of the roots a system names. A
process that ends hands its time to the parent that waits for it, so nothing is lost on the way.
Read from ``/proc``; where there is none (macOS), the foreign load is unknown, not zero.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

PROC = Path("/proc")
SHORTEST_PHASE_S = 0.2
"""Ticks are 10 ms; over less than this the difference of two readings says nothing."""

_BUSY_FIELDS = slice(0, 8)
_IDLE_FIELDS = (3, 4)
_PARENT_FIELD = 1
_CPU_FIELDS = slice(11, 15)


@dataclass(frozen=True, slots=True)
class ProcessTime:
    """A line of ``/proc/<pid>/stat``: the parent, and the ticks of it and its waited children."""

    parent: int
    ticks: int


class ForeignLoad:
    """A context that measures its own block.

    Attributes:
        share: the part of all CPUs that foreign processes used, from 0 to 1, or None if unknown.
    """

    def __init__(self, roots: Callable[[], Iterable[int]]) -> None:
        self._roots = roots
        self.share: float | None = None

    def __enter__(self) -> Self:
        self._busy = busy_ticks()
        self._own = self._own_ticks()
        self._started = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        elapsed_s = time.perf_counter() - self._started
        busy, own = busy_ticks(), self._own_ticks()
        if busy is None or self._busy is None or elapsed_s < SHORTEST_PHASE_S:
            return
        foreign_s = ((busy - self._busy) - (own - self._own)) / os.sysconf("SC_CLK_TCK")
        self.share = min(1.0, max(0.0, foreign_s / (elapsed_s * (os.cpu_count() or 1))))

    def _own_ticks(self) -> int:
        return tree_ticks(process_times(), [os.getpid(), *self._roots()])


def busy_ticks() -> int | None:
    """Ticks in which any CPU worked, since boot; None where the kernel does not say."""
    try:
        first_line = (PROC / "stat").read_text().partition("\n")[0]
    except OSError:
        return None
    fields = [int(field) for field in first_line.split()[1:]]
    return sum(fields[_BUSY_FIELDS]) - sum(fields[index] for index in _IDLE_FIELDS)


def process_times() -> dict[int, ProcessTime]:
    """Every process that can be read, by its id."""
    times = {}
    for path in PROC.glob("[0-9]*/stat"):
        try:
            times[int(path.parent.name)] = parse_process_time(path.read_text())
        except OSError:  # it ended meanwhile
            continue
    return times


def parse_process_time(line: str) -> ProcessTime:
    """The command may hold spaces and brackets, so fields count from the last bracket."""
    fields = line.rpartition(")")[2].split()
    return ProcessTime(parent=int(fields[_PARENT_FIELD]), ticks=sum(map(int, fields[_CPU_FIELDS])))


def tree_ticks(times: dict[int, ProcessTime], roots: Iterable[int]) -> int:
    """Ticks of the roots and all their descendants, each counted once."""
    children: dict[int, list[int]] = {}
    for process_id, process_time in times.items():
        children.setdefault(process_time.parent, []).append(process_id)
    total, pending, seen = 0, list(roots), set[int]()
    while pending:
        process_id = pending.pop()
        if process_id in seen or process_id not in times:
            continue
        seen.add(process_id)
        total += times[process_id].ticks
        pending += children.get(process_id, [])
    return total
