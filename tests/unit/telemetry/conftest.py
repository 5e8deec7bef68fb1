from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from jupyter_lambda.model.invocation import Attempt, Outcome, Source

_ATTEMPT = Attempt(
    request_id="8f507cfc-xmpl-4697-b07a-ac58fc914c95",
    attempt=1,
    function_name="area",
    version="$LATEST",
    source=Source.SYNC,
    run_id=None,
    item=None,
    started_at=datetime(2026, 11, 20, 9, 30, tzinfo=UTC),
    duration_us=3_010,
    init_us=None,
    billed_duration_ms=4,
    memory_mb=128,
    max_memory_used_mb=36,
    outcome=Outcome.OK,
    error_type=None,
    worker="worker-0",
    environment_id="1",
    log_stream="2026/11/20/[$LATEST]00",
)


@pytest.fixture
def make_attempt() -> Callable[..., Attempt]:
    """An ordinary attempt, with whatever the test wants to be different."""

    def make(**changes: Any) -> Attempt:
        return replace(_ATTEMPT, **changes)

    return make
