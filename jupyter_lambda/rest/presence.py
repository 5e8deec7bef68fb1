"""Whether anybody is there: requests in progress, and when the last one ended."""

from __future__ import annotations

from jupyter_lambda.clock import Clock


class Presence:
    """Counts clients for the idle end of the service. Passive watchers do not count."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._present = 0
        self._last_s = clock.monotonic_s()

    def arrive(self) -> None:
        self._present += 1

    def leave(self) -> None:
        self._present -= 1
        self._last_s = self._clock.monotonic_s()

    def idle_s(self) -> float:
        return 0.0 if self._present else self._clock.monotonic_s() - self._last_s
