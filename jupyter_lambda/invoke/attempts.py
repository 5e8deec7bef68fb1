"""From an environment's answer to the usage record of the attempt."""

from __future__ import annotations

import json

from jupyter_lambda.clock import Clock, epoch_us
from jupyter_lambda.invoke.dispatcher import Settlement, Ticket
from jupyter_lambda.model.invocation import Outcome, Source
from jupyter_lambda.runtime import frames
from jupyter_lambda.stores.rows import AttemptRow
from jupyter_lambda.telemetry.metering import billed_duration_ms

OUTCOMES = {
    frames.OUTCOME_OK: Outcome.OK,
    frames.OUTCOME_ERROR: Outcome.ERROR,
    frames.OUTCOME_TIMEOUT: Outcome.TIMEOUT,
    frames.OUTCOME_CRASH: Outcome.CRASH,
    frames.OUTCOME_LOST: Outcome.LOST,
    frames.OUTCOME_CANCELLED: Outcome.CANCELLED,
}
OUTCOME_CODES = {outcome: code for code, outcome in OUTCOMES.items()}


def attempt_row(
    ticket: Ticket, settlement: Settlement, *, source: Source, run_id: str | None, clock: Clock
) -> AttemptRow:
    """The row that is billed. A lost attempt is recorded and not billed: it was our failure."""
    outcome = OUTCOMES[settlement.outcome]
    environment = ticket.environment
    billed_ms = (
        0
        if outcome is Outcome.LOST
        else billed_duration_ms(settlement.duration_us, settlement.init_us)
    )
    return AttemptRow(
        request_id=ticket.request_id,
        attempt=ticket.attempt,
        function_name=ticket.function.name,
        version=ticket.function.version,
        source=source.value,
        run_id=run_id,
        item=ticket.item if run_id is not None else None,
        # When the agent answered for a dead process, only the time until now is known.
        started_at_us=settlement.started_us or epoch_us(clock.now()) - settlement.duration_us,
        duration_us=settlement.duration_us,
        init_us=settlement.init_us,
        billed_duration_ms=billed_ms,
        memory_mb=ticket.function.configuration.memory_mb,
        max_memory_used_mb=-(-settlement.peak_kb // 1024),
        outcome=outcome.value,
        error_type=None if outcome is Outcome.OK else error_type_of(settlement.body),
        worker=environment.site.host.name,
        environment_id=str(environment.number),
        log_stream=environment.log_stream,
    )


def lost_settlement() -> Settlement:
    """What a ticket is settled with whose host ended while it held the event."""
    body = json.dumps(
        {
            "errorType": "Sandbox.WorkerLost",
            "errorMessage": "The worker ended while it ran this invocation; the outcome is unknown",
            "stackTrace": [],
        }
    )
    return Settlement(frames.OUTCOME_LOST, 0, 0, None, 0, body.encode())


def unstartable_settlement() -> Settlement:
    """What a ticket is settled with whose environments ended before it could start."""
    body = json.dumps(
        {
            "errorType": "Sandbox.StartFailed",
            "errorMessage": "No execution environment could be started for this invocation",
            "stackTrace": [],
        }
    )
    return Settlement(frames.OUTCOME_LOST, 0, 0, None, 0, body.encode())


def error_type_of(body: bytes) -> str:
    try:
        return str(json.loads(body)["errorType"])
    except (ValueError, KeyError, TypeError):
        return "Runtime.Unknown"
