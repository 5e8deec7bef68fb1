"""What the service answers, as plain data, and an IPython shell without a history file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

Json = dict[str, Any]
Make = Callable[..., Json]

REQUEST_ID = "0f3a1c52-7d5e-4d2f-9a54-3c2f1b0a9e77"


@pytest.fixture
def make_run() -> Make:
    def make(**changes: Any) -> Json:
        return {
            "id": "5f2c81d09a3e",
            "function": "resize",
            "revision": 2,
            "state": "running",
            "codec": "application/x-python-pickle",
            "created_at": "2026-12-01T10:00:00+00:00",
            "finished_at": None,
            "input_closed": True,
            "input_error": None,
            "accepted": 1_000,
            "queued": 169,
            "running": 16,
            "ok": 812,
            "failures": {"KeyError": 1, "Sandbox.Timedout": 2},
            "cancelled": 0,
            "billed_duration_ms": 9_000,
            "p50_ms": 210.4,
            "cost_usd": "0.0041",
            "sequence": 7,
            **changes,
        }

    return make


@pytest.fixture
def make_attempt() -> Make:
    def make(**changes: Any) -> Json:
        return {
            "request_id": REQUEST_ID,
            "attempt": 1,
            "function": "resize",
            "version": "$LATEST",
            "source": "sync",
            "run": None,
            "item": None,
            "started_at": "2026-12-01T10:00:00+00:00",
            "duration_ms": 12.3,
            "billed_duration_ms": 114,
            "init_duration_ms": 101.0,
            "memory_mb": 256,
            "max_memory_used_mb": 38,
            "outcome": "ok",
            "error_type": None,
            "worker": "w0",
            "log_stream": "2026/12/01/[$LATEST]ab",
            "cost_usd": "0.00000067",
            **changes,
        }

    return make


@pytest.fixture
def make_function(make_attempt: Make) -> Make:
    def make(**changes: Any) -> Json:
        return {
            "name": "resize",
            "arn": "arn:aws:lambda:us-east-1:000000000000:function:resize",
            "version": "$LATEST",
            "revision": 2,
            "revision_id": "r",
            "description": "",
            "handler": "lambda_function.resize",
            "memory_mb": 256,
            "timeout_s": 30,
            "environment": {},
            "runtime": "python3.11",
            "preload": [],
            "code_sha256": "c2hh",
            "code_size_bytes": 2_048,
            "created_at": "2026-12-01T10:00:00+00:00",
            "last_modified": "2026-12-01T10:00:00+00:00",
            "source": "magic",
            "running": 0,
            "last": make_attempt(),
            "usage": {
                "requests": 1_204,
                "failures": 0,
                "gb_seconds": "2.5",
                "billed_duration_ms": 10_000,
                "cost_usd": "0.0003",
            },
            **changes,
        }

    return make


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    """A shell of its own; nothing of it stays behind."""
    InteractiveShell.clear_instance()
    yield InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    InteractiveShell.clear_instance()
