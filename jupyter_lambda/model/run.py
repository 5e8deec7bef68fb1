"""A run: a durable map of one function over many inputs. Our own addition to AWS's model.

``open`` while inputs may still come, ``running`` until each item is settled, then one of
``succeeded``, ``failed`` (at least one item failed) or ``cancelled``. ``retry`` takes a settled
run back to ``running``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from jupyter_lambda.model.invocation import Codec, Outcome


class RunState(StrEnum):
    OPEN = "open"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def settled(self) -> bool:
        return self in (RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Run:
    run_id: str
    function_name: str
    revision: int
    code_sha256: str
    state: RunState
    created_at: datetime
    finished_at: datetime | None = None
    input_closed: bool = False
    input_error: str | None = None
    """Why the inputs ended early: the iterator raised, or the caller was interrupted."""
    accepted: int = 0
    """Items committed so far."""
    codec: Codec = Codec.PICKLE
    """How each item's payload and result are written."""


class ItemResult(NamedTuple):
    """How one item of a run was settled. A tuple, since a run settles thousands in one batch."""

    run_id: str
    item: int
    attempt: int
    """Which attempt settled it, from 1; 0 when it was cancelled before its first."""
    outcome: Outcome
    request_id: bytes
    payload: bytes
    """The result in the run's codec when the outcome is ``ok``, otherwise a JSON error object."""
    error_type: str | None


@dataclass(frozen=True, slots=True)
class RunProgress:
    """Counts by outcome; ``accepted`` is their sum plus ``queued`` plus ``running``."""

    run: Run
    queued: int = 0
    running: int = 0
    ok: int = 0
    failures: dict[str, int] = field(default_factory=dict)
    """Count by error type, such as ``{"KeyError": 3, "Sandbox.Timedout": 1}``."""
    cancelled: int = 0

    @property
    def failed(self) -> int:
        return sum(self.failures.values())

    @property
    def settled(self) -> int:
        return self.ok + self.failed + self.cancelled


def final_state(*, failed: int, cancelled: int) -> RunState:
    """A run with a failed item never looks complete."""
    if failed:
        return RunState.FAILED
    return RunState.CANCELLED if cancelled else RunState.SUCCEEDED
