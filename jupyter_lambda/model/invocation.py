"""One invocation, its attempts and their outcomes.

An attempt is one execution of the handler for one request id; it is the unit of billing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from jupyter_lambda.model.function import LATEST


class Source(StrEnum):
    """Who asked for the invocation."""

    SYNC = "sync"
    RUN = "run"


class Codec(StrEnum):
    """How payload and result are written."""

    JSON = "application/json"
    PICKLE = "application/x-python-pickle"


class Outcome(StrEnum):
    """How an attempt ended. Anything but ``OK`` is a failure."""

    OK = "ok"
    ERROR = "error"
    """The handler raised, could not be imported, or gave a result that cannot be written."""
    TIMEOUT = "timeout"
    CRASH = "crash"
    """The process ended under the handler: exit, signal, out of memory."""
    LOST = "lost"
    """The worker ended while it held the event; the outcome is unknown. Not billed."""
    CANCELLED = "cancelled"
    """Cancelled before it started; never an attempt's outcome, only an item's."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """The usage record: one row per attempt, appended once and never changed.

    ``duration_us`` is measured in the environment on a monotonic clock. ``init_us`` is set on the
    first invocation of an environment only. Billed duration follows
    https://aws.amazon.com/lambda/pricing/: ``ceil(init + duration)`` in milliseconds.
    """

    request_id: str
    attempt: int
    function_name: str
    version: str
    source: Source
    run_id: str | None
    item: int | None
    started_at: datetime
    duration_us: int
    init_us: int | None
    billed_duration_ms: int
    memory_mb: int
    max_memory_used_mb: int
    outcome: Outcome
    error_type: str | None
    worker: str
    environment_id: str
    log_stream: str


@dataclass(frozen=True, slots=True)
class LogLine:
    """One piece of a log: a handler's output as it was written, or a line of the platform."""

    request_id: str
    function_name: str
    timestamp: datetime
    stream: str
    """``stdout``, ``stderr``, or ``platform`` for the START, END and REPORT lines."""
    text: str
    sequence: int = 0
    """Grows over all functions; a follower asks for what comes after the last it has seen."""
    version: str = LATEST


LINES_PER_ENTRY = 4
"""A log entry owns so many sequences: for START, the handler's line, END and REPORT."""


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One stored step of the log: a handler's line, or the attempt whose end it marks."""

    position: int
    """Grows over all functions, for lines and attempts alike."""
    opens: bool
    """Nothing of its attempt comes before it, so the START line belongs here."""
    content: LogLine | Attempt
