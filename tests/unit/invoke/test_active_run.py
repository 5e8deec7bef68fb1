"""The in-memory half of a run: the queue, the window, and the counts."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from jupyter_lambda.invoke.active_run import ActiveRun
from jupyter_lambda.invoke.dispatcher import Settlement
from jupyter_lambda.model.invocation import Codec, Outcome
from jupyter_lambda.model.run import ItemResult, Run, RunState


@dataclass(eq=False)
class Held:
    """As much of an environment as the window looks at."""

    window: int = 1
    inflight: deque[Any] = field(default_factory=deque)


@pytest.fixture
def active() -> ActiveRun:
    run = Run(
        run_id="0123456789ab",
        function_name="f",
        revision=1,
        code_sha256="0" * 64,
        state=RunState.OPEN,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        accepted=10_000,
    )
    active = ActiveRun(run, None, Codec.PICKLE, first_sequence=1)
    active.enqueue((item, b"x") for item in range(10_000))
    return active


def settle(active: ActiveRun, duration_us: int) -> None:
    active.observe(Settlement(0, 1, duration_us, None, 0, b""))


def test_first_window_is_one_event(active):
    assert [item for item, _ in active.take_for(Held())] == [0]


def test_window_doubles_towards_two_milliseconds_of_work(active):
    settle(active, 80)
    held = Held()
    sizes = []
    for _ in range(6):
        sizes.append(len(active.take_for(held)))
    assert sizes == [2, 4, 8, 16, 20, 20]


def test_window_of_a_slow_function_is_one_event(active):
    settle(active, 500_000)
    assert len(active.take_for(Held())) == 1


def test_window_is_bounded_in_bytes_but_never_empty(active):
    active.queue.clear()
    active.enqueue((item, bytes(3_000_000)) for item in range(4))
    settle(active, 10)
    assert len(active.take_for(Held(window=64))) == 1


def test_environment_that_has_enough_gets_nothing(active):
    settle(active, 80)
    held = Held(window=20, inflight=deque([_Ticket()] * 11))
    assert active.take_for(held) == []


class _Ticket:
    payload = b"x"


def test_item_whose_payload_is_not_in_memory_is_never_taken(active):
    active.queue.clear()
    active.enqueue([(0, b"x"), (1, None), (2, b"y")])
    settle(active, 80)
    assert active.take_for(Held(window=8)) == [(0, b"x")]
    assert active.take_for(Held(window=8)) == []


def test_queue_counts_its_bytes(active):
    assert active.queued_bytes == 10_000
    active.take_for(Held())
    assert active.queued_bytes == 9_999


def test_counts_tell_outcomes_apart(active):
    for outcome, error_type in [
        (Outcome.OK, None),
        (Outcome.ERROR, "KeyError"),
        (Outcome.TIMEOUT, "Sandbox.Timedout"),
        (Outcome.CANCELLED, "Sandbox.Cancelled"),
    ]:
        active.count(ItemResult("r", 0, 1, outcome, bytes(16), b"", error_type))
    progress = active.progress()
    assert (progress.ok, progress.cancelled) == (1, 1)
    assert progress.failures == {"KeyError": 1, "Sandbox.Timedout": 1}
    assert progress.queued == 10_000 - 4
