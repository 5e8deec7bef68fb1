"""The rows that the data plane hands to the journal, as plain tuples in the order of the columns.

An attempt is built once per event on the hottest path there is, so it is written as a tuple of
what SQLite stores and becomes an ``Attempt`` only when somebody reads it.
"""

from __future__ import annotations

from typing import NamedTuple

from jupyter_lambda.clock import epoch_us, format_uuid, from_epoch_us, parse_uuid
from jupyter_lambda.model.invocation import Attempt, LogLine, Outcome, Source


class AttemptRow(NamedTuple):
    """A usage record on its way into the ledger; the fields of ``Attempt`` in stored types."""

    request_id: bytes
    attempt: int
    function_name: str
    version: str
    source: str
    run_id: str | None
    item: int | None
    started_at_us: int
    """Microseconds since 1970 in UTC."""
    duration_us: int
    init_us: int | None
    billed_duration_ms: int
    memory_mb: int
    max_memory_used_mb: int
    outcome: str
    """The value of an ``Outcome``."""
    error_type: str | None
    worker: str
    environment_id: str
    log_stream: str

    @classmethod
    def of(cls, attempt: Attempt) -> AttemptRow:
        return cls(
            request_id=parse_uuid(attempt.request_id),
            attempt=attempt.attempt,
            function_name=attempt.function_name,
            version=attempt.version,
            source=attempt.source.value,
            run_id=attempt.run_id,
            item=attempt.item,
            started_at_us=epoch_us(attempt.started_at),
            duration_us=attempt.duration_us,
            init_us=attempt.init_us,
            billed_duration_ms=attempt.billed_duration_ms,
            memory_mb=attempt.memory_mb,
            max_memory_used_mb=attempt.max_memory_used_mb,
            outcome=attempt.outcome.value,
            error_type=attempt.error_type,
            worker=attempt.worker,
            environment_id=attempt.environment_id,
            log_stream=attempt.log_stream,
        )

    def to_attempt(self) -> Attempt:
        return Attempt(
            request_id=format_uuid(self.request_id),
            attempt=self.attempt,
            function_name=self.function_name,
            version=self.version,
            source=Source(self.source),
            run_id=self.run_id,
            item=self.item,
            started_at=from_epoch_us(self.started_at_us),
            duration_us=self.duration_us,
            init_us=self.init_us,
            billed_duration_ms=self.billed_duration_ms,
            memory_mb=self.memory_mb,
            max_memory_used_mb=self.max_memory_used_mb,
            outcome=Outcome(self.outcome),
            error_type=self.error_type,
            worker=self.worker,
            environment_id=self.environment_id,
            log_stream=self.log_stream,
        )


class LogRow(NamedTuple):
    """A piece of a handler's output on its way into the log."""

    request_id: bytes
    attempt: int
    function_name: str
    version: str
    run_id: str | None
    timestamp_us: int
    stream: str
    text: str

    def to_line(self) -> LogLine:
        return LogLine(
            request_id=format_uuid(self.request_id),
            function_name=self.function_name,
            timestamp=from_epoch_us(self.timestamp_us),
            stream=self.stream,
            text=self.text,
            version=self.version,
        )
