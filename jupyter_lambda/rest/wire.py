"""Model objects as the JSON of the API: the one place that spells its field names."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from jupyter_lambda.model.function import Function
from jupyter_lambda.model.invocation import Attempt, LogLine
from jupyter_lambda.model.run import RunProgress
from jupyter_lambda.model.usage import Cost, MonthlyBill, Usage
from jupyter_lambda.telemetry.billing import amount_text

Json = dict[str, Any]


def when(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def attempt_json(attempt: Attempt, cost: Cost) -> Json:
    init_us = attempt.init_us
    return {
        "request_id": attempt.request_id,
        "attempt": attempt.attempt,
        "function": attempt.function_name,
        "version": attempt.version,
        "source": attempt.source,
        "run": attempt.run_id,
        "item": attempt.item,
        "started_at": when(attempt.started_at),
        "duration_ms": attempt.duration_us / 1000,
        "billed_duration_ms": attempt.billed_duration_ms,
        "init_duration_ms": None if init_us is None else init_us / 1000,
        "memory_mb": attempt.memory_mb,
        "max_memory_used_mb": attempt.max_memory_used_mb,
        "outcome": attempt.outcome,
        "error_type": attempt.error_type,
        "worker": attempt.worker,
        "log_stream": attempt.log_stream,
        "cost_usd": amount_text(cost.total_usd),
    }


def function_json(function: Function) -> Json:
    configuration = function.configuration
    return {
        "name": function.name,
        "arn": function.arn,
        "version": function.version,
        "revision": function.revision,
        "revision_id": function.revision_id,
        "description": configuration.description,
        "handler": configuration.handler,
        "memory_mb": configuration.memory_mb,
        "timeout_s": configuration.timeout_s,
        "environment": configuration.environment,
        "runtime": configuration.runtime,
        "preload": list(configuration.preload),
        "code_sha256": function.code_sha256,
        "code_size_bytes": function.code_size_bytes,
        "created_at": when(function.created_at),
        "last_modified": when(function.last_modified),
        "source": function.source,
    }


def run_json(
    progress: RunProgress, usage: Usage, cost: Cost, *, p50_us: int | None, sequence: int
) -> Json:
    run = progress.run
    return {
        "id": run.run_id,
        "function": run.function_name,
        "revision": run.revision,
        "state": run.state,
        "codec": run.codec,
        "created_at": when(run.created_at),
        "finished_at": when(run.finished_at),
        "input_closed": run.input_closed,
        "input_error": run.input_error,
        "accepted": run.accepted,
        "queued": progress.queued,
        "running": progress.running,
        "ok": progress.ok,
        "failures": progress.failures,
        "cancelled": progress.cancelled,
        "billed_duration_ms": usage.billed_duration_ms,
        "p50_ms": None if p50_us is None else p50_us / 1000,
        "cost_usd": amount_text(cost.total_usd),
        "sequence": sequence,
    }


def line_json(line: LogLine) -> Json:
    return {
        "sequence": line.sequence,
        "timestamp": when(line.timestamp),
        "request_id": line.request_id,
        "function": line.function_name,
        "stream": line.stream,
        "text": line.text,
    }


def usage_json(usage: Usage, cost: Cost) -> Json:
    return {
        "requests": usage.requests,
        "failures": usage.failures,
        "billed_duration_ms": usage.billed_duration_ms,
        "gb_seconds": amount_text(usage.gb_seconds),
        "cost": {
            "requests_usd": amount_text(cost.requests_usd),
            "duration_usd": amount_text(cost.duration_usd),
            "total_usd": amount_text(cost.total_usd),
            "price_table": cost.price_table,
        },
    }


def bill_json(bill: MonthlyBill) -> Json:
    return {
        "month": bill.month,
        "list_usd": amount_text(bill.cost.total_usd),
        "free_tier_usd": amount_text(bill.free_tier_usd),
        "payable_usd": amount_text(bill.payable_usd),
        "free_requests_used": bill.free_requests_used,
        "free_gb_seconds_used": amount_text(bill.free_gb_seconds_used),
    }
