"""The lines that the platform adds to a function's log, exactly as AWS writes them.

Rendered from what is recorded, whenever a log is read; nobody stores these texts. Fields are
separated by tabs, durations have two decimals, and Init Duration appears on the first invocation
of an environment only:
https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html.
"""

from __future__ import annotations

from datetime import datetime

from jupyter_lambda.model.invocation import Attempt, Outcome


def start_line(request_id: str, version: str) -> str:
    return f"START RequestId: {request_id} Version: {version}\n"


def end_line(request_id: str) -> str:
    return f"END RequestId: {request_id}\n"


def report_line(attempt: Attempt) -> str:
    fields = [
        f"REPORT RequestId: {attempt.request_id}",
        f"Duration: {_milliseconds(attempt.duration_us)} ms",
        f"Billed Duration: {attempt.billed_duration_ms} ms",
        f"Memory Size: {attempt.memory_mb} MB",
        f"Max Memory Used: {attempt.max_memory_used_mb} MB",
    ]
    if attempt.init_us is not None:
        fields.append(f"Init Duration: {_milliseconds(attempt.init_us)} ms")
    return "\t".join([*fields, *_status(attempt)]) + "\n"


def log_stream_name(started_at: datetime, version: str, environment_hex: str) -> str:
    """One stream per execution environment, named by the day on which it started."""
    return f"{started_at:%Y/%m/%d}/[{version}]{environment_hex}"


def _status(attempt: Attempt) -> list[str]:
    """After a success AWS ends the line with an empty field, after a failure with its status."""
    if attempt.outcome is Outcome.OK:
        return [""]
    if attempt.outcome is Outcome.TIMEOUT:
        return ["Status: timeout"]
    if attempt.error_type is None:
        return ["Status: error"]
    return ["Status: error", f"Error Type: {attempt.error_type}"]


def _milliseconds(microseconds: int) -> str:
    """Two decimals, the half rounded up, in integers: a float would round 0.125 down."""
    hundredths = (microseconds + 5) // 10
    return f"{hundredths // 100}.{hundredths % 100:02d}"
