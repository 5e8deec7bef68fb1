"""Whether anybody is there."""

from __future__ import annotations

from datetime import UTC, datetime

from jupyter_lambda.clock import ManualClock
from jupyter_lambda.rest.presence import Presence


def test_idle_time_counts_from_the_last_that_left():
    clock = ManualClock(datetime(2026, 1, 1, tzinfo=UTC))
    presence = Presence(clock)
    clock.advance(100)
    presence.arrive()
    clock.advance(50)
    assert presence.idle_s() == 0
    presence.leave()
    clock.advance(7)
    assert presence.idle_s() == 7
