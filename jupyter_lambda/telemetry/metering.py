"""From what was measured to what is billed.

``invoke`` calls ``billed_duration_ms`` once per attempt, before the attempt is recorded; sums are
whole numbers all the way, so the order of adding never matters.
Rules: https://aws.amazon.com/lambda/pricing/ and, for the billed INIT phase,
https://aws.amazon.com/blogs/compute/aws-lambda-standardizes-billing-for-init-phase/.
"""

from __future__ import annotations

from collections.abc import Iterable

from jupyter_lambda.model.invocation import Attempt, Outcome
from jupyter_lambda.model.usage import Usage


def billed_duration_ms(duration_us: int, init_us: int | None) -> int:
    """One ceiling over the sum of init and duration, to the next whole millisecond."""
    return -(-(duration_us + (init_us or 0)) // 1000)


def usage_of(attempts: Iterable[Attempt]) -> Usage:
    """The sums over a small set of attempts; for large ones ask the usage store."""
    total = Usage()
    for attempt in attempts:
        total = add(total, _used_by(attempt))
    return total


def add(left: Usage, right: Usage) -> Usage:
    return Usage(
        requests=left.requests + right.requests,
        billed_duration_ms=left.billed_duration_ms + right.billed_duration_ms,
        memory_mb_ms=left.memory_mb_ms + right.memory_mb_ms,
        init_us=left.init_us + right.init_us,
        failures=left.failures + right.failures,
        lost=left.lost + right.lost,
    )


def _used_by(attempt: Attempt) -> Usage:
    return Usage(
        requests=1,
        billed_duration_ms=attempt.billed_duration_ms,
        memory_mb_ms=attempt.billed_duration_ms * attempt.memory_mb,
        init_us=attempt.init_us or 0,
        failures=int(attempt.outcome is not Outcome.OK),
        lost=int(attempt.outcome is Outcome.LOST),
    )
